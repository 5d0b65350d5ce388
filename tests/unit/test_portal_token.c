/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/token.h"

#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S INT64_C(1000000)
#define NOW (INT64_C(1790000000) * S)

static const struct token_key key = {.bytes = {1, 2, 3}};
static const struct mac_addr mac = {{0x02, 0, 0, 0xab, 0xcd, 0xef}};

static void a_token_says_when_it_was_made(void **state)
{
	char text[TOKEN_TEXT_SIZE];
	int64_t made_us = 0;

	(void)state;
	token_make(&key, TOKEN_ACCEPT, &mac, NOW + 7, text);
	assert_int_equal(strlen(text), TOKEN_TEXT_SIZE - 1);
	assert_int_equal(
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
		TOKEN_TEXT_SIZE - 1);
	assert_int_equal(token_check(&key, TOKEN_ACCEPT, &mac, text, NOW + 10 * S, &made_us), 0);
	assert_int_equal(made_us, NOW + 7);
}

static void it_is_bound_to_key_action_and_device(void **state)
{
	static const struct token_key other_key = {.bytes = {1, 2, 4}};
	static const struct mac_addr other_mac = {{0x02, 0, 0, 0xab, 0xcd, 0xee}};
	char text[TOKEN_TEXT_SIZE];
	int64_t made_us = 77;

	(void)state;
	token_make(&key, TOKEN_ACCEPT, &mac, NOW, text);
	assert_int_equal(token_check(&other_key, TOKEN_ACCEPT, &mac, text, NOW, &made_us), -EINVAL);
	assert_int_equal(token_check(&key, TOKEN_LEAVE, &mac, text, NOW, &made_us), -EINVAL);
	assert_int_equal(token_check(&key, TOKEN_ACCEPT, &other_mac, text, NOW, &made_us), -EINVAL);
	assert_int_equal(made_us, 77);
}

static void it_ages(void **state)
{
	char text[TOKEN_TEXT_SIZE];
	int64_t made_us;

	(void)state;
	token_make(&key, TOKEN_ACCEPT, &mac, NOW, text);
	assert_int_equal(
		token_check(&key, TOKEN_ACCEPT, &mac, text, NOW + TOKEN_VALID_S * S, &made_us), 0);
	assert_int_equal(
		token_check(&key, TOKEN_ACCEPT, &mac, text, NOW + TOKEN_VALID_S * S + 1, &made_us),
		-ETIME);
	assert_int_equal(token_check(&key, TOKEN_ACCEPT, &mac, text, NOW - 60 * S, &made_us), 0);
	assert_int_equal(
		token_check(&key, TOKEN_ACCEPT, &mac, text, NOW - 3600 * S, &made_us), -ETIME);
}

static void every_changed_character_is_noticed(void **state)
{
	char text[TOKEN_TEXT_SIZE];
	int64_t made_us;

	(void)state;
	token_make(&key, TOKEN_ACCEPT, &mac, NOW, text);
	for (size_t i = 0; i < TOKEN_TEXT_SIZE - 1; i++) {
		char changed[TOKEN_TEXT_SIZE];

		memcpy(changed, text, sizeof(changed));
		changed[i] = text[i] == 'A' ? 'Q' : 'A';
		assert_int_equal(
			token_check(&key, TOKEN_ACCEPT, &mac, changed, NOW, &made_us), -EINVAL);
	}
}

/* Found by the fuzzer: libsodium 1.0.18 decodes bytes that are not ASCII. */
static void only_base64url_is_decoded(void **state)
{
	char text[TOKEN_TEXT_SIZE];
	int64_t made_us;

	(void)state;
	token_make(&key, TOKEN_ACCEPT, &mac, NOW, text);
	for (size_t i = 0; i < TOKEN_TEXT_SIZE - 1; i++)
		for (int c = 1; c < 256; c++) {
			char changed[TOKEN_TEXT_SIZE];

			memcpy(changed, text, sizeof(changed));
			changed[i] = (char)c;
			assert_int_equal(
				token_check(&key, TOKEN_ACCEPT, &mac, changed, NOW, &made_us),
				changed[i] == text[i] ? 0 : -EINVAL);
		}
}

static void what_is_no_token_is_refused(void **state)
{
	static const char *const texts[] = {NULL, "", "x",
		"====", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"                                                      "};
	int64_t made_us;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(
			token_check(&key, TOKEN_ACCEPT, &mac, texts[i], NOW, &made_us), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_says_when_it_was_made),
		cmocka_unit_test(it_is_bound_to_key_action_and_device),
		cmocka_unit_test(it_ages),
		cmocka_unit_test(every_changed_character_is_noticed),
		cmocka_unit_test(only_base64url_is_decoded),
		cmocka_unit_test(what_is_no_token_is_refused),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
