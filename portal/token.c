/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/token.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define TIME_SIZE 8
#define HASH_SIZE 32
#define US_PER_S INT64_C(1000000)
/* The wall clock may step back a little when it is first synchronised. */
#define FUTURE_S 120

struct token_bytes {
	unsigned char made[TIME_SIZE]; /* big endian */
	unsigned char hash[HASH_SIZE];
};

_Static_assert(sizeof(struct token_bytes) == TIME_SIZE + HASH_SIZE, "no padding");
_Static_assert(sodium_base64_ENCODED_LEN(TIME_SIZE + HASH_SIZE,
		       sodium_base64_VARIANT_URLSAFE_NO_PADDING) == TOKEN_TEXT_SIZE,
	"TOKEN_TEXT_SIZE is too small or too large");

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void put_time(unsigned char bytes[TIME_SIZE], int64_t value_us)
{
	for (size_t i = 0; i < TIME_SIZE; i++)
		bytes[i] = (unsigned char)((uint64_t)value_us >> (8 * (TIME_SIZE - 1 - i)));
}

static int64_t get_time(const unsigned char bytes[TIME_SIZE])
{
	uint64_t value = 0;

	for (size_t i = 0; i < TIME_SIZE; i++)
		value = value << 8 | bytes[i];
	return (int64_t)value;
}

static void seal(const struct token_key *key, enum token_action action, const struct mac_addr *mac,
	struct token_bytes *token)
{
	unsigned char message[1 + sizeof(mac->b) + TIME_SIZE];

	message[0] = (unsigned char)action;
	memcpy(message + 1, mac->b, sizeof(mac->b));
	memcpy(message + 1 + sizeof(mac->b), token->made, TIME_SIZE);
	/* Cannot fail: the sizes are constants within BLAKE2b's limits. */
	(void)crypto_generichash(
		token->hash, HASH_SIZE, message, sizeof(message), key->bytes, TOKEN_KEY_SIZE);
}

const char *token_make(const struct token_key *key, enum token_action action,
	const struct mac_addr *mac, int64_t now_us, char text[TOKEN_TEXT_SIZE])
{
	struct token_bytes token = {0};

	put_time(token.made, now_us);
	seal(key, action, mac, &token);
	return sodium_bin2base64(text, TOKEN_TEXT_SIZE, (const unsigned char *)&token,
		sizeof(token), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static int decode(const char *text, struct token_bytes *ret_token)
{
	struct token_bytes token = {0};
	size_t size;

	/* libsodium 1.0.18 reads some bytes over 127 as digits: one token, one text. */
	if (text == NULL || strlen(text) != TOKEN_TEXT_SIZE - 1 ||
		strspn(text, alphabet) != TOKEN_TEXT_SIZE - 1)
		return -EINVAL;
	if (sodium_base642bin((unsigned char *)&token, sizeof(token), text, TOKEN_TEXT_SIZE - 1,
		    NULL, &size, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) < 0 ||
		size != sizeof(token))
		return -EINVAL;
	*ret_token = token;
	return 0;
}

int token_check(const struct token_key *key, enum token_action action, const struct mac_addr *mac,
	const char *text, int64_t now_us, int64_t *ret_made_us)
{
	struct token_bytes given, right;
	int r = decode(text, &given);

	if (r < 0)
		return r;
	right = given;
	seal(key, action, mac, &right);
	if (sodium_memcmp(given.hash, right.hash, HASH_SIZE) != 0)
		return -EINVAL;
	int64_t made_us = get_time(given.made); /* ours, so it is in range */
	if (made_us > now_us + FUTURE_S * US_PER_S || made_us < now_us - TOKEN_VALID_S * US_PER_S)
		return -ETIME;
	*ret_made_us = made_us;
	return 0;
}
