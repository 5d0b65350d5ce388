/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of what the daemon sent: never missing, never of a wrong type. */
#ifndef ZONA_ZONACTL_MEMBER_H
#define ZONA_ZONACTL_MEMBER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The string of that name, which lives as long as object; otherwise when there is none. */
const char *member_text(const json_t *object, const char *name, const char *otherwise);
/* The number of that name; 0 when there is none or it is below 0. */
uint64_t member_number(const json_t *object, const char *name);
bool member_has_number(const json_t *object, const char *name);

#endif
