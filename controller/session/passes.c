/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vouchers and what they give: whose rules a device is under, and the redeeming of codes. */
#include "controller/session/internal.h"

#include "common/log.h"
#include "controller/session/plan.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define MINUTE_MS 60000LL
/* Wrong codes of one device: a person who mistypes is not stopped, a program is. */
static const struct try_limit device_tries = {.interval_ms = 60000, .burst = 5};
/* Of all devices of the zone, because a device may change its address: at 30 a minute half of the
 * codes' space takes longer than the sun will shine, and a whole class can still mistype at once.
 */
static const struct try_limit zone_tries = {.interval_ms = 2000, .burst = 100};
/* Ended vouchers are listed for this long. */
#define KEEP_EXPIRED_MS (30LL * 24 * 3600 * 1000)

struct class_name {
	struct class_name *next;
	char text[];
};

/* Names outlive the policies that they come from: a class may go and come back with reloads. */
static const char *intern(struct engine *e, const char *name)
{
	struct class_name *n = e->class_names;

	while (n != NULL && strcmp(n->text, name) != 0)
		n = n->next;
	if (n != NULL)
		return n->text;
	n = malloc(sizeof(*n) + strlen(name) + 1);
	if (n == NULL)
		return NULL;
	memcpy(n->text, name, strlen(name) + 1);
	n->next = e->class_names;
	e->class_names = n;
	return n->text;
}

void passes_clear(struct engine *e)
{
	while (e->class_names != NULL) {
		struct class_name *n = e->class_names;

		e->class_names = n->next;
		free(n);
	}
	vouchers_clear(&e->vouchers);
	sodium_memzero(e->vouchers.key, sizeof(e->vouchers.key));
}

int pass_name_session(struct engine *e, struct session *s)
{
	if (s->class_name == NULL)
		return 0;
	s->class_name = intern(e, s->class_name);
	return s->class_name != NULL ? 0 : -ENOMEM;
}

/* ---- whose rules ----------------------------------------------------------------------------- */

static const struct policy_class *class_named(const struct engine *e, const char *name)
{
	const struct policy_class *class = name != NULL ? policy_class_find(e->policy, name) : NULL;

	return class != NULL ? class : e->zone->class;
}

bool pass_is_valid(const struct engine *e, const struct device *d)
{
	return d->pass != NULL && d->pass->ends_wall_ms > e->now.wall_ms;
}

static const char *class_name_of(const struct engine *e, const struct device *d)
{
	if (d->state == STATE_ACTIVE)
		return d->session.class_name;
	return pass_is_valid(e, d) ? d->pass->class_name : NULL;
}

const struct policy_class *device_class(const struct engine *e, const struct device *d)
{
	return class_named(e, class_name_of(e, d));
}

unsigned device_daily_minutes(const struct engine *e, const struct device *d)
{
	return class_name_of(e, d) != NULL ? 0 : e->zone->class->daily_minutes;
}

struct kernel_rates session_rates(const struct engine *e, const struct session *s)
{
	if (s->class_name == NULL)
		return e->rates;
	return plan_rates(class_named(e, s->class_name), e->p.uplink_down_bps, e->p.uplink_up_bps,
		e->sessions);
}

void pass_begin_session(struct engine *e, struct device *d)
{
	struct session *s = &d->session;

	if (s->minutes > 0 || !pass_is_valid(e, d))
		return; /* an operator's minutes are the zone's class */
	s->class_name = d->pass->class_name;
	s->minutes =
		(unsigned)((d->pass->ends_wall_ms - e->now.wall_ms + MINUTE_MS - 1) / MINUTE_MS);
	rates_mix(e);
}

/* ---- the journal ----------------------------------------------------------------------------- */

static void put_pass(struct engine *e, const struct device *d)
{
	const struct stored_pass stored = {d->mac, *d->pass};

	e->p.store.put_pass(e->p.store.ctx, &stored);
}

void passes_store_all(struct engine *e)
{
	struct voucher *v, *next_voucher;
	struct device *d, *next;

	HASH_ITER(hh, e->vouchers.table, v, next_voucher)
	{
		if (v->touched)
			e->p.store.put_voucher(e->p.store.ctx, v);
	}
	HASH_ITER(hh, e->devices, d, next)
	{
		if (pass_is_valid(e, d))
			put_pass(e, d);
	}
}

static int set_pass(struct engine *e, struct device *d, const struct pass *pass)
{
	const char *name = intern(e, pass->class_name);

	if (d->pass == NULL)
		d->pass = calloc(1, sizeof(*d->pass));
	if (d->pass == NULL || name == NULL)
		return -ENOMEM;
	*d->pass = *pass;
	d->pass->class_name = name;
	return 0;
}

int engine_load_pass(struct engine *e, const struct stored_pass *stored)
{
	struct device *d = engine_device(e, &stored->mac, true);

	return d != NULL ? set_pass(e, d, &stored->pass) : -ENOMEM;
}

int engine_load_voucher(struct engine *e, const struct voucher *stored)
{
	return vouchers_load(&e->vouchers, stored);
}

/* ---- redeeming ------------------------------------------------------------------------------- */

static enum outcome check_voucher(const struct engine *e, const struct voucher *v)
{
	if (v->expires_wall_ms <= e->now.wall_ms)
		return OUTCOME_VOUCHER_EXPIRED;
	return v->uses >= v->uses_max ? OUTCOME_VOUCHER_USED : OUTCOME_DONE;
}

static bool is_same_voucher(const struct device *d, const struct voucher *v)
{
	return d->pass != NULL && d->pass->batch == v->batch && d->pass->number == v->number;
}

enum outcome pass_find(
	struct engine *e, struct device *d, const char *typed, struct voucher **ret_voucher)
{
	char text[VOUCHER_TEXT_SIZE];
	int64_t now_ms = e->now.mono_ms;
	struct voucher *v;

	if (!tries_left(&device_tries, d->tries_tat_ms, now_ms) ||
		!tries_left(&zone_tries, e->tries_tat_ms, now_ms))
		return OUTCOME_WAIT;
	v = voucher_code_read(typed, text) == 0 ? vouchers_find(&e->vouchers, text) : NULL;
	sodium_memzero(text, sizeof(text));
	if (v == NULL) {
		tries_take(&device_tries, &d->tries_tat_ms, now_ms);
		tries_take(&zone_tries, &e->tries_tat_ms, now_ms);
		return OUTCOME_VOUCHER_UNKNOWN;
	}
	*ret_voucher = v;
	/* The device that used it may come back with it. */
	if (is_same_voucher(d, v) && pass_is_valid(e, d))
		return OUTCOME_DONE;
	return check_voucher(e, v);
}

/* The session that runs gets the voucher's class and minutes from now on. */
static void change_session(struct engine *e, struct device *d)
{
	struct session *s = &d->session;

	s->class_name = NULL;
	s->minutes = 0;
	s->extended_min = 0;
	s->granted_ms = e->now.mono_ms;
	pass_begin_session(e, d);
	s->ends_ms = session_granted_end(e, s);
	s->rates = session_rates(e, s);
	rates_for_leaf(e, s->leaf);
	engine_put_session(e, d, false);
	meter_schedule(e, d);
}

enum outcome pass_redeem(struct engine *e, struct device *d, struct voucher *v)
{
	bool is_new = !is_same_voucher(d, v) || !pass_is_valid(e, d);
	const struct pass pass = {
		v->batch, v->number, v->class_name, e->now.wall_ms + v->minutes * MINUTE_MS};
	const struct pass before = d->pass != NULL ? *d->pass : (struct pass){0};
	bool was_active = d->state == STATE_ACTIVE;
	enum outcome outcome;

	if (is_new && set_pass(e, d, &pass) < 0)
		return OUTCOME_FULL;
	/* By the rules of the voucher's class: what is refused is not used up. */
	outcome = was_active ? OUTCOME_DONE : engine_admit(e, d, 0, "voucher");
	if (outcome != OUTCOME_DONE) {
		*d->pass = is_new ? before : *d->pass;
		return outcome;
	}
	if (was_active)
		change_session(e, d);
	if (is_new) {
		v->uses++;
		v->touched = true;
		e->p.store.put_voucher(e->p.store.ctx, v);
		put_pass(e, d);
		log_info("voucher %u-%u: use %u of %u", v->batch, v->number, v->uses, v->uses_max);
	}
	return OUTCOME_DONE;
}

/* ---- operators ------------------------------------------------------------------------------- */

int engine_create_vouchers(struct engine *e, const struct voucher_order *order,
	void (*each)(const char *code, const struct voucher *voucher, void *arg), void *arg)
{
	struct voucher proto = {.touched = true};
	const struct policy_class *class = policy_class_find(e->policy, order->class_name);

	if (class == NULL)
		return -ENOENT;
	e->p.now(&e->now);
	vouchers_drop(&e->vouchers, e->now.wall_ms - KEEP_EXPIRED_MS);
	if (HASH_COUNT(e->vouchers.table) + order->count > VOUCHERS_MAX)
		return -ENOSPC;
	(void)snprintf(proto.class_name, sizeof(proto.class_name), "%s", class->name);
	proto.batch = e->vouchers.last_batch + 1;
	proto.minutes = order->minutes > 0 ? order->minutes : class->minutes;
	proto.created_wall_ms = e->now.wall_ms;
	proto.expires_wall_ms = order->expires_wall_ms;
	proto.uses_max = order->uses;
	for (unsigned i = 0; i < order->count; i++) {
		char code[VOUCHER_TEXT_SIZE];
		struct voucher *v = NULL;
		int r;

		proto.number = i + 1;
		voucher_code_make(code);
		r = vouchers_add(&e->vouchers, &proto, code, &v);
		if (r < 0)
			return r;
		e->p.store.put_voucher(e->p.store.ctx, v);
		each(code, v, arg);
		sodium_memzero(code, sizeof(code));
	}
	return 0;
}

void engine_vouchers(struct engine *e, uint32_t after_batch, uint32_t after_number,
	bool (*each)(const struct voucher *voucher, void *arg), void *arg)
{
	struct voucher *v, *next;

	HASH_ITER(hh, e->vouchers.table, v, next)
	{
		bool is_after = v->batch > after_batch ||
				(v->batch == after_batch && v->number > after_number);

		if (is_after && !each(v, arg))
			return;
	}
}

void engine_set_voucher_key(struct engine *e, const unsigned char key[VOUCHER_KEY_SIZE])
{
	memcpy(e->vouchers.key, key, VOUCHER_KEY_SIZE);
}
