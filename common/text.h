/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_TEXT_H
#define ZONA_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The value of a hexadecimal digit, or -1. */
int hex_digit(char c);

/* The character that begins text (size bytes are there) and its length in bytes; 0 if the bytes are
 * not UTF-8 (RFC 3629: no overlong forms, no surrogates). ret_code may be NULL, and is untouched on
 * failure. */
size_t utf8_decode(const char *text, size_t size, uint32_t *ret_code);

#endif
