/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "portal/lesson_visit.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define NOW_US INT64_C(1790000000000000)
#define SECOND_US INT64_C(1000000)

static const struct token_key key = {.bytes = {9}}, other_key = {.bytes = {8}};
static const struct mac_addr mac = {{2, 0, 0, 0, 0, 1}}, other_mac = {{2, 0, 0, 0, 0, 2}};
static struct lesson_set *set;
static const struct lesson *lesson, *other_lesson;

static int begin(void **state)
{
	struct lesson_error error;

	(void)state;
	if (sodium_init() < 0 || lesson_set_new(&set, &error) < 0)
		return -1;
	lesson = lesson_set_get(set, 0, "es");
	other_lesson = lesson_set_get(set, 1, "es");
	return 0;
}

static int end(void **state)
{
	(void)state;
	lesson_set_free(set);
	return 0;
}

/* The option to tap at a question: the right one, or the one after it. */
static const char *answer_to(size_t question, bool is_right)
{
	static char text[2];

	text[0] = (char)('1' + (lesson->questions[question].right + !is_right) % LESSON_OPTIONS);
	return text;
}

static void test_the_way_through(void **state)
{
	struct lesson_progress p = lesson_begin();
	size_t index;

	(void)state;
	for (size_t i = 0; i < lesson->card_count; i++) {
		assert_int_equal(lesson_step(lesson, &p, &index), STEP_CARD);
		assert_int_equal(index, i);
		assert_int_equal(lesson_advance(lesson, &p, NULL), 0);
	}
	for (size_t i = 0; i < LESSON_QUESTIONS; i++) {
		assert_int_equal(lesson_step(lesson, &p, &index), STEP_QUESTION);
		assert_int_equal(index, i);
		assert_int_equal(lesson_advance(lesson, &p, NULL), -EINVAL);
		assert_int_equal(lesson_advance(lesson, &p, "0"), -EINVAL);
		assert_int_equal(lesson_advance(lesson, &p, "4"), -EINVAL);
		assert_int_equal(lesson_advance(lesson, &p, "11"), -EINVAL);
		assert_int_equal(lesson_advance(lesson, &p, answer_to(i, i != 1)), 0);
		assert_int_equal(lesson_step(lesson, &p, &index), STEP_FEEDBACK);
		assert_int_equal(index, i);
		assert_false(lesson_is_passed(lesson, &p));
		assert_int_equal(lesson_advance(lesson, &p, NULL), 0);
	}
	assert_int_equal(lesson_step(lesson, &p, &index), STEP_RESULT);
	assert_int_equal(lesson_score(lesson, &p), 2);
	assert_true(lesson_is_passed(lesson, &p));
	assert_int_equal(lesson_advance(lesson, &p, "1"), 0); /* stays */
	assert_int_equal(lesson_step(lesson, &p, &index), STEP_RESULT);
	p.answers[0] = NO_ANSWER;
	assert_false(lesson_is_passed(lesson, &p));
}

static void test_a_token_is_for_one_device_lesson_and_hour(void **state)
{
	const struct lesson_progress p = {.position = 6, .answers = {0, 2, NO_ANSWER}};
	struct lesson_progress back = {0};
	char text[LESSON_TOKEN_SIZE], changed[LESSON_TOKEN_SIZE];
	int64_t late_us = NOW_US + (LESSON_TOKEN_VALID_S + 1) * SECOND_US;

	(void)state;
	lesson_token_make(&key, &mac, lesson, &p, NOW_US, text);
	assert_int_equal(strlen(text), LESSON_TOKEN_SIZE - 1);
	assert_int_equal(lesson_token_check(&key, &mac, lesson, text, NOW_US, &back), 0);
	assert_memory_equal(&back, &p, sizeof(p));
	assert_int_equal(
		lesson_token_check(&other_key, &mac, lesson, text, NOW_US, &back), -EINVAL);
	assert_int_equal(
		lesson_token_check(&key, &other_mac, lesson, text, NOW_US, &back), -EINVAL);
	assert_int_equal(
		lesson_token_check(&key, &mac, other_lesson, text, NOW_US, &back), -EINVAL);
	assert_int_equal(lesson_token_check(&key, &mac, lesson, text, late_us, &back), -ETIME);
	assert_int_equal(
		lesson_token_check(&key, &mac, lesson, text, NOW_US - 3600 * SECOND_US, &back),
		-ETIME);
	assert_int_equal(lesson_token_check(&key, &mac, lesson, NULL, NOW_US, &back), -EINVAL);
	assert_int_equal(lesson_token_check(&key, &mac, lesson, "", NOW_US, &back), -EINVAL);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		for (unsigned c = 1; c < 256; c++) {
			memcpy(changed, text, sizeof(text));
			changed[i] = (char)c;
			if (changed[i] != text[i])
				assert_int_equal(lesson_token_check(&key, &mac, lesson, changed,
							 NOW_US, &back),
					-EINVAL);
		}
	}
}

/* Right, but of a version in which the lesson was longer. */
static void test_a_position_beyond_the_end_is_refused(void **state)
{
	struct lesson_progress p = lesson_begin(), back;
	char text[LESSON_TOKEN_SIZE];

	(void)state;
	p.position = (unsigned)lesson->card_count + 2 * LESSON_QUESTIONS;
	lesson_token_make(&key, &mac, lesson, &p, NOW_US, text);
	assert_int_equal(lesson_token_check(&key, &mac, lesson, text, NOW_US, &back), 0);
	p.position++;
	lesson_token_make(&key, &mac, lesson, &p, NOW_US, text);
	assert_int_equal(lesson_token_check(&key, &mac, lesson, text, NOW_US, &back), -EINVAL);
}

static struct lesson_visit visit_with(const char *body)
{
	return (struct lesson_visit){.key = &key,
		.mac = &mac,
		.now_us = NOW_US,
		.body = body,
		.body_size = strlen(body)};
}

/* Posts form after form; returns the view of the result. */
static struct lesson_view go_through(bool is_right)
{
	struct lesson_view view = {.set = set};
	struct lesson_visit visit = visit_with("");
	size_t index;

	lesson_visit_open(&visit, &view);
	while (lesson_step(lesson, &view.progress, &index) != STEP_RESULT) {
		char body[128];
		bool asks = lesson_step(lesson, &view.progress, &index) == STEP_QUESTION;

		assert_string_equal(view.certificate, "");
		(void)snprintf(body, sizeof(body), "progress=%s%s%s", view.token,
			asks ? "&answer=" : "", asks ? answer_to(index, is_right) : "");
		visit = visit_with(body);
		assert_int_equal(lesson_visit_step(&visit, &view), 0);
	}
	return view;
}

static void test_a_visit(void **state)
{
	const struct lesson_view passed = go_through(true), failed = go_through(false);
	struct lesson_view found = {.set = set};
	struct lesson_visit visit;
	char body[160];

	(void)state;
	assert_string_equal(failed.certificate, "");
	assert_int_equal(strlen(passed.certificate), 19);
	assert_int_equal(lesson_visit_certificate(&key, passed.certificate, &found), 0);
	assert_int_equal(found.index, 0);
	assert_string_equal(found.day, passed.day);
	assert_int_equal(lesson_visit_certificate(&other_key, passed.certificate, &found), -EINVAL);

	(void)snprintf(body, sizeof(body), "lesson=%s&progress=%s", lesson->id, passed.token);
	visit = visit_with(body);
	assert_true(lesson_visit_is_passed(&visit, set));
	visit.mac = &other_mac;
	assert_false(lesson_visit_is_passed(&visit, set));
	(void)snprintf(body, sizeof(body), "lesson=%s&progress=%s", lesson->id, failed.token);
	visit = visit_with(body);
	assert_false(lesson_visit_is_passed(&visit, set));
	(void)snprintf(body, sizeof(body), "lesson=nothing&progress=%s", passed.token);
	visit = visit_with(body);
	assert_false(lesson_visit_is_passed(&visit, set));
	visit = visit_with("token=x");
	assert_false(lesson_visit_is_passed(&visit, set));
	assert_int_equal(lesson_visit_step(&visit, &found), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_way_through),
		cmocka_unit_test(test_a_token_is_for_one_device_lesson_and_hour),
		cmocka_unit_test(test_a_position_beyond_the_end_is_refused),
		cmocka_unit_test(test_a_visit),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
