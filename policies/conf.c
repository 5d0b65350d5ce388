/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/conf.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* A value in a message: enough to find it in the file. */
#define SHOWN_MAX 60
#define DESCRIPTION_SIZE 192

struct conf_doc {
	const struct conf_schema *schema;
	char *name;
	cfg_t *root;
	size_t bodies;
	bool refused; /* error is filled; what libconfuse says after it is a consequence */
	struct conf_error *error;
};

/* libconfuse hands no context to its callbacks. */
static struct conf_doc *reading;

/* libconfuse keeps an option's default number in the option, which strings do not use: here it is
 * the line where the option was met, 0 as long as it was not. */
static unsigned option_line(const cfg_opt_t *opt)
{
	return (unsigned)opt->def.number;
}

static int refuse(const cfg_t *cfg, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int refuse(const cfg_t *cfg, const char *format, ...)
{
	char reason[sizeof(reading->error->text)];
	va_list args;

	if (reading->refused)
		return -1;
	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	reading->refused = true;
	(void)conf_error_set(reading->error, reading->name, (unsigned)cfg->line, "%s", reason);
	return -1;
}

/* The section of a row that options of cfg belong to: NULL for those outside of sections. */
static const char *section_of(const struct conf_schema *schema, const cfg_t *cfg)
{
	if (strcmp(cfg->name, schema->title != NULL ? schema->title : "root") == 0)
		return NULL;
	return cfg->name;
}

static bool same_section(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static const struct conf_row *find_row(
	const struct conf_schema *schema, const char *section, const char *key)
{
	for (size_t i = 0; i < schema->row_count; i++)
		if (same_section(schema->rows[i].section, section) &&
			strcmp(schema->rows[i].key, key) == 0)
			return &schema->rows[i];
	return NULL;
}

/* "lan.interface", as messages name an option. */
static const char *full_name(const struct conf_row *row, char name[64])
{
	(void)snprintf(name, 64, "%s%s%s", row->section != NULL ? row->section : "",
		row->section != NULL ? "." : "", row->key);
	return name;
}

/* ---- what libconfuse calls while it reads ---------------------------------------------------- */

static void add_known_names(const cfg_t *cfg, char *text, size_t size)
{
	size_t used = strlen(text);
	const char *before = "; known here: ";

	for (const cfg_opt_t *opt = cfg->opts; opt->name != NULL && used < size; opt++) {
		if (strcmp(opt->name, CONF_MARK) == 0)
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", before, opt->name);
		before = ", ";
	}
}

static void on_error(cfg_t *cfg, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char text[sizeof(reading->error->text)];
	va_list copy;

	va_copy(copy, args);
	(void)vsnprintf(text, sizeof(text), format, copy);
	va_end(copy);
	if (strncmp(format, "no such option", strlen("no such option")) == 0) {
		const char *name = va_arg(args, const char *);

		(void)snprintf(text, sizeof(text), "no such option '%.*s'",
			conf_cut(name, SHOWN_MAX), name);
		add_known_names(cfg, text, sizeof(text));
	}
	(void)refuse(cfg, "%s", text);
}

/* The marker behind the brace of a section, or the first item of a list. */
static int on_opening(const cfg_t *cfg, cfg_opt_t *opt)
{
	bool is_section = strcmp(opt->name, CONF_MARK) == 0;
	bool is_body = section_of(reading->schema, cfg) == NULL;

	if (option_line(opt) > 0)
		return refuse(cfg, "%s '%s' is here twice, first in line %u",
			is_section ? "section" : "option", is_section ? cfg->name : opt->name,
			option_line(opt));
	opt->def.number = cfg->line;
	if (!is_section || !is_body)
		return 0;
	if (reading->bodies++ == CONF_BODIES_MAX)
		return refuse(cfg, "more than %d sections in one file", CONF_BODIES_MAX);
	if (conf_kind_check(
		    &(struct conf_row){.kind = CONF_ID, .min = 1, .max = 63}, cfg->title, NULL) < 0)
		return refuse(cfg,
			"%s \"%.*s\": expected lower-case letters, digits and '-', no '-' first, "
			"1 to 63 bytes",
			cfg->name, conf_cut(cfg->title, SHOWN_MAX), cfg->title);
	return 0;
}

/* nvalues counts this item already, and the marker. */
static int check_item(
	const cfg_t *cfg, const struct conf_row *row, cfg_opt_t *opt, const char *text)
{
	char name[64];

	if (opt->nvalues - 1 > row->max)
		return refuse(
			cfg, "%s: more than %u items", full_name(row, name), (unsigned)row->max);
	for (unsigned i = 0; i + 1 < opt->nvalues; i++)
		if (opt->values[i]->string != NULL && strcmp(opt->values[i]->string, text) == 0)
			return refuse(cfg, "%s: \"%.*s\" is in the list twice",
				full_name(row, name), conf_cut(text, SHOWN_MAX), text);
	return 0;
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	const struct conf_row *row;
	char name[64], expected[DESCRIPTION_SIZE];
	uint64_t number;

	*(const char **)result = value;
	if (*value == *CONF_MARK)
		return on_opening(cfg, opt);
	row = find_row(reading->schema, section_of(reading->schema, cfg), opt->name);
	if (row == NULL)
		return refuse(cfg, "option '%s' does not belong here", opt->name);
	if ((!conf_kind_is_list(row->kind) || opt->nvalues == 1) && on_opening(cfg, opt) != 0)
		return -1;
	if (conf_kind_check(row, value, &number) < 0)
		return refuse(cfg, "%s = \"%.*s\": expected %s", full_name(row, name),
			conf_cut(value, SHOWN_MAX), value,
			conf_kind_describe(row, expected, sizeof(expected)));
	return conf_kind_is_list(row->kind) ? check_item(cfg, row, opt, value) : 0;
}

/* ---- the options, as libconfuse wants them --------------------------------------------------- */

/* All rows, a marker and an end for each section, and the sections themselves. */
struct options {
	cfg_opt_t *next;
	cfg_opt_t *all;
};

static cfg_opt_t *put_option(struct options *options, const cfg_opt_t *opt)
{
	*options->next = *opt;
	return options->next++;
}

/* The rows of one section in a row; those of the body are found by section NULL. */
static cfg_opt_t *put_rows(
	struct options *options, const struct conf_schema *schema, const char *section)
{
	cfg_opt_t *first = put_option(
		options, &(cfg_opt_t)CFG_STR_CB(CONF_MARK, NULL, CFGF_NODEFAULT, on_value));

	for (size_t i = 0; i < schema->row_count; i++) {
		const struct conf_row *row = &schema->rows[i];

		if (!same_section(row->section, section))
			continue;
		if (conf_kind_is_list(row->kind))
			(void)put_option(options, &(cfg_opt_t)CFG_STR_LIST_CB(row->key, NULL,
							  CFGF_NODEFAULT, on_value));
		else
			(void)put_option(options,
				&(cfg_opt_t)CFG_STR_CB(row->key, NULL, CFGF_NODEFAULT, on_value));
	}
	return first;
}

static bool begins_section(const struct conf_schema *schema, size_t i)
{
	const struct conf_row *rows = schema->rows;

	return rows[i].section != NULL &&
	       (i == 0 || !same_section(rows[i].section, rows[i - 1].section));
}

/* Returns the options of the whole file, inside of what options->all owns. */
static cfg_opt_t *put_schema(struct options *options, const struct conf_schema *schema)
{
	const cfg_opt_t end = CFG_END();
	cfg_opt_t *body, *sections = options->next + 4 * schema->row_count + 8;
	cfg_opt_t *next_section = sections;

	for (size_t i = 0; i < schema->row_count; i++)
		if (begins_section(schema, i)) {
			const char *name = schema->rows[i].section;

			*next_section++ = (cfg_opt_t)CFG_SEC(
				name, put_rows(options, schema, name), CFGF_NONE);
			(void)put_option(options, &end);
		}
	body = put_rows(options, schema, NULL);
	for (const cfg_opt_t *s = sections; s < next_section; s++)
		(void)put_option(options, s);
	(void)put_option(options, &end);
	if (schema->title == NULL)
		return body;
	body = put_option(options, &(cfg_opt_t)CFG_SEC(schema->title, body,
					   CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES));
	(void)put_option(options, &end);
	return body;
}

/* libconfuse copies the options, sections and all. */
static cfg_t *new_reader(const struct conf_schema *schema)
{
	struct options options = {0};
	cfg_t *cfg;

	/* At most a section for each row, which takes row, marker, end and itself; around them the
	 * body's marker and end, the title and its end. Behind that, the sections as they are met.
	 */
	options.all = calloc(5 * schema->row_count + 8, sizeof(*options.all));
	if (options.all == NULL)
		return NULL;
	options.next = options.all;
	cfg = cfg_init(put_schema(&options, schema), CFGF_NONE);
	free(options.all);
	if (cfg != NULL)
		(void)cfg_set_error_function(cfg, on_error);
	return cfg;
}

/* ---- documents ------------------------------------------------------------------------------- */

static int failed(const char *name, int r, struct conf_error *error)
{
	(void)conf_error_set(error, name, 0, "%s", strerror(-r));
	return r;
}

static int read_text(struct conf_doc *doc, const char *text)
{
	int r;

	reading = doc;
	r = cfg_parse_buf(doc->root, text);
	reading = NULL;
	if (r == CFG_SUCCESS)
		return 0;
	return doc->refused ? -EINVAL : failed(doc->name, -ENOMEM, doc->error);
}

int conf_doc_read(const struct conf_schema *schema, int fd, const char *name,
	struct conf_doc **ret_doc, struct conf_error *error)
{
	AUTO(conf_doc_free) struct conf_doc *doc = NULL;
	AUTO_STR text = NULL;
	int r = conf_text_read(fd, name, &text, error);

	if (r < 0)
		return r;
	doc = calloc(1, sizeof(*doc));
	if (doc == NULL)
		return failed(name, -ENOMEM, error);
	doc->schema = schema;
	doc->error = error;
	doc->name = strdup(name);
	doc->root = new_reader(schema);
	if (doc->name == NULL || doc->root == NULL)
		return failed(name, -ENOMEM, error);
	r = read_text(doc, text);
	if (r < 0)
		return r;
	*ret_doc = TAKE(doc);
	return 0;
}

void conf_doc_free(struct conf_doc *doc)
{
	if (doc == NULL)
		return;
	if (doc->root != NULL)
		(void)cfg_free(doc->root);
	free(doc->name);
	free(doc);
}

size_t conf_doc_count(const struct conf_doc *doc)
{
	return doc->schema->title != NULL ? cfg_size(doc->root, doc->schema->title) : 1;
}

static cfg_t *body_of(const struct conf_doc *doc, size_t body)
{
	if (doc->schema->title == NULL)
		return doc->root;
	return cfg_getnsec(doc->root, doc->schema->title, (unsigned)body);
}

const char *conf_doc_title(const struct conf_doc *doc, size_t body)
{
	return cfg_title(body_of(doc, body));
}

static cfg_opt_t *find_option(
	const struct conf_doc *doc, size_t body, const char *section, const char *key)
{
	cfg_t *cfg = body_of(doc, body);

	return cfg_getopt(section != NULL ? cfg_getsec(cfg, section) : cfg, key);
}

unsigned conf_doc_line(
	const struct conf_doc *doc, size_t body, const char *section, const char *key)
{
	unsigned line = key != NULL ? option_line(find_option(doc, body, section, key)) : 0;

	if (line == 0)
		line = option_line(find_option(doc, body, section, CONF_MARK));
	if (line == 0)
		line = option_line(find_option(doc, body, NULL, CONF_MARK));
	return line > 0 ? line : 1;
}

static int fill_default(const struct conf_row *row, void *base)
{
	AUTO_STR text = NULL;
	char *rest;
	int r = 0;

	if (row->standard == NULL)
		return 0;
	if (!conf_kind_is_list(row->kind))
		return conf_kind_store(row, base, row->standard);
	rest = text = strdup(row->standard);
	if (text == NULL)
		return -ENOMEM;
	for (char *item = strsep(&rest, CONF_SEPARATOR); item != NULL && *item != '\0' && r == 0;
		item = strsep(&rest, CONF_SEPARATOR))
		r = conf_kind_store(row, base, item);
	return r;
}

static int fill_row(const struct conf_doc *doc, size_t body, const struct conf_row *row, void *base,
	struct conf_error *error)
{
	cfg_opt_t *opt = find_option(doc, body, row->section, row->key);
	unsigned line = conf_doc_line(doc, body, row->section, row->key);
	unsigned stored = 0;
	char name[64], expected[DESCRIPTION_SIZE];
	int r = 0;

	if (option_line(opt) == 0 && row->required)
		return conf_error_set(error, doc->name, line, "%s is missing: expected %s",
			full_name(row, name), conf_kind_describe(row, expected, sizeof(expected)));
	if (option_line(opt) == 0) {
		r = fill_default(row, base);
		return r == 0 ? 0 : failed(doc->name, r, error);
	}
	for (unsigned i = 0; i < cfg_opt_size(opt) && r == 0; i++) {
		const char *value = cfg_opt_getnstr(opt, i);

		if (*value == *CONF_MARK)
			continue;
		r = conf_kind_store(row, base, value);
		stored++;
	}
	if (r < 0)
		return failed(doc->name, r, error);
	if (conf_kind_is_list(row->kind) && stored < row->min)
		return conf_error_set(error, doc->name, line, "%s is an empty list: expected %s",
			full_name(row, name), conf_kind_describe(row, expected, sizeof(expected)));
	return 0;
}

int conf_doc_fill(const struct conf_doc *doc, size_t body, void *base, struct conf_error *error)
{
	for (size_t i = 0; i < doc->schema->row_count; i++) {
		int r = fill_row(doc, body, &doc->schema->rows[i], base, error);

		if (r < 0)
			return r;
	}
	return 0;
}

void conf_schema_release(const struct conf_schema *schema, void *base)
{
	for (size_t i = 0; i < schema->row_count; i++)
		conf_kind_release(&schema->rows[i], base);
}
