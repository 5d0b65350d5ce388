/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/cleanup.h"
#include "portal/form.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void fields_are_found_and_decoded(void **state)
{
	static const struct {
		const char *body;
		int result;
		const char *value;
	} cases[] = {
		{"token=abc", 0, "abc"},
		{"lang=en&token=a%2Bb+c%26", 0, "a+b c&"},
		{"tok%65n=x", 0, "x"},
		{"token=", 0, ""},
		{"token", 0, ""},
		{"&&token=1&", 0, "1"},
		{"token=a=b", 0, "a=b"},
		{"token=%C3%B1", 0, "ñ"},
		{"", -ENOENT, NULL},
		{"Token=1&tokens=2&toke=3", -ENOENT, NULL},
		{"=token", -ENOENT, NULL},
		{"%zz=1&x=%", -ENOENT, NULL}, /* another field's mistake */
		{"token=1&token=2", -EEXIST, NULL},
		{"token=%zz&token=2", -EEXIST, NULL},
		{"token=%", -EINVAL, NULL},
		{"token=%4", -EINVAL, NULL},
		{"token=%4&x=1", -EINVAL, NULL},
		{"token=%g0", -EINVAL, NULL},
		{"token=a%00b", -EINVAL, NULL},
		{"token=a%0d%0aSet-Cookie:x", -EINVAL, NULL},
		{"token=%7f", -EINVAL, NULL},
		{"token=0123456789012345678901234567890123456789012345678901234567890123",
			-EMSGSIZE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char value[FORM_VALUE_SIZE] = "untouched";
		int r = form_get(cases[i].body, strlen(cases[i].body), "token", value);

		if (r != cases[i].result)
			fail_msg("%s: %d", cases[i].body, r);
		assert_string_equal(value, r == 0 ? cases[i].value : "untouched");
	}
}

static void a_nul_in_the_body_is_no_end(void **state)
{
	static const char body[] = "a=\0&token=1";
	static const char inside[] = "token=1\0002";
	char value[FORM_VALUE_SIZE];

	(void)state;
	assert_int_equal(form_get(body, sizeof(body) - 1, "token", value), 0);
	assert_string_equal(value, "1");
	assert_int_equal(form_get(inside, sizeof(inside) - 1, "token", value), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_and_decoded),
		cmocka_unit_test(a_nul_in_the_body_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
