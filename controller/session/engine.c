/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/session/engine.h"

#include "common/log.h"
#include "controller/session/adopt.h"
#include "controller/session/internal.h"

#include <errno.h>
#include <string.h>

#define RUN_MAX_MS 1000
/* Sessions looked at before other events get their turn. */
#define DUE_BATCH 256

/* ---- the state machine ----------------------------------------------------------------------- */

void engine_transition(struct device *d, enum session_state to, const char *why)
{
	char mac[MAC_TEXT_SIZE];

	if (!session_transition_is_legal(d->state, to)) {
		log_error("%s: %s -> %s (%s) is not a transition; ignoring",
			mac_format(&d->mac, mac), session_state_name(d->state),
			session_state_name(to), why);
		return;
	}
	log_info("%s: %s -> %s (%s)", mac_format(&d->mac, mac), session_state_name(d->state),
		session_state_name(to), why);
	d->state = to;
}

void engine_put_session(struct engine *e, struct device *d, bool final)
{
	struct stored_session stored = {
		.mac = d->mac,
		.state = d->state,
		.final = final,
		.session = d->session,
	};

	e->p.store.put_session(e->p.store.ctx, &stored);
	engine_put_device(e, d);
	d->unstored = false;
}

void engine_put_device(struct engine *e, struct device *d)
{
	const struct stored_device stored = {
		.mac = d->mac,
		.blocked = d->state == STATE_BLOCKED,
		.day = d->day,
		.day_ms = d->day_ms,
		.day_bytes = d->day_bytes,
		.token_us = d->token_us,
	};

	e->p.store.put_device(e->p.store.ctx, &stored);
	d->stored = true;
}

void engine_session_begin(struct engine *e, struct device *d, unsigned minutes, uint16_t leaf)
{
	const struct kernel_meter *base = &e->leaves.table[leaf].meter;

	if (++e->last_id == 0)
		e->last_id = 1;
	d->session = (struct session){
		.id = e->last_id,
		.leaf = leaf,
		.started_wall_ms = e->now.wall_ms,
		.started_unsynced = !e->now.synced,
		.started_ms = e->now.mono_ms,
		.granted_ms = e->now.mono_ms,
		.active_ms = e->now.mono_ms,
		.updated_ms = e->now.mono_ms,
		.minutes = minutes,
		.extended_day = d->session.extended_day,
		.base = *base,
	};
	pass_begin_session(e, d);
	d->session.rates = session_rates(e, &d->session);
	d->session.ends_ms = session_granted_end(e, &d->session);
	if (d->day != local_day(&e->now)) {
		d->day = local_day(&e->now);
		d->day_ms = 0;
		d->day_bytes = 0;
	}
}

static void count_sessions(struct engine *e, int change)
{
	e->sessions = (unsigned)((int)e->sessions + change);
	if (e->sessions > e->sessions_peak)
		e->sessions_peak = e->sessions;
	rates_update(e);
}

static void on_up(int error, void *arg)
{
	struct device *d = ((struct device **)arg)[0];
	struct engine *e = ((struct engine **)arg)[1];
	char mac[MAC_TEXT_SIZE];

	free(arg);
	e->p.now(&e->now);
	d->busy = false;
	/* The maps take an element whose leaf was refused: it would pass unlimited and uncounted.
	 */
	if (error == 0 && !e->leaves.table[d->session.leaf].exists)
		error = -ENOENT;
	if (error != 0) {
		log_error("%s: the kernel refuses the session: %s", mac_format(&d->mac, mac),
			strerror(-error));
		engine_end(e, d, CAUSE_OPERATOR, STATE_ENDED);
		engine_settle(e, d, OUTCOME_KERNEL);
		return;
	}
	meter_schedule(e, d);
	engine_settle(e, d, OUTCOME_DONE);
}

/* What a kernel callback needs to find its way back. */
static void *pair(struct engine *e, struct device *d)
{
	void **both = malloc(2 * sizeof(void *));

	if (both == NULL)
		abort(); /* the supervisor starts anew; kernel and journal stay right */
	both[0] = d;
	both[1] = e;
	return both;
}

/* Brings the session of an active device, which has a leaf, into the kernel. */
void engine_up(struct engine *e, struct device *d)
{
	const struct kernel_session ks = {d->mac, d->session.id, d->session.leaf};

	d->busy = true;
	e->by_leaf[d->session.leaf] = d;
	rates_for_leaf(e, d->session.leaf);
	kernel_session_up(e->p.kernel, &ks, on_up, pair(e, d));
}

enum outcome engine_admit(struct engine *e, struct device *d, unsigned minutes, const char *why)
{
	enum outcome outcome = admission_check(e, d);
	uint16_t leaf;

	if (outcome != OUTCOME_DONE)
		return outcome;
	leaf = leaves_take(&e->leaves);
	if (leaf == 0)
		return OUTCOME_FULL;
	count_sessions(e, 1);
	engine_session_begin(e, d, minutes, leaf);
	engine_transition(d, STATE_ACTIVE, why);
	/* The journal knows first: a crash from here on can only make the session come back. */
	engine_put_session(e, d, false);
	engine_up(e, d);
	return OUTCOME_DONE;
}

static void on_down(int error, const struct kernel_meter *meter, void *arg)
{
	struct device *d = ((struct device **)arg)[0];
	struct engine *e = ((struct engine **)arg)[1];
	uint16_t leaf = d->session.leaf;

	free(arg);
	e->p.now(&e->now);
	if (error != 0 && error != -ENOENT) {
		char mac[MAC_TEXT_SIZE];

		/* It may still be admitted: nothing is more urgent than to close. */
		log_error("%s: the kernel did not end the session: %s; trying again",
			mac_format(&d->mac, mac), strerror(-error));
		(void)heap_set(&e->due, &d->due, e->now.mono_ms + DOWN_RETRY_MS);
		return;
	}
	d->busy = false;
	e->by_leaf[leaf] = NULL;
	if (error == 0) {
		meter_account(e, d, meter);
		leaves_give(&e->leaves, leaf, meter);
	} else {
		leaves_give_gone(&e->leaves, leaf);
	}
	engine_put_session(e, d, true);
	engine_settle(e, d, OUTCOME_DONE);
}

void engine_down(struct engine *e, struct device *d)
{
	const struct kernel_session ks = {d->mac, d->session.id, d->session.leaf};

	d->busy = true;
	kernel_session_down(e->p.kernel, &ks, &d->session.rates, on_down, pair(e, d));
}

void engine_end(struct engine *e, struct device *d, enum end_cause cause, enum session_state to)
{
	heap_remove(&e->due, &d->due);
	d->session.cause = cause;
	engine_transition(d, to, end_cause_name(cause));
	count_sessions(e, -1);
	/* Ended in the journal before the kernel acts: a crash cannot bring it back. */
	engine_put_session(e, d, false);
	engine_down(e, d);
}

/* ---- the round ------------------------------------------------------------------------------- */

static void run_due(struct engine *e)
{
	for (int i = 0; i < DUE_BATCH; i++) {
		struct heap_item *item = heap_first(&e->due);

		if (item == NULL || item->key > e->now.mono_ms)
			return;
		meter_due(e, (struct device *)((char *)item - offsetof(struct device, due)));
	}
}

static void forget_visitors(struct engine *e)
{
	struct device *d, *next;

	HASH_ITER(hh, e->devices, d, next)
	{
		if (e->now.mono_ms - d->seen_ms > PENDING_FORGET_MS && device_is_forgettable(e, d))
			device_free(e, d);
	}
}

int engine_run(struct engine *e)
{
	struct heap_item *first;
	int64_t wait;

	e->p.now(&e->now);
	if (e->now.mono_ms >= e->meter_at_ms) {
		e->meter_at_ms = e->now.mono_ms + METER_MS;
		meter_tick(e);
		rates_retry(e);
		forget_visitors(e);
	}
	run_due(e);
	if (e->removals != NULL && e->now.mono_ms >= e->removals_at_ms)
		removals_retry(e);
	rates_continue(e);
	wait = e->meter_at_ms - e->now.mono_ms;
	first = heap_first(&e->due);
	if (first != NULL && first->key - e->now.mono_ms < wait)
		wait = first->key - e->now.mono_ms;
	return wait < 0 ? 0 : wait > RUN_MAX_MS ? RUN_MAX_MS : (int)wait;
}

/* ---- policy ---------------------------------------------------------------------------------- */

int engine_set_policy(
	struct engine *e, struct policy *policy, const char *zone_id, unsigned *ret_changed)
{
	const struct policy_zone *zone = policy_zone_find(policy, zone_id);
	struct device *d, *next;
	unsigned changed = 0;
	struct kernel_rates rates;

	if (zone == NULL)
		return -ENOENT;
	e->p.now(&e->now);
	policy_free(e->policy);
	e->policy = policy;
	e->zone = zone;
	rates_update(e);
	e->rates_sweep = LEAF_FIRST;
	HASH_ITER(hh, e->devices, d, next)
	{
		int64_t end;

		if (d->state != STATE_ACTIVE)
			continue;
		end = session_granted_end(e, &d->session);
		/* A shorter class never cuts a session off: what is over gets a last minute. */
		if (end < e->now.mono_ms + 60000 && d->session.ends_ms > end)
			end = d->session.ends_ms < e->now.mono_ms + 60000 ? d->session.ends_ms
									  : e->now.mono_ms + 60000;
		rates = session_rates(e, &d->session);
		if (end != d->session.ends_ms ||
			memcmp(&d->session.rates, &rates, sizeof(rates)) != 0)
			changed++;
		d->session.ends_ms = end;
		if (!d->busy)
			meter_schedule(e, d);
	}
	rates_continue(e);
	*ret_changed = changed;
	return 0;
}

void engine_store_all(struct engine *e)
{
	struct device *d, *next;

	rates_store(e);
	passes_store_all(e);
	HASH_ITER(hh, e->devices, d, next)
	{
		if (d->session.id != 0)
			engine_put_session(e, d, d->state != STATE_ACTIVE && !d->busy);
		else if (d->stored)
			engine_put_device(e, d);
	}
}

/* ---- life ------------------------------------------------------------------------------------ */

int engine_new(const struct engine_params *params, struct policy *policy, const char *zone_id,
	struct engine **ret_engine)
{
	AUTO(engine_free) struct engine *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return -ENOMEM;
	e->p = *params;
	if (leaves_init(&e->leaves) < 0)
		return -ENOMEM;
	e->by_leaf = calloc(LEAF_LAST + 1, sizeof(struct device *));
	if (e->by_leaf == NULL)
		return -ENOMEM;
	e->zone = policy_zone_find(policy, zone_id);
	if (e->zone == NULL)
		return -ENOENT;
	e->policy = policy;
	e->p.now(&e->now);
	*ret_engine = TAKE(e);
	return 0;
}

void engine_free(struct engine *e)
{
	struct device *d, *next_device;
	struct neighbour *n, *next_neighbour;

	if (e == NULL)
		return;
	HASH_ITER(hh, e->devices, d, next_device)
	{
		waiters_free(d->waiters);
		device_free(e, d);
	}
	HASH_ITER(hh, e->neighbours, n, next_neighbour)
	{
		neighbour_forget(e, n);
	}
	refreshers_free(e);
	adoption_free(e->adoption);
	removals_free(e);
	heap_clear(&e->due);
	leaves_clear(&e->leaves);
	free(e->by_leaf);
	passes_clear(e);
	policy_free(e->policy);
	free(e);
}
