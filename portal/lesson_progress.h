/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a visitor is in a lesson: a position and the answers so far. Nothing is kept here; the
 * next form carries it as a signed token that is good for this device and this lesson only. */
#ifndef ZONA_PORTAL_LESSON_PROGRESS_H
#define ZONA_PORTAL_LESSON_PROGRESS_H

#include "portal/lesson.h"
#include "portal/token.h"

/* 1 byte of position, 1 of answers, 8 of time, 32 of hash, in base64url, and NUL. */
#define LESSON_TOKEN_SIZE 57
/* From one page to the next: reading slowly, and being called away for a while. */
#define LESSON_TOKEN_VALID_S 3600

enum lesson_step { STEP_CARD, STEP_QUESTION, STEP_FEEDBACK, STEP_RESULT };

#define NO_ANSWER 3U

struct lesson_progress {
	unsigned position; /* cards, then for each question itself and its feedback, the result */
	unsigned answers[LESSON_QUESTIONS]; /* NO_ANSWER, or the index of an option */
};

/* The beginning of a lesson. */
struct lesson_progress lesson_begin(void);

/* What is shown at this position; ret_index is the card's or the question's. */
enum lesson_step lesson_step(
	const struct lesson *lesson, const struct lesson_progress *progress, size_t *ret_index);

/* Goes to the next position. answer: what the form says, "1" to "3" at a question, else ignored.
 * Returns 0, or -EINVAL when a question got no answer; progress is untouched then. */
int lesson_advance(
	const struct lesson *lesson, struct lesson_progress *progress, const char *answer);

/* Right answers so far, and whether the lesson is over and passed. */
unsigned lesson_score(const struct lesson *lesson, const struct lesson_progress *progress);
bool lesson_is_passed(const struct lesson *lesson, const struct lesson_progress *progress);

/* Writes the token made at now_us and returns text. */
const char *lesson_token_make(const struct token_key *key, const struct mac_addr *mac,
	const struct lesson *lesson, const struct lesson_progress *progress, int64_t now_us,
	char text[LESSON_TOKEN_SIZE]);

/* Returns 0 and the progress, -EINVAL (not a token of ours for this device and lesson) or -ETIME
 * (too old, or the clock was set back). text may be NULL. */
int lesson_token_check(const struct token_key *key, const struct mac_addr *mac,
	const struct lesson *lesson, const char *text, int64_t now_us,
	struct lesson_progress *ret_progress);

/* Of a passed lesson's token, for its certificate: always the same, and nobody else's. */
uint16_t lesson_token_serial(const struct token_key *key, const struct mac_addr *mac,
	const struct lesson *lesson, uint16_t day);

#endif
