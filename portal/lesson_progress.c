/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/lesson_progress.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define TIME_SIZE 8
#define HASH_SIZE 32
#define US_PER_S INT64_C(1000000)
#define FUTURE_S 120 /* as in token.c */

struct token_bytes {
	unsigned char position;
	unsigned char answers;	       /* 2 bits each */
	unsigned char made[TIME_SIZE]; /* big endian */
	unsigned char hash[HASH_SIZE];
};

_Static_assert(sodium_base64_ENCODED_LEN(sizeof(struct token_bytes),
		       sodium_base64_VARIANT_URLSAFE_NO_PADDING) == LESSON_TOKEN_SIZE,
	"LESSON_TOKEN_SIZE is too small or too large");

/* What is signed; the domain keeps it apart from the other tokens of the same key. */
struct sealed {
	char domain[16];
	char lesson[LESSON_NAME_SIZE];
	unsigned char mac[6];
	unsigned char rest[2 + TIME_SIZE];
};

struct lesson_progress lesson_begin(void)
{
	return (struct lesson_progress){.answers = {NO_ANSWER, NO_ANSWER, NO_ANSWER}};
}

static unsigned last_position(const struct lesson *lesson)
{
	return (unsigned)lesson->card_count + 2 * LESSON_QUESTIONS;
}

enum lesson_step lesson_step(
	const struct lesson *lesson, const struct lesson_progress *progress, size_t *ret_index)
{
	unsigned cards = (unsigned)lesson->card_count;

	*ret_index = progress->position;
	if (progress->position < cards)
		return STEP_CARD;
	*ret_index = (progress->position - cards) / 2;
	if (progress->position >= last_position(lesson))
		return STEP_RESULT;
	return (progress->position - cards) % 2 == 0 ? STEP_QUESTION : STEP_FEEDBACK;
}

int lesson_advance(
	const struct lesson *lesson, struct lesson_progress *progress, const char *answer)
{
	size_t index;

	switch (lesson_step(lesson, progress, &index)) {
	case STEP_QUESTION:
		if (answer == NULL || answer[0] < '1' || answer[0] > '3' || answer[1] != '\0')
			return -EINVAL;
		progress->answers[index] = (unsigned)(answer[0] - '1');
		break;
	case STEP_CARD:
	case STEP_FEEDBACK:
		break;
	case STEP_RESULT:
		return 0; /* sent again */
	}
	progress->position++;
	return 0;
}

unsigned lesson_score(const struct lesson *lesson, const struct lesson_progress *progress)
{
	unsigned score = 0;

	for (size_t i = 0; i < LESSON_QUESTIONS; i++)
		score += progress->answers[i] == lesson->questions[i].right;
	return score;
}

bool lesson_is_passed(const struct lesson *lesson, const struct lesson_progress *progress)
{
	return progress->position == last_position(lesson) &&
	       lesson_score(lesson, progress) >= LESSON_PASS;
}

static void seal(const struct token_key *key, const struct mac_addr *mac,
	const struct lesson *lesson, struct token_bytes *token)
{
	struct sealed sealed = {.domain = "zona lesson 1"};

	memcpy(sealed.lesson, lesson->id, strlen(lesson->id));
	memcpy(sealed.mac, mac->b, sizeof(sealed.mac));
	memcpy(sealed.rest, token, sizeof(sealed.rest));
	(void)crypto_generichash(token->hash, HASH_SIZE, (const unsigned char *)&sealed,
		sizeof(sealed), key->bytes, TOKEN_KEY_SIZE);
}

const char *lesson_token_make(const struct token_key *key, const struct mac_addr *mac,
	const struct lesson *lesson, const struct lesson_progress *progress, int64_t now_us,
	char text[LESSON_TOKEN_SIZE])
{
	struct token_bytes token = {.position = (unsigned char)progress->position};

	for (size_t i = 0; i < LESSON_QUESTIONS; i++)
		token.answers |= (unsigned char)(progress->answers[i] << (2 * i));
	for (size_t i = 0; i < TIME_SIZE; i++)
		token.made[i] = (unsigned char)((uint64_t)now_us >> (8 * (TIME_SIZE - 1 - i)));
	seal(key, mac, lesson, &token);
	return sodium_bin2base64(text, LESSON_TOKEN_SIZE, (const unsigned char *)&token,
		sizeof(token), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static int decode(const char *text, struct token_bytes *ret_token)
{
	char again[LESSON_TOKEN_SIZE];
	size_t size;

	if (text == NULL || strlen(text) != LESSON_TOKEN_SIZE - 1 ||
		sodium_base642bin((unsigned char *)ret_token, sizeof(*ret_token), text,
			LESSON_TOKEN_SIZE - 1, NULL, &size, NULL,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING) < 0 ||
		size != sizeof(*ret_token))
		return -EINVAL;
	/* libsodium 1.0.18 reads some bytes over 127 as digits: one token, one text. */
	(void)sodium_bin2base64(again, sizeof(again), (const unsigned char *)ret_token,
		sizeof(*ret_token), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return strcmp(again, text) == 0 ? 0 : -EINVAL;
}

static int64_t made_at(const struct token_bytes *token)
{
	uint64_t value = 0;

	for (size_t i = 0; i < TIME_SIZE; i++)
		value = value << 8 | token->made[i];
	return (int64_t)value;
}

int lesson_token_check(const struct token_key *key, const struct mac_addr *mac,
	const struct lesson *lesson, const char *text, int64_t now_us,
	struct lesson_progress *ret_progress)
{
	struct token_bytes given, right;
	int r = decode(text, &given);

	if (r < 0)
		return r;
	right = given;
	seal(key, mac, lesson, &right);
	if (sodium_memcmp(given.hash, right.hash, HASH_SIZE) != 0)
		return -EINVAL;
	int64_t made_us = made_at(&given); /* ours, so it is in range */
	if (made_us > now_us + FUTURE_S * US_PER_S ||
		made_us < now_us - LESSON_TOKEN_VALID_S * US_PER_S)
		return -ETIME;
	/* Signed by an older version whose lesson had more cards. */
	if (given.position > last_position(lesson))
		return -EINVAL;
	ret_progress->position = given.position;
	for (size_t i = 0; i < LESSON_QUESTIONS; i++)
		ret_progress->answers[i] = (unsigned)given.answers >> (2 * i) & 3U;
	return 0;
}

uint16_t lesson_token_serial(const struct token_key *key, const struct mac_addr *mac,
	const struct lesson *lesson, uint16_t day)
{
	struct token_bytes token = {.position = UINT8_MAX}; /* which no form has */

	token.made[0] = (unsigned char)(day >> 8);
	token.made[1] = (unsigned char)day;
	seal(key, mac, lesson, &token);
	return (uint16_t)(token.hash[0] << 8 | token.hash[1]);
}
