/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a configuration file, read within bounds and cleaned before libconfuse sees it.
 *
 * libconfuse 3.3 by itself expands ${VARIABLES}, counts a line too many at each C comment, skips
 * characters that it does not know, lets a string run over lines and never says where a section
 * begins. Here such text is refused, comments become blanks (lines stay where they are), and each
 * opening brace gets a marker behind it, which the reader meets as a value. */
#ifndef ZONA_CONF_TEXT_H
#define ZONA_CONF_TEXT_H

#include "policies/policy.h"

#include <stddef.h>

/* A zone takes about 100 bytes: room for a city's worth in one file, and no way to fill memory. */
#define CONF_TEXT_MAX ((size_t)1024 * 1024)
/* Deepest nesting of a schema is 2 sections and a list. */
#define CONF_DEPTH_MAX 8
/* Stands for "a brace was opened here"; control characters cannot be written in a file. */
#define CONF_MARK "\1"

/* Reads fd (not closed) to its end. Returns 0 and text that the caller frees, or -errno with
 * error filled: -EFBIG, -EINVAL for a character or brace that is refused, others from read(). */
int conf_text_read(int fd, const char *name, char **ret_text, struct conf_error *error);

/* The part of the above behind read(): size bytes, which need no '\0' behind them. */
int conf_text_clean(
	const char *raw, size_t size, const char *name, char **ret_text, struct conf_error *error);

/* "NAME:LINE: reason" into error; no line when line is 0. What does not fit is cut at a character
 * and ends in "...". Returns -EINVAL, so that a check can end with it. */
int conf_error_set(struct conf_error *error, const char *name, unsigned line, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* How many of text's bytes to print with "%.*s" to stay within most and not cut a character. */
int conf_cut(const char *text, size_t most);

/* Length in bytes of the UTF-8 character at text, of which size bytes are there: 0 when it is
 * malformed, overlong, a surrogate or beyond U+10FFFF (RFC 3629), or a C1 control character. */
size_t conf_utf8_length(const char *text, size_t size);

#endif
