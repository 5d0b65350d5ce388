/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/form.h"

#include "common/text.h"

#include <errno.h>
#include <string.h>

/* The character at p, its length in ret_length. Returns a byte, or -EINVAL. */
static int decode_one(const char *p, const char *end, size_t *ret_length)
{
	int c = (unsigned char)*p;

	*ret_length = 1;
	if (*p == '+')
		return ' ';
	if (*p == '%') {
		int high = end - p > 2 ? hex_digit(p[1]) : -1;
		int low = end - p > 2 ? hex_digit(p[2]) : -1;

		if (high < 0 || low < 0)
			return -EINVAL;
		*ret_length = 3;
		c = high * 16 + low;
	}
	return c < 0x20 || c == 0x7f ? -EINVAL : c;
}

static int decode(const char *p, const char *end, char *out, size_t out_size)
{
	size_t used = 0;

	while (p < end) {
		size_t length;
		int c = decode_one(p, end, &length);

		if (c < 0)
			return c;
		if (used + 1 == out_size)
			return -EMSGSIZE;
		out[used++] = (char)c;
		p += length;
	}
	out[used] = '\0';
	return 0;
}

static const char *find(const char *from, const char *end, char c)
{
	const char *found = memchr(from, c, (size_t)(end - from));

	return found != NULL ? found : end;
}

int form_get(const char *body, size_t size, const char *name, char ret_value[FORM_VALUE_SIZE])
{
	const char *end = body + size;
	char value[FORM_VALUE_SIZE], key[FORM_VALUE_SIZE];
	int found = -ENOENT;

	for (const char *field = body, *next; field < end; field = next) {
		const char *stop = find(field, end, '&');
		const char *equals = find(field, stop, '=');

		next = stop < end ? stop + 1 : end;
		/* A field whose name does not decode or fit is not the one we look for. */
		if (decode(field, equals, key, sizeof(key)) < 0 || strcmp(key, name) != 0)
			continue;
		if (found != -ENOENT)
			return -EEXIST;
		found = decode(equals < stop ? equals + 1 : stop, stop, value, sizeof(value));
	}
	if (found == 0)
		memcpy(ret_value, value, sizeof(value));
	return found;
}
