/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening hours as a bit for each minute of the week. Local wall-clock time: where clocks change,
 * a change of state on that day comes an hour off; Colombia has had none since 1993. */
#include "policies/policy.h"

#include <errno.h>
#include <string.h>

#define DAY_MINUTES 1440
#define DAYS 7
#define WEEK_MINUTES (DAYS * DAY_MINUTES)
#define WEEK_BYTES (WEEK_MINUTES / 8)

_Static_assert(DAY_MINUTES % 8 == 0 && sizeof(((struct hours *)0)->open) == WEEK_BYTES,
	"the days' bits follow each other without a gap");

/* One opening: minutes [begin, end) of each day that is set; end may lie in the next day. */
struct opening {
	bool days[DAYS];
	unsigned begin, end;
};

static bool parse_day(const char **at, unsigned *ret_day)
{
	static const char names[DAYS][4] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

	for (unsigned day = 0; day < DAYS; day++)
		if (strncmp(*at, names[day], 3) == 0) {
			*at += 3;
			*ret_day = day;
			return true;
		}
	return false;
}

/* "mon-fri,sun": each range may run over the end of the week. */
static bool parse_days(const char **at, bool days[DAYS])
{
	unsigned first, last;

	for (;;) {
		if (!parse_day(at, &first))
			return false;
		last = first;
		if (**at == '-') {
			++*at;
			if (!parse_day(at, &last))
				return false;
		}
		for (unsigned day = first; day != last; day = (day + 1) % DAYS)
			days[day] = true;
		days[last] = true;
		if (**at != ',')
			return true;
		++*at;
	}
}

static bool parse_two_digits(const char **at, unsigned most, unsigned *ret_number)
{
	const char *text = *at;

	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*ret_number = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	*at += 2;
	return *ret_number <= most;
}

/* "HH:MM", up to 24:00. */
static bool parse_time(const char **at, unsigned *ret_minute)
{
	unsigned hour, minute;

	if (!parse_two_digits(at, 24, &hour) || **at != ':')
		return false;
	++*at;
	if (!parse_two_digits(at, 59, &minute))
		return false;
	*ret_minute = hour * 60 + minute;
	return *ret_minute <= DAY_MINUTES;
}

static bool parse_opening(const char *at, struct opening *ret_opening)
{
	if (!parse_days(&at, ret_opening->days) || *at++ != ' ')
		return false;
	if (!parse_time(&at, &ret_opening->begin) || *at++ != '-')
		return false;
	if (!parse_time(&at, &ret_opening->end) || *at != '\0')
		return false;
	/* From a time to itself might mean all day or never. */
	if (ret_opening->begin == ret_opening->end || ret_opening->begin == DAY_MINUTES)
		return false;
	if (ret_opening->end < ret_opening->begin)
		ret_opening->end += DAY_MINUTES;
	return true;
}

static const uint8_t *week_of(const struct hours *hours)
{
	return (const uint8_t *)hours->open;
}

static bool is_full(const uint8_t *week)
{
	for (unsigned i = 0; i < WEEK_BYTES; i++)
		if (week[i] != 0xff)
			return false;
	return true;
}

int hours_add(struct hours *hours, const char *text)
{
	struct opening opening = {0};
	uint8_t *week = (uint8_t *)hours->open;

	if (strcmp(text, "always") == 0)
		(void)parse_opening("sun-sat 00:00-24:00", &opening);
	else if (!parse_opening(text, &opening))
		return -EINVAL;
	for (unsigned day = 0; day < DAYS; day++) {
		if (!opening.days[day])
			continue;
		for (unsigned minute = opening.begin; minute < opening.end; minute++) {
			unsigned m = (day * DAY_MINUTES + minute) % WEEK_MINUTES;

			week[m / 8] |= (uint8_t)(1U << m % 8);
		}
	}
	if (!hours->always)
		hours->always = is_full(week_of(hours));
	return 0;
}

static unsigned minute_of_week(const struct tm *local)
{
	return (unsigned)(local->tm_wday * DAY_MINUTES + local->tm_hour * 60 + local->tm_min) %
	       WEEK_MINUTES;
}

static bool is_open_at(const struct hours *hours, unsigned minute)
{
	const uint8_t *week = week_of(hours);

	return (week[minute / 8] >> minute % 8 & 1) != 0;
}

bool hours_is_open(const struct hours *hours, const struct tm *local)
{
	return hours->always || is_open_at(hours, minute_of_week(local));
}

long hours_until_change(const struct hours *hours, const struct tm *local)
{
	const uint8_t *week = week_of(hours);
	unsigned now = minute_of_week(local);
	bool open = hours_is_open(hours, local);
	uint8_t same = open ? 0xff : 0;
	long second = local->tm_sec < 59 ? local->tm_sec : 59; /* 60 in a leap second */

	if (hours->always)
		return -1;
	for (unsigned ahead = 1; ahead < WEEK_MINUTES;) {
		unsigned minute = (now + ahead) % WEEK_MINUTES;

		if (minute % 8 == 0 && week[minute / 8] == same)
			ahead += 8;
		else if (is_open_at(hours, minute) == open)
			ahead++;
		else
			return 60L * ahead - second;
	}
	return -1;
}
