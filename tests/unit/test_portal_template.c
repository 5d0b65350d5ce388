/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/template.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NAME, OTHER, ROWS, VALUE_COUNT };

static const char *const names[VALUE_COUNT] = {"name", "other", "rows"};
static const char *page_text;

static const char *find_part(void *context, const char *name)
{
	(void)context;
	if (strcmp(name, "page") == 0)
		return page_text;
	if (strcmp(name, "inner") == 0)
		return "[{{name}}]";
	if (strcmp(name, "opens") == 0)
		return "{{if name}}";
	return strcmp(name, "loop") == 0 ? "{{include loop}}" : NULL;
}

static const char *find_message(void *context, const char *key)
{
	(void)context;
	if (strcmp(key, "hello") == 0)
		return "Hola, {name} <&> \"x\"";
	if (strcmp(key, "page.own") == 0)
		return "own";
	if (strcmp(key, "open-brace") == 0)
		return "{name";
	return strcmp(key, "bad-name") == 0 ? "{nobody}" : NULL;
}

static const struct template_source source = {
	.names = names,
	.name_count = VALUE_COUNT,
	.page = "page",
	.part = find_part,
	.message = find_message,
};

static void assert_renders(
	const char *text, const struct template_value *values, const char *wanted)
{
	AUTO(template_free) struct template *template = NULL;
	AUTO(buffer_free) struct buffer out = {0};
	struct template_error error = {0};

	page_text = text;
	if (template_compile("page", &source, &template, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(template_render(template, values, &out), 0);
	assert_int_equal(buffer_append(&out, "", 1), 0);
	assert_string_equal(out.data, wanted);
}

static const struct template_value both[VALUE_COUNT] = {
	[NAME] = {.text = "<b onload='x'>\"&"}, [OTHER] = {.text = "o"}};
static const struct template_value neither[VALUE_COUNT] = {[OTHER] = {.text = ""}};

static void values_are_escaped(void **state)
{
	(void)state;
	assert_renders("<p title=\"{{name}}\">{{ name }}</p>", both,
		"<p title=\"&lt;b onload=&#39;x&#39;&gt;&#34;&amp;\">"
		"&lt;b onload=&#39;x&#39;&gt;&#34;&amp;</p>");
	assert_renders("a{{name}}b", neither, "ab");
}

static void messages_are_text_with_values(void **state)
{
	(void)state;
	assert_renders("{{t hello}}", both,
		"Hola, &lt;b onload=&#39;x&#39;&gt;&#34;&amp; &lt;&amp;&gt; &#34;x&#34;");
	assert_renders("{{t .own}}", neither, "own");
}

static void conditions_choose(void **state)
{
	(void)state;
	assert_renders("{{if name}}y{{else}}n{{end}}.", both, "y.");
	assert_renders("{{if name}}y{{else}}n{{end}}.", neither, "n.");
	assert_renders("{{if other}}y{{end}}.", neither, "."); /* empty counts as absent */
	assert_renders("{{if not name}}y{{else}}n{{end}}.", neither, "y.");
	assert_renders("{{if not name}}y{{end}}.", both, ".");
	assert_renders(
		"{{if name}}{{if not other}}a{{else}}b{{end}}c{{else}}d{{end}}e", both, "bce");
	assert_renders("{{if rows}}y{{else}}n{{end}}", both, "n");
}

static void rows_hide_outer_values(void **state)
{
	static const struct template_value first[VALUE_COUNT] = {[NAME] = {.text = "1"}};
	static const struct template_value second[VALUE_COUNT] = {[OTHER] = {.text = "2"}};
	static const struct template_value *const rows[] = {first, second};
	const struct template_value values[VALUE_COUNT] = {[NAME] = {.text = "n"},
		[OTHER] = {.text = "o"},
		[ROWS] = {.rows = rows, .row_count = 2}};

	(void)state;
	assert_renders("{{each rows}}({{name}}{{other}}){{end}}{{name}}", values, "(1o)(n2)n");
	assert_renders("{{each rows}}x{{end}}", neither, "");
	assert_renders("{{if rows}}{{each rows}}{{if name}}-{{end}}{{end}}{{end}}", values, "--");
}

static void parts_comments_and_indentation(void **state)
{
	(void)state;
	assert_renders(
		"{{include inner}}{{# a comment\n with } }}{{include inner}}", neither, "[][]");
	assert_renders("<p>\n\t  text  x\n\n\t</p>", neither, "<p>\ntext  x\n</p>");
}

static void mistakes_are_told_with_their_line(void **state)
{
	static const struct {
		const char *text, *error;
	} mistakes[] = {
		{"a\n\n{{nobody}}", "page:3: no value is called \"nobody\""},
		{"{{t nothing}}", "page:1: there is no message \"nothing\""},
		{"{{t .nothing}}", "page:1: there is no message \"page.nothing\""},
		{"{{t open-brace}}", "page:1: a message has { without }"},
		{"{{t bad-name}}", "page:1: no value is called \"nobody\""},
		{"x\n{{name", "page:2: {{ without }}"},
		{"{{}}", "page:1: {{}} is empty"},
		{"{{a b c d}}", "page:1: a directive is too long"},
		{"{{for name}}", "page:1: {{for …}} is not understood"},
		{"{{if name}}", "page:1: an if or each has no end"},
		{"{{end}}", "page:1: end without its beginning"},
		{"{{else}}", "page:1: else without its beginning"},
		{"{{each rows}}{{else}}{{end}}", "page:1: else does not belong to an if"},
		{"{{if name}}{{else}}{{else}}{{end}}", "page:1: else does not belong to an if"},
		{"{{include nothing}}", "page:1: there is no part \"nothing\""},
		{"{{include opens}}{{end}}", "opens:1: an if or each has no end"},
		{"{{if name}}{{if name}}{{if name}}{{if name}}{{if name}}{{if name}}{{if "
		 "name}}{{if name}}"
		 "{{if name}}",
			"page:1: more than 8 blocks inside each other"},
		{"{{include loop}}", "loop:1: includes go too deep"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct template_error error = {0};
		struct template *template = NULL;

		page_text = mistakes[i].text;
		assert_int_equal(template_compile("page", &source, &template, &error), -EINVAL);
		assert_string_equal(error.text, mistakes[i].error);
		assert_null(template);
	}
}

static void a_page_has_an_end(void **state)
{
	AUTO_STR huge = malloc(BUFFER_MAX + 2);
	struct template_error error = {0};
	struct template *template = NULL;

	(void)state;
	memset(huge, 'x', BUFFER_MAX + 1);
	huge[BUFFER_MAX + 1] = '\0';
	page_text = huge;
	assert_int_equal(template_compile("page", &source, &template, &error), -EINVAL);
	assert_string_equal(error.text, "page:0: the page is too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_escaped),
		cmocka_unit_test(messages_are_text_with_values),
		cmocka_unit_test(conditions_choose),
		cmocka_unit_test(rows_hide_outer_values),
		cmocka_unit_test(parts_comments_and_indentation),
		cmocka_unit_test(mistakes_are_told_with_their_line),
		cmocka_unit_test(a_page_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
