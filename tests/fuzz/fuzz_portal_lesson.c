/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lesson's file, a progress token and a certificate's code. What is taken has its right shape; a
 * token or code is taken only if it is the one that was made, or is its other way of typing. */
#include "common/certificate.h"
#include "portal/lesson_progress.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_US INT64_C(1790000000000000)
#define FRONT                                                                                      \
	"---\nid: a\ntopic: media\ndigcomp: 1\naudience: all\nminutes: 3\nlanguage: en\ntitle: "   \
	"T\n"                                                                                      \
	"summary: S\ndrawing: D\n---\n"

static void check_shape(const struct lesson *lesson)
{
	if (lesson->card_count < LESSON_CARDS_MIN || lesson->card_count > LESSON_CARDS_MAX)
		abort();
	for (size_t i = 0; i < lesson->card_count; i++)
		if (lesson->cards[i].title == NULL || lesson->cards[i].body == NULL)
			abort();
	for (size_t i = 0; i < LESSON_QUESTIONS; i++) {
		const struct lesson_question *question = &lesson->questions[i];

		if (question->text == NULL || question->right >= LESSON_OPTIONS ||
			question->if_right == NULL || question->if_wrong == NULL)
			abort();
	}
}

/* No sign of the author's gets out of a card as markup. */
static void check_card(const struct lesson *lesson)
{
	struct buffer out = {0};

	for (size_t i = 0; i < lesson->card_count; i++)
		if (template_render(lesson->cards[i].body, NULL, &out) < 0)
			abort();
	if (out.size > 0 && (memmem(out.data, out.size, "<script", 7) != NULL ||
				    memmem(out.data, out.size, "<a", 2) != NULL ||
				    memmem(out.data, out.size, "<i", 2) != NULL))
		abort();
	buffer_free(&out);
}

static void try_lesson(const char *text)
{
	AUTO(lesson_free) struct lesson *lesson = NULL;
	struct lesson_error error;

	if (lesson_parse(text, &lesson, &error) == 0) {
		check_shape(lesson);
		check_card(lesson);
	}
}

static void try_tokens(const char *text)
{
	static const struct token_key key = {.bytes = {9, 8, 7}};
	static const struct mac_addr mac = {{2, 0, 0, 1, 2, 3}};
	static const struct lesson lesson = {.id = "bank-message", .card_count = 5};
	static const struct certificate some = {.lesson = 1, .day = 2, .serial = 3};
	const struct lesson_progress made = lesson_begin();
	char right[LESSON_TOKEN_SIZE], code[CERTIFICATE_CODE_SIZE];
	struct lesson_progress progress;
	struct certificate certificate;

	lesson_token_make(&key, &mac, &lesson, &made, NOW_US, right);
	if (lesson_token_check(&key, &mac, &lesson, text, NOW_US, &progress) == 0 &&
		strcmp(text, right) != 0)
		abort();
	certificate_make(key.bytes, &some, code);
	if (certificate_check(key.bytes, text, &certificate) == 0 &&
		certificate.serial != some.serial)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *whole = malloc(sizeof(FRONT) + size);

	memcpy(text, data, size);
	text[size] = '\0';
	memcpy(whole, FRONT, sizeof(FRONT) - 1);
	memcpy(whole + sizeof(FRONT) - 1, text, size + 1);
	try_lesson(text);
	try_lesson(whole);
	try_tokens(text);
	free(whole);
	free(text);
	return 0;
}
