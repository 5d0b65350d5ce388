/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/view.h"

#include "controller/zonactl/figures.h"
#include "controller/zonactl/member.h"
#include "controller/zonactl/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#define NONE "-"

static const struct table_column pair_columns[] = {
	{.title = "", .align = TABLE_LEFT},
	{.title = "", .align = TABLE_LEFT},
};

static const struct table_column list_columns[] = {
	{.title = "MAC", .align = TABLE_LEFT},
	{.title = "IPV4", .align = TABLE_LEFT, .leaves = 1},
	{.title = "IPV6", .align = TABLE_LEFT, .leaves = 5},
	{.title = "STATE", .align = TABLE_LEFT},
	{.title = "LEFT", .align = TABLE_RIGHT},
	{.title = "IDLE", .align = TABLE_RIGHT, .leaves = 4},
	{.title = "DOWN", .align = TABLE_RIGHT, .leaves = 2},
	{.title = "UP", .align = TABLE_RIGHT, .leaves = 3},
	{.title = "MAX DOWN", .align = TABLE_RIGHT, .leaves = 6},
	{.title = "MAX UP", .align = TABLE_RIGHT, .leaves = 7},
};

/* The first eight as above. */
static const struct table_column live_columns[] = {
	{.title = "MAC", .align = TABLE_LEFT},
	{.title = "IPV4", .align = TABLE_LEFT, .leaves = 1},
	{.title = "IPV6", .align = TABLE_LEFT, .leaves = 5},
	{.title = "STATE", .align = TABLE_LEFT},
	{.title = "LEFT", .align = TABLE_RIGHT},
	{.title = "IDLE", .align = TABLE_RIGHT, .leaves = 4},
	{.title = "DOWN", .align = TABLE_RIGHT, .leaves = 2},
	{.title = "UP", .align = TABLE_RIGHT, .leaves = 3},
	{.title = "DOWN NOW", .align = TABLE_RIGHT},
	{.title = "UP NOW", .align = TABLE_RIGHT},
};

static enum table_style state_style(const char *state)
{
	static const struct {
		const char *state;
		enum table_style style;
	} styles[] = {
		{"active", TABLE_GOOD},
		{"pending", TABLE_WARN},
		{"paused", TABLE_WARN},
		{"blocked", TABLE_BAD},
		{"ended", TABLE_DIM},
	};

	for (size_t i = 0; i < ARRAY_SIZE(styles); i++)
		if (strcmp(state, styles[i].state) == 0)
			return styles[i].style;
	return TABLE_PLAIN;
}

static const char *member_bytes(const json_t *object, const char *name, char text[FIGURE_SIZE])
{
	return member_has_number(object, name) ? figure_bytes(member_number(object, name), text)
					       : NONE;
}

static const char *member_rate(const json_t *object, const char *name, char text[FIGURE_SIZE])
{
	return member_has_number(object, name) ? figure_rate(member_number(object, name), text)
					       : NONE;
}

static const char *member_duration(const json_t *object, const char *name, char text[FIGURE_SIZE])
{
	return member_has_number(object, name) ? figure_duration(member_number(object, name), text)
					       : NONE;
}

/* A number that has no unit; NONE where it is not known, never 0. */
static const char *member_count(const json_t *object, const char *name, char text[FIGURE_SIZE])
{
	if (!member_has_number(object, name))
		return NONE;
	(void)snprintf(text, FIGURE_SIZE, "%" PRIu64, member_number(object, name));
	return text;
}

static void status_zone(struct table *table, const json_t *status)
{
	const json_t *open = json_object_get(status, "open");
	char uptime[FIGURE_SIZE];

	table_cell(table, TABLE_DIM, "Gateway");
	table_cell(table, TABLE_PLAIN, "%s, Zona %s, up %s", member_text(status, "gateway", NONE),
		member_text(status, "version", NONE), member_duration(status, "uptime_s", uptime));
	table_cell(table, TABLE_DIM, "Zone");
	table_cell(table, json_is_false(open) ? TABLE_WARN : TABLE_PLAIN, "%s (%s), class %s, %s",
		member_text(status, "zone_name", NONE), member_text(status, "zone", NONE),
		member_text(status, "class", NONE),
		json_is_false(open) ? "closed by its opening hours" : "open");
}

static void status_use(struct table *table, const json_t *status)
{
	char a[FIGURE_SIZE], b[FIGURE_SIZE], c[FIGURE_SIZE];

	table_cell(table, TABLE_DIM, "Sessions");
	table_cell(table, TABLE_PLAIN, "%s now, %s at most, %s devices seen",
		member_count(status, "sessions", a), member_count(status, "peak_sessions", b),
		member_count(status, "devices_seen", c));
	table_cell(table, TABLE_DIM, "Volume");
	table_cell(table, TABLE_PLAIN, "%s down, %s up", member_bytes(status, "bytes_down", a),
		member_bytes(status, "bytes_up", b));
	table_cell(table, TABLE_DIM, "Rate");
	table_cell(table, TABLE_PLAIN, "%s down, %s up", member_rate(status, "rate_down_bps", a),
		member_rate(status, "rate_up_bps", b));
}

static void status_machine(struct table *table, const json_t *status)
{
	const json_t *uplink = json_object_get(status, "uplink");
	const json_t *lan = json_object_get(status, "lan");
	const json_t *kernel = json_object_get(status, "kernel");
	const json_t *journal = json_object_get(status, "journal");
	const json_t *policy = json_object_get(status, "policy");
	bool failed = json_is_true(json_object_get(journal, "failed"));
	bool is_down = json_is_false(json_object_get(uplink, "up"));
	char a[FIGURE_SIZE], b[FIGURE_SIZE];

	table_cell(table, TABLE_DIM, "LAN");
	table_cell(table, TABLE_PLAIN, "%s", member_text(lan, "interface", NONE));
	table_cell(table, TABLE_DIM, "Uplink");
	table_cell(table, is_down ? TABLE_BAD : TABLE_PLAIN, "%s, %s down, %s up%s",
		member_text(uplink, "interface", NONE), member_rate(uplink, "down_bps", a),
		member_rate(uplink, "up_bps", b), is_down ? ", NO CARRIER" : "");
	table_cell(table, TABLE_DIM, "Kernel");
	table_cell(table, TABLE_PLAIN, "%s leaves", member_text(kernel, "leaf", NONE));
	table_cell(table, TABLE_DIM, "Journal");
	table_cell(table, failed ? TABLE_BAD : TABLE_PLAIN, "%s, %s%s",
		member_text(journal, "path", NONE), member_bytes(journal, "bytes", a),
		failed ? ", CANNOT BE WRITTEN" : "");
	table_cell(table, TABLE_DIM, "Policy");
	table_cell(table, TABLE_PLAIN, "loaded %s", member_text(policy, "loaded", NONE));
}

int view_status(FILE *out, const json_t *status, const struct table_view *view)
{
	AUTO(table_free) struct table *table = table_new(pair_columns, ARRAY_SIZE(pair_columns));

	if (table == NULL)
		return -ENOMEM;
	status_zone(table, status);
	status_use(table, status);
	status_machine(table, status);
	return table_print_rows(table, out, view);
}

static void session_who(struct table *table, const json_t *session)
{
	static const struct {
		const char *title, *member;
	} texts[] = {{"MAC", "mac"}, {"Zone", "zone"}, {"Class", "class"}, {"State", "state"}};
	static const char *const families[] = {"ipv4", "ipv6"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = member_text(session, texts[i].member, NONE);

		table_cell(table, TABLE_DIM, "%s", texts[i].title);
		table_cell(table, state_style(text), "%s", text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		const json_t *address;
		size_t n;

		json_array_foreach(json_object_get(session, families[i]), n, address)
		{
			const char *text = json_string_value(address);

			table_cell(table, TABLE_DIM, "%s", i == 0 ? "IPv4" : "IPv6");
			table_cell(table, TABLE_PLAIN, "%s", text != NULL ? text : NONE);
		}
	}
}

static void session_use(struct table *table, const json_t *session)
{
	char a[FIGURE_SIZE], b[FIGURE_SIZE];

	table_cell(table, TABLE_DIM, "Started");
	table_cell(table, TABLE_PLAIN, "%s", member_text(session, "started", NONE));
	table_cell(table, TABLE_DIM, "Time left");
	table_cell(table, TABLE_PLAIN, "%s", member_duration(session, "seconds_left", a));
	table_cell(table, TABLE_DIM, "Idle for");
	table_cell(table, TABLE_PLAIN, "%s", member_duration(session, "idle_seconds", a));
	table_cell(table, TABLE_DIM, "Volume");
	table_cell(table, TABLE_PLAIN, "%s down, %s up", member_bytes(session, "bytes_down", a),
		member_bytes(session, "bytes_up", b));
	table_cell(table, TABLE_DIM, "Speed");
	table_cell(table, TABLE_PLAIN, "up to %s down, %s up",
		member_rate(session, "rate_down_bps", a), member_rate(session, "rate_up_bps", b));
}

int view_session(FILE *out, const json_t *session, const struct table_view *view)
{
	AUTO(table_free) struct table *table = table_new(pair_columns, ARRAY_SIZE(pair_columns));

	if (table == NULL)
		return -ENOMEM;
	session_who(table, session);
	session_use(table, session);
	return table_print_rows(table, out, view);
}

int view_outcome(FILE *out, const json_t *session)
{
	AUTO_STR mac = text_clean(member_text(session, "mac", NONE));
	AUTO_STR state = text_clean(member_text(session, "state", NONE));
	char left[FIGURE_SIZE];

	if (mac == NULL || state == NULL)
		return -ENOMEM;
	(void)fprintf(out, "%s %s", mac, state);
	if (strcmp(state, "active") == 0 && member_has_number(session, "seconds_left"))
		(void)fprintf(out, ", %s left", member_duration(session, "seconds_left", left));
	(void)fputc('\n', out);
	return ferror(out) != 0 ? -EIO : 0;
}

int view_certificate(FILE *out, const json_t *certificate)
{
	AUTO_STR lesson = text_clean(member_text(certificate, "lesson", "?"));
	AUTO_STR day = text_clean(member_text(certificate, "day", "?"));

	if (lesson == NULL || day == NULL)
		return -ENOMEM;
	(void)fprintf(out, "genuine: lesson %s, passed on %s\n", lesson, day);
	return ferror(out) != 0 ? -EIO : 0;
}

int view_alert(FILE *out, const json_t *alert)
{
	time_t until = (time_t)member_number(alert, "until");
	const char *code;
	json_t *text;
	char when[40];
	struct tm tm;

	if (!json_is_object(alert))
		(void)fputs("no alert\n", out);
	json_object_foreach(json_object_get(alert, "texts"), code, text)
	{
		AUTO_STR clean_code = text_clean(code);
		AUTO_STR clean = text_clean(json_string_value(text));

		if (clean_code == NULL || clean == NULL)
			return -ENOMEM;
		(void)fprintf(out, "%s  %s\n", clean_code, clean);
	}
	if (until > 0 && localtime_r(&until, &tm) != NULL &&
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm) > 0)
		(void)fprintf(out, "until %s\n", when);
	return ferror(out) != 0 ? -EIO : 0;
}

/* The first address of a family, and how many more there are. */
static void address_cell(struct table *table, const json_t *session, const char *family)
{
	const json_t *addresses = json_object_get(session, family);
	const char *first = json_string_value(json_array_get(addresses, 0));
	size_t count = json_array_size(addresses);

	if (first == NULL)
		table_cell(table, TABLE_DIM, NONE);
	else if (count == 1)
		table_cell(table, TABLE_PLAIN, "%s", first);
	else
		table_cell(table, TABLE_PLAIN, "%s +%zu", first, count - 1);
}

/* The eight columns that both tables begin with. */
static void session_cells(struct table *table, const struct session_row *row)
{
	const char *state = member_text(row->json, "state", NONE);
	char text[FIGURE_SIZE];

	table_cell(table, TABLE_PLAIN, "%s", row->mac);
	address_cell(table, row->json, "ipv4");
	address_cell(table, row->json, "ipv6");
	table_cell(table, state_style(state), "%s", state);
	table_cell(table, TABLE_PLAIN, "%s", member_duration(row->json, "seconds_left", text));
	table_cell(table, TABLE_PLAIN, "%s", member_duration(row->json, "idle_seconds", text));
	table_cell(table, TABLE_PLAIN, "%s", member_bytes(row->json, "bytes_down", text));
	table_cell(table, TABLE_PLAIN, "%s", member_bytes(row->json, "bytes_up", text));
}

int view_sessions(FILE *out, const struct session_list *list, const struct table_view *view)
{
	AUTO(table_free) struct table *table = table_new(list_columns, ARRAY_SIZE(list_columns));

	if (table == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		const json_t *session = list->rows[i].json;
		char text[FIGURE_SIZE];

		session_cells(table, &list->rows[i]);
		table_cell(table, TABLE_PLAIN, "%s", member_rate(session, "rate_down_bps", text));
		table_cell(table, TABLE_PLAIN, "%s", member_rate(session, "rate_up_bps", text));
	}
	return table_print(table, out, view);
}

static void measured_cell(struct table *table, const struct session_row *row, uint64_t bps)
{
	char text[FIGURE_SIZE];

	table_cell(table, TABLE_PLAIN, "%s", row->measured ? figure_rate(bps, text) : NONE);
}

int view_live(
	FILE *out, const struct session_list *list, size_t max_rows, const struct table_view *view)
{
	AUTO(table_free) struct table *table = table_new(live_columns, ARRAY_SIZE(live_columns));

	if (table == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < list->count && i < max_rows; i++) {
		const struct session_row *row = &list->rows[i];

		session_cells(table, row);
		measured_cell(table, row, row->down_bps);
		measured_cell(table, row, row->up_bps);
	}
	return table_print(table, out, view);
}
