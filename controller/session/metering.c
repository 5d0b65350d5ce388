/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volume and time of live sessions: readings, and when to look next. */
#include "controller/session/internal.h"

/* A quota may be passed by this share of itself at most: how often a session near its end is read.
 */
#define QUOTA_SHARE 200
#define QUOTA_POLL_MIN_MS 5
/* A reading of all sessions that is not older serves those who ask. */
#define REFRESH_MS 200

struct refresher {
	struct refresher *next;
	void (*done)(void *arg);
	void *arg;
};

static void count_day(struct engine *e, struct device *d, uint64_t bytes)
{
	int32_t today = local_day(&e->now);

	if (d->day != today) {
		d->day = today;
		d->day_ms = 0;
		d->day_bytes = 0;
	} else {
		d->day_ms += e->now.mono_ms - d->session.updated_ms;
		d->day_bytes += bytes;
	}
	d->session.updated_ms = e->now.mono_ms;
}

/* A counter that ran backwards (somebody made its leaf anew) adds nothing; what is known stays. */
static uint64_t volume(uint64_t carry, uint64_t counter, uint64_t base, uint64_t known)
{
	uint64_t total = carry + (counter > base ? counter - base : 0);

	return total > known ? total : known;
}

void meter_account(struct engine *e, struct device *d, const struct kernel_meter *m)
{
	struct session *s = &d->session;
	uint64_t down =
		volume(s->carry.down_bytes, m->down_bytes, s->base.down_bytes, s->total.down_bytes);
	uint64_t up = volume(s->carry.up_bytes, m->up_bytes, s->base.up_bytes, s->total.up_bytes);
	uint64_t moved;

	moved = down - s->total.down_bytes + up - s->total.up_bytes;
	if (moved > 0) {
		e->down_bytes += down - s->total.down_bytes;
		e->up_bytes += up - s->total.up_bytes;
		s->total.down_bytes = down;
		s->total.up_bytes = up;
		s->active_ms = e->now.mono_ms;
		d->unstored = true;
	}
	count_day(e, d, moved);
}

static int64_t idle_deadline(const struct engine *e, const struct device *d)
{
	unsigned minutes = device_class(e, d)->idle_minutes;

	return minutes == 0 ? INT64_MAX : d->session.active_ms + minutes * 60000LL;
}

/* The earliest moment at which the day's volume can be used up. */
static int64_t quota_deadline(const struct engine *e, const struct device *d)
{
	uint64_t limit = device_class(e, d)->daily_bytes;
	uint64_t bps = d->session.rates.down_bps + d->session.rates.up_bps;
	uint64_t wait_ms, least_ms;

	if (limit == 0 || bps == 0)
		return INT64_MAX;
	wait_ms = quota_left(e, d) * 8 / (bps / 1000 + 1);
	least_ms = limit / QUOTA_SHARE * 8 / (bps / 1000 + 1);
	if (least_ms < QUOTA_POLL_MIN_MS)
		least_ms = QUOTA_POLL_MIN_MS;
	return e->now.mono_ms + (int64_t)(wait_ms > least_ms ? wait_ms : least_ms);
}

void meter_schedule(struct engine *e, struct device *d)
{
	enum end_cause unused;
	int64_t at = session_deadline(e, d, &unused);
	int64_t quota = quota_deadline(e, d);
	int64_t idle = idle_deadline(e, d);

	if (quota < at)
		at = quota;
	if (idle < at)
		at = idle;
	/* Without memory for the heap the session is still looked at with each reading. */
	(void)heap_set(&e->due, &d->due, at);
}

/* Ends the session if it has reached a limit. */
static bool end_if_over(struct engine *e, struct device *d)
{
	enum end_cause cause;

	if (e->now.mono_ms >= session_deadline(e, d, &cause))
		engine_end(e, d, cause, STATE_ENDED);
	else if (quota_left(e, d) == 0)
		engine_end(e, d, CAUSE_QUOTA, STATE_ENDED);
	else if (e->now.mono_ms >= idle_deadline(e, d))
		engine_end(e, d, CAUSE_IDLE, STATE_ENDED);
	else
		return false;
	return true;
}

struct reading {
	struct engine *engine;
	struct mac_addr mac;
	uint32_t id;
	void (*done)(const struct device *device, void *arg); /* or NULL */
	void *arg;
};

static void on_reading(int error, const struct kernel_meter *meter, void *arg)
{
	struct reading *reading = arg;
	struct engine *e = reading->engine;
	struct device *d = engine_device(e, &reading->mac, false);

	e->p.now(&e->now);
	if (d != NULL && d->state == STATE_ACTIVE && !d->busy && d->session.id == reading->id) {
		if (error == 0)
			meter_account(e, d, meter);
		if (!end_if_over(e, d))
			meter_schedule(e, d);
	}
	if (reading->done != NULL)
		reading->done(d, reading->arg);
	free(reading);
}

void meter_refresh(struct engine *e, struct device *d,
	void (*done)(const struct device *device, void *arg), void *arg)
{
	struct reading *reading = malloc(sizeof(*reading));

	if (reading == NULL) {
		if (done != NULL)
			done(d, arg);
		else
			meter_schedule(e, d); /* later, then */
		return;
	}
	*reading = (struct reading){e, d->mac, d->session.id, done, arg};
	kernel_meter(e->p.kernel, d->session.leaf, on_reading, reading);
}

/* Time is known at once; volume and idleness only after a look at the counters. */
void meter_due(struct engine *e, struct device *d)
{
	enum end_cause cause;

	heap_remove(&e->due, &d->due);
	if (d->state != STATE_ACTIVE) {
		engine_down(e, d); /* its end was refused by the kernel */
		return;
	}
	if (d->busy)
		return;
	if (e->now.mono_ms >= session_deadline(e, d, &cause)) {
		engine_end(e, d, cause, STATE_ENDED);
		return;
	}
	meter_refresh(e, d, NULL, NULL);
}

/* ---- the reading of all ---------------------------------------------------------------------- */

static void on_leaf(const struct kernel_leaf *leaf, void *arg)
{
	struct engine *e = arg;
	struct device *d = e->by_leaf[leaf->leaf];

	e->p.now(&e->now);
	if (d == NULL || d->state != STATE_ACTIVE || d->busy)
		return;
	meter_account(e, d, &leaf->meter);
	if (!end_if_over(e, d))
		meter_schedule(e, d);
	/* Interim records are spread over the readings of their period. */
	if (d->unstored && leaf->leaf % INTERIM_TURNS == e->meter_turn)
		engine_put_session(e, d, false);
}

static void answer_refreshers(struct engine *e)
{
	struct refresher *r = TAKE(e->refreshers);

	while (r != NULL) {
		struct refresher *next = r->next;

		r->done(r->arg);
		free(r);
		r = next;
	}
}

static void on_leaves_done(int error, void *arg)
{
	struct engine *e = arg;
	int64_t span = e->now.mono_ms - e->meter_ms;

	(void)error; /* the next reading covers what this one missed */
	if (span > 0 && e->meter_ms > 0) {
		e->down_bps = (e->down_bytes - e->meter_down_bytes) * 8000 / (uint64_t)span;
		e->up_bps = (e->up_bytes - e->meter_up_bytes) * 8000 / (uint64_t)span;
	}
	e->meter_down_bytes = e->down_bytes;
	e->meter_up_bytes = e->up_bytes;
	e->meter_ms = e->now.mono_ms;
	e->metering = false;
	answer_refreshers(e);
}

static void read_all(struct engine *e)
{
	if (e->metering)
		return;
	e->metering = true;
	kernel_list_leaves(e->p.kernel, on_leaf, on_leaves_done, e);
}

void meter_tick(struct engine *e)
{
	e->meter_turn = (e->meter_turn + 1) % INTERIM_TURNS;
	if (e->sessions > 0)
		read_all(e);
}

void engine_refresh(struct engine *e, void (*done)(void *arg), void *arg)
{
	struct refresher *r;

	e->p.now(&e->now);
	r = e->now.mono_ms - e->meter_ms < REFRESH_MS ? NULL : malloc(sizeof(*r));
	if (r == NULL || e->sessions == 0) {
		free(r);
		done(arg);
		return;
	}
	*r = (struct refresher){e->refreshers, done, arg};
	e->refreshers = r;
	read_all(e);
}

void refreshers_free(struct engine *e)
{
	while (e->refreshers != NULL) {
		struct refresher *r = e->refreshers;

		e->refreshers = r->next;
		free(r);
	}
}
