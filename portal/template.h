/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The template engine: pages are compiled once a language and rendered with values.
 *
 *   {{name}}               a value, always escaped for HTML text and quoted attributes
 *   {{t key}}              a message of the catalogue; {name} in the message is a value
 *   {{t .key}}             the same below the page's own name: "welcome.key" on the welcome page
 *   {{if name}} {{if not name}} {{else}} {{end}}       present and not empty
 *   {{each name}} {{end}}  once for each row of a list; a row's values hide the outer ones
 *   {{include part}}       another template
 *   {{# comment }}         nothing
 *
 * There is no way to put out a value without escaping. Messages are plain text and escaped too, so
 * a translator cannot break a page. White space at the start of a line is
 * dropped, and so is the end of a line after an if, each, else, end, include or comment. */
#ifndef ZONA_PORTAL_TEMPLATE_H
#define ZONA_PORTAL_TEMPLATE_H

#include "common/cleanup.h"
#include "portal/buffer.h"

#include <stddef.h>

struct template;

/* A text, a list, a template, or nothing (all zero). The names a template may use are numbered by
 * the caller; values[i] belongs to names[i]. */
struct template_value {
	const char *text;
	const struct template_value *const *rows; /* each an array as long as the name table */
	size_t row_count;
	/* Instead of a text: a template of its own, put out in the value's place. What is not
	 * escaped in it was so when it was compiled. */
	const struct template *inner;
};

struct template_source {
	const char *const *names; /* of values */
	size_t name_count;
	const char *page; /* what {{t .key}} stands below */
	/* NULL when there is none; what they return must stay until compiling is over. */
	const char *(*part)(void *context, const char *name);
	const char *(*message)(void *context, const char *key);
	void *context;
};

/* Which part and line does not compile, and why. */
struct template_error {
	char text[192];
};

/* Compiles the part called name. Returns 0 and a template that the caller frees, or -EINVAL with
 * error filled, or -ENOMEM; ret_template is untouched on failure. */
int template_compile(const char *name, const struct template_source *source,
	struct template **ret_template, struct template_error *error);
void template_free(struct template *template);
DEFINE_AUTO(struct template, template_free);

/* Appends the page to out. Returns 0, -ENOMEM or -EMSGSIZE. */
int template_render(
	const struct template *template, const struct template_value *values, struct buffer *out);

#endif
