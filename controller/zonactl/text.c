/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/text.h"

#include "common/cleanup.h"
#include "common/text.h"

#include <errno.h>
#include <string.h>

#define INVALID 0xfffdU

struct range {
	uint32_t first, last;
};

/* What a terminal may act on, or what hides or reorders other text (Unicode UTS 36, 2.5). */
static const struct range unsafe[] = {
	{0x00, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, /* soft hyphen */
	{0x61c, 0x61c},				  /* Arabic letter mark */
	{0x200b, 0x200f},			  /* zero width, direction marks */
	{0x2028, 0x202e},			  /* line separators, embeddings and overrides */
	{0x2060, 0x206f},			  /* isolates, invisible operators */
	{0xfeff, 0xfeff},			  /* byte order mark */
	{0xfff9, 0xfffd},   /* annotations; the replacement sign stands for an invalid byte */
	{0xe0000, 0xe007f}, /* tags */
};

static const struct range combining[] = {
	{0x300, 0x36f},
	{0x483, 0x489},
	{0x591, 0x5bd},
	{0x610, 0x61a},
	{0x64b, 0x65f},
	{0x1ab0, 0x1aff},
	{0x1dc0, 0x1dff},
	{0x20d0, 0x20ff},
	{0xfe00, 0xfe0f},
	{0xfe20, 0xfe2f},
};

static const struct range wide[] = {
	{0x1100, 0x115f},
	{0x2e80, 0x303e},
	{0x3041, 0xa4cf},
	{0xac00, 0xd7a3},
	{0xf900, 0xfaff},
	{0xfe30, 0xfe6f},
	{0xff00, 0xff60},
	{0xffe0, 0xffe6},
	{0x1f300, 0x1f64f},
	{0x1f680, 0x1f6ff},
	{0x1f900, 0x1f9ff},
	{0x20000, 0x3fffd},
};

static bool in_ranges(uint32_t sign, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sign >= ranges[i].first && sign <= ranges[i].last)
			return true;
	return false;
}

static bool is_unsafe(uint32_t sign)
{
	return in_ranges(sign, unsafe, ARRAY_SIZE(unsafe));
}

static size_t sign_width(uint32_t sign)
{
	if (sign < 0x300)
		return 1;
	if (in_ranges(sign, combining, ARRAY_SIZE(combining)))
		return 0;
	return in_ranges(sign, wide, ARRAY_SIZE(wide)) ? 2 : 1;
}

/* The sign at text and its length in bytes. A byte that begins no valid sequence is INVALID and
 * one byte long. */
static size_t decode(const char *text, uint32_t *ret_sign)
{
	size_t length;

	*ret_sign = INVALID;
	length = utf8_decode(text, strnlen(text, 4), ret_sign);
	return length > 0 ? length : 1;
}

size_t text_prefix(const char *text, size_t columns, size_t *ret_width)
{
	size_t at = 0, width = 0;

	while (text[at] != '\0') {
		uint32_t sign;
		size_t length = decode(text + at, &sign);
		size_t sign_columns = sign_width(sign);

		if (width + sign_columns > columns)
			break;
		width += sign_columns;
		at += length;
	}
	*ret_width = width;
	return at;
}

size_t text_width(const char *text)
{
	size_t width;

	(void)text_prefix(text, SIZE_MAX / 2, &width);
	return width;
}

char *text_clean(const char *text)
{
	char *copy = malloc(strlen(text) + 1);
	char *to = copy;

	if (copy == NULL)
		return NULL;
	while (*text != '\0') {
		uint32_t sign;
		size_t length = decode(text, &sign);

		if (is_unsafe(sign)) {
			*to++ = '?';
		} else {
			memcpy(to, text, length);
			to += length;
		}
		text += length;
	}
	*to = '\0';
	return copy;
}

static void print_escaped(FILE *out, uint32_t sign)
{
	if (sign < 0x10000) {
		(void)fprintf(out, "\\u%04x", sign);
		return;
	}
	sign -= 0x10000;
	(void)fprintf(out, "\\u%04x\\u%04x", 0xd800 + (sign >> 10), 0xdc00 + (sign & 0x3ff));
}

int text_print_json(FILE *out, const json_t *value)
{
	AUTO_STR text = json_dumps(value, JSON_INDENT(2));

	if (text == NULL)
		return -ENOMEM;
	for (const char *at = text; *at != '\0';) {
		uint32_t sign;
		size_t length = decode(at, &sign);

		/* Line ends are the document's own layout: inside strings jansson escaped them. */
		if (is_unsafe(sign) && sign != '\n')
			print_escaped(out, sign);
		else
			(void)fwrite(at, 1, length, out);
		at += length;
	}
	(void)fputc('\n', out);
	return ferror(out) != 0 ? -EIO : 0;
}
