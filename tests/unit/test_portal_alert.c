/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/cleanup.h"
#include "portal/alert.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, struct alert *ret_alert)
{
	json_t *reply = json_loads(text, 0, NULL);

	assert_non_null(reply);
	int r = alert_parse(reply, ret_alert);
	json_decref(reply);
	return r;
}

static void texts_are_by_language(void **state)
{
	struct alert alert = {0};

	(void)state;
	assert_int_equal(parse("{\"ok\":true,\"alert\":{\"texts\":{\"pt\":\"Suba\",\"es\":\"Sube\","
			       "\"xx\":\"?\"},\"until\":200}}",
				 &alert),
		0);
	assert_string_equal(alert.texts[0], "Sube");
	assert_string_equal(alert.texts[1], "");
	assert_string_equal(alert.texts[3], "Suba");
	assert_true(alert_is_shown(&alert, 199));
	assert_false(alert_is_shown(&alert, 200));
	alert.until_s = 0;
	assert_true(alert_is_shown(&alert, 1LL << 40));
}

static void none_clears(void **state)
{
	static const char *const none[] = {"{\"ok\":true}", "{\"ok\":true,\"alert\":null}",
		"{\"ok\":true,\"alert\":{\"texts\":{\"xx\":\"no page has it\"}}}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		struct alert alert = {.is_set = true};

		assert_int_equal(parse(none[i], &alert), 0);
		assert_false(alert_is_shown(&alert, 1));
	}
}

/* The last one stays. */
static void what_makes_no_sense_changes_nothing(void **state)
{
	static const char *const bad[] = {"{}", "{\"ok\":false,\"error\":\"busy\"}",
		"{\"ok\":true,\"alert\":5}", "{\"ok\":true,\"alert\":{}}",
		"{\"ok\":true,\"alert\":{\"texts\":[]}}",
		"{\"ok\":true,\"alert\":{\"texts\":{\"es\":5}}}",
		"{\"ok\":true,\"alert\":{\"texts\":{\"es\":\"x\"},\"until\":\"soon\"}}"};
	struct alert alert = {.is_set = true, .texts = {"Sube"}};
	char text[ALERT_TEXT_SIZE + 1] = {0}, reply[ALERT_TEXT_SIZE + 64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(parse(bad[i], &alert), -EBADMSG);
	memset(text, 'a', ALERT_TEXT_SIZE);
	(void)snprintf(
		reply, sizeof(reply), "{\"ok\":true,\"alert\":{\"texts\":{\"es\":\"%s\"}}}", text);
	assert_int_equal(parse(reply, &alert), -EBADMSG);
	assert_string_equal(alert.texts[0], "Sube");
	assert_true(alert_is_shown(&alert, 1));
	text[ALERT_TEXT_SIZE - 1] = '\0';
	(void)snprintf(
		reply, sizeof(reply), "{\"ok\":true,\"alert\":{\"texts\":{\"es\":\"%s\"}}}", text);
	assert_int_equal(parse(reply, &alert), 0);
	assert_string_equal(alert.texts[0], text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_by_language),
		cmocka_unit_test(none_clears),
		cmocka_unit_test(what_makes_no_sense_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
