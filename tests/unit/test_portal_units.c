/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void times_round_down(void **state)
{
	char text[UNITS_TEXT_SIZE];

	(void)state;
	assert_string_equal(units_time(-5, text), "0 s");
	assert_string_equal(units_time(59, text), "59 s");
	assert_string_equal(units_time(60, text), "1 min");
	assert_string_equal(units_time(3599, text), "59 min");
	assert_string_equal(units_time(3600, text), "1 h");
	assert_string_equal(units_time(7500, text), "2 h 05 min");
	assert_string_equal(units_time(INT64_MAX, text), "2562047788015215 h 30 min");
}

static void volumes_have_one_decimal_below_ten(void **state)
{
	char text[UNITS_TEXT_SIZE];

	(void)state;
	assert_string_equal(units_volume(-1, ".", text), "0 B");
	assert_string_equal(units_volume(999, ".", text), "999 B");
	assert_string_equal(units_volume(1000, ".", text), "1 kB");
	assert_string_equal(units_volume(1099, ".", text), "1 kB");
	assert_string_equal(units_volume(1250000, ",", text), "1,2 MB");
	assert_string_equal(units_volume(19999999, ".", text), "19 MB");
	assert_string_equal(units_volume(INT64_C(1024000000), ".", text), "1 GB");
	assert_string_equal(units_volume(INT64_MAX, ".", text), "9223372036 GB");
}

static void rates_are_in_bits(void **state)
{
	char text[UNITS_TEXT_SIZE];

	(void)state;
	assert_string_equal(units_rate(8000000, ",", text), "8 Mbit/s");
	assert_string_equal(units_rate(512000, ",", text), "512 kbit/s");
	assert_string_equal(units_rate(1500000, ",", text), "1,5 Mbit/s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_round_down),
		cmocka_unit_test(volumes_have_one_decimal_below_ten),
		cmocka_unit_test(rates_are_in_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
