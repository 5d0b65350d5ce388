/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of our languages a browser would rather read: Accept-Language, RFC 9110 12.5.4 with the
 * basic filtering of RFC 4647 3.3.1. */
#ifndef ZONA_PORTAL_LANGUAGE_H
#define ZONA_PORTAL_LANGUAGE_H

#include <stddef.h>

/* offered: our language codes, the first is the default; header may be NULL. Returns an index
 * into offered. What is wrong in the header is passed over; only its first 512 bytes count. */
size_t language_choose(const char *header, const char *const *offered, size_t count);
/* The index of the language with exactly this code, or count. code may be NULL. */
size_t language_find(const char *code, const char *const *offered, size_t count);

#endif
