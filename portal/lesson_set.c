/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/lesson_set.h"

#include "portal/content/lessons.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As in assets.c: a file's bytes and a NUL. */
#define FILE_TEXT(symbol, path)                                                                    \
	__asm__(".pushsection .rodata\n" #symbol ": .incbin \"" path "\"\n.byte 0\n.popsection");  \
	extern const char symbol[] __attribute__((visibility("hidden")));

#define LESSON_FILES(number, symbol, id)                                                           \
	FILE_TEXT(lesson_es_##symbol, "portal/content/es/" id ".md")                               \
	FILE_TEXT(lesson_en_##symbol, "portal/content/en/" id ".md")                               \
	FILE_TEXT(lesson_drawing_##symbol, "portal/content/drawings/" id ".svg")

#define LESSON_ROW(number, symbol, id)                                                             \
	{number, id, {lesson_es_##symbol, lesson_en_##symbol}, lesson_drawing_##symbol},

LESSONS(LESSON_FILES)

enum { SPANISH, ENGLISH, CONTENT_LANGUAGES };

static const char *const codes[CONTENT_LANGUAGES] = {[SPANISH] = "es", [ENGLISH] = "en"};

static const struct {
	unsigned char number; /* a certificate has a byte for it */
	const char *id;
	const char *texts[CONTENT_LANGUAGES];
	const char *drawing;
} files[] = {LESSONS(LESSON_ROW)};

struct lesson_set {
	struct lesson *lessons[ARRAY_SIZE(files)][CONTENT_LANGUAGES];
};

static int refuse(struct lesson_error *error, size_t file, size_t language, const char *reason)
{
	char text[sizeof(error->text)];

	(void)snprintf(text, sizeof(text), "content/%s/%s.md: %.120s", codes[language],
		files[file].id, reason);
	memcpy(error->text, text, sizeof(text));
	return -EINVAL;
}

/* What a translation may not change. */
static const char *difference(const struct lesson *a, const struct lesson *b)
{
	if (a->topic != b->topic || a->area != b->area || a->minutes != b->minutes)
		return "topic, digcomp or minutes differ from the other language's";
	if (a->card_count != b->card_count)
		return "there are more cards in one language";
	for (size_t i = 0; i < LESSON_QUESTIONS; i++)
		if (a->questions[i].right != b->questions[i].right)
			return "the right answers stand elsewhere in the other language";
	return NULL;
}

static int read_one(
	struct lesson_set *set, size_t file, size_t language, struct lesson_error *error)
{
	struct lesson **lesson = &set->lessons[file][language];
	const char *reason = NULL;
	struct lesson_error why;
	int r = lesson_parse(files[file].texts[language], lesson, &why);

	if (r == -EINVAL)
		return refuse(error, file, language, why.text);
	if (r < 0)
		return r;
	if (strcmp((*lesson)->id, files[file].id) != 0 ||
		strcmp((*lesson)->language, codes[language]) != 0)
		reason = "id or language is not that of the file";
	else if (language > 0)
		reason = difference(set->lessons[file][0], *lesson);
	return reason != NULL ? refuse(error, file, language, reason) : 0;
}

int lesson_set_new(struct lesson_set **ret_set, struct lesson_error *error)
{
	AUTO(lesson_set_free) struct lesson_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		for (size_t language = 0; language < CONTENT_LANGUAGES; language++) {
			int r = read_one(set, i, language, error);

			if (r < 0)
				return r;
		}
	}
	*ret_set = TAKE(set);
	return 0;
}

void lesson_set_free(struct lesson_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		for (size_t language = 0; language < CONTENT_LANGUAGES; language++)
			lesson_free(set->lessons[i][language]);
	free(set);
}

size_t lesson_set_count(const struct lesson_set *set)
{
	(void)set;
	return ARRAY_SIZE(files);
}

static size_t find_language(const char *code)
{
	size_t i = 0;

	while (i < CONTENT_LANGUAGES && strcmp(codes[i], code) != 0)
		i++;
	return i;
}

const struct lesson *lesson_set_get(const struct lesson_set *set, size_t i, const char *code)
{
	size_t language = find_language(code);

	return set->lessons[i][language < CONTENT_LANGUAGES ? language : ENGLISH];
}

size_t lesson_set_find(const struct lesson_set *set, const char *id)
{
	size_t i = 0;

	(void)set;
	while (i < ARRAY_SIZE(files) && strcmp(files[i].id, id) != 0)
		i++;
	return i;
}

size_t lesson_set_find_number(const struct lesson_set *set, unsigned number)
{
	size_t i = 0;

	(void)set;
	while (i < ARRAY_SIZE(files) && files[i].number != number)
		i++;
	return i;
}

unsigned lesson_set_number(const struct lesson_set *set, size_t i)
{
	(void)set;
	return files[i].number;
}

const char *lesson_set_drawing(const struct lesson_set *set, size_t i)
{
	(void)set;
	return files[i].drawing;
}

const char *lesson_set_source(size_t i, const char *code)
{
	size_t language = find_language(code);

	return i < ARRAY_SIZE(files) && language < CONTENT_LANGUAGES ? files[i].texts[language]
								     : NULL;
}
