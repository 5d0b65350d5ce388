/* SPDX-License-Identifier: GPL-2.0-or-later */
/* application/x-www-form-urlencoded, as forms and queries use it. */
#ifndef ZONA_PORTAL_FORM_H
#define ZONA_PORTAL_FORM_H

#include <stddef.h>

#define FORM_BODY_MAX 4096 /* a token and a language are under 100 bytes; lessons' answers fit */
#define FORM_VALUE_SIZE 64 /* the longest value that anything asks for is a token */

/* Finds the field called name and writes its decoded value. Returns 0; -ENOENT (absent);
 * -EEXIST (there more than once); -EINVAL (a bad percent-escape or a control character in it);
 * -EMSGSIZE (it does not fit). ret_value is untouched on failure. */
int form_get(const char *body, size_t size, const char *name, char ret_value[FORM_VALUE_SIZE]);

#endif
