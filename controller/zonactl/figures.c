/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/figures.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum {
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
	DAY_S = 24 * HOUR_S,
	/* Below this, seconds and minutes say more than the larger unit. */
	SHOW_SECONDS_S = 2 * MINUTE_S,
	SHOW_MINUTES_S = 2 * HOUR_S,
	SHOW_HOURS_S = 2 * DAY_S,
};

static const char *format_scaled(uint64_t value, const char *unit, char text[FIGURE_SIZE])
{
	static const char prefix[] = "kMGTPE";
	size_t power = 0;
	uint64_t divisor = 1;
	unsigned thousandths, shown;

	if (value < 1000) {
		(void)snprintf(text, FIGURE_SIZE, "%" PRIu64 " %s", value, unit);
		return text;
	}
	/* What rounds up to 1000 of a unit is 1.00 of the next: 999,500 is 1.00 M. */
	for (; prefix[power + 1] != '\0' && value / divisor >= 999500; power++)
		divisor *= 1000;
	thousandths = (unsigned)(value / divisor);
	if (thousandths >= 99950) {
		shown = (thousandths + 500) / 1000;
		(void)snprintf(text, FIGURE_SIZE, "%u %c%s", shown, prefix[power], unit);
	} else if (thousandths >= 9995) {
		shown = (thousandths + 50) / 100;
		(void)snprintf(text, FIGURE_SIZE, "%u.%u %c%s", shown / 10, shown % 10,
			prefix[power], unit);
	} else {
		shown = (thousandths + 5) / 10;
		(void)snprintf(text, FIGURE_SIZE, "%u.%02u %c%s", shown / 100, shown % 100,
			prefix[power], unit);
	}
	return text;
}

const char *figure_bytes(uint64_t bytes, char text[FIGURE_SIZE])
{
	return format_scaled(bytes, "B", text);
}

const char *figure_rate(uint64_t bps, char text[FIGURE_SIZE])
{
	return format_scaled(bps, "bit/s", text);
}

const char *figure_duration(uint64_t seconds, char text[FIGURE_SIZE])
{
	if (seconds < SHOW_SECONDS_S)
		(void)snprintf(text, FIGURE_SIZE, "%" PRIu64 " s", seconds);
	else if (seconds < SHOW_MINUTES_S)
		(void)snprintf(text, FIGURE_SIZE, "%" PRIu64 " min", seconds / MINUTE_S);
	else if (seconds < SHOW_HOURS_S)
		(void)snprintf(text, FIGURE_SIZE, "%" PRIu64 " h %02" PRIu64 " min",
			seconds / HOUR_S, seconds % HOUR_S / MINUTE_S);
	else
		(void)snprintf(text, FIGURE_SIZE, "%" PRIu64 " d %02" PRIu64 " h", seconds / DAY_S,
			seconds % DAY_S / HOUR_S);
	return text;
}
