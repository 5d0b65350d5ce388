/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table for people: columns aligned by display width, fitted to the terminal. */
#ifndef ZONA_ZONACTL_TABLE_H
#define ZONA_ZONACTL_TABLE_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum table_align { TABLE_LEFT, TABLE_RIGHT };

enum table_style { TABLE_PLAIN, TABLE_GOOD, TABLE_WARN, TABLE_BAD, TABLE_DIM };

struct table_column {
	const char *title;
	enum table_align align;
	unsigned leaves; /* the highest leaves first when the terminal is narrow; 0 stays */
};

/* How and where a table is shown. */
struct table_view {
	size_t width; /* columns of the terminal; 0: as wide as it needs */
	bool colour;
};

struct table;

/* columns must outlive the table. NULL when memory is short. */
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *table); /* NULL is fine */
DEFINE_AUTO(struct table, table_free);

/* The next cell, row after row. The text is cleaned of what a terminal would obey. Short memory
 * is remembered and told by table_print(). */
void table_cell(struct table *table, enum table_style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The titles and all whole rows. Returns 0, -ENOMEM or -EIO. */
int table_print(const struct table *table, FILE *out, const struct table_view *view);
/* The same without the titles. */
int table_print_rows(const struct table *table, FILE *out, const struct table_view *view);

#endif
