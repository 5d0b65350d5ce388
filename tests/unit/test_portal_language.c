/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/cleanup.h"
#include "portal/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const offered[] = {"es", "en", "pt"};

static void the_best_language_wins(void **state)
{
	static const struct {
		const char *header;
		size_t index;
	} cases[] = {
		{NULL, 0},
		{"", 0},
		{"en", 1},
		{"EN-us", 1},
		{"es-CO,es;q=0.9,en;q=0.8", 0},
		{"en-GB,en;q=0.9,es;q=0.8", 1},
		{"fr-FR, fr;q=0.9, en;q=0.2, pt;q=0.3", 2},
		{"fr", 0},
		{"est, enx", 0}, /* other languages that begin alike */
		{"en;q=0, pt;q=0.1", 2},
		{"es;q=0.5,en;q=0.5", 0},
		{"en;q=0.5,es;q=0.5", 1}, /* named first */
		{"en ; q=0.1 , pt ; Q=0.2", 2},
		{"en;q=0.001,pt;q=0.002", 2},
		{"en;q=x,pt;q=0.001", 2},
		{"en;q=,pt;q=9", 0},
		{"en;level=1;q=0.1,pt;q=0.3", 2},
		{",,;;=,q=1;en", 0},
		{"*", 0},
		{"*;q=1,en;q=0.1", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (language_choose(cases[i].header, offered, ARRAY_SIZE(offered)) !=
			cases[i].index)
			fail_msg("%s", cases[i].header);
}

static void only_the_start_of_a_long_header_counts(void **state)
{
	char header[2048];

	(void)state;
	memset(header, ',', sizeof(header));
	memcpy(header + 1000, "en", 2);
	header[sizeof(header) - 1] = '\0';
	assert_int_equal(language_choose(header, offered, ARRAY_SIZE(offered)), 0);
	memcpy(header + 500, "pt", 2);
	assert_int_equal(language_choose(header, offered, ARRAY_SIZE(offered)), 2);
}

static void codes_are_found_exactly(void **state)
{
	(void)state;
	assert_int_equal(language_find("en", offered, ARRAY_SIZE(offered)), 1);
	assert_int_equal(language_find("EN", offered, ARRAY_SIZE(offered)), ARRAY_SIZE(offered));
	assert_int_equal(language_find(NULL, offered, ARRAY_SIZE(offered)), ARRAY_SIZE(offered));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_language_wins),
		cmocka_unit_test(only_the_start_of_a_long_header_counts),
		cmocka_unit_test(codes_are_found_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
