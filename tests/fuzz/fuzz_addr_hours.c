/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small text formats: addresses go to text and back; hours change when they say they do. */
#include "common/addr.h"
#include "policies/policy.h"

#include <string.h>

#define WEEK 10080

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_addresses(const char *text)
{
	struct mac_addr mac, mac_again;
	struct ip_addr ip, ip_again;
	char out[IP_TEXT_SIZE];

	if (mac_parse(text, &mac) == 0 &&
		(mac_parse(mac_format(&mac, out), &mac_again) < 0 || !mac_equal(&mac, &mac_again)))
		abort();
	if (ip_parse(text, &ip) == 0 &&
		(ip_parse(ip_format(&ip, out), &ip_again) < 0 || !ip_equal(&ip, &ip_again)))
		abort();
}

static struct tm minute_of_week(unsigned minute)
{
	return (struct tm){.tm_wday = (int)(minute / 1440),
		.tm_hour = (int)(minute / 60 % 24),
		.tm_min = (int)(minute % 60)};
}

static bool is_open(const struct hours *hours, unsigned minute)
{
	struct tm tm = minute_of_week(minute % WEEK);

	return hours_is_open(hours, &tm);
}

/* Each line is one opening. */
static void fuzz_hours(char *text, unsigned start)
{
	struct hours hours = {0};
	struct tm tm = minute_of_week(start);
	long change;

	for (char *line = strsep(&text, "\n"); line != NULL; line = strsep(&text, "\n")) {
		struct hours before = hours;

		if (hours_add(&hours, line) < 0 && memcmp(&hours, &before, sizeof(hours)) != 0)
			abort();
	}
	change = hours_until_change(&hours, &tm);
	if (change == 0 || change < -1 || (change > 0 && change % 60 != 0))
		abort();
	for (unsigned ahead = 1; ahead < (change < 0 ? WEEK : (unsigned)change / 60); ahead++)
		if (is_open(&hours, start + ahead) != is_open(&hours, start))
			abort();
	if (change > 0 && is_open(&hours, start + (unsigned)change / 60) == is_open(&hours, start))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_STR text = NULL;

	if (size < 2)
		return 0;
	text = strndup((const char *)data + 2, size - 2);
	if (text == NULL)
		abort();
	fuzz_addresses(text);
	fuzz_hours(text, (unsigned)(data[0] << 8 | data[1]) % WEEK);
	return 0;
}
