/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of a lesson's file: lines "key: value" between two lines "---". */
#ifndef ZONA_PORTAL_LESSON_FRONT_H
#define ZONA_PORTAL_LESSON_FRONT_H

#include "portal/lesson.h"

/* Fills what the head says and returns the text behind it in ret_body. Returns 0, -ENOMEM, or
 * -EINVAL with error filled. */
int lesson_front_parse(
	const char *text, struct lesson *lesson, const char **ret_body, struct lesson_error *error);

#endif
