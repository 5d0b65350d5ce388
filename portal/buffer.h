/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow: what a page is rendered into. */
#ifndef ZONA_PORTAL_BUFFER_H
#define ZONA_PORTAL_BUFFER_H

#include "common/cleanup.h"

#include <stddef.h>

/* Start as {0}; data is malloc'ed, not NUL-terminated, and owned by the buffer. */
struct buffer {
	char *data;
	size_t size;
	size_t capacity;
};

/* Makes room for size more bytes. Returns 0, -ENOMEM, or -EMSGSIZE above BUFFER_MAX. */
int buffer_reserve(struct buffer *buffer, size_t size);
int buffer_append(struct buffer *buffer, const char *bytes, size_t size);
/* The same, with & < > " ' as HTML character references: safe as text and in quoted attributes. */
int buffer_append_escaped(struct buffer *buffer, const char *text);
void buffer_free(struct buffer *buffer);

/* No page comes near: the welcome page is under 14 kB. */
#define BUFFER_MAX ((size_t)256 * 1024)

static inline void buffer_free_auto(struct buffer *buffer)
{
	buffer_free(buffer);
}

#endif
