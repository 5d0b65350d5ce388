/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/certificate.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* 10 bytes are 16 signs of 5 bits. A tag of 40 bits is enough where each guess is a request: at the
 * portal's 20 a second from one address, one hits in 1,700 years. */
#define TAG_SIZE 5
#define CODE_SIGNS 16
#define GROUP 4
#define SECONDS_A_DAY 86400

/* Crockford's base 32: no I, L, O, U. */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct bytes {
	uint8_t lesson;
	uint8_t day[2], serial[2]; /* big endian */
	uint8_t tag[TAG_SIZE];
};

_Static_assert(sizeof(struct bytes) * 8 == CODE_SIGNS * 5, "no padding, no bits left over");

static void seal(const uint8_t key[CERTIFICATE_KEY_SIZE], struct bytes *bytes)
{
	/* A domain of its own: the key signs the portal's forms too. */
	static const char domain[] = "zona certificate 1";
	uint8_t message[sizeof(domain) + offsetof(struct bytes, tag)];
	uint8_t hash[crypto_generichash_BYTES];

	memcpy(message, domain, sizeof(domain));
	memcpy(message + sizeof(domain), bytes, offsetof(struct bytes, tag));
	(void)crypto_generichash(
		hash, sizeof(hash), message, sizeof(message), key, CERTIFICATE_KEY_SIZE);
	memcpy(bytes->tag, hash, TAG_SIZE);
}

const char *certificate_make(const uint8_t key[CERTIFICATE_KEY_SIZE],
	const struct certificate *certificate, char text[CERTIFICATE_CODE_SIZE])
{
	struct bytes bytes = {
		.lesson = certificate->lesson,
		.day = {(uint8_t)(certificate->day >> 8), (uint8_t)certificate->day},
		.serial = {(uint8_t)(certificate->serial >> 8), (uint8_t)certificate->serial},
	};
	const uint8_t *at = (const uint8_t *)&bytes;
	uint32_t window = 0;
	unsigned bits = 0, signs = 0;
	char *to = text;

	seal(key, &bytes);
	while (signs < CODE_SIGNS) {
		if (bits < 5) {
			window = window << 8 | *at++;
			bits += 8;
		}
		if (signs > 0 && signs % GROUP == 0)
			*to++ = '-';
		bits -= 5;
		*to++ = digits[window >> bits & 31];
		signs++;
	}
	*to = '\0';
	return text;
}

/* The value of a sign, -1 when it is none. */
static int sign_value(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	const char *found = c != '\0' ? strchr(digits, c) : NULL;
	return found != NULL ? (int)(found - digits) : -1;
}

static int decode(const char *text, struct bytes *ret_bytes)
{
	uint8_t *to = (uint8_t *)ret_bytes;
	uint32_t window = 0;
	unsigned bits = 0, signs = 0;

	for (; *text != '\0'; text++) {
		int value = sign_value(*text);

		if (*text == '-' || *text == ' ')
			continue;
		if (value < 0 || signs++ == CODE_SIGNS)
			return -EINVAL;
		window = window << 5 | (uint32_t)value;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			*to++ = (uint8_t)(window >> bits);
		}
	}
	return signs == CODE_SIGNS ? 0 : -EINVAL;
}

int certificate_check(const uint8_t key[CERTIFICATE_KEY_SIZE], const char *text,
	struct certificate *ret_certificate)
{
	struct bytes given = {0}, right;

	if (text == NULL || decode(text, &given) < 0)
		return -EINVAL;
	right = given;
	seal(key, &right);
	if (sodium_memcmp(given.tag, right.tag, TAG_SIZE) != 0)
		return -EINVAL;
	*ret_certificate = (struct certificate){
		.lesson = given.lesson,
		.day = (uint16_t)(given.day[0] << 8 | given.day[1]),
		.serial = (uint16_t)(given.serial[0] << 8 | given.serial[1]),
	};
	return 0;
}

const char *certificate_day(uint16_t day, char text[CERTIFICATE_DAY_SIZE])
{
	time_t seconds = (time_t)day * SECONDS_A_DAY;
	struct tm tm = {0};

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(text, CERTIFICATE_DAY_SIZE, "%Y-%m-%d", &tm);
	return text;
}
