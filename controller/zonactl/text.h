/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal: how wide it is, and nothing in it that a terminal would obey. */
#ifndef ZONA_ZONACTL_TEXT_H
#define ZONA_ZONACTL_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Columns that text takes: marks that combine take none, East Asian wide signs two. */
size_t text_width(const char *text);
/* Bytes of the longest start of text that takes at most columns; ret_width: what it takes. */
size_t text_prefix(const char *text, size_t columns, size_t *ret_width);

/* A copy, to be freed, in which each control character, direction mark, invisible sign and
 * invalid byte is a '?'. NULL when memory is short. */
char *text_clean(const char *text);

/* Prints value as one JSON document and a line end. The signs that text_clean() replaces are
 * written as \u escapes, so the document keeps its meaning. Returns 0 or -errno. */
int text_print_json(FILE *out, const json_t *value);

#endif
