/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times, volumes and rates as people read them. The texts have no word that needs a plural. */
#ifndef ZONA_PORTAL_UNITS_H
#define ZONA_PORTAL_UNITS_H

#include <stdint.h>

#define UNITS_TEXT_SIZE 32

/* "2 h 05 min", "25 min", "40 s"; rounded down, so that nobody is promised more than there is.
 * Negative counts as 0. Returns text. */
const char *units_time(int64_t seconds, char text[UNITS_TEXT_SIZE]);
/* "850 MB", "1.2 GB" (powers of ten), rounded down. decimal is the language's decimal mark. */
const char *units_volume(int64_t bytes, const char *decimal, char text[UNITS_TEXT_SIZE]);
/* "8 Mbit/s", "512 kbit/s", "1.5 Mbit/s". */
const char *units_rate(int64_t rate_bps, const char *decimal, char text[UNITS_TEXT_SIZE]);

#endif
