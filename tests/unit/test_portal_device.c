/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/cleanup.h"
#include "portal/device.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, struct device *ret_device)
{
	json_t *reply = json_loads(text, 0, NULL);
	int r;

	assert_non_null(reply);
	r = device_parse(reply, ret_device);
	json_decref(reply);
	return r;
}

static void all_fields_are_read(void **state)
{
	struct device device;

	(void)state;
	assert_int_equal(
		parse("{\"ok\":true,\"mac\":\"02:00:00:ab:cd:ef\",\"state\":\"ended\","
		      "\"zone_name\":\"El "
		      "Pozón\",\"minutes\":60,\"seconds_left\":0,\"bytes_left\":5,"
		      "\"bytes_down\":1,\"bytes_up\":2,\"rate_down_bps\":3,\"rate_up_bps\":4,"
		      "\"end_cause\":\"quota\",\"refusal\":\"daily-quota\",\"opens_in\":7}",
			&device),
		0);
	assert_int_equal(device.mac.b[5], 0xef);
	assert_int_equal(device.state, DEVICE_ENDED);
	assert_string_equal(device.zone_name, "El Pozón");
	assert_int_equal(device.minutes, 60);
	assert_int_equal(device.seconds_left, 0);
	assert_int_equal(device.bytes_left, 5);
	assert_int_equal(device.bytes_down + device.bytes_up, 3);
	assert_int_equal(device.rate_down_bps, 3);
	assert_int_equal(device.end_cause, END_QUOTA);
	assert_int_equal(device.refusal, REFUSAL_DAILY_QUOTA);
	assert_int_equal(device.opens_in_s, 7);
}

static void what_is_absent_has_no_limit(void **state)
{
	struct device device;

	(void)state;
	assert_int_equal(
		parse("{\"mac\":\"02:00:00:ab:cd:ef\",\"state\":\"unknown\",\"bytes_left\":null}",
			&device),
		0);
	assert_int_equal(device.seconds_left, NO_LIMIT);
	assert_int_equal(device.bytes_left, NO_LIMIT);
	assert_int_equal(device.opens_in_s, NO_LIMIT);
	assert_int_equal(device.refusal, REFUSAL_NONE);
	assert_int_equal(device.end_cause, END_NONE);
	assert_string_equal(device.zone_name, "");
}

static void a_blocked_device_is_refused(void **state)
{
	struct device device;

	(void)state;
	assert_int_equal(
		parse("{\"mac\":\"02:00:00:ab:cd:ef\",\"state\":\"blocked\"}", &device), 0);
	assert_int_equal(device.refusal, REFUSAL_BLOCKED);
}

static void what_does_not_fit_is_an_error(void **state)
{
	static const char *const replies[] = {
		"{}",
		"[]",
		"{\"mac\":\"02:00:00:ab:cd:ef\"}",
		"{\"state\":\"active\"}",
		"{\"mac\":\"nonsense\",\"state\":\"active\"}",
		"{\"mac\":7,\"state\":\"active\"}",
		"{\"mac\":\"02:00:00:ab:cd:ef\",\"state\":\"asleep\"}",
		"{\"mac\":\"02:00:00:ab:cd:ef\",\"state\":null}",
		"{\"mac\":\"02:00:00:ab:cd:ef\",\"state\":\"active\",\"end_cause\":\"rain\"}",
		"{\"mac\":\"02:00:00:ab:cd:ef\",\"state\":\"active\",\"refusal\":3}",
		"{\"mac\":\"02:00:00:ab:cd:ef\",\"state\":\"active\",\"seconds_left\":\"3\"}",
		"{\"mac\":\"02:00:00:ab:cd:ef\",\"state\":\"active\",\"bytes_left\":1.5}",
	};
	struct device device = {.minutes = 77};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++)
		if (parse(replies[i], &device) != -EBADMSG)
			fail_msg("%s", replies[i]);
	assert_int_equal(device.minutes, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_fields_are_read),
		cmocka_unit_test(what_is_absent_has_no_limit),
		cmocka_unit_test(a_blocked_device_is_refused),
		cmocka_unit_test(what_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
