/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/policy.h"

#include <errno.h>
#include <string.h>

enum { SUN, MON, TUE, WED, THU, FRI, SAT };

static struct tm at(int day, int hour, int minute, int second)
{
	return (struct tm){.tm_wday = day, .tm_hour = hour, .tm_min = minute, .tm_sec = second};
}

static bool is_open(const struct hours *hours, int day, int hour, int minute)
{
	struct tm tm = at(day, hour, minute, 0);

	return hours_is_open(hours, &tm);
}

static long until_change(const struct hours *hours, int day, int hour, int minute, int second)
{
	struct tm tm = at(day, hour, minute, second);

	return hours_until_change(hours, &tm);
}

static struct hours hours_of(const char *text)
{
	struct hours hours = {0};

	assert_int_equal(hours_add(&hours, text), 0);
	return hours;
}

static unsigned open_minutes(const struct hours *hours)
{
	unsigned count = 0;

	for (int m = 0; m < 7 * 1440; m++)
		count += is_open(hours, m / 1440, m / 60 % 24, m % 60);
	return count;
}

static void test_empty_is_never_open(void **state)
{
	const struct hours hours = {0};

	(void)state;
	assert_int_equal(open_minutes(&hours), 0);
	assert_int_equal(until_change(&hours, WED, 12, 0, 0), -1);
}

static void test_always(void **state)
{
	static const char *const texts[] = {
		"always", "mon-sun 00:00-24:00", "sun-sat 00:00-24:00", "tue-mon 00:00-24:00"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct hours hours = hours_of(texts[i]);

		assert_true(hours.always);
		assert_int_equal(open_minutes(&hours), 7 * 1440);
		assert_int_equal(until_change(&hours, SAT, 23, 59, 59), -1);
	}
}

static void test_parts_that_fill_the_week_are_always(void **state)
{
	struct hours hours = hours_of("mon-fri 00:00-24:00");

	(void)state;
	assert_false(hours.always);
	assert_int_equal(hours_add(&hours, "sat 00:00-24:00"), 0);
	assert_false(hours.always);
	assert_int_equal(hours_add(&hours, "sun 00:00-23:59"), 0);
	assert_false(hours.always);
	assert_int_equal(hours_add(&hours, "sat 23:00-00:30"), 0);
	assert_false(hours.always);
	assert_int_equal(hours_add(&hours, "sun 23:59-00:00"), 0);
	assert_true(hours.always);
	assert_int_equal(hours_add(&hours, "sun 10:00-11:00"), 0);
	assert_true(hours.always);
}

static void test_daily(void **state)
{
	struct hours hours = hours_of("mon-sun 05:00-23:00");

	(void)state;
	assert_int_equal(open_minutes(&hours), 7 * 18 * 60);
	for (int day = SUN; day <= SAT; day++) {
		assert_false(is_open(&hours, day, 4, 59));
		assert_true(is_open(&hours, day, 5, 0));
		assert_true(is_open(&hours, day, 22, 59));
		assert_false(is_open(&hours, day, 23, 0));
		assert_int_equal(until_change(&hours, day, 5, 0, 0), 18 * 3600);
		assert_int_equal(until_change(&hours, day, 22, 59, 59), 1);
		assert_int_equal(until_change(&hours, day, 23, 0, 0), 6 * 3600);
		assert_int_equal(until_change(&hours, day, 4, 59, 30), 30);
	}
}

static void test_past_midnight(void **state)
{
	struct hours hours = hours_of("fri 22:00-02:00");

	(void)state;
	assert_int_equal(open_minutes(&hours), 4 * 60);
	assert_true(is_open(&hours, FRI, 22, 0));
	assert_true(is_open(&hours, SAT, 1, 59));
	assert_false(is_open(&hours, SAT, 2, 0));
	assert_false(is_open(&hours, FRI, 1, 0));
	assert_int_equal(until_change(&hours, FRI, 23, 0, 0), 3 * 3600);
}

static void test_past_the_end_of_the_week(void **state)
{
	struct hours hours = hours_of("sat 23:00-01:00");

	(void)state;
	assert_true(is_open(&hours, SUN, 0, 59));
	assert_false(is_open(&hours, SUN, 1, 0));
	assert_int_equal(until_change(&hours, SAT, 23, 30, 0), 5400);
	assert_int_equal(until_change(&hours, SUN, 1, 0, 0), (7 * 1440 - 120) * 60L);
}

static void test_days(void **state)
{
	struct hours list = hours_of("sat,sun 08:00-24:00");
	struct hours over_the_weekend = hours_of("fri-mon 08:00-09:00");
	struct hours mixed = hours_of("mon-wed,fri 08:00-09:00");

	(void)state;
	assert_int_equal(open_minutes(&list), 2 * 16 * 60);
	assert_true(is_open(&list, SUN, 23, 59));
	assert_int_equal(open_minutes(&over_the_weekend), 4 * 60);
	assert_true(is_open(&over_the_weekend, SUN, 8, 0));
	assert_false(is_open(&over_the_weekend, TUE, 8, 0));
	assert_int_equal(open_minutes(&mixed), 4 * 60);
	assert_false(is_open(&mixed, THU, 8, 0));
}

static void test_leap_second(void **state)
{
	struct hours hours = hours_of("mon 05:00-06:00");

	(void)state;
	assert_int_equal(until_change(&hours, MON, 5, 59, 60), 1);
}

/* The slow way: minute by minute, for every minute of the week. */
static long slow_until_change(const struct hours *hours, int now)
{
	bool open = is_open(hours, now / 1440, now / 60 % 24, now % 60);

	for (int ahead = 1; ahead <= 7 * 1440; ahead++) {
		int m = (now + ahead) % (7 * 1440);

		if (is_open(hours, m / 1440, m / 60 % 24, m % 60) != open)
			return ahead * 60L;
	}
	return -1;
}

static void test_until_change_is_exact(void **state)
{
	static const char *const texts[] = {"mon-sun 05:00-23:00", "wed 12:00-12:01",
		"tue 00:00-24:00", "sat 23:59-00:01", "sun 00:00-00:07", "mon-fri 07:08-16:17"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct hours hours = hours_of(texts[i]);

		for (int m = 0; m < 7 * 1440; m += 7)
			assert_int_equal(until_change(&hours, m / 1440, m / 60 % 24, m % 60, 0),
				slow_until_change(&hours, m));
	}
}

static void test_malformed(void **state)
{
	static const char *const texts[] = {"", " ", "mon", "mon ", "mon 05:00", "mon 05:00-",
		"mon 5:00-6:00", "mon 05:00-06:0", "mon 05:00-06:00 ", " mon 05:00-06:00",
		"mon  05:00-06:00", "mon\t05:00-06:00", "mon 05:00 - 06:00", "mon 05.00-06.00",
		"mon 05:60-06:00", "mon 05:00-24:01", "mon 25:00-26:00", "mon 24:00-05:00",
		"mon 05:00-05:00", "mon 00:00-00:00", "Mon 05:00-06:00", "lun 05:00-06:00",
		"monday 05:00-06:00", "mon- 05:00-06:00", "mon, 05:00-06:00", ",mon 05:00-06:00",
		"mon,,tue 05:00-06:00", "mon-tue-wed 05:00-06:00", "mon;tue 05:00-06:00",
		"05:00-06:00", "mon 05:00-06:00,07:00-08:00", "mon -5:00-06:00", "mon 05:00-+6:00",
		"mo", "m", "mon 05:00-06:00x", "Always", "always ", "never", "24/7"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct hours hours = hours_of("wed 01:00-02:00"), before = hours;

		if (hours_add(&hours, texts[i]) != -EINVAL)
			fail_msg("accepted: \"%s\"", texts[i]);
		assert_memory_equal(&hours, &before, sizeof(hours));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_is_never_open),
		cmocka_unit_test(test_always),
		cmocka_unit_test(test_parts_that_fill_the_week_are_always),
		cmocka_unit_test(test_daily),
		cmocka_unit_test(test_past_midnight),
		cmocka_unit_test(test_past_the_end_of_the_week),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_leap_second),
		cmocka_unit_test(test_until_change_is_exact),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
