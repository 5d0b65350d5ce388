/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/template.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAX_DEPTH 8  /* of if, each and include together: bounds the recursion */
#define MAX_OPS 2048 /* the welcome page has about 100 */
#define MAX_WORD 48  /* of a directive */
#define MAX_WORDS 3  /* "if not name" */
#define NO_NAME SIZE_MAX

enum op_kind { OP_TEXT, OP_VALUE, OP_IF, OP_IF_NOT, OP_EACH, OP_ELSE, OP_END };

/* OP_TEXT: size bytes of the pool at offset. OP_VALUE, OP_IF, OP_EACH: name is the value's number.
 * OP_IF, OP_EACH, OP_ELSE: target is the index of the matching else or end. */
struct op {
	enum op_kind kind;
	size_t name;
	size_t offset, size;
	size_t target;
};

struct template
{
	struct buffer text;
	struct op *ops;
	size_t count;
};

struct compiler {
	struct template *template;
	const struct template_source *source;
	struct template_error *error;
	size_t open[MAX_DEPTH]; /* the if, else or each that waits for its end */
	size_t depth;
	size_t include_depth;
};

/* Where the compiler is in one part. */
struct place {
	const char *part;
	const char *at;
	unsigned line;
	size_t open_at_start; /* an include must close what it opens */
	bool after_block;     /* the end of this line is not part of the page */
};

struct directive {
	char words[MAX_WORDS][MAX_WORD];
	size_t count;
};

static int __attribute__((format(printf, 3, 4)))
refuse(struct compiler *c, const struct place *place, const char *format, ...)
{
	va_list args;
	char reason[128];

	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	(void)snprintf(c->error->text, sizeof(c->error->text), "%s:%u: %s", place->part,
		place->line, reason);
	return -EINVAL;
}

static int add_op(struct compiler *c, struct op op)
{
	struct template *t = c->template;

	if (t->count == MAX_OPS)
		return -EMSGSIZE;
	if (t->count % 64 == 0) {
		struct op *ops = reallocarray(t->ops, t->count + 64, sizeof(*ops));

		if (ops == NULL)
			return -ENOMEM;
		t->ops = ops;
	}
	t->ops[t->count++] = op;
	return 0;
}

/* Neighbouring texts become one op; an if or each in between keeps them apart. */
static int text_op(struct compiler *c, size_t size_before)
{
	struct template *t = c->template;
	size_t added = t->text.size - size_before;

	if (added == 0)
		return 0;
	if (t->count > 0 && t->ops[t->count - 1].kind == OP_TEXT) {
		t->ops[t->count - 1].size += added;
		return 0;
	}
	return add_op(c, (struct op){.kind = OP_TEXT, .offset = size_before, .size = added});
}

static void skip_space(struct place *place)
{
	for (; *place->at != '\0' && strchr(" \t\n", *place->at) != NULL; place->at++)
		place->line += *place->at == '\n';
}

static void skip_line_end(struct place *place)
{
	if (*place->at == '\n')
		skip_space(place);
	place->after_block = false;
}

/* Literal text of a part, without the white space that begins a line. */
static int add_literal(struct compiler *c, struct place *place, const char *end)
{
	struct buffer *pool = &c->template->text;
	size_t before = pool->size;

	if (place->after_block)
		skip_line_end(place);
	while (place->at < end) {
		const char *newline = memchr(place->at, '\n', (size_t)(end - place->at));
		const char *stop = newline != NULL ? newline + 1 : end;
		int r = buffer_append(pool, place->at, (size_t)(stop - place->at));

		if (r < 0)
			return r;
		place->at = stop;
		if (newline != NULL) {
			place->line++;
			skip_space(place);
		}
	}
	return text_op(c, before);
}

static size_t find_name(const struct compiler *c, const char *name, size_t size)
{
	for (size_t i = 0; i < c->source->name_count; i++)
		if (strncmp(c->source->names[i], name, size) == 0 &&
			c->source->names[i][size] == '\0')
			return i;
	return NO_NAME;
}

static int add_value(struct compiler *c, const struct place *place, enum op_kind kind,
	const char *name, size_t size)
{
	size_t number = find_name(c, name, size);

	if (number == NO_NAME)
		return refuse(c, place, "no value is called \"%.*s\"", (int)(size > 32 ? 32 : size),
			name);
	return add_op(c, (struct op){.kind = kind, .name = number});
}

static int add_escaped(struct compiler *c, const char *text, size_t size)
{
	AUTO_STR copy = strndup(text, size);
	size_t before = c->template->text.size;

	if (copy == NULL)
		return -ENOMEM;
	int r = buffer_append_escaped(&c->template->text, copy);
	return r < 0 ? r : text_op(c, before);
}

/* "Te quedan {time_left}": plain text with values in it. */
static int add_message_text(struct compiler *c, const struct place *place, const char *message)
{
	while (*message != '\0') {
		size_t plain = strcspn(message, "{");
		int r = add_escaped(c, message, plain);

		if (r < 0)
			return r;
		message += plain;
		if (*message == '\0')
			return 0;
		const char *close = strchr(message, '}');
		if (close == NULL)
			return refuse(c, place, "a message has { without }");
		r = add_value(c, place, OP_VALUE, message + 1, (size_t)(close - message - 1));
		if (r < 0)
			return r;
		message = close + 1;
	}
	return 0;
}

static int add_message(struct compiler *c, const struct place *place, const char *key)
{
	char full[2 * MAX_WORD + 32];

	(void)snprintf(full, sizeof(full), "%s%s", key[0] == '.' ? c->source->page : "", key);
	const char *message = c->source->message(c->source->context, full);
	if (message == NULL)
		return refuse(c, place, "there is no message \"%s\"", full);
	return add_message_text(c, place, message);
}

static int open_block(
	struct compiler *c, const struct place *place, enum op_kind kind, const char *name)
{
	if (c->depth == MAX_DEPTH)
		return refuse(c, place, "more than %d blocks inside each other", MAX_DEPTH);
	c->open[c->depth++] = c->template->count;
	return add_value(c, place, kind, name, strlen(name));
}

static int close_block(struct compiler *c, const struct place *place, enum op_kind kind)
{
	struct op *ops = c->template->ops;

	if (c->depth == place->open_at_start)
		return refuse(
			c, place, "%s without its beginning", kind == OP_ELSE ? "else" : "end");
	struct op *opener = &ops[c->open[c->depth - 1]];
	if (kind == OP_ELSE && opener->kind != OP_IF && opener->kind != OP_IF_NOT)
		return refuse(c, place, "else does not belong to an if");
	opener->target = c->template->count;
	if (kind == OP_ELSE)
		c->open[c->depth - 1] = c->template->count;
	else
		c->depth--;
	return add_op(c, (struct op){.kind = kind});
}

static int compile_part(struct compiler *c, const struct place *from, const char *name);

static bool is_block(const char *verb)
{
	return strcmp(verb, "if") == 0 || strcmp(verb, "each") == 0 || strcmp(verb, "else") == 0 ||
	       strcmp(verb, "end") == 0 || strcmp(verb, "include") == 0;
}

static int compile_directive(struct compiler *c, struct place *place, const struct directive *d)
{
	const char *verb = d->words[0], *argument = d->words[1];

	place->after_block = d->count == 0 || is_block(verb);
	if (d->count == 0) /* a comment */
		return 0;
	if (d->count == 1 && strcmp(verb, "else") == 0)
		return close_block(c, place, OP_ELSE);
	if (d->count == 1 && strcmp(verb, "end") == 0)
		return close_block(c, place, OP_END);
	if (d->count == 1)
		return add_value(c, place, OP_VALUE, verb, strlen(verb));
	if (d->count == 2 && strcmp(verb, "t") == 0)
		return add_message(c, place, argument);
	if (d->count == 2 && strcmp(verb, "if") == 0)
		return open_block(c, place, OP_IF, argument);
	if (d->count == 3 && strcmp(verb, "if") == 0 && strcmp(argument, "not") == 0)
		return open_block(c, place, OP_IF_NOT, d->words[2]);
	if (d->count == 2 && strcmp(verb, "each") == 0)
		return open_block(c, place, OP_EACH, argument);
	if (d->count == 2 && strcmp(verb, "include") == 0)
		return compile_part(c, place, argument);
	return refuse(c, place, "{{%s …}} is not understood", verb);
}

/* Splits what stands between {{ and }} into words. */
static int read_directive(struct compiler *c, struct place *place, struct directive *d)
{
	const char *p = place->at + 2, *end = strstr(p, "}}");

	if (end == NULL)
		return refuse(c, place, "{{ without }}");
	d->count = 0;
	if (*p == '#') {
		for (; place->at < end; place->at++)
			place->line += *place->at == '\n';
		place->at = end + 2;
		return 0;
	}
	for (p += strspn(p, " \n"); p < end; p += strspn(p, " \n")) {
		size_t size = strcspn(p, " \n}");

		if (d->count == MAX_WORDS || size == 0 || size >= MAX_WORD)
			return refuse(c, place, "a directive is too long");
		memcpy(d->words[d->count], p, size);
		d->words[d->count++][size] = '\0';
		p += size;
	}
	if (d->count == 0)
		return refuse(c, place, "{{}} is empty");
	place->at = end + 2;
	return 0;
}

static int compile_text(struct compiler *c, struct place *place)
{
	while (*place->at != '\0') {
		const char *begin = strstr(place->at, "{{");
		struct directive directive;
		int r = add_literal(
			c, place, begin != NULL ? begin : place->at + strlen(place->at));

		if (r < 0 || *place->at == '\0')
			return r;
		r = read_directive(c, place, &directive);
		if (r == 0)
			r = compile_directive(c, place, &directive);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compile_part(struct compiler *c, const struct place *from, const char *name)
{
	const char *text = c->source->part(c->source->context, name);
	struct place place = {.part = name, .at = text, .line = 1, .open_at_start = c->depth};

	if (text == NULL)
		return refuse(c, from, "there is no part \"%s\"", name);
	if (c->include_depth == MAX_DEPTH)
		return refuse(c, from, "includes go too deep");
	c->include_depth++;
	int r = compile_text(c, &place);
	c->include_depth--;
	if (r == 0 && c->depth != place.open_at_start)
		return refuse(c, &place, "an if or each has no end");
	return r;
}

int template_compile(const char *name, const struct template_source *source,
	struct template **ret_template, struct template_error *error)
{
	AUTO(template_free) struct template *template = calloc(1, sizeof(*template));
	struct compiler compiler = {.template = template, .source = source, .error = error};
	const struct place nowhere = {.part = name};

	if (template == NULL)
		return -ENOMEM;
	int r = compile_part(&compiler, &nowhere, name);
	if (r == -EMSGSIZE)
		return refuse(&compiler, &nowhere, "the page is too large");
	if (r < 0)
		return r;
	*ret_template = TAKE(template);
	return 0;
}

void template_free(struct template *template)
{
	if (template == NULL)
		return;
	buffer_free(&template->text);
	free(template->ops);
	free(template);
}

/* ---- rendering ----------------------------------------------------------------------------------
 */

struct scope {
	const struct template_value *values;
	const struct scope *outer;
};

static const struct template_value *find_value(const struct scope *scope, size_t name)
{
	static const struct template_value nothing;

	for (; scope != NULL; scope = scope->outer)
		if (scope->values[name].text != NULL || scope->values[name].row_count > 0 ||
			scope->values[name].inner != NULL)
			return &scope->values[name];
	return &nothing;
}

static bool is_true(const struct scope *scope, size_t name)
{
	const struct template_value *value = find_value(scope, name);

	return value->row_count > 0 || value->inner != NULL ||
	       (value->text != NULL && value->text[0] != '\0');
}

static int render_range(const struct template *t, size_t from, size_t to, const struct scope *scope,
	struct buffer *out);

static int render_rows(
	const struct template *t, size_t at, const struct scope *scope, struct buffer *out)
{
	const struct template_value *list = find_value(scope, t->ops[at].name);
	int r = 0;

	for (size_t i = 0; i < list->row_count && r == 0; i++) {
		const struct scope row = {.values = list->rows[i], .outer = scope};

		r = render_range(t, at + 1, t->ops[at].target, &row, out);
	}
	return r;
}

static int render_value(
	const struct template_value *value, const struct scope *scope, struct buffer *out)
{
	if (value->inner != NULL)
		return render_range(value->inner, 0, value->inner->count, scope, out);
	return value->text != NULL ? buffer_append_escaped(out, value->text) : 0;
}

/* Renders ops from..to-1. An if that is false goes on after its else or end; an else that is met
 * ends the branch that was true. */
static int render_range(const struct template *t, size_t from, size_t to, const struct scope *scope,
	struct buffer *out)
{
	int r = 0;

	for (size_t i = from; i < to && r == 0; i++) {
		const struct op *op = &t->ops[i];

		switch (op->kind) {
		case OP_TEXT:
			r = buffer_append(out, t->text.data + op->offset, op->size);
			break;
		case OP_VALUE:
			r = render_value(find_value(scope, op->name), scope, out);
			break;
		case OP_IF:
		case OP_IF_NOT:
			if (is_true(scope, op->name) != (op->kind == OP_IF))
				i = op->target;
			break;
		case OP_EACH:
			r = render_rows(t, i, scope, out);
			i = op->target;
			break;
		case OP_ELSE:
			i = op->target;
			break;
		case OP_END:
			break;
		}
	}
	return r;
}

int template_render(
	const struct template *template, const struct template_value *values, struct buffer *out)
{
	const struct scope scope = {.values = values};
	/* Room for the fixed text and some values at once: one allocation a page. */
	int r = buffer_reserve(out, template->text.size + 1024);

	return r < 0 ? r : render_range(template, 0, template->count, &scope, out);
}
