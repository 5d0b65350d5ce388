/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lesson in one language, as its Markdown file says it (the format is in docs/lessons.md). */
#ifndef ZONA_PORTAL_LESSON_H
#define ZONA_PORTAL_LESSON_H

#include "common/cleanup.h"
#include "portal/template.h"

#include <stdbool.h>
#include <stddef.h>

#define LESSON_CARDS_MIN 3
#define LESSON_CARDS_MAX 5
#define LESSON_QUESTIONS 3
#define LESSON_OPTIONS 3
#define LESSON_PASS 2 /* right answers */
#define LESSON_NAME_SIZE 32

/* The District's own list of topics. */
enum lesson_topic {
	TOPIC_PROTECTION,
	TOPIC_MEDIA,
	TOPIC_PROCUREMENT,
	TOPIC_COLLABORATION,
	TOPIC_CREATION,
	TOPIC_PROBLEMS,
	TOPIC_COUNT,
};

/* "protection": in the front matter, and "lesson.topic-protection" in the catalogues. */
const char *lesson_topic_name(enum lesson_topic topic);

struct lesson_card {
	char *title;
	struct template *body; /* paragraphs and lists, without values */
};

struct lesson_question {
	char *text;
	char *options[LESSON_OPTIONS];
	unsigned right; /* index of the right one */
	char *if_right, *if_wrong;
};

struct lesson {
	char id[LESSON_NAME_SIZE];
	char language[LESSON_NAME_SIZE];
	char audience[LESSON_NAME_SIZE];
	enum lesson_topic topic;
	unsigned area; /* DigComp 2.2: 1 to 5 */
	unsigned minutes;
	char *title, *summary;
	char *alt; /* what the drawing shows */
	struct lesson_card cards[LESSON_CARDS_MAX];
	size_t card_count;
	struct lesson_question questions[LESSON_QUESTIONS];
};

/* Why a lesson was refused, and below which heading. */
struct lesson_error {
	char text[192];
};

/* Returns 0 and a lesson that the caller frees, -ENOMEM, or -EINVAL with error filled; ret_lesson
 * is untouched on failure. */
int lesson_parse(const char *text, struct lesson **ret_lesson, struct lesson_error *error);
void lesson_free(struct lesson *lesson);
DEFINE_AUTO(struct lesson, lesson_free);

#endif
