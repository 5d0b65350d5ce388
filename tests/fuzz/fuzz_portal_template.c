/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A template, and after a NUL a catalogue. What compiles can be rendered, and no value of the page
 * ever comes out unescaped. */
#include "portal/catalogue.h"
#include "portal/template.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not in any seed, and not likely to be made up: seen in the output, it came from the value. */
#define EVIL "<evil\"value'&>"

enum { NAME, OTHER, ROWS, VALUE_COUNT };

static const char *page;

static const char *find_part(void *context, const char *name)
{
	(void)context;
	if (strcmp(name, "page") == 0)
		return page;
	return strcmp(name, "part") == 0 ? "{{if name}}{{t a}}{{end}}" : NULL;
}

static const char *find_message(void *context, const char *key)
{
	return context != NULL ? catalogue_get(context, key) : NULL;
}

static void render(const struct template *template)
{
	static const struct template_value row[VALUE_COUNT] = {[OTHER] = {.text = EVIL}};
	static const struct template_value *const rows[] = {row, row};
	static const struct template_value values[VALUE_COUNT] = {
		[NAME] = {.text = EVIL}, [ROWS] = {.rows = rows, .row_count = 2}};
	AUTO(buffer_free) struct buffer out = {0};

	if (template_render(template, values, &out) == 0 &&
		memmem(out.data, out.size, EVIL, sizeof(EVIL) - 1) != NULL &&
		strstr(page, EVIL) == NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[VALUE_COUNT] = {"name", "other", "rows"};
	AUTO(template_free) struct template *template = NULL;
	AUTO(catalogue_free) struct catalogue *catalogue = NULL;
	struct template_error error = {0};
	AUTO_STR text = malloc(size + 2);
	unsigned line;

	memcpy(text, data, size);
	text[size] = text[size + 1] = '\0';
	page = text;
	if (catalogue_parse(text + strlen(text) + (strlen(text) < size), &catalogue, &line) < 0)
		catalogue = NULL;
	const struct template_source source = {
		.names = names,
		.name_count = VALUE_COUNT,
		.page = "page",
		.part = find_part,
		.message = find_message,
		.context = catalogue,
	};
	if (template_compile("page", &source, &template, &error) == 0)
		render(template);
	else if (error.text[0] == '\0')
		abort();
	return 0;
}
