/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/assets.h"
#include "portal/catalogue.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SENTENCE_SIZE 60 /* shorter ones may be a name: "Alcaldía Mayor de Cartagena de Indias" */

static void keys_and_texts_are_trimmed(void **state)
{
	AUTO(catalogue_free) struct catalogue *catalogue = NULL;
	unsigned line = 0;

	(void)state;
	assert_int_equal(
		catalogue_parse("# comment\n\n  b.key =  Número = 1 \r\na=x", &catalogue, &line),
		0);
	assert_string_equal(catalogue_get(catalogue, "b.key"), "Número = 1");
	assert_string_equal(catalogue_get(catalogue, "a"), "x");
	assert_null(catalogue_get(catalogue, "c"));
	assert_string_equal(catalogue_key(catalogue, 0), "a");
	assert_null(catalogue_key(catalogue, 2));
}

static void an_empty_catalogue_has_nothing(void **state)
{
	AUTO(catalogue_free) struct catalogue *catalogue = NULL;
	unsigned line = 0;

	(void)state;
	assert_int_equal(catalogue_parse("", &catalogue, &line), 0);
	assert_null(catalogue_get(catalogue, "a"));
}

static void mistakes_name_their_line(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} mistakes[] = {
		{"no equals sign", 1},
		{"a = 1\n = 2", 2},
		{"a = 1\n\nb =", 3},
		{"a = 1\nb = 2\na = 3", 3},
		{"a = \xff", 1},
		{"a = \xc0\xaf", 1},	 /* an overlong slash */
		{"a = \xed\xa0\x80", 1}, /* a surrogate */
		{"a = \xe2\x82", 1},
		{"a = \xf4\x90\x80\x80", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct catalogue *catalogue = NULL;
		unsigned line = 0;

		assert_int_equal(catalogue_parse(mistakes[i].text, &catalogue, &line), -EINVAL);
		assert_int_equal(line, mistakes[i].line);
		assert_null(catalogue);
	}
}

/* The names in braces of a text, in order of their first characters' sum: order does not matter. */
static unsigned placeholders(const char *text)
{
	unsigned sum = 0;

	for (const char *open = strchr(text, '{'); open != NULL; open = strchr(open + 1, '{'))
		for (const char *p = open; *p != '\0' && *p != '}'; p++)
			sum = sum + (unsigned char)*p * 31;
	return sum;
}

static void all_languages_say_the_same(void **state)
{
	AUTO(catalogue_free) struct catalogue *first = NULL;
	unsigned line = 0;

	(void)state;
	assert_int_equal(catalogue_parse(asset_messages(0), &first, &line), 0);
	for (size_t i = 1; asset_language(i) != NULL; i++) {
		AUTO(catalogue_free) struct catalogue *other = NULL;
		const char *key = NULL;
		size_t k = 0;

		assert_int_equal(catalogue_parse(asset_messages(i), &other, &line), 0);
		for (; (key = catalogue_key(first, k)) != NULL; k++) {
			if (catalogue_key(other, k) == NULL ||
				strcmp(catalogue_key(other, k), key) != 0)
				fail_msg("%s and %s differ at \"%s\"", asset_language(0),
					asset_language(i), key);
			if (placeholders(catalogue_get(first, key)) !=
				placeholders(catalogue_get(other, key)))
				fail_msg("%s: the values of \"%s\" differ", asset_language(i), key);
		}
		assert_null(catalogue_key(other, k));
	}
}

/* A sentence that two languages share was copied and never translated. */
static void no_sentence_is_left_untranslated(void **state)
{
	struct catalogue *catalogues[LANGUAGES_MAX] = {0};
	unsigned line = 0;
	const char *key;

	(void)state;
	for (size_t i = 0; asset_language(i) != NULL; i++)
		assert_int_equal(catalogue_parse(asset_messages(i), &catalogues[i], &line), 0);
	for (size_t k = 0; (key = catalogue_key(catalogues[0], k)) != NULL; k++)
		for (size_t i = 1; catalogues[i] != NULL; i++)
			for (size_t j = 0; j < i; j++) {
				const char *text = catalogue_get(catalogues[i], key);

				if (strlen(text) >= SENTENCE_SIZE &&
					strcmp(text, catalogue_get(catalogues[j], key)) == 0)
					fail_msg("%s: \"%s\" is that of %s", asset_language(i), key,
						asset_language(j));
			}
	for (size_t i = 0; catalogues[i] != NULL; i++)
		catalogue_free(catalogues[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_texts_are_trimmed),
		cmocka_unit_test(an_empty_catalogue_has_nothing),
		cmocka_unit_test(mistakes_name_their_line),
		cmocka_unit_test(all_languages_say_the_same),
		cmocka_unit_test(no_sentence_is_left_untranslated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
