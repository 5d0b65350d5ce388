/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of people and operators. One that meets a device at which the kernel is at work waits.
 */
#include "controller/session/internal.h"

static const char *const outcome_names[] = {
	[OUTCOME_DONE] = "done",
	[OUTCOME_NOT_FOUND] = "not-found",
	[OUTCOME_BLOCKED] = "blocked",
	[OUTCOME_CLOSED_HOURS] = "closed-hours",
	[OUTCOME_DAILY_TIME] = "daily-time",
	[OUTCOME_DAILY_QUOTA] = "daily-quota",
	[OUTCOME_FULL] = "full",
	[OUTCOME_STALE_TOKEN] = "stale-token",
	[OUTCOME_NOT_ACTIVE] = "not-active",
	[OUTCOME_ALREADY] = "already",
	[OUTCOME_KERNEL] = "kernel",
	[OUTCOME_VOUCHER_UNKNOWN] = "voucher-unknown",
	[OUTCOME_VOUCHER_EXPIRED] = "voucher-expired",
	[OUTCOME_VOUCHER_USED] = "voucher-used",
	[OUTCOME_WAIT] = "wait",
};
_Static_assert(ARRAY_SIZE(outcome_names) == OUTCOME_COUNT, "a name is missing");

const char *outcome_name(enum outcome outcome)
{
	return outcome < OUTCOME_COUNT ? outcome_names[outcome] : "invalid";
}

enum action { VISIT, LOOK, ACCEPT, LOGIN, LOGOUT, BLOCK, UNBLOCK, EXTEND, REDEEM, ACTION_COUNT };

struct waiter {
	struct waiter *next;
	struct engine *engine;
	enum action action;
	struct who who;
	int64_t token_us;
	unsigned minutes;
	enum end_cause cause;
	char code[VOUCHER_TEXT_SIZE];
	bool started; /* the kernel was set to work for it: what settles is its answer */
	engine_fn *done;
	void *arg;
};

static void act(struct waiter *w, struct device *d);

static void finish(struct waiter *w, enum outcome outcome, const struct device *d)
{
	w->done(outcome, d, w->arg);
	free(w);
}

/* Queues the request behind what the kernel is doing for the device. */
static void wait_for(struct waiter *w, struct device *d, bool started)
{
	struct waiter **last = &d->waiters;

	while (*last != NULL)
		last = &(*last)->next;
	w->next = NULL;
	w->started = started;
	*last = w;
}

void engine_settle(struct engine *e, struct device *d, enum outcome outcome)
{
	struct waiter *waiters = TAKE(d->waiters);

	(void)e;
	while (waiters != NULL) {
		struct waiter *w = waiters;

		waiters = w->next;
		if (w->started)
			finish(w, outcome, d);
		else
			act(w, d);
	}
}

static void on_fresh(const struct device *d, void *arg)
{
	finish(arg, d != NULL ? OUTCOME_DONE : OUTCOME_NOT_FOUND, d);
}

/* What is shown is as the counters are now, not as they were at the last reading. */
static void act_look(struct waiter *w, struct device *d)
{
	if (d->state == STATE_ACTIVE && !d->busy)
		meter_refresh(w->engine, d, on_fresh, w);
	else
		finish(w, OUTCOME_DONE, d);
}

static void act_visit(struct waiter *w, struct device *d)
{
	if (d->state == STATE_UNKNOWN)
		engine_transition(d, STATE_PENDING, "portal");
	d->seen_ms = w->engine->now.mono_ms;
	act_look(w, d);
}

static void act_accept(struct waiter *w, struct device *d)
{
	enum outcome outcome;

	if (d->state == STATE_ACTIVE) {
		finish(w, OUTCOME_DONE, d);
		return;
	}
	if (w->token_us <= d->token_us) {
		finish(w, OUTCOME_STALE_TOKEN, d);
		return;
	}
	outcome = admission_check(w->engine, d);
	if (outcome == OUTCOME_DONE) {
		d->token_us = w->token_us;
		outcome = engine_admit(w->engine, d, 0, "accept");
	}
	if (outcome == OUTCOME_DONE)
		wait_for(w, d, true);
	else
		finish(w, outcome, d);
}

static void act_login(struct waiter *w, struct device *d)
{
	struct engine *e = w->engine;
	enum outcome outcome;

	if (d->state == STATE_ACTIVE) {
		struct session *s = &d->session;

		if (w->minutes > 0) {
			/* From now on, whatever has passed. */
			s->granted_ms = e->now.mono_ms;
			s->minutes = w->minutes;
			s->extended_min = 0;
			s->ends_ms = session_granted_end(e, s);
			engine_put_session(e, d, false);
			meter_schedule(e, d);
		}
		finish(w, OUTCOME_DONE, d);
		return;
	}
	outcome = engine_admit(e, d, w->minutes, "operator");
	if (outcome == OUTCOME_DONE)
		wait_for(w, d, true);
	else
		finish(w, outcome, d);
}

static void act_logout(struct waiter *w, struct device *d)
{
	if (d->state != STATE_ACTIVE) {
		finish(w, OUTCOME_NOT_ACTIVE, d);
		return;
	}
	wait_for(w, d, true);
	engine_end(w->engine, d, w->cause, STATE_ENDED);
}

static void act_block(struct waiter *w, struct device *d)
{
	if (d->state == STATE_BLOCKED) {
		finish(w, OUTCOME_ALREADY, d);
		return;
	}
	if (d->state == STATE_ACTIVE) {
		wait_for(w, d, true);
		engine_end(w->engine, d, CAUSE_BLOCKED, STATE_BLOCKED);
		return;
	}
	engine_transition(d, STATE_BLOCKED, "operator");
	engine_put_device(w->engine, d);
	finish(w, OUTCOME_DONE, d);
}

static void act_unblock(struct waiter *w, struct device *d)
{
	if (d->state != STATE_BLOCKED) {
		finish(w, OUTCOME_ALREADY, d);
		return;
	}
	engine_transition(d, d->session.id != 0 ? STATE_ENDED : STATE_UNKNOWN, "operator");
	engine_put_device(w->engine, d);
	finish(w, OUTCOME_DONE, d);
}

static void act_extend(struct waiter *w, struct device *d)
{
	struct engine *e = w->engine;
	struct session *s = &d->session;
	unsigned minutes = device_class(e, d)->extend_minutes;

	if (d->state != STATE_ACTIVE || s->extended_day == local_day(&e->now) || minutes == 0) {
		finish(w, d->state != STATE_ACTIVE ? OUTCOME_NOT_ACTIVE : OUTCOME_ALREADY, d);
		return;
	}
	s->extended_day = local_day(&e->now);
	s->extended_min += minutes;
	/* Where the class has become shorter meanwhile, more time could be less. */
	if (session_granted_end(e, s) > s->ends_ms)
		s->ends_ms = session_granted_end(e, s);
	engine_put_session(e, d, false);
	meter_schedule(e, d);
	finish(w, OUTCOME_DONE, d);
}

static void act_redeem(struct waiter *w, struct device *d)
{
	bool was_active = d->state == STATE_ACTIVE;
	struct voucher *voucher = NULL;
	enum outcome outcome = pass_find(w->engine, d, w->code, &voucher);

	if (outcome == OUTCOME_DONE)
		outcome = pass_redeem(w->engine, d, voucher);
	if (outcome == OUTCOME_DONE && !was_active)
		wait_for(w, d, true);
	else
		finish(w, outcome, d);
}

static void (*const actions[])(struct waiter *w, struct device *d) = {
	[VISIT] = act_visit,
	[LOOK] = act_look,
	[ACCEPT] = act_accept,
	[LOGIN] = act_login,
	[LOGOUT] = act_logout,
	[BLOCK] = act_block,
	[UNBLOCK] = act_unblock,
	[EXTEND] = act_extend,
	[REDEEM] = act_redeem,
};
_Static_assert(ARRAY_SIZE(actions) == ACTION_COUNT, "an action is missing");

static void act(struct waiter *w, struct device *d)
{
	if (d->busy && w->action != LOOK && w->action != VISIT)
		wait_for(w, d, false);
	else
		actions[w->action](w, d);
}

/* Actions that make sense for a MAC of which nothing is known yet. */
static bool may_create(const struct waiter *w, bool on_lan)
{
	return on_lan || w->action == LOGIN || w->action == BLOCK;
}

static void with_mac(struct waiter *w, const struct mac_addr *mac, bool on_lan)
{
	struct engine *e = w->engine;
	struct device *d = engine_device(e, mac, false);

	if (d == NULL && may_create(w, on_lan)) {
		d = engine_device(e, mac, true);
		if (d == NULL) {
			finish(w, OUTCOME_FULL, NULL);
			return;
		}
	}
	if (d == NULL) {
		finish(w, OUTCOME_NOT_FOUND, NULL);
		return;
	}
	if (w->who.ip.family != 0)
		device_add_ip(d, &w->who.ip);
	act(w, d);
}

static void on_asked(int error, const struct mac_addr *mac, void *arg)
{
	struct waiter *w = arg;

	w->engine->p.now(&w->engine->now);
	if (error != 0) {
		finish(w, OUTCOME_NOT_FOUND, NULL);
		return;
	}
	engine_neighbour(w->engine, &w->who.ip, mac, true);
	with_mac(w, mac, true);
}

static void start(struct engine *e, enum action action, const struct waiter *proto)
{
	struct waiter *w = malloc(sizeof(*w));
	struct neighbour *n;

	if (w == NULL) {
		proto->done(OUTCOME_FULL, NULL, proto->arg);
		return;
	}
	*w = *proto;
	w->engine = e;
	w->action = action;
	e->p.now(&e->now);
	if (w->who.ip.family == 0) {
		with_mac(w, &w->who.mac, false);
		return;
	}
	HASH_FIND(hh, e->neighbours, &w->who.ip, sizeof(w->who.ip), n);
	if (n != NULL)
		with_mac(w, &n->mac, true);
	else
		kernel_neighbour(e->p.kernel, &w->who.ip, on_asked, w);
}

void engine_visit(struct engine *e, const struct who *who, engine_fn *done, void *arg)
{
	start(e, VISIT, &(struct waiter){.who = *who, .done = done, .arg = arg});
}

void engine_look(struct engine *e, const struct who *who, engine_fn *done, void *arg)
{
	start(e, LOOK, &(struct waiter){.who = *who, .done = done, .arg = arg});
}

void engine_accept(
	struct engine *e, const struct who *who, int64_t token_us, engine_fn *done, void *arg)
{
	start(e, ACCEPT,
		&(struct waiter){.who = *who, .token_us = token_us, .done = done, .arg = arg});
}

void engine_login(
	struct engine *e, const struct who *who, unsigned minutes, engine_fn *done, void *arg)
{
	start(e, LOGIN,
		&(struct waiter){.who = *who, .minutes = minutes, .done = done, .arg = arg});
}

void engine_logout(
	struct engine *e, const struct who *who, enum end_cause cause, engine_fn *done, void *arg)
{
	start(e, LOGOUT, &(struct waiter){.who = *who, .cause = cause, .done = done, .arg = arg});
}

void engine_block(struct engine *e, const struct who *who, engine_fn *done, void *arg)
{
	start(e, BLOCK, &(struct waiter){.who = *who, .done = done, .arg = arg});
}

void engine_unblock(struct engine *e, const struct who *who, engine_fn *done, void *arg)
{
	start(e, UNBLOCK, &(struct waiter){.who = *who, .done = done, .arg = arg});
}

void engine_extend(struct engine *e, const struct who *who, engine_fn *done, void *arg)
{
	start(e, EXTEND, &(struct waiter){.who = *who, .done = done, .arg = arg});
}

void engine_redeem(
	struct engine *e, const struct who *who, const char *code, engine_fn *done, void *arg)
{
	struct waiter proto = {.who = *who, .done = done, .arg = arg};

	(void)snprintf(proto.code, sizeof(proto.code), "%s", code);
	start(e, REDEEM, &proto);
}

void waiters_free(struct waiter *w)
{
	while (w != NULL) {
		struct waiter *next = w->next;

		free(w);
		w = next;
	}
}
