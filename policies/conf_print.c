/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a schema says about itself: the sample file and the manual's table. */
#include "policies/conf.h"

#include <string.h>

#define WIDTH 96

/* Words of text as comment lines. */
static void print_comment(FILE *out, const char *indent, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (column > 0 && column + 1 + length > WIDTH - 2) {
			(void)fputc('\n', out);
			column = 0;
		}
		if (column == 0)
			column = (size_t)fprintf(out, "%s#", indent);
		column += (size_t)fprintf(out, " %.*s", (int)length, text);
		text += length + (text[length] == ' ');
	}
	(void)fputc('\n', out);
}

/* A value as it is written in a file. */
static void print_value(FILE *out, const struct conf_row *row, const char *text)
{
	const char *quote = conf_kind_is_quoted(row->kind) ? "\"" : "";
	const char *before = " ";

	if (!conf_kind_is_list(row->kind)) {
		(void)fprintf(out, "%s%s%s", quote, text, quote);
		return;
	}
	(void)fputc('{', out);
	while (*text != '\0') {
		size_t length = strcspn(text, CONF_SEPARATOR);

		(void)fprintf(out, "%s%s%.*s%s", before, quote, (int)length, text, quote);
		text += length + (text[length] != '\0');
		before = ", ";
	}
	(void)fputs(" }", out);
}

static void print_sample_row(FILE *out, const struct conf_row *row, const char *indent)
{
	const char *shown = row->standard;
	char comment[1024], accepts[256];

	(void)snprintf(comment, sizeof(comment), "%s Expected: %s.", row->help,
		conf_kind_describe(row, accepts, sizeof(accepts)));
	print_comment(out, indent, comment);
	if (row->example != NULL && (shown == NULL || *shown == '\0'))
		shown = row->example;
	(void)fprintf(out, "%s%s%s = ", indent, row->required ? "" : "# ", row->key);
	print_value(out, row, shown != NULL ? shown : "");
	(void)fputc('\n', out);
}

static bool same_section(const struct conf_row *a, const struct conf_row *b)
{
	if (a->section == NULL || b->section == NULL)
		return a->section == b->section;
	return strcmp(a->section, b->section) == 0;
}

void conf_schema_print_sample(const struct conf_schema *schema, FILE *out)
{
	const char *outer = schema->title != NULL ? "\t" : "";
	const char *inner = schema->title != NULL ? "\t\t" : "\t";

	print_comment(out, "", schema->summary);
	if (schema->title != NULL)
		(void)fprintf(out, "%s \"%s\" {\n", schema->title, schema->sample_id);
	for (size_t i = 0; i < schema->row_count; i++) {
		const struct conf_row *row = &schema->rows[i];
		bool begins = i == 0 || !same_section(row, row - 1);
		bool ends = i + 1 == schema->row_count || !same_section(row, row + 1);

		if (i > 0 && (!begins || row->section == NULL))
			(void)fputc('\n', out);
		if (row->section != NULL && begins)
			(void)fprintf(out, "%s%s%s {\n", i > 0 ? "\n" : "", outer, row->section);
		print_sample_row(out, row, row->section != NULL ? inner : outer);
		if (row->section != NULL && ends)
			(void)fprintf(out, "%s}\n", outer);
	}
	if (schema->title != NULL)
		(void)fputs("}\n", out);
}

static void print_cell_default(FILE *out, const struct conf_row *row)
{
	if (row->required) {
		(void)fputs("required", out);
	} else if (row->standard != NULL &&
		   (*row->standard != '\0' || !conf_kind_is_list(row->kind))) {
		(void)fputc('`', out);
		print_value(out, row, row->standard);
		(void)fputc('`', out);
	}
}

void conf_schema_print_table(const struct conf_schema *schema, FILE *out)
{
	char accepts[256];

	(void)fputs(
		"| option | kind | default | what it does | accepted |\n|---|---|---|---|---|\n",
		out);
	for (size_t i = 0; i < schema->row_count; i++) {
		const struct conf_row *row = &schema->rows[i];

		(void)fprintf(out, "| `%s%s%s` | %s | ", row->section != NULL ? row->section : "",
			row->section != NULL ? "." : "", row->key, conf_kind_name(row->kind));
		print_cell_default(out, row);
		(void)fprintf(out, " | %s | %s |\n", row->help,
			conf_kind_describe(row, accepts, sizeof(accepts)));
	}
}
