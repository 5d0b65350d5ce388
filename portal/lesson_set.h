/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All lessons, parsed once at start and never changed. A lesson is the same in all its languages
 * but for the words: the same cards, questions and right answers. */
#ifndef ZONA_PORTAL_LESSON_SET_H
#define ZONA_PORTAL_LESSON_SET_H

#include "portal/lesson.h"

struct lesson_set;

/* Returns 0 and a set that the caller frees, -ENOMEM, or -EINVAL with error naming the lesson. */
int lesson_set_new(struct lesson_set **ret_set, struct lesson_error *error);
void lesson_set_free(struct lesson_set *set);
DEFINE_AUTO(struct lesson_set, lesson_set_free);

size_t lesson_set_count(const struct lesson_set *set);
/* The i-th lesson in the language called code; in English where there is no such translation. */
const struct lesson *lesson_set_get(const struct lesson_set *set, size_t i, const char *code);
/* The lesson with this id, or this number of content/lessons.h: its index, or the count. */
size_t lesson_set_find(const struct lesson_set *set, const char *id);
size_t lesson_set_find_number(const struct lesson_set *set, unsigned number);
unsigned lesson_set_number(const struct lesson_set *set, size_t i);
/* The template part of the i-th lesson's drawing. */
const char *lesson_set_drawing(const struct lesson_set *set, size_t i);
/* The files as they are compiled in: the i-th lesson's in the language called code, or NULL. */
const char *lesson_set_source(size_t i, const char *code);

#endif
