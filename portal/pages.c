/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/pages.h"

#include "portal/catalogue.h"
#include "portal/units.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* The values that templates may use: V(symbol, name). */
#define VALUES(V)                                                                                  \
	LESSON_VALUES(V)                                                                           \
	V(LANG, "lang")                                                                            \
	V(LANG_CHOSEN, "lang_chosen")                                                              \
	V(LANG_QUERY, "lang_query")                                                                \
	V(LANGUAGES, "languages")                                                                  \
	V(CODE, "code")                                                                            \
	V(NAME, "name")                                                                            \
	V(CURRENT, "current")                                                                      \
	V(LOCATION, "location")                                                                    \
	V(REFRESH, "refresh")                                                                      \
	V(REFRESH_TO, "refresh_to")                                                                \
	V(ZONE, "zone")                                                                            \
	V(TOKEN, "token")                                                                          \
	V(STALE, "stale")                                                                          \
	V(ACTIVE, "active")                                                                        \
	V(MINUTES, "minutes")                                                                      \
	V(OPENS_IN, "opens_in")                                                                    \
	V(CLOSED_HOURS, "closed_hours")                                                            \
	V(DAILY_QUOTA, "daily_quota")                                                              \
	V(DAILY_TIME, "daily_time")                                                                \
	V(BLOCKED, "blocked")                                                                      \
	V(FULL, "full")                                                                            \
	V(ENDED_TIME, "ended_time")                                                                \
	V(ENDED_IDLE, "ended_idle")                                                                \
	V(ENDED_QUOTA, "ended_quota")                                                              \
	V(ENDED_CLOSING, "ended_closing")                                                          \
	V(ENDED_LOGOUT, "ended_logout")                                                            \
	V(ENDED_OPERATOR, "ended_operator")                                                        \
	V(TIME_LEFT, "time_left")                                                                  \
	V(VOLUME_LEFT, "volume_left")                                                              \
	V(VOLUME_USED, "volume_used")                                                              \
	V(RATE_DOWN, "rate_down")                                                                  \
	V(SECONDS_LEFT, "seconds_left")                                                            \
	V(REFUSED, "refused")                                                                      \
	V(UPLINK_DOWN, "uplink_down")                                                              \
	V(ALERTS, "alerts")                                                                        \
	V(ALERT_TEXT, "alert_text")                                                                \
	V(HELP, "help")                                                                            \
	V(VOUCHER_CODE, "voucher_code")                                                            \
	V(VOUCHER_UNKNOWN, "voucher_unknown")                                                      \
	V(VOUCHER_EXPIRED, "voucher_expired")                                                      \
	V(VOUCHER_USED, "voucher_used")                                                            \
	V(VOUCHER_WAIT, "voucher_wait")

#define AS_SYMBOL(symbol, name) V_##symbol,
#define AS_NAME(symbol, name) name,

enum value { VALUES(AS_SYMBOL) VALUE_COUNT };
static const char *const value_names[VALUE_COUNT] = {VALUES(AS_NAME)};

/* While the uplink is down the welcome page looks again this often. */
#define UPLINK_REFRESH_S 15
#define YES "1" /* of a value that is only asked for with if */

static const struct {
	const char *name; /* of its messages */
	const char *part;
	unsigned status;
	unsigned refresh_s, retry_s; /* 0: never */
	const char *refresh_to;
} page_table[PAGE_COUNT] = {
	[PAGE_WELCOME] = {"welcome", "welcome.html", 200, 0, 0, NULL},
	[PAGE_STATUS] = {"status", "status.html", 200, 30, 0, "/status"},
	[PAGE_TERMS] = {"terms", "terms.html", 200, 0, 0, NULL},
	[PAGE_PRIVACY] = {"privacy", "privacy.html", 200, 0, 0, NULL},
	[PAGE_HELP] = {"help", "help.html", 200, 0, 0, NULL},
	[PAGE_LESSONS] = {"lessons", "lessons.html", 200, 0, 0, NULL},
	[PAGE_LESSON] = {"lesson", "lesson.html", 200, 0, 0, NULL},
	[PAGE_VOUCHER] = {"voucher", "voucher.html", 200, 0, 0, NULL},
	[PAGE_CERTIFICATE] = {"certificate", "certificate.html", 200, 0, 0, NULL},
	[PAGE_BAD_REQUEST] = {"bad-request", "notice.html", 400, 0, 0, NULL},
	[PAGE_NOT_FOUND] = {"not-found", "notice.html", 404, 0, 0, NULL},
	[PAGE_NOT_ALLOWED] = {"not-allowed", "notice.html", 405, 0, 0, NULL},
	[PAGE_TOO_LARGE] = {"too-large", "notice.html", 413, 0, 0, NULL},
	[PAGE_URI_TOO_LONG] = {"too-large", "notice.html", 414, 0, 0, NULL},
	[PAGE_TOO_MANY] = {"too-many", "notice.html", 429, 5, 5, "/"},
	[PAGE_UNAVAILABLE] = {"unavailable", "notice.html", 503, 5, 5, "/"},
	[PAGE_UNSEEN] = {"unseen", "notice.html", 503, 5, 5, "/"},
};

static const enum value refusal_values[REFUSAL_COUNT] = {
	[REFUSAL_CLOSED_HOURS] = V_CLOSED_HOURS,
	[REFUSAL_DAILY_QUOTA] = V_DAILY_QUOTA,
	[REFUSAL_DAILY_TIME] = V_DAILY_TIME,
	[REFUSAL_BLOCKED] = V_BLOCKED,
	[REFUSAL_FULL] = V_FULL,
};

static const struct {
	const char *error;
	enum value value;
} voucher_notes[VOUCHER_NOTE_COUNT] = {
	[VOUCHER_NOTE_NONE] = {"", V_VOUCHER_CODE},
	[VOUCHER_NOTE_UNKNOWN] = {"voucher-unknown", V_VOUCHER_UNKNOWN},
	[VOUCHER_NOTE_EXPIRED] = {"voucher-expired", V_VOUCHER_EXPIRED},
	[VOUCHER_NOTE_USED] = {"voucher-used", V_VOUCHER_USED},
	[VOUCHER_NOTE_WAIT] = {"wait", V_VOUCHER_WAIT},
};

enum voucher_note voucher_note_find(const char *error)
{
	for (size_t i = VOUCHER_NOTE_UNKNOWN; error != NULL && i < VOUCHER_NOTE_COUNT; i++)
		if (strcmp(voucher_notes[i].error, error) == 0)
			return (enum voucher_note)i;
	return VOUCHER_NOTE_NONE;
}

static const enum value end_values[END_CAUSE_COUNT] = {
	[END_TIME] = V_ENDED_TIME,
	[END_IDLE] = V_ENDED_IDLE,
	[END_QUOTA] = V_ENDED_QUOTA,
	[END_CLOSING_HOURS] = V_ENDED_CLOSING,
	[END_LOGOUT] = V_ENDED_LOGOUT,
	[END_OPERATOR] = V_ENDED_OPERATOR,
};

/* 'sha256-…' of a Content-Security-Policy. */
#define SOURCE_SIZE                                                                                \
	(sizeof("'sha256-'") + sodium_base64_ENCODED_LEN(                                          \
				       crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL))

struct language {
	struct catalogue *catalogue;
	const char *name, *decimal;
	struct template *templates[PAGE_COUNT];
};

struct pages {
	struct language languages[LANGUAGES_MAX];
	size_t count;
	struct template *redirect;
	char style_source[SOURCE_SIZE], script_source[SOURCE_SIZE];
	char lesson_style_source[SOURCE_SIZE];
	struct lesson_set *lessons;
	struct template **drawings; /* of each lesson */
};

static const char *find_part(void *context, const char *name)
{
	(void)context;
	return asset_part(name);
}

static const char *find_message(void *context, const char *key)
{
	return catalogue_get(context, key);
}

static int compile_one(const char *page, const char *part, struct catalogue *catalogue,
	struct template **ret_template, struct template_error *error)
{
	const struct template_source source = {
		.names = value_names,
		.name_count = VALUE_COUNT,
		.page = page,
		.part = find_part,
		.message = find_message,
		.context = catalogue,
	};

	return template_compile(part, &source, ret_template, error);
}

static int compile_language(struct language *language, size_t i, struct template_error *error)
{
	unsigned line = 0;
	int r = catalogue_parse(asset_messages(i), &language->catalogue, &line);

	if (r == -EINVAL)
		(void)snprintf(error->text, sizeof(error->text), "%s.msg:%u: not \"key = text\"",
			asset_language(i), line);
	for (size_t page = 0; page < PAGE_COUNT && r == 0; page++)
		r = compile_one(page_table[page].name, page_table[page].part, language->catalogue,
			&language->templates[page], error);
	if (r < 0)
		return r;
	language->name = catalogue_get(language->catalogue, "language.name");
	language->decimal = catalogue_get(language->catalogue, "language.decimal");
	if (language->name != NULL && language->decimal != NULL)
		return 0;
	(void)snprintf(error->text, sizeof(error->text),
		"%s.msg: language.name or .decimal is missing", asset_language(i));
	return -EINVAL;
}

/* The hash is of the part as the pages carry it. */
static int hash_part(const struct pages *pages, const char *part, char ret_source[SOURCE_SIZE],
	struct template_error *error)
{
	static const struct template_value no_values[VALUE_COUNT];
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[SOURCE_SIZE];
	AUTO(template_free) struct template *template = NULL;
	AUTO(buffer_free) struct buffer out = {0};
	int r = compile_one(part, part, pages->languages[0].catalogue, &template, error);

	if (r == 0)
		r = template_render(template, no_values, &out);
	if (r < 0)
		return r;
	(void)crypto_hash_sha256(hash, (const unsigned char *)out.data, out.size);
	(void)snprintf(ret_source, SOURCE_SIZE, "'sha256-%s'",
		sodium_bin2base64(
			text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL));
	return 0;
}

static const char *find_drawing(void *context, const char *name)
{
	(void)name;
	return context;
}

static int make_lessons(struct pages *pages, struct template_error *error)
{
	struct lesson_error why;
	int r = lesson_set_new(&pages->lessons, &why);

	if (r < 0) {
		if (r == -EINVAL)
			memcpy(error->text, why.text, sizeof(error->text));
		return r;
	}
	pages->drawings = calloc(lesson_set_count(pages->lessons), sizeof(*pages->drawings));
	if (pages->drawings == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < lesson_set_count(pages->lessons) && r == 0; i++) {
		const struct template_source source = {
			.names = value_names,
			.name_count = VALUE_COUNT,
			.part = find_drawing,
			.context = (void *)(uintptr_t)lesson_set_drawing(pages->lessons, i),
		};

		r = template_compile("drawing", &source, &pages->drawings[i], error);
	}
	return r;
}

int pages_new(struct pages **ret_pages, struct template_error *error)
{
	AUTO(pages_free) struct pages *pages = calloc(1, sizeof(*pages));

	if (pages == NULL)
		return -ENOMEM;
	while (asset_language(pages->count) != NULL) {
		size_t i = pages->count++;
		int r = compile_language(&pages->languages[i], i, error);

		if (r < 0)
			return r;
	}
	int r = compile_one("redirect", "redirect.html", pages->languages[0].catalogue,
		&pages->redirect, error);
	if (r == 0)
		r = hash_part(pages, "style.css", pages->style_source, error);
	if (r == 0)
		r = hash_part(pages, "script.js", pages->script_source, error);
	if (r == 0)
		r = hash_part(pages, "lesson.css", pages->lesson_style_source, error);
	if (r == 0)
		r = make_lessons(pages, error);
	if (r < 0)
		return r;
	*ret_pages = TAKE(pages);
	return 0;
}

void pages_free(struct pages *pages)
{
	if (pages == NULL)
		return;
	for (size_t i = 0; i < pages->count; i++) {
		for (size_t page = 0; page < PAGE_COUNT; page++)
			template_free(pages->languages[i].templates[page]);
		catalogue_free(pages->languages[i].catalogue);
	}
	template_free(pages->redirect);
	for (size_t i = 0; pages->drawings != NULL && i < lesson_set_count(pages->lessons); i++)
		template_free(pages->drawings[i]);
	free(pages->drawings);
	lesson_set_free(pages->lessons);
	free(pages);
}

/* ---- values -------------------------------------------------------------------------------------
 */

/* Texts that values point to while a page is rendered. */
struct texts {
	char query[16];
	char refresh[12];
	char minutes[UNITS_TEXT_SIZE], opens_in[UNITS_TEXT_SIZE], time_left[UNITS_TEXT_SIZE];
	char volume_left[UNITS_TEXT_SIZE], volume_used[UNITS_TEXT_SIZE], rate_down[UNITS_TEXT_SIZE];
	char seconds_left[24];
	struct template_value menu[LANGUAGES_MAX][VALUE_COUNT], alerts[LANGUAGES_MAX][VALUE_COUNT];
	const struct template_value *rows[LANGUAGES_MAX], *alert_rows[LANGUAGES_MAX];
};

static void fill_menu(const struct pages *pages, const struct page_view *view, struct texts *texts,
	struct template_value *values)
{
	size_t count = view->offered_count < LANGUAGES_MAX ? view->offered_count : LANGUAGES_MAX;

	for (size_t i = 0; i < count; i++) {
		struct template_value *row = texts->menu[i];
		size_t language = view->offered[i];

		memset(row, 0, sizeof(texts->menu[i]));
		row[V_CODE].text = asset_language(language);
		row[V_NAME].text = pages->languages[language].name;
		row[V_CURRENT].text = language == view->language ? YES : "";
		texts->rows[i] = row;
	}
	values[V_LANGUAGES] = (struct template_value){.rows = texts->rows, .row_count = count};
}

/* In the page's language; where the operator wrote none in it, in all that there are. */
static void fill_alert(
	const struct page_view *view, struct texts *texts, struct template_value *values)
{
	bool is_own = view->alert->texts[view->language][0] != '\0';
	size_t count = 0;

	for (size_t i = 0; asset_language(i) != NULL; i++) {
		struct template_value *row = texts->alerts[count];

		if (view->alert->texts[i][0] == '\0' || (is_own && i != view->language))
			continue;
		memset(row, 0, sizeof(texts->alerts[count]));
		row[V_CODE].text = asset_language(i);
		row[V_ALERT_TEXT].text = view->alert->texts[i];
		texts->alert_rows[count++] = row;
	}
	values[V_ALERTS] = (struct template_value){.rows = texts->alert_rows, .row_count = count};
}

static void fill_layout(
	const struct page_view *view, struct texts *texts, struct template_value *values)
{
	const char *code = asset_language(view->language);

	values[V_LANG].text = code;
	values[V_ZONE].text = view->zone_name;
	values[V_TOKEN].text = view->token;
	values[V_STALE].text = view->stale ? YES : NULL;
	values[V_HELP].text = view->help;
	values[V_VOUCHER_CODE].text = view->voucher_code;
	if (view->voucher_note != VOUCHER_NOTE_NONE)
		values[voucher_notes[view->voucher_note].value].text = YES;
	if (view->alert != NULL)
		fill_alert(view, texts, values);
	if (view->language_chosen) {
		(void)snprintf(texts->query, sizeof(texts->query), "?lang=%s", code);
		values[V_LANG_CHOSEN].text = code;
		values[V_LANG_QUERY].text = texts->query;
	}
	bool waits =
		view->page == PAGE_WELCOME && view->device != NULL && view->device->uplink_down;
	unsigned refresh_s = waits ? UPLINK_REFRESH_S : page_table[view->page].refresh_s;
	if (refresh_s > 0) {
		(void)snprintf(texts->refresh, sizeof(texts->refresh), "%u", refresh_s);
		values[V_REFRESH].text = texts->refresh;
		values[V_REFRESH_TO].text = waits ? "/" : page_table[view->page].refresh_to;
	}
}

static void fill_welcome(
	const struct device *device, struct texts *texts, struct template_value *values)
{
	if (device->state == DEVICE_ACTIVE)
		values[V_ACTIVE].text = YES;
	if (device->refusal != REFUSAL_NONE) {
		values[V_REFUSED].text = YES;
		values[refusal_values[device->refusal]].text = YES;
	}
	if (device->refusal == REFUSAL_NONE && end_values[device->end_cause] != 0)
		values[end_values[device->end_cause]].text = YES;
	if (device->can_extend)
		values[V_LESSON_GIVES].text = YES;
	if (device->uplink_down)
		values[V_UPLINK_DOWN].text = YES;
	values[V_MINUTES].text = units_time(device->minutes * 60, texts->minutes);
	if (device->opens_in_s != NO_LIMIT)
		/* Rounded up: an early visitor would find a closed door. */
		values[V_OPENS_IN].text =
			units_time((device->opens_in_s + 59) / 60 * 60, texts->opens_in);
}

static void fill_status(const struct device *device, const char *decimal, struct texts *texts,
	struct template_value *values)
{
	if (device->seconds_left != NO_LIMIT) {
		values[V_TIME_LEFT].text = units_time(device->seconds_left, texts->time_left);
		(void)snprintf(texts->seconds_left, sizeof(texts->seconds_left), "%" PRId64,
			device->seconds_left);
		values[V_SECONDS_LEFT].text = texts->seconds_left;
	}
	if (device->bytes_left != NO_LIMIT)
		values[V_VOLUME_LEFT].text =
			units_volume(device->bytes_left, decimal, texts->volume_left);
	values[V_VOLUME_USED].text =
		units_volume(device->bytes_down + device->bytes_up, decimal, texts->volume_used);
	if (device->rate_down_bps > 0)
		values[V_RATE_DOWN].text =
			units_rate(device->rate_down_bps, decimal, texts->rate_down);
}

int pages_render(const struct pages *pages, const struct page_view *view, struct buffer *out)
{
	const struct language *language = &pages->languages[view->language];
	struct template_value values[VALUE_COUNT] = {0};
	struct texts texts;

	fill_layout(view, &texts, values);
	fill_menu(pages, view, &texts, values);
	if (view->device != NULL) {
		fill_welcome(view->device, &texts, values);
		fill_status(view->device, language->decimal, &texts, values);
	}
	AUTO(lesson_rows_free) struct lesson_rows *rows = NULL;
	if (view->lesson != NULL) {
		rows = lesson_rows_new(VALUE_COUNT);
		if (rows == NULL)
			return -ENOMEM;
		size_t i = view->lesson->index;
		lesson_page_fill(view->lesson, language->catalogue, asset_language(view->language),
			i < lesson_set_count(pages->lessons) ? pages->drawings[i] : NULL, rows,
			values);
	}
	return template_render(language->templates[view->page], values, out);
}

int pages_render_redirect(const struct pages *pages, const char *location, struct buffer *out)
{
	const struct template_value values[VALUE_COUNT] = {[V_LOCATION] = {.text = location}};

	return template_render(pages->redirect, values, out);
}

unsigned pages_status(enum page page)
{
	return page_table[page].status;
}

unsigned pages_retry_s(enum page page)
{
	return page_table[page].retry_s;
}

const char *pages_style_source(const struct pages *pages)
{
	return pages->style_source;
}

const char *pages_lesson_style_source(const struct pages *pages)
{
	return pages->lesson_style_source;
}

const struct lesson_set *pages_lessons(const struct pages *pages)
{
	return pages->lessons;
}

const char *pages_script_source(const struct pages *pages)
{
	return pages->script_source;
}
