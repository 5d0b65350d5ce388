/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/units.h"

#include <inttypes.h>
#include <stdio.h>

const char *units_time(int64_t seconds, char text[UNITS_TEXT_SIZE])
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < 60)
		(void)snprintf(text, UNITS_TEXT_SIZE, "%" PRId64 " s", seconds);
	else if (seconds < 3600)
		(void)snprintf(text, UNITS_TEXT_SIZE, "%" PRId64 " min", seconds / 60);
	else if (seconds / 60 % 60 == 0)
		(void)snprintf(text, UNITS_TEXT_SIZE, "%" PRId64 " h", seconds / 3600);
	else
		(void)snprintf(text, UNITS_TEXT_SIZE, "%" PRId64 " h %02" PRId64 " min",
			seconds / 3600, seconds / 60 % 60);
	return text;
}

/* value in steps of 1000, with one decimal below 10. */
static const char *scaled(
	int64_t value, const char *const units[4], const char *decimal, char text[UNITS_TEXT_SIZE])
{
	int64_t rest = 0;
	int step = 0;

	if (value < 0)
		value = 0;
	for (; value >= 1000 && step < 3; step++) {
		rest = value % 1000 / 100;
		value /= 1000;
	}
	if (value < 10 && rest > 0)
		(void)snprintf(text, UNITS_TEXT_SIZE, "%" PRId64 "%s%" PRId64 " %s", value, decimal,
			rest, units[step]);
	else
		(void)snprintf(text, UNITS_TEXT_SIZE, "%" PRId64 " %s", value, units[step]);
	return text;
}

const char *units_volume(int64_t bytes, const char *decimal, char text[UNITS_TEXT_SIZE])
{
	static const char *const units[4] = {"B", "kB", "MB", "GB"};

	return scaled(bytes, units, decimal, text);
}

const char *units_rate(int64_t rate_bps, const char *decimal, char text[UNITS_TEXT_SIZE])
{
	static const char *const units[4] = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s"};

	return scaled(rate_bps, units, decimal, text);
}
