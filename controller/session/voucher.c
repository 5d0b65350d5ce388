/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/session/voucher.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define GROUP 4

/* Crockford's: no I, L, O, U, so that nothing is mistaken for 1 or 0 and few words arise. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
#define ALPHABET_SIZE 32

static void group(const char chars[VOUCHER_CHARS], char text[VOUCHER_TEXT_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < VOUCHER_CHARS; i++) {
		if (i > 0 && i % GROUP == 0)
			text[used++] = '-';
		text[used++] = chars[i];
	}
	text[used] = '\0';
}

void voucher_code_make(char text[VOUCHER_TEXT_SIZE])
{
	char chars[VOUCHER_CHARS];

	for (size_t i = 0; i < VOUCHER_CHARS; i++)
		chars[i] = alphabet[randombytes_uniform(ALPHABET_SIZE)];
	group(chars, text);
}

/* The character that was meant, or 0. */
static char meant(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	return c != '\0' && strchr(alphabet, c) != NULL ? c : '\0';
}

int voucher_code_read(const char *typed, char ret_text[VOUCHER_TEXT_SIZE])
{
	char chars[VOUCHER_CHARS];
	size_t count = 0;

	for (; *typed != '\0'; typed++) {
		char c = meant(*typed);

		if (*typed == ' ' || *typed == '-')
			continue;
		if (c == '\0' || count == VOUCHER_CHARS)
			return -EINVAL;
		chars[count++] = c;
	}
	if (count != VOUCHER_CHARS)
		return -EINVAL;
	group(chars, ret_text);
	return 0;
}

static void hash_code(
	const struct vouchers *vouchers, const char *text, unsigned char hash[VOUCHER_HASH_SIZE])
{
	/* Cannot fail: the sizes are constants within BLAKE2b's limits. */
	(void)crypto_generichash(hash, VOUCHER_HASH_SIZE, (const unsigned char *)text,
		VOUCHER_TEXT_SIZE - 1, vouchers->key, VOUCHER_KEY_SIZE);
}

/* The table compares keyed hashes: how far one agrees with another says nothing of the codes to
 * who does not have the key. */
static struct voucher *find_hash(struct vouchers *vouchers, const unsigned char *hash)
{
	struct voucher *v;

	HASH_FIND(hh, vouchers->table, hash, VOUCHER_HASH_SIZE, v);
	return v;
}

struct voucher *vouchers_find(struct vouchers *vouchers, const char text[VOUCHER_TEXT_SIZE])
{
	unsigned char hash[VOUCHER_HASH_SIZE];

	hash_code(vouchers, text, hash);
	return find_hash(vouchers, hash);
}

int vouchers_load(struct vouchers *vouchers, const struct voucher *stored)
{
	struct voucher *v;

	if (find_hash(vouchers, stored->hash) != NULL)
		return -EEXIST;
	if (HASH_COUNT(vouchers->table) >= VOUCHERS_MAX)
		return -ENOSPC;
	v = malloc(sizeof(*v));
	if (v == NULL)
		return -ENOMEM;
	*v = *stored;
	HASH_ADD(hh, vouchers->table, hash, VOUCHER_HASH_SIZE, v);
	if (v->batch > vouchers->last_batch)
		vouchers->last_batch = v->batch;
	return 0;
}

int vouchers_add(struct vouchers *vouchers, const struct voucher *proto,
	const char text[VOUCHER_TEXT_SIZE], struct voucher **ret_voucher)
{
	struct voucher v = *proto;
	int r;

	hash_code(vouchers, text, v.hash);
	r = vouchers_load(vouchers, &v);
	if (r == 0)
		*ret_voucher = find_hash(vouchers, v.hash);
	return r;
}

void vouchers_drop(struct vouchers *vouchers, int64_t wall_ms)
{
	struct voucher *v, *next;

	HASH_ITER(hh, vouchers->table, v, next)
	{
		if (v->expires_wall_ms < wall_ms) {
			HASH_DEL(vouchers->table, v);
			free(v);
		}
	}
}

void vouchers_clear(struct vouchers *vouchers)
{
	vouchers_drop(vouchers, INT64_MAX);
}

bool tries_left(const struct try_limit *limit, int64_t tat_ms, int64_t now_ms)
{
	return tat_ms - now_ms <= (limit->burst - 1) * limit->interval_ms;
}

void tries_take(const struct try_limit *limit, int64_t *tat_ms, int64_t now_ms)
{
	*tat_ms = (*tat_ms > now_ms ? *tat_ms : now_ms) + limit->interval_ms;
}
