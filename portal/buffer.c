/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/buffer.h"

#include <errno.h>
#include <string.h>

#define FIRST_CAPACITY 1024

int buffer_reserve(struct buffer *buffer, size_t size)
{
	size_t capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;

	if (size > BUFFER_MAX - buffer->size)
		return -EMSGSIZE;
	if (buffer->size + size <= buffer->capacity)
		return 0;
	while (capacity < buffer->size + size)
		capacity *= 2;
	char *data = realloc(buffer->data, capacity);
	if (data == NULL)
		return -ENOMEM;
	buffer->data = data;
	buffer->capacity = capacity;
	return 0;
}

int buffer_append(struct buffer *buffer, const char *bytes, size_t size)
{
	int r = buffer_reserve(buffer, size);

	if (r < 0 || size == 0)
		return r;
	memcpy(buffer->data + buffer->size, bytes, size);
	buffer->size += size;
	return 0;
}

static const char *html_reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

int buffer_append_escaped(struct buffer *buffer, const char *text)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, "&<>\"'");
		int r = buffer_append(buffer, text, plain);

		text += plain;
		if (r == 0 && *text != '\0') {
			const char *reference = html_reference(*text++);

			r = buffer_append(buffer, reference, strlen(reference));
		}
		if (r < 0)
			return r;
	}
	return 0;
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){0};
}
