/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Admission by policy: hours, the day's time and volume, blocks. Arithmetic only. */
#include "controller/session/internal.h"

#include <limits.h>
#include <time.h>

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
/* A wall clock before this (2025) has not been set since the battery-less gateway started: opening
 * hours cannot be told, and a zone that is closed by mistake serves nobody. */
#define CLOCK_SANE_MS 1735689600000LL

static struct tm local_time(const struct now *now)
{
	time_t t = (time_t)(now->wall_ms / 1000);
	struct tm tm = {0};

	(void)localtime_r(&t, &tm);
	return tm;
}

int32_t local_day(const struct now *now)
{
	struct tm tm = local_time(now);

	return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

bool zone_is_open(const struct engine *e, long *ret_until_change)
{
	const struct hours *hours = &e->zone->class->hours;
	struct tm tm;

	*ret_until_change = -1;
	if (e->now.wall_ms < CLOCK_SANE_MS)
		return true;
	tm = local_time(&e->now);
	*ret_until_change = hours_until_change(hours, &tm);
	return hours_is_open(hours, &tm);
}

static uint64_t day_bytes(const struct engine *e, const struct device *d)
{
	return d->day == local_day(&e->now) ? d->day_bytes : 0;
}

/* Time online today, up to now. */
static int64_t day_ms(const struct engine *e, const struct device *d)
{
	int64_t ms = d->day == local_day(&e->now) ? d->day_ms : 0;

	if (d->state == STATE_ACTIVE)
		ms += e->now.mono_ms - d->session.updated_ms;
	return ms;
}

uint64_t quota_left(const struct engine *e, const struct device *d)
{
	uint64_t limit = device_class(e, d)->daily_bytes;
	uint64_t used = day_bytes(e, d);

	if (limit == 0)
		return UINT64_MAX;
	return used < limit ? limit - used : 0;
}

enum outcome admission_check(const struct engine *e, const struct device *d)
{
	unsigned daily_minutes = device_daily_minutes(e, d);
	long unused;

	if (d->state == STATE_BLOCKED)
		return OUTCOME_BLOCKED;
	if (!zone_is_open(e, &unused))
		return OUTCOME_CLOSED_HOURS;
	if (daily_minutes > 0 && day_ms(e, d) >= daily_minutes * MINUTE)
		return OUTCOME_DAILY_TIME;
	if (quota_left(e, d) == 0)
		return OUTCOME_DAILY_QUOTA;
	if (d->state != STATE_ACTIVE && e->sessions >= e->p.sessions_max)
		return OUTCOME_FULL;
	return OUTCOME_DONE;
}

int64_t session_granted_end(const struct engine *e, const struct session *s)
{
	int64_t minutes = s->minutes > 0 ? s->minutes : e->zone->class->minutes;

	return s->granted_ms + (minutes + s->extended_min) * MINUTE;
}

int64_t session_deadline(const struct engine *e, const struct device *d, enum end_cause *ret_cause)
{
	unsigned daily_minutes = device_daily_minutes(e, d);
	int64_t deadline = d->session.ends_ms;
	long until;

	*ret_cause = CAUSE_TIME;
	if (daily_minutes > 0) {
		int64_t end = e->now.mono_ms + daily_minutes * MINUTE - day_ms(e, d);

		if (end < deadline)
			deadline = end;
	}
	if (!zone_is_open(e, &until)) {
		*ret_cause = CAUSE_CLOSING_HOURS;
		return e->now.mono_ms;
	}
	if (until >= 0 && e->now.mono_ms + until * SECOND < deadline) {
		*ret_cause = CAUSE_CLOSING_HOURS;
		deadline = e->now.mono_ms + until * SECOND;
	}
	return deadline;
}
