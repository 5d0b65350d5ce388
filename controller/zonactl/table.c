/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/table.h"

#include "controller/zonactl/text.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define GAP 2	     /* blanks between columns */
#define CELL_MAX 512 /* longest text of a cell in bytes; no terminal shows more of it */

/* Every table here has fewer; bounds the widths on the stack. */
#define COLUMNS_MAX 16

struct cell {
	char *text;
	enum table_style style;
};

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct cell *cells;
	size_t count, capacity;
	bool short_of_memory;
};

/* The columns that are shown, and how wide. */
struct layout {
	size_t width[COLUMNS_MAX];
	bool shown[COLUMNS_MAX];
};

static const char *const style_codes[] = {
	[TABLE_PLAIN] = "",
	[TABLE_GOOD] = "\033[32m",
	[TABLE_WARN] = "\033[33m",
	[TABLE_BAD] = "\033[31m",
	[TABLE_DIM] = "\033[2m",
};
#define TITLE_CODE "\033[1m"
#define PLAIN_CODE "\033[0m"

struct table *table_new(const struct table_column *columns, size_t count)
{
	struct table *table;

	if (count == 0 || count > COLUMNS_MAX)
		return NULL;
	table = calloc(1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->columns = columns;
	table->column_count = count;
	return table;
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

static int table_grow(struct table *table)
{
	size_t capacity = table->capacity == 0 ? 64 : 2 * table->capacity;
	struct cell *cells = reallocarray(table->cells, capacity, sizeof(*cells));

	if (cells == NULL)
		return -ENOMEM;
	table->cells = cells;
	table->capacity = capacity;
	return 0;
}

void table_cell(struct table *table, enum table_style style, const char *format, ...)
{
	char text[CELL_MAX];
	va_list args;
	char *clean;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clean = text_clean(text);
	if (clean == NULL || (table->count == table->capacity && table_grow(table) < 0)) {
		free(clean);
		table->short_of_memory = true;
		return;
	}
	table->cells[table->count++] = (struct cell){.text = clean, .style = style};
}

static size_t total_width(const struct table *table, const struct layout *layout)
{
	size_t total = 0;

	for (size_t i = 0; i < table->column_count; i++)
		if (layout->shown[i])
			total += layout->width[i] + (total > 0 ? GAP : 0);
	return total;
}

/* Hides the column that leaves first. False when all that is left must stay. */
static bool hide_one(const struct table *table, struct layout *layout)
{
	size_t worst = table->column_count;

	for (size_t i = 0; i < table->column_count; i++) {
		if (!layout->shown[i] || table->columns[i].leaves == 0)
			continue;
		if (worst == table->column_count ||
			table->columns[i].leaves > table->columns[worst].leaves)
			worst = i;
	}
	if (worst == table->column_count)
		return false;
	layout->shown[worst] = false;
	return true;
}

static void lay_out(const struct table *table, size_t width, struct layout *layout)
{
	for (size_t i = 0; i < table->column_count; i++) {
		layout->shown[i] = true;
		layout->width[i] = text_width(table->columns[i].title);
	}
	for (size_t i = 0; i < table->count; i++) {
		size_t needed = text_width(table->cells[i].text);
		size_t column = i % table->column_count;

		if (needed > layout->width[column])
			layout->width[column] = needed;
	}
	while (width > 0 && total_width(table, layout) > width && hide_one(table, layout))
		;
}

struct line {
	FILE *out;
	size_t left;   /* columns the terminal still has */
	size_t behind; /* blanks owed: written only when something follows */
};

static void line_blanks(struct line *line, size_t count)
{
	line->behind += count;
}

static void line_text(struct line *line, const char *text, const char *code)
{
	size_t width, length;

	if (text[0] == '\0' || line->left <= line->behind)
		return;
	length = text_prefix(text, line->left - line->behind, &width);
	(void)fprintf(line->out, "%*s%s%.*s%s", (int)line->behind, "", code, (int)length, text,
		code[0] != '\0' ? PLAIN_CODE : "");
	line->left -= line->behind + width;
	line->behind = 0;
}

static void print_row(const struct table *table, const struct layout *layout, FILE *out,
	const struct table_view *view, const struct cell *row)
{
	struct line line = {.out = out, .left = view->width > 0 ? view->width : SIZE_MAX / 2};
	bool first = true;

	for (size_t i = 0; i < table->column_count; i++) {
		const char *text = row != NULL ? row[i].text : table->columns[i].title;
		const char *code = row != NULL ? style_codes[row[i].style] : TITLE_CODE;
		size_t pad;

		if (!layout->shown[i])
			continue;
		pad = layout->width[i] - text_width(text);
		line_blanks(&line, first ? 0 : GAP);
		first = false;
		if (table->columns[i].align == TABLE_RIGHT)
			line_blanks(&line, pad);
		line_text(&line, text, view->colour ? code : "");
		if (table->columns[i].align == TABLE_LEFT)
			line_blanks(&line, pad);
	}
	(void)fputc('\n', out);
}

static int print_table(
	const struct table *table, FILE *out, const struct table_view *view, bool titles)
{
	struct layout layout;

	if (table->short_of_memory)
		return -ENOMEM;
	lay_out(table, view->width, &layout);
	if (titles)
		print_row(table, &layout, out, view, NULL);
	for (size_t i = 0; i + table->column_count <= table->count; i += table->column_count)
		print_row(table, &layout, out, view, table->cells + i);
	return ferror(out) != 0 ? -EIO : 0;
}

int table_print(const struct table *table, FILE *out, const struct table_view *view)
{
	return print_table(table, out, view, true);
}

int table_print_rows(const struct table *table, FILE *out, const struct table_view *view)
{
	return print_table(table, out, view, false);
}
