/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One step of a visitor through a lesson: from the form that was sent to what is shown next. */
#ifndef ZONA_PORTAL_LESSON_VISIT_H
#define ZONA_PORTAL_LESSON_VISIT_H

#include "portal/lesson_page.h"

struct lesson_visit {
	const struct token_key *key;
	const struct mac_addr *mac;
	int64_t now_us;	  /* since the epoch */
	const char *body; /* the form, as sent */
	size_t body_size;
};

/* The first card. view names the lesson by set and index. */
void lesson_visit_open(const struct lesson_visit *visit, struct lesson_view *view);

/* What follows on the form; with the certificate when the lesson is passed by it. Returns 0, or
 * -EINVAL or -ETIME when the form is not one of ours for this device and lesson, or too old. A
 * question without an answer is asked again. */
int lesson_visit_step(const struct lesson_visit *visit, struct lesson_view *view);

/* Whether the form proves that a lesson was passed: its fields "lesson" and "progress". */
bool lesson_visit_is_passed(const struct lesson_visit *visit, const struct lesson_set *set);

/* Fills the view of a certificate from the code that people type. Returns 0, or -EINVAL when it is
 * not genuine. */
int lesson_visit_certificate(
	const struct token_key *key, const char *code, struct lesson_view *view);

#endif
