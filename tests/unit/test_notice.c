/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/control/notice.h"
#include "controller/uplink.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct setting {
	char directory[64], path[96];
};

static json_t *parse(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	assert_non_null(value);
	return value;
}

static void assert_described(const struct notice *notice, int64_t now_s, const char *wanted)
{
	json_auto_t *described = notice_describe(notice, now_s);
	AUTO_STR text = json_dumps(described, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	assert_string_equal(text, wanted);
}

static void an_alert_outlives_its_process(void **state)
{
	const struct setting *s = *state;
	json_auto_t *texts = parse("{\"es\":\"Sube\",\"en\":\"Go up\"}");
	AUTO(notice_free) struct notice *first = NULL, *second = NULL, *third = NULL;
	struct stat status;

	assert_int_equal(notice_new(s->directory, &first), 0);
	assert_described(first, 100, "null");
	assert_int_equal(notice_set(first, texts, 200), 0);
	assert_described(
		first, 100, "{\"texts\":{\"en\":\"Go up\",\"es\":\"Sube\"},\"until\":200}");
	assert_int_equal(stat(s->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(notice_new(s->directory, &second), 0);
	assert_described(
		second, 199, "{\"texts\":{\"en\":\"Go up\",\"es\":\"Sube\"},\"until\":200}");
	assert_described(second, 200, "null");
	assert_int_equal(notice_set(second, texts, 0), 0);
	assert_described(second, 1 << 30, "{\"texts\":{\"en\":\"Go up\",\"es\":\"Sube\"}}");
	assert_int_equal(notice_clear(second), 0);
	assert_int_equal(notice_clear(second), 0);
	assert_described(second, 1, "null");
	assert_int_equal(notice_new(s->directory, &third), 0);
	assert_described(third, 1, "null");
}

static void a_file_that_makes_no_sense_is_no_alert(void **state)
{
	static const char *const files[] = {"", "{", "[]", "null", "{}", "{\"texts\":{}}",
		"{\"texts\":{\"es\":5}}", "{\"texts\":{\"es\":\"x\"},\"until\":\"soon\"}"};
	const struct setting *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO(notice_free) struct notice *notice = NULL;
		FILE *file = fopen(s->path, "w");

		assert_non_null(file);
		(void)fputs(files[i], file);
		(void)fclose(file);
		assert_int_equal(notice_new(s->directory, &notice), 0);
		assert_described(notice, 1, "null");
	}
}

static void what_cannot_be_written_changes_nothing(void **state)
{
	const struct setting *s = *state;
	json_auto_t *texts = parse("{\"es\":\"Sube\"}"), *other = parse("{\"es\":\"Baja\"}");
	AUTO(notice_free) struct notice *notice = NULL;
	char blocked[112];

	assert_int_equal(notice_new(s->directory, &notice), 0);
	assert_int_equal(notice_set(notice, texts, 0), 0);
	(void)snprintf(blocked, sizeof(blocked), "%s.new", s->path);
	assert_int_equal(mkdir(blocked, 0700), 0);
	assert_int_equal(notice_set(notice, other, 0), -EISDIR);
	assert_int_equal(rmdir(blocked), 0);
	assert_described(notice, 1, "{\"texts\":{\"es\":\"Sube\"}}");
}

static void texts_are_bounded(void **state)
{
	static const char *const bad[] = {"5", "[]", "{}", "{\"es\":\"\"}", "{\"es\":\"  \"}",
		"{\"es\":null}", "{\"ES\":\"x\"}", "{\"e\":\"x\"}", "{\"es-CO\":\"x\"}",
		"{\"es\":\"a\\nb\"}", "{\"es\":\"\\u001b[2J\"}", "{\"es\":\"\\u007f\"}",
		("{\"aa\":\"1\",\"ab\":\"1\",\"ac\":\"1\",\"ad\":\"1\",\"ae\":\"1\",\"af\":\"1\","
		 "\"ag\":\"1\",\"ah\":\"1\",\"ai\":\"1\"}")};
	char longest[NOTICE_TEXT_MAX + 2] = {0};

	(void)state;
	assert_false(notice_texts_are_valid(NULL));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_auto_t *texts = json_loads(bad[i], JSON_DECODE_ANY, NULL);

		assert_non_null(texts);
		if (notice_texts_are_valid(texts))
			fail_msg("%s is taken", bad[i]);
	}
	memset(longest, 'a', NOTICE_TEXT_MAX + 1);
	json_auto_t *too_long = json_pack("{s:s}", "es", longest);
	assert_false(notice_texts_are_valid(too_long));
	longest[NOTICE_TEXT_MAX] = '\0';
	json_auto_t *just = json_pack("{s:s}", "es", longest);
	assert_true(notice_texts_are_valid(just));
}

static void an_uplink_is_up_or_not(void **state)
{
	(void)state;
	assert_true(uplink_is_up("lo"));
	assert_false(uplink_is_up("zona-nowhere"));
}

static int set_up(void **state)
{
	static struct setting s;

	(void)snprintf(s.directory, sizeof(s.directory), "/tmp/zona-unit-XXXXXX");
	if (mkdtemp(s.directory) == NULL)
		return -1;
	(void)snprintf(s.path, sizeof(s.path), "%s/" NOTICE_FILE, s.directory);
	*state = &s;
	return 0;
}

static int tear_down(void **state)
{
	const struct setting *s = *state;

	(void)unlink(s->path);
	return rmdir(s->directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_alert_outlives_its_process, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_file_that_makes_no_sense_is_no_alert, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_written_changes_nothing, set_up, tear_down),
		cmocka_unit_test(texts_are_bounded),
		cmocka_unit_test(an_uplink_is_up_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
