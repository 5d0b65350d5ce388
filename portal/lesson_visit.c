/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/lesson_visit.h"

#include "common/certificate.h"
#include "portal/form.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define US_PER_S 1000000
#define SECONDS_A_DAY 86400

/* Cards, right answers and ids are the same in all languages: any will do. */
#define ANY_LANGUAGE "es"

_Static_assert(sizeof(((struct lesson_view *)0)->certificate) >= CERTIFICATE_CODE_SIZE, "size");
_Static_assert(sizeof(((struct lesson_view *)0)->day) >= CERTIFICATE_DAY_SIZE, "size");
_Static_assert(CERTIFICATE_KEY_SIZE == TOKEN_KEY_SIZE, "one key for both");

static const struct lesson *lesson_of(const struct lesson_view *view)
{
	return lesson_set_get(view->set, view->index, ANY_LANGUAGE);
}

static void put_token(const struct lesson_visit *visit, struct lesson_view *view)
{
	(void)lesson_token_make(visit->key, visit->mac, lesson_of(view), &view->progress,
		visit->now_us, view->token);
}

/* Days since 1970 of the local date: the gateway knows its zone. */
static uint16_t local_day(int64_t now_us)
{
	time_t now = (time_t)(now_us / US_PER_S);
	struct tm tm = {0};

	(void)localtime_r(&now, &tm);
	return (uint16_t)(timegm(&tm) / SECONDS_A_DAY);
}

static void put_certificate(const struct lesson_visit *visit, struct lesson_view *view)
{
	uint16_t day = local_day(visit->now_us);
	const struct certificate certificate = {
		.lesson = (uint8_t)lesson_set_number(view->set, view->index),
		.day = day,
		.serial = lesson_token_serial(visit->key, visit->mac, lesson_of(view), day),
	};

	(void)certificate_make(visit->key->bytes, &certificate, view->certificate);
	(void)certificate_day(day, view->day);
}

void lesson_visit_open(const struct lesson_visit *visit, struct lesson_view *view)
{
	view->progress = lesson_begin();
	put_token(visit, view);
}

static int check_form(const struct lesson_visit *visit, const struct lesson *lesson,
	struct lesson_progress *ret_progress)
{
	char token[FORM_VALUE_SIZE];
	int r = form_get(visit->body, visit->body_size, "progress", token);

	if (r < 0)
		return -EINVAL;
	return lesson_token_check(
		visit->key, visit->mac, lesson, token, visit->now_us, ret_progress);
}

int lesson_visit_step(const struct lesson_visit *visit, struct lesson_view *view)
{
	const struct lesson *lesson = lesson_of(view);
	char answer[FORM_VALUE_SIZE];
	int r = check_form(visit, lesson, &view->progress);

	if (r < 0)
		return r;
	bool has_answer = form_get(visit->body, visit->body_size, "answer", answer) == 0;
	(void)lesson_advance(lesson, &view->progress, has_answer ? answer : NULL);
	put_token(visit, view);
	if (lesson_is_passed(lesson, &view->progress))
		put_certificate(visit, view);
	return 0;
}

bool lesson_visit_is_passed(const struct lesson_visit *visit, const struct lesson_set *set)
{
	struct lesson_progress progress;
	char id[FORM_VALUE_SIZE];

	if (form_get(visit->body, visit->body_size, "lesson", id) < 0)
		return false;
	size_t index = lesson_set_find(set, id);
	if (index == lesson_set_count(set))
		return false;
	const struct lesson *lesson = lesson_set_get(set, index, ANY_LANGUAGE);
	return check_form(visit, lesson, &progress) == 0 && lesson_is_passed(lesson, &progress);
}

int lesson_visit_certificate(
	const struct token_key *key, const char *code, struct lesson_view *view)
{
	struct certificate certificate;
	int r = certificate_check(key->bytes, code, &certificate);

	if (r < 0)
		return r;
	size_t index = lesson_set_find_number(view->set, certificate.lesson);
	if (index == lesson_set_count(view->set))
		return -EINVAL; /* of a lesson that this version no longer has */
	view->index = index;
	view->progress = lesson_begin();
	(void)certificate_make(key->bytes, &certificate, view->certificate);
	(void)certificate_day(certificate.day, view->day);
	return 0;
}
