/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/vouchers.h"

#include "common/cleanup.h"
#include "controller/zonactl/member.h"
#include "controller/zonactl/table.h"
#include "controller/zonactl/terminal.h"
#include "controller/zonactl/text.h"
#include "controller/zonactl/voucher_page.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

static json_t *order(const struct options *options)
{
	json_t *arguments = json_pack("{s:s, s:I, s:s}", "class", options->class_name, "count",
		(json_int_t)options->count, "expires", options->expires);

	if (options->minutes > 0)
		(void)json_object_set_new(arguments, "minutes", json_integer(options->minutes));
	if (options->uses > 0)
		(void)json_object_set_new(arguments, "uses", json_integer(options->uses));
	return arguments;
}

static int print_codes(FILE *out, const json_t *reply)
{
	const json_t *codes = json_object_get(reply, "codes");
	const json_t *code;
	size_t i;

	json_array_foreach(codes, i, code)
	{
		AUTO_STR clean =
			text_clean(json_string_value(code) != NULL ? json_string_value(code) : "");

		if (clean == NULL)
			return -ENOMEM;
		(void)fprintf(out, "%s\n", clean);
	}
	return ferror(out) != 0 ? -EIO : 0;
}

static enum zonactl_exit create(struct call *call, FILE *page)
{
	json_auto_t *reply = NULL;
	enum zonactl_exit status = call_ask(call, "voucher-create", order(call->options), &reply);
	enum zonactl_exit printed;
	int r = 0;

	if (status != ZONACTL_DONE)
		return status;
	/* The codes are told first: nobody can ask for them again. */
	printed = call->options->json ? call_print_json(call, reply)
				      : call_printed(call, print_codes(call->io->out, reply));
	if (page != NULL)
		r = voucher_page_print(page, reply);
	if (page != NULL && fflush(page) != 0 && r == 0)
		r = -errno;
	if (r < 0)
		(void)fprintf(
			call->io->err, "zonactl: %s: %s\n", call->options->html, strerror(-r));
	return r < 0 ? ZONACTL_REFUSED : printed;
}

enum zonactl_exit voucher_run(struct call *call)
{
	const char *path = call->options->html;
	__attribute__((cleanup(fclose_auto))) FILE *page = NULL;
	enum zonactl_exit status;
	int fd;

	if (path == NULL)
		return create(call, NULL);
	/* Before anything is made; and only its owner reads what is as good as money. */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	page = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (page == NULL) {
		(void)fprintf(call->io->err, "zonactl: %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return ZONACTL_REFUSED;
	}
	status = create(call, page);
	if (status != ZONACTL_DONE && ftell(page) == 0)
		(void)unlink(path);
	return status;
}

/* ---- the list -------------------------------------------------------------------------------- */

static enum zonactl_exit fetch(struct call *call, json_t *list)
{
	char after[32] = "";

	for (;;) {
		json_auto_t *reply = NULL;
		json_t *arguments = after[0] != '\0' ? json_pack("{s:s}", "after", after) : NULL;
		enum zonactl_exit status = call_ask(call, "vouchers", arguments, &reply);
		const char *next;

		if (status != ZONACTL_DONE)
			return status;
		(void)json_array_extend(list, json_object_get(reply, "vouchers"));
		next = member_text(reply, "next", "");
		if (next[0] == '\0' || strcmp(next, after) == 0)
			return ZONACTL_DONE;
		(void)snprintf(after, sizeof(after), "%s", next);
	}
}

static int print_list(FILE *out, const json_t *list, const struct table_view *view)
{
	static const struct table_column columns[] = {
		{"VOUCHER", TABLE_LEFT, 0},
		{"CLASS", TABLE_LEFT, 2},
		{"MINUTES", TABLE_RIGHT, 3},
		{"USED", TABLE_RIGHT, 0},
		{"EXPIRES", TABLE_LEFT, 1},
		{"STATE", TABLE_LEFT, 0},
	};
	AUTO(table_free) struct table *table = table_new(columns, ARRAY_SIZE(columns));
	const json_t *v;
	size_t i;

	if (table == NULL)
		return -ENOMEM;
	json_array_foreach(list, i, v)
	{
		const char *state = member_text(v, "state", "?");

		table_cell(table, TABLE_PLAIN, "%s", member_text(v, "voucher", "?"));
		table_cell(table, TABLE_PLAIN, "%s", member_text(v, "class", "?"));
		table_cell(table, TABLE_PLAIN, "%" PRIu64, member_number(v, "minutes"));
		table_cell(table, TABLE_PLAIN, "%" PRIu64 "/%" PRIu64, member_number(v, "used"),
			member_number(v, "uses"));
		table_cell(table, TABLE_PLAIN, "%.10s", member_text(v, "expires", "?"));
		table_cell(
			table, strcmp(state, "valid") == 0 ? TABLE_GOOD : TABLE_DIM, "%s", state);
	}
	return table_print(table, out, view);
}

enum zonactl_exit vouchers_run(struct call *call)
{
	const struct table_view view = terminal_view(call->io->out);
	json_auto_t *list = json_array();
	enum zonactl_exit status = fetch(call, list);

	if (status != ZONACTL_DONE)
		return status;
	if (call->options->json) {
		json_auto_t *document = json_pack("{s:O}", "vouchers", list);

		return call_print_json(call, document);
	}
	return call_printed(call, print_list(call->io->out, list, &view));
}
