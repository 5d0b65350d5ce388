/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/conf_text.h"

#include "common/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Both markers: an option of its own name in a section, the first item in a list. */
#define SECTION_MARK CONF_MARK "=" CONF_MARK " "
#define LIST_MARK CONF_MARK ","

/* Of a file's name in a message, so that the reason fits behind it. */
#define FILE_NAME_MAX 255

enum place { AT_NAME, AFTER_NAME, AT_VALUE, IN_LIST };

struct cleaner {
	const char *name;
	const char *begin, *at, *end;
	char *out; /* room for SECTION_MARK behind every byte of the input */
	unsigned line;
	enum place place;
	unsigned depth;
	unsigned opened[CONF_DEPTH_MAX]; /* lines of the open braces */
	struct conf_error *error;
};

int conf_cut(const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1);

	if (length > most)
		for (length = most; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
			length--;
	return (int)length;
}

int conf_error_set(
	struct conf_error *error, const char *name, unsigned line, const char *format, ...)
{
	size_t used;
	int length;
	va_list args;

	if (line > 0)
		length = snprintf(error->text, sizeof(error->text),
			"%.*s:%u: ", conf_cut(name, FILE_NAME_MAX), name, line);
	else
		length = snprintf(error->text, sizeof(error->text),
			"%.*s: ", conf_cut(name, FILE_NAME_MAX), name);
	used = (size_t)length;
	va_start(args, format);
	length = vsnprintf(error->text + used, sizeof(error->text) - used, format, args);
	va_end(args);
	if (length >= 0 && used + (size_t)length >= sizeof(error->text)) {
		char *cut = error->text + sizeof(error->text) - sizeof("...");

		while (((unsigned char)*cut & 0xc0) == 0x80)
			cut--;
		memcpy(cut, "...", sizeof("..."));
	}
	return -EINVAL;
}

size_t conf_utf8_length(const char *text, size_t size)
{
	uint32_t code = 0;
	size_t length = utf8_decode(text, size, &code);

	return length > 1 && code < 0xa0 ? 0 : length; /* U+0080 to U+009F steer terminals */
}

/* What is wrong with the character at c->at wherever it stands; moves on when nothing is. */
static int take_character(struct cleaner *c, size_t *ret_length)
{
	unsigned char byte = (unsigned char)*c->at;
	size_t length = conf_utf8_length(c->at, (size_t)(c->end - c->at));

	if (byte == '\0')
		return conf_error_set(c->error, c->name, c->line, "a NUL byte: not a text file");
	if ((byte < ' ' && byte != '\t' && byte != '\n') || byte == 0x7f)
		return conf_error_set(
			c->error, c->name, c->line, "a control character (byte 0x%02x)", byte);
	if (length == 0)
		return conf_error_set(c->error, c->name, c->line,
			"byte 0x%02x is not valid UTF-8 text: save the file as UTF-8", byte);
	c->at += length;
	*ret_length = length;
	return 0;
}

static void put(struct cleaner *c, const char *text, size_t length)
{
	memcpy(c->out, text, length);
	c->out += length;
}

/* A word or a string was met. */
static void pass_word(struct cleaner *c)
{
	if (c->place == AT_NAME)
		c->place = AFTER_NAME;
	else if (c->place == AT_VALUE)
		c->place = AT_NAME;
}

/* A quoted string is copied as it is, from one quote to the next on the same line. */
static int clean_string(struct cleaner *c)
{
	const char *start = c->at;
	char quote = *c->at++;

	/* libconfuse takes it for a name, in which '|' reaches into sections. */
	if (c->place == AT_NAME)
		return conf_error_set(c->error, c->name, c->line,
			"a string where the name of an option is expected");
	while (c->at < c->end && *c->at != quote && *c->at != '\n') {
		size_t length;
		bool escape = *c->at == '\\';

		if (c->at[0] == '$' && c->end - c->at > 1 && c->at[1] == '{')
			return conf_error_set(c->error, c->name, c->line,
				"\"${\" in a string: variables are not replaced, write the value");
		if (*c->at == '\t')
			return conf_error_set(c->error, c->name, c->line, "a tab in a string");
		if (take_character(c, &length) < 0)
			return -EINVAL;
		if (!escape)
			continue;
		if (c->at == c->end || (*c->at != quote && *c->at != '\\'))
			return conf_error_set(c->error, c->name, c->line,
				"a backslash in a string: only \\%c and \\\\ are known", quote);
		c->at++;
	}
	if (c->at == c->end || *c->at == '\n')
		return conf_error_set(c->error, c->name, c->line,
			"a string is not closed before the end of the line");
	c->at++;
	put(c, start, (size_t)(c->at - start));
	pass_word(c);
	return 0;
}

/* From the comment's first character up to its end, which is blanked; the end of the line that
 * ends a # comment is left for the caller. */
static int clean_comment(struct cleaner *c, bool is_block)
{
	unsigned first = c->line;

	c->at += is_block ? 2 : 1;
	while (c->at < c->end) {
		size_t length;

		if (is_block && c->end - c->at > 1 && memcmp(c->at, "*/", 2) == 0) {
			c->at += 2;
			put(c, " ", 1);
			return 0;
		}
		if (*c->at == '\n') {
			if (!is_block)
				return 0;
			put(c, "\n", 1);
			c->at++;
			c->line++;
		} else if (*c->at == '\r') {
			c->at++;
		} else if (take_character(c, &length) < 0) {
			return -EINVAL;
		}
	}
	if (is_block)
		return conf_error_set(
			c->error, c->name, first, "the comment that begins here is not closed");
	return 0;
}

static int clean_brace(struct cleaner *c)
{
	enum place before = c->place;

	c->place = AT_NAME;
	if (*c->at++ == '}') {
		put(c, "}", 1);
		if (c->depth-- == 0)
			return conf_error_set(
				c->error, c->name, c->line, "'}' without a '{' before it");
		return 0;
	}
	put(c, "{", 1);
	if (c->depth == CONF_DEPTH_MAX)
		return conf_error_set(c->error, c->name, c->line, "too many '{' inside each other");
	c->opened[c->depth++] = c->line;
	if (before == AT_VALUE) {
		c->place = IN_LIST;
		put(c, LIST_MARK, strlen(LIST_MARK));
	} else {
		put(c, SECTION_MARK, strlen(SECTION_MARK));
	}
	return 0;
}

static bool is_word_character(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
}

static int clean_other(struct cleaner *c)
{
	const char *start = c->at;
	size_t length;

	if (*start == '\r' && c->end - start > 1 && start[1] == '\n') {
		c->at++;
		return 0;
	}
	if (take_character(c, &length) < 0)
		return -EINVAL;
	if (*start == '\n')
		c->line++;
	else if (*start == '=')
		c->place = AT_VALUE;
	else if (is_word_character(*start) && (start == c->begin || !is_word_character(start[-1])))
		pass_word(c);
	else if (*start == '(')
		return conf_error_set(c->error, c->name, c->line,
			"'(': functions are not known here, and include() is refused");
	else if (!is_word_character(*start) && strchr(" \t,", *start) == NULL)
		return conf_error_set(c->error, c->name, c->line,
			"'%.*s' outside quotes: put the value in double quotes", (int)length,
			start);
	put(c, start, length);
	return 0;
}

static int clean_next(struct cleaner *c)
{
	char next = c->end - c->at > 1 ? c->at[1] : '\0';

	if (*c->at == '#' || (*c->at == '/' && next == '/'))
		return clean_comment(c, false);
	if (*c->at == '/' && next == '*')
		return clean_comment(c, true);
	if (*c->at == '"' || *c->at == '\'')
		return clean_string(c);
	if (*c->at == '{' || *c->at == '}')
		return clean_brace(c);
	return clean_other(c);
}

int conf_text_clean(
	const char *raw, size_t size, const char *name, char **ret_text, struct conf_error *error)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf"; /* what some editors put in front */
	AUTO_STR text = malloc(size * (sizeof(SECTION_MARK) + 1) + 1);
	struct cleaner c = {.name = name,
		.begin = raw,
		.at = raw,
		.end = raw + size,
		.out = text,
		.line = 1,
		.error = error};

	if (text == NULL) {
		(void)conf_error_set(error, name, 0, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	if (size >= 3 && memcmp(raw, byte_order_mark, 3) == 0)
		c.at += 3;
	while (c.at < c.end)
		if (clean_next(&c) < 0)
			return -EINVAL;
	if (c.depth > 0)
		return conf_error_set(
			error, name, c.opened[c.depth - 1], "the '{' of this line is not closed");
	*c.out = '\0';
	*ret_text = TAKE(text);
	return 0;
}

int conf_text_read(int fd, const char *name, char **ret_text, struct conf_error *error)
{
	AUTO_STR raw = malloc(CONF_TEXT_MAX + 1);
	size_t size = 0;
	ssize_t got = raw != NULL ? 1 : -1;

	while (got > 0 && size <= CONF_TEXT_MAX) {
		got = read(fd, raw + size, CONF_TEXT_MAX + 1 - size);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			size += (size_t)got;
	}
	if (got < 0) {
		int problem = errno;

		(void)conf_error_set(error, name, 0, "%s", strerror(problem));
		return -problem;
	}
	if (size > CONF_TEXT_MAX) {
		(void)conf_error_set(error, name, 1, "larger than 1 MiB: not a configuration file");
		return -EFBIG;
	}
	return conf_text_clean(raw, size, name, ret_text, error);
}
