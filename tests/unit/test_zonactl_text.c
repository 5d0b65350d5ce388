/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text, numbers and tables for people. */
#include "tests/unit/control_fixture.h"

#include "common/cleanup.h"
#include "controller/zonactl/figures.h"
#include "controller/zonactl/table.h"
#include "controller/zonactl/text.h"

static void test_width_is_that_of_the_screen(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{"", 0}, {"Pozon", 5}, {"Pozón", 5}, {"Pozo\xcc\x81n", 5}, /* the accent apart */
		{"日本", 4}, {"👍", 2},
		{"a\xff"
		 "b",
			3},
		{"\xe2\x82", 2}, /* cut short */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(text_width(cases[i].text), cases[i].width);
}

static void test_prefix_never_cuts_a_sign(void **state)
{
	size_t width;

	(void)state;
	assert_int_equal(text_prefix("日本", 3, &width), 3);
	assert_int_equal(width, 2);
	assert_int_equal(text_prefix("ñandú", 2, &width), 3);
	assert_int_equal(width, 2);
	assert_int_equal(text_prefix("abc", 9, &width), 3);
	assert_int_equal(width, 3);
	assert_int_equal(text_prefix("abc", 0, &width), 0);
}

static void test_clean_replaces_what_a_terminal_obeys(void **state)
{
	static const struct {
		const char *dirty, *clean;
	} cases[] = {
		{"Ñandú 日本", "Ñandú 日本"}, {"a\033[2Jb", "a?[2Jb"}, {"\a\b\t\n\r\x7f", "??????"},
		{"\xc2\x9b"
		 "2J",
			"?2J"}, /* CSI in eight bits */
		{"\x9b", "?"},	/* the same, not UTF-8 */
		{"\xe2\x80\xae"
		 "evil",
			"?evil"}, /* right to left override */
		{"a\xe2\x80\x8b"
		 "b",
			"a?b"},		      /* zero width space */
		{"\xef\xbb\xbf", "?"},	      /* byte order mark */
		{"\xc0\xaf", "??"},	      /* overlong */
		{"\xed\xa0\x80", "???"},      /* surrogate */
		{"\xf4\x90\x80\x80", "????"}, /* beyond Unicode */
		{"\xf3\xa0\x80\x81", "?"},    /* tag */
		{"\xe2\x82", "??"},	      /* cut short */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_STR clean = text_clean(cases[i].dirty);

		assert_string_equal(clean, cases[i].clean);
	}
}

static void test_json_is_escaped_where_a_terminal_would_obey(void **state)
{
	json_auto_t *value = json_pack("{s:s}", "x", "ñ\033\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81");
	json_auto_t *back = NULL;
	AUTO_STR text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(text_print_json(out, value), 0);
	(void)fclose(out);
	assert_string_equal(text, "{\n  \"x\": \"ñ\\u001B\\u009b\\u202e\\udb40\\udc01\"\n}\n");
	back = json_loads(text, 0, NULL);
	assert_true(json_equal(back, value));
}

static void test_units(void **state)
{
	static const struct {
		uint64_t number;
		const char *bytes;
	} bytes[] = {
		{0, "0 B"},
		{1, "1 B"},
		{999, "999 B"},
		{1000, "1.00 kB"},
		{1005, "1.01 kB"},
		{9994, "9.99 kB"},
		{9995, "10.0 kB"},
		{99949, "99.9 kB"},
		{99950, "100 kB"},
		{999499, "999 kB"},
		{999500, "1.00 MB"},
		{35200000, "35.2 MB"},
		{1234567890, "1.23 GB"},
		{UINT64_MAX, "18.4 EB"},
	};
	static const struct {
		uint64_t seconds;
		const char *text;
	} durations[] = {
		{0, "0 s"},
		{119, "119 s"},
		{120, "2 min"},
		{3000, "50 min"},
		{7199, "119 min"},
		{7200, "2 h 00 min"},
		{11100, "3 h 05 min"},
		{172799, "47 h 59 min"},
		{172800, "2 d 00 h"},
		{UINT64_MAX, "213503982334601 d 07 h"},
	};
	char text[FIGURE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++)
		assert_string_equal(figure_bytes(bytes[i].number, text), bytes[i].bytes);
	for (size_t i = 0; i < ARRAY_SIZE(durations); i++)
		assert_string_equal(figure_duration(durations[i].seconds, text), durations[i].text);
	assert_string_equal(figure_rate(0, text), "0 bit/s");
	assert_string_equal(figure_rate(8000000, text), "8.00 Mbit/s");
}

static const struct table_column columns[] = {
	{.title = "NAME", .align = TABLE_LEFT},
	{.title = "MORE", .align = TABLE_LEFT, .leaves = 2},
	{.title = "N", .align = TABLE_RIGHT, .leaves = 1},
	{.title = "LAST", .align = TABLE_LEFT},
};

/* A table of two rows, shown at a width. */
static char *shown(size_t width, bool colour)
{
	const struct table_view view = {.width = width, .colour = colour};
	AUTO(table_free) struct table *table = table_new(columns, ARRAY_SIZE(columns));
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(table);
	table_cell(table, TABLE_PLAIN, "Pozón");
	table_cell(table, TABLE_PLAIN, "ñ日");
	table_cell(table, TABLE_PLAIN, "%d", 12345);
	table_cell(table, TABLE_GOOD, "x");
	table_cell(table, TABLE_PLAIN, "a");
	table_cell(table, TABLE_PLAIN, "\033[31m");
	table_cell(table, TABLE_PLAIN, "%d", 7);
	table_cell(table, TABLE_PLAIN, "last");
	assert_int_equal(table_print(table, out, &view), 0);
	(void)fclose(out);
	return text;
}

static void test_columns_line_up_whatever_the_bytes(void **state)
{
	AUTO_STR text = shown(0, false);

	(void)state;
	assert_string_equal(text, "NAME   MORE       N  LAST\n"
				  "Pozón  ñ日    12345  x\n"
				  "a      ?[31m      7  last\n");
}

static void test_a_narrow_terminal_loses_the_least_columns_first(void **state)
{
	AUTO_STR fits = shown(25, false);
	AUTO_STR narrow = shown(24, false);
	AUTO_STR narrower = shown(17, false);
	AUTO_STR narrowest = shown(9, false);

	(void)state;
	assert_non_null(strstr(fits, "MORE"));
	assert_string_equal(narrow, "NAME       N  LAST\n"
				    "Pozón  12345  x\n"
				    "a          7  last\n");
	assert_string_equal(narrower, "NAME   LAST\n"
				      "Pozón  x\n"
				      "a      last\n");
	assert_string_equal(narrowest, "NAME   LA\n"
				       "Pozón  x\n"
				       "a      la\n");
}

static void test_colour_takes_no_room(void **state)
{
	AUTO_STR plain = shown(25, false);
	AUTO_STR coloured = shown(25, true);

	(void)state;
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(coloured, "12345  \033[32mx\033[0m\n"));
	assert_non_null(strstr(coloured, "?[31m      7  last\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_width_is_that_of_the_screen),
		cmocka_unit_test(test_prefix_never_cuts_a_sign),
		cmocka_unit_test(test_clean_replaces_what_a_terminal_obeys),
		cmocka_unit_test(test_json_is_escaped_where_a_terminal_would_obey),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_columns_line_up_whatever_the_bytes),
		cmocka_unit_test(test_a_narrow_terminal_loses_the_least_columns_first),
		cmocka_unit_test(test_colour_takes_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
