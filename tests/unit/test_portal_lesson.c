/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "portal/lesson.h"
#include "portal/lesson_set.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FRONT                                                                                      \
	"---\nid: try\ntopic: media\ndigcomp: 1\naudience: everyone\nminutes: 3\nlanguage: en\n"   \
	"title: A & B\nsummary: Short.\ndrawing: A box\n---\n"
#define CARD "## Card\n\nText with **bold** & \"signs\".\n\n- one\n- two\n\n"
#define CARDS CARD CARD CARD
#define QUESTION "## Why?\n\n- [ ] a\n- [x] b\n- [ ] c\n\nRight.\n\nWrong.\n\n"
#define QUIZ "# Quiz\n\n" QUESTION QUESTION QUESTION
#define GOOD FRONT CARDS QUIZ

static void test_good(void **state)
{
	AUTO(lesson_free) struct lesson *lesson = NULL;
	struct buffer out = {0};
	struct lesson_error error;

	(void)state;
	assert_int_equal(lesson_parse(GOOD, &lesson, &error), 0);
	assert_string_equal(lesson->id, "try");
	assert_int_equal(lesson->topic, TOPIC_MEDIA);
	assert_int_equal(lesson->area, 1);
	assert_int_equal(lesson->minutes, 3);
	assert_string_equal(lesson->title, "A & B");
	assert_int_equal(lesson->card_count, 3);
	assert_int_equal(lesson->questions[2].right, 1);
	assert_string_equal(lesson->questions[2].options[2], "c");
	assert_string_equal(lesson->questions[0].if_right, "Right.");
	assert_string_equal(lesson->questions[0].if_wrong, "Wrong.");
	assert_int_equal(template_render(lesson->cards[1].body, NULL, &out), 0);
	assert_int_equal(buffer_append(&out, "", 1), 0);
	assert_string_equal(out.data,
		"<p>Text with <strong>bold</strong> &amp; &#34;signs&#34;.</p>"
		"<ul><li>one</li><li>two</li></ul>");
	buffer_free(&out);
}

static const struct {
	const char *text, *error;
} bad[] = {
	{"", "is not the first line"},
	{"---\nid: a\n", "the second \"---\" is missing"},
	{"---\nid: Ñame\n---\n", "id has a wrong value"},
	{"---\nid: a\nid: b\n---\n", "id is there twice"},
	{"---\ncolour: red\n---\n", "colour is not known"},
	{"---\nnothing\n---\n", "is not \"key: value\""},
	{"---\nid: a\n---\n", "topic is missing"},
	{"---\ntopic: cooking\n---\n", "topic has a wrong value"},
	{"---\ndigcomp: 6\n---\n", "digcomp has a wrong value"},
	{"---\nminutes: 0\n---\n", "minutes has a wrong value"},
	{"---\nminutes: 999\n---\n", "minutes has a wrong value"},
	{FRONT QUIZ, "fewer than 3 cards"},
	{FRONT CARD CARD QUIZ, "fewer than 3 cards"},
	{FRONT CARDS CARDS QUIZ, "more than 5 cards"},
	{FRONT "## Empty\n\n" CARDS QUIZ, "a card without text"},
	{FRONT "text\n\n" CARDS QUIZ, "text before the first card"},
	{FRONT "- item\n\n" CARDS QUIZ, "a list before the first card"},
	{FRONT CARDS, "0 questions, not 3"},
	{FRONT CARDS "# Quiz\n\n" QUESTION QUESTION, "2 questions, not 3"},
	{FRONT CARDS QUIZ QUESTION, "more than 3 questions"},
	{FRONT CARDS QUIZ "# Quiz\n", "a second \"# Quiz\""},
	{FRONT CARDS "# Quiz\n\n## W?\n\n- [ ] a\n- [ ] b\n- [ ] c\n\nR.\n\nW.\n",
		"0 right options"},
	{FRONT CARDS "# Quiz\n\n## W?\n\n- [x] a\n- [x] b\n- [ ] c\n\nR.\n\nW.\n",
		"2 right options"},
	{FRONT CARDS "# Quiz\n\n## W?\n\n- [x] a\n- [ ] b\n\nR.\n\nW.\n", "2 options, not 3"},
	{FRONT CARDS "# Quiz\n\n## W?\n\n- [x] a\n- [ ] b\n- [ ] c\n- [ ] d\n",
		"an option too many"},
	{FRONT CARDS "# Quiz\n\n## W?\n\n- [x] a\n- [ ] b\n- [ ] c\n\nR.\n", "1 paragraphs below"},
	{FRONT CARDS "# Quiz\n\n## W?\n\n- [x] a\n- [ ] b\n- [ ] c\n\nR.\n\nW.\n\nV.\n",
		"more than two"},
	{FRONT CARDS "# Quiz\n\n## W?\n\n- a\n", "options are"},
	{FRONT CARDS "# Quiz\n\n## W?\n\ntext\n", "belongs to no question"},
	{FRONT CARDS "# Quiz\n\n## *W*?\n", "no emphasis in the quiz"},
	{FRONT "## C\n\n- [x] a\n", "options are"},
	{FRONT "## C\n\n- a\n\n- b\n", "empty lines"},
	{FRONT "## C\n\n- a\n  - b\n", "a list in a list"},
	{FRONT "## C\n\n<b>x</b>\n", "no HTML"},
	{FRONT "## C\n\n<div>x</div>\n", "only ## headings"},
	{FRONT "## C\n\n<script>alert(1)</script>\n", "only ## headings"},
	{FRONT "## C\n\na < b\n", "no { and no <"},
	{FRONT "## C\n\n{{token}}\n", "no { and no <"},
	{FRONT "## C\n\n&lt;b>\n", "no HTML, entities"},
	{FRONT "## C\n\n[a](http://b.co)\n", "no links"},
	{FRONT "## C\n\n![a](b.png)\n", "no links"},
	{FRONT "## C\n\n<http://b.co>\n", "no links"},
	{FRONT "## C\n\n`x`\n", "no links, pictures or code"},
	{FRONT "## C\n\n```\nx\n```\n", "only ## headings"},
	{FRONT "## C\n\n> x\n", "only ## headings"},
	{FRONT "## C\n\n1. x\n", "only ## headings"},
	{FRONT "### C\n", "only ## headings"},
	{FRONT "## C\n\na\n\n***\n", "only ## headings"},
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct lesson *lesson = NULL;
		struct lesson_error error = {.text = ""};
		int r = lesson_parse(bad[i].text, &lesson, &error);

		if (r != -EINVAL || lesson != NULL || strstr(error.text, bad[i].error) == NULL)
			fail_msg("%zu: %d, \"%s\", not \"%s\"", i, r, error.text, bad[i].error);
	}
}

static void test_error_names_the_place(void **state)
{
	struct lesson *lesson = NULL;
	struct lesson_error error;

	(void)state;
	assert_int_equal(lesson_parse(FRONT CARDS QUIZ "## Last?\n", &lesson, &error), -EINVAL);
	assert_string_equal(error.text, "\"Why?\": more than 3 questions");
}

/* What a program has: the shipped lessons, two or more of each topic in both languages. */
static void test_shipped(void **state)
{
	AUTO(lesson_set_free) struct lesson_set *set = NULL;
	struct lesson_error error = {.text = ""};
	unsigned topics[TOPIC_COUNT] = {0};

	(void)state;
	if (lesson_set_new(&set, &error) < 0)
		fail_msg("%s", error.text);
	assert_true(lesson_set_count(set) >= 12);
	for (size_t i = 0; i < lesson_set_count(set); i++) {
		const struct lesson *es = lesson_set_get(set, i, "es");
		const struct lesson *en = lesson_set_get(set, i, "en");

		assert_string_equal(es->language, "es");
		assert_string_equal(en->language, "en");
		assert_string_equal(es->id, en->id);
		assert_string_not_equal(es->title, en->title);
		assert_ptr_equal(lesson_set_get(set, i, "fr"), en);
		assert_int_equal(lesson_set_find(set, es->id), i);
		assert_int_equal(lesson_set_find_number(set, lesson_set_number(set, i)), i);
		topics[es->topic]++;
	}
	for (size_t i = 0; i < TOPIC_COUNT; i++)
		assert_true(topics[i] >= 2);
	assert_int_equal(lesson_set_find(set, "nothing"), lesson_set_count(set));
	assert_int_equal(lesson_set_find_number(set, 0), lesson_set_count(set));
}

/* Who knows where the right answer stands could pass without reading. */
static void test_right_answers_move(void **state)
{
	AUTO(lesson_set_free) struct lesson_set *set = NULL;
	struct lesson_error error;
	size_t places[LESSON_OPTIONS] = {0}, all = 0;

	(void)state;
	assert_int_equal(lesson_set_new(&set, &error), 0);
	for (size_t i = 0; i < lesson_set_count(set); i++)
		for (size_t q = 0; q < LESSON_QUESTIONS; q++, all++)
			places[lesson_set_get(set, i, "es")->questions[q].right]++;
	for (size_t i = 0; i < LESSON_OPTIONS; i++)
		assert_true(places[i] * 5 >= all && places[i] * 2 <= all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_error_names_the_place),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_right_answers_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
