/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The code of a certificate that a lesson was passed: which lesson, which day and a serial, signed
 * with the installation's key. It says nothing of a person or a device, and nothing is stored. */
#ifndef ZONA_COMMON_CERTIFICATE_H
#define ZONA_COMMON_CERTIFICATE_H

#include <stdint.h>

#define CERTIFICATE_KEY_SIZE 32
#define CERTIFICATE_CODE_SIZE 20 /* "XXXX-XXXX-XXXX-XXXX" and NUL */

struct certificate {
	uint8_t lesson; /* number of portal/content/lessons.h, 1 to 255 */
	uint16_t day;	/* since 1970-01-01, local */
	uint16_t serial;
};

/* Writes the code and returns text. */
const char *certificate_make(const uint8_t key[CERTIFICATE_KEY_SIZE],
	const struct certificate *certificate, char text[CERTIFICATE_CODE_SIZE]);

/* Reads a code as people type it: small letters, spaces or no hyphens, O for 0, I and L for 1.
 * Returns 0, or -EINVAL when it is not a code of this key; ret_certificate is untouched then.
 * text may be NULL. */
int certificate_check(const uint8_t key[CERTIFICATE_KEY_SIZE], const char *text,
	struct certificate *ret_certificate);

#define CERTIFICATE_DAY_SIZE 11 /* "2026-11-22" and NUL */

/* Writes the day and returns text. */
const char *certificate_day(uint16_t day, char text[CERTIFICATE_DAY_SIZE]);

#endif
