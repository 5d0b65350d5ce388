/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of the lessons' pages. */
#ifndef ZONA_PORTAL_LESSON_PAGE_H
#define ZONA_PORTAL_LESSON_PAGE_H

#include "portal/catalogue.h"
#include "portal/lesson_progress.h"
#include "portal/lesson_set.h"

/* V(symbol, name): the first values of every page's table (pages.c). */
#define LESSON_VALUES(V)                                                                           \
	V(LESSON, "lesson")                                                                        \
	V(LESSON_ALT, "alt")                                                                       \
	V(LESSON_CARD, "lesson_card")                                                              \
	V(LESSON_CERTIFICATE, "lesson_certificate")                                                \
	V(LESSON_CHOSEN, "lesson_chosen")                                                          \
	V(LESSON_DAY, "lesson_day")                                                                \
	V(LESSON_DRAWING, "lesson_drawing")                                                        \
	V(LESSON_FAILED, "lesson_failed")                                                          \
	V(LESSON_FEEDBACK, "lesson_feedback")                                                      \
	V(LESSON_FIRST, "lesson_first")                                                            \
	V(LESSON_GIVEN, "lesson_given")                                                            \
	V(LESSON_GIVEN_TODAY, "lesson_given_today")                                                \
	V(LESSON_GIVES, "lesson_gives")                                                            \
	V(LESSON_HEADING, "lesson_heading")                                                        \
	V(LESSON_ID, "lesson_id")                                                                  \
	V(LESSON_LANG, "lesson_lang")                                                              \
	V(LESSON_LESSONS, "lesson_lessons")                                                        \
	V(LESSON_MINUTES, "lesson_minutes")                                                        \
	V(LESSON_MORE_MINUTES, "lesson_more_minutes")                                              \
	V(LESSON_NUMBER, "lesson_number")                                                          \
	V(LESSON_OFFER, "lesson_offer")                                                            \
	V(LESSON_OPTION, "lesson_option")                                                          \
	V(LESSON_OPTIONS, "lesson_options")                                                        \
	V(LESSON_PASSED, "lesson_passed")                                                          \
	V(LESSON_QUESTION, "lesson_question")                                                      \
	V(LESSON_RIGHT, "lesson_right")                                                            \
	V(LESSON_SCORE, "lesson_score")                                                            \
	V(LESSON_STEP, "lesson_step")                                                              \
	V(LESSON_STEPS, "lesson_steps")                                                            \
	V(LESSON_SUMMARY, "lesson_summary")                                                        \
	V(LESSON_TITLE, "lesson_title")                                                            \
	V(LESSON_TOKEN, "lesson_token")                                                            \
	V(LESSON_TOPIC, "lesson_topic")                                                            \
	V(LESSON_TOPICS, "lesson_topics")                                                          \
	V(LESSON_WRONG, "lesson_wrong")

/* What becomes of the time that a passed lesson gives. */
enum lesson_time {
	LESSON_TIME_NONE,
	LESSON_TIME_GIVEN,   /* added to the session that runs */
	LESSON_TIME_ALREADY, /* this device had its time of today */
	LESSON_TIME_OFFER,   /* comes with connecting now */
};

/* What such a page shows; all zero for other pages. */
struct lesson_view {
	const struct lesson_set *set;
	size_t index; /* of the lesson; the count on the list */
	struct lesson_progress progress;
	char token[LESSON_TOKEN_SIZE]; /* of the page's form; "" where there is none */
	enum lesson_time time;
	unsigned more_minutes;
	char certificate[24], day[16]; /* "" until it is earned */
};

/* Rows and texts that values point to while a page is rendered. */
struct lesson_rows;
struct lesson_rows *lesson_rows_new(size_t value_count);
void lesson_rows_free(struct lesson_rows *rows);
DEFINE_AUTO(struct lesson_rows, lesson_rows_free);

/* Fills the values of the list, of a lesson's page or of a certificate. catalogue and code: the
 * page's language; drawing: the lesson's, NULL on the list. */
void lesson_page_fill(const struct lesson_view *view, const struct catalogue *catalogue,
	const char *code, const struct template *drawing, struct lesson_rows *rows,
	struct template_value *values);

#endif
