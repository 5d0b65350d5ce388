/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people and operators may see of the engine. Changes nothing. */
#include "controller/session/internal.h"

#include <string.h>

const struct policy_zone *engine_zone(const struct engine *e)
{
	return e->zone;
}

void engine_view(struct engine *e, const struct device *d, struct device_view *ret_view)
{
	const struct policy_class *class = device_class(e, d);
	struct device_view v = {.minutes = class->minutes};
	enum end_cause cause;
	long until;

	e->p.now(&e->now);
	v.open = zone_is_open(e, &until);
	v.opens_in = v.open ? 0 : until;
	v.refusal = admission_check(e, d);
	v.has_quota = class->daily_bytes > 0;
	v.bytes_left = v.has_quota ? quota_left(e, d) : 0;
	if (d->state == STATE_ACTIVE) {
		int64_t left = session_deadline(e, d, &cause) - e->now.mono_ms;

		v.seconds_left = left > 0 ? (long)((left + 999) / 1000) : 0;
		v.idle_seconds = (long)((e->now.mono_ms - d->session.active_ms) / 1000);
	}
	v.can_extend = d->session.extended_day != local_day(&e->now) && class->extend_minutes > 0;
	*ret_view = v;
}

void engine_status(struct engine *e, struct engine_status *ret_status)
{
	long unused;

	e->p.now(&e->now);
	*ret_status = (struct engine_status){
		.sessions = e->sessions,
		.sessions_peak = e->sessions_peak,
		.devices = HASH_COUNT(e->devices),
		.down_bytes = e->down_bytes,
		.up_bytes = e->up_bytes,
		.down_bps = e->down_bps,
		.up_bps = e->up_bps,
		.open = zone_is_open(e, &unused),
		.now = e->now,
	};
}

static int by_mac(const void *a, const void *b)
{
	const struct device *const *x = a, *const *y = b;

	return memcmp(&(*x)->mac, &(*y)->mac, sizeof((*x)->mac));
}

void engine_sessions(struct engine *e, const struct mac_addr *after,
	bool (*each)(const struct device *device, void *arg), void *arg)
{
	struct device **list = calloc(e->sessions + 1U, sizeof(struct device *));
	struct device *d, *next;
	size_t count = 0;

	if (list == NULL)
		return;
	e->p.now(&e->now);
	HASH_ITER(hh, e->devices, d, next)
	{
		if (d->state == STATE_ACTIVE && count < e->sessions &&
			(after == NULL || memcmp(&d->mac, after, sizeof(d->mac)) > 0))
			list[count++] = d;
	}
	qsort(list, count, sizeof(*list), by_mac);
	for (size_t i = 0; i < count; i++)
		if (!each(list[i], arg))
			break;
	free(list);
}
