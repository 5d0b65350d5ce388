/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files from one table: a row an option. The same row checks the file, fills the
 * struct, prints the sample and the manual's table, and frees what it filled. */
#ifndef ZONA_CONF_H
#define ZONA_CONF_H

#include "policies/conf_kind.h"
#include "policies/conf_text.h"

#include <stdio.h>

/* A schema describes one struct. Without a title its options stand at the top of the file (and in
 * one level of sections); with one the file is a list of  TITLE "id" { options }. */
struct conf_schema {
	const char *title;	     /* "class", "zone", or NULL */
	const char *sample_id;	     /* the "id" of the printed sample */
	const char *summary;	     /* first line of the printed sample */
	const struct conf_row *rows; /* rows of one section stand together */
	size_t row_count;
};

/* Most titled sections of one file: the reader compares each title with all before it. */
#define CONF_BODIES_MAX 1024

struct conf_doc;

/* Reads, and checks each value, as far as that goes without looking at other options. fd is not
 * closed. name is what errors call the file. Returns 0 and a document that the caller frees, or
 * -errno with one error filled and ret_doc untouched. Not reentrant: libconfuse's lexer is global.
 */
int conf_doc_read(const struct conf_schema *schema, int fd, const char *name,
	struct conf_doc **ret_doc, struct conf_error *error);
void conf_doc_free(struct conf_doc *doc);
DEFINE_AUTO(struct conf_doc, conf_doc_free);

/* The titled sections, in the order of the file; always 1 for a schema without title. */
size_t conf_doc_count(const struct conf_doc *doc);
const char *conf_doc_title(const struct conf_doc *doc, size_t body);

/* Fills a zeroed struct with the values of one body, and the defaults of what it leaves out.
 * Returns 0, or -errno with error filled: a required option is missing, or -ENOMEM. In every case
 * conf_schema_release() frees what is in the struct. */
int conf_doc_fill(const struct conf_doc *doc, size_t body, void *base, struct conf_error *error);

/* Where an option stands; where it is left out, its section (key NULL: the section itself); where
 * that is left out too, what is around it, at last line 1. */
unsigned conf_doc_line(
	const struct conf_doc *doc, size_t body, const char *section, const char *key);

void conf_schema_release(const struct conf_schema *schema, void *base);

/* A file that loads as it is: required options have examples, the others are comments. */
void conf_schema_print_sample(const struct conf_schema *schema, FILE *out);
/* The options as a Markdown table. */
void conf_schema_print_table(const struct conf_schema *schema, FILE *out);

#endif
