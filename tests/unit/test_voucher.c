/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/engine_fixture.h"

static void test_codes_are_random_and_readable(void **state)
{
	char codes[500][VOUCHER_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		char read[VOUCHER_TEXT_SIZE];

		voucher_code_make(codes[i]);
		assert_int_equal(strlen(codes[i]), VOUCHER_TEXT_SIZE - 1);
		assert_null(strpbrk(codes[i], "ILOU"));
		assert_int_equal(voucher_code_read(codes[i], read), 0);
		assert_string_equal(read, codes[i]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(codes[k], codes[i]);
	}
}

static void test_codes_as_people_type_them(void **state)
{
	static const char *const same[] = {"0123-4567-89AB", "0123456789ab", " 0123 4567 89ab ",
		"oi23-4567-89AB", "OI-2-3-4-5-6-7-8-9-A-B"};
	static const char *const wrong[] = {"", "-", "0123-4567-89A", "0123-4567-89ABC",
		"0123-4567-89AU", "0123.4567.89AB", "0123-4567-89A\xc3\xb1",
		"0123456789AB0123456789AB0123456789AB"};
	char text[VOUCHER_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		assert_int_equal(voucher_code_read(same[i], text), 0);
		assert_string_equal(text, "0123-4567-89AB");
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(voucher_code_read(wrong[i], text), -EINVAL);
}

static void test_the_table_finds_by_code_under_its_key(void **state)
{
	struct vouchers a = {.key = {1}}, b = {.key = {2}};
	const struct voucher proto = {.batch = 4, .number = 1, .expires_wall_ms = 100};
	struct voucher *v = NULL;

	(void)state;
	assert_int_equal(vouchers_add(&a, &proto, "0123-4567-89AB", &v), 0);
	assert_ptr_equal(vouchers_find(&a, "0123-4567-89AB"), v);
	assert_null(vouchers_find(&a, "0123-4567-89AC"));
	assert_int_equal(vouchers_add(&a, &proto, "0123-4567-89AB", &v), -EEXIST);
	assert_int_equal(a.last_batch, 4);
	/* What one gateway keeps is worth nothing at another. */
	assert_int_equal(vouchers_load(&b, v), 0);
	assert_null(vouchers_find(&b, "0123-4567-89AB"));
	vouchers_drop(&a, 100);
	assert_non_null(vouchers_find(&a, "0123-4567-89AB"));
	vouchers_drop(&a, 101);
	assert_null(vouchers_find(&a, "0123-4567-89AB"));
	vouchers_clear(&b);
}

static void test_tries_come_back_one_by_one(void **state)
{
	const struct try_limit limit = {.interval_ms = 1000, .burst = 3};
	int64_t tat = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(tries_left(&limit, tat, 50000));
		tries_take(&limit, &tat, 50000);
	}
	assert_false(tries_left(&limit, tat, 50000));
	assert_false(tries_left(&limit, tat, 50999));
	assert_true(tries_left(&limit, tat, 51000));
	tries_take(&limit, &tat, 51000);
	assert_false(tries_left(&limit, tat, 51000));
	/* Rest does not save up more than the burst. */
	for (int i = 0; i < 3; i++)
		tries_take(&limit, &tat, 900000);
	assert_false(tries_left(&limit, tat, 900000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_are_random_and_readable),
		cmocka_unit_test(test_codes_as_people_type_them),
		cmocka_unit_test(test_the_table_finds_by_code_under_its_key),
		cmocka_unit_test(test_tries_come_back_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
