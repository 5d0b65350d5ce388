/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/catalogue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAX_MESSAGES 1024 /* the largest catalogue, with lessons, has a few hundred */

struct message {
	const char *key, *text; /* into catalogue->text */
	unsigned line;
};

struct catalogue {
	char *text;
	struct message *messages; /* sorted by key */
	size_t count;
};

static int compare_messages(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	return strcmp(x->key, y->key);
}

/* Length of the UTF-8 sequence at p, 0 when it is not one (RFC 3629). */
static size_t utf8_length(const unsigned char *p)
{
	size_t length = *p < 0x80	? 1
			: *p >> 5 == 6	? 2
			: *p >> 4 == 14 ? 3
			: *p >> 3 == 30 ? 4
					: 0;

	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((length == 2 && *p < 0xc2) || (*p == 0xe0 && p[1] < 0xa0) ||
		(*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) || *p > 0xf4 ||
		(*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

static bool is_utf8(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p != '\0') {
		size_t length = utf8_length(p);

		if (length == 0)
			return false;
		p += length;
	}
	return true;
}

static char *trim(char *text)
{
	text += strspn(text, " \t");
	size_t size = strlen(text);
	while (size > 0 && strchr(" \t\r", text[size - 1]) != NULL)
		text[--size] = '\0';
	return text;
}

/* One line, which is cut into key and text. Empty lines and comments add nothing. */
static int add_line(struct catalogue *catalogue, char *line, unsigned number)
{
	char *key = trim(line), *equals = strchr(key, '=');

	if (key[0] == '\0' || key[0] == '#')
		return 0;
	if (equals == NULL || equals == key || !is_utf8(line) || catalogue->count == MAX_MESSAGES)
		return -EINVAL;
	*equals = '\0';
	const char *text = trim(equals + 1);
	key = trim(key);
	if (text[0] == '\0')
		return -EINVAL;
	catalogue->messages[catalogue->count++] =
		(struct message){.key = key, .text = text, .line = number};
	return 0;
}

static int parse_lines(struct catalogue *catalogue, unsigned *ret_line)
{
	unsigned number = 1;

	for (char *line = catalogue->text, *next; line != NULL; line = next, number++) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (add_line(catalogue, line, number) < 0) {
			*ret_line = number;
			return -EINVAL;
		}
	}
	qsort(catalogue->messages, catalogue->count, sizeof(struct message), compare_messages);
	for (size_t i = 1; i < catalogue->count; i++) {
		const struct message *a = &catalogue->messages[i - 1], *b = a + 1;

		if (strcmp(a->key, b->key) == 0) {
			*ret_line = a->line > b->line ? a->line : b->line;
			return -EINVAL;
		}
	}
	return 0;
}

int catalogue_parse(const char *text, struct catalogue **ret_catalogue, unsigned *ret_line)
{
	AUTO(catalogue_free) struct catalogue *catalogue = calloc(1, sizeof(*catalogue));

	if (catalogue == NULL)
		return -ENOMEM;
	catalogue->text = strdup(text);
	catalogue->messages = calloc(MAX_MESSAGES, sizeof(struct message));
	if (catalogue->text == NULL || catalogue->messages == NULL)
		return -ENOMEM;
	int r = parse_lines(catalogue, ret_line);
	if (r < 0)
		return r;
	*ret_catalogue = TAKE(catalogue);
	return 0;
}

void catalogue_free(struct catalogue *catalogue)
{
	if (catalogue == NULL)
		return;
	free(catalogue->messages);
	free(catalogue->text);
	free(catalogue);
}

const char *catalogue_get(const struct catalogue *catalogue, const char *key)
{
	const struct message wanted = {.key = key};
	const struct message *found = NULL;

	if (catalogue->count > 0)
		found = bsearch(&wanted, catalogue->messages, catalogue->count, sizeof(wanted),
			compare_messages);
	return found != NULL ? found->text : NULL;
}

const char *catalogue_key(const struct catalogue *catalogue, size_t i)
{
	return i < catalogue->count ? catalogue->messages[i].key : NULL;
}
