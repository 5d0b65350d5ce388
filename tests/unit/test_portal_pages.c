/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/pages.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WELCOME_MAX (14 * 1024) /* one round trip of a fresh TCP connection */

#define LANGUAGES 4

static const size_t both_languages[] = {0, 1};
static struct pages *pages;

static struct page_view a_view(enum page page, const struct device *device)
{
	return (struct page_view){
		.page = page,
		.offered = both_languages,
		.offered_count = 2,
		.zone_name = "Parque San Francisco",
		.device = device,
	};
}

static void render(const struct page_view *view, struct buffer *out)
{
	assert_int_equal(pages_render(pages, view, out), 0);
	assert_int_equal(buffer_append(out, "", 1), 0);
}

static void assert_shows(const struct page_view *view, const char *wanted)
{
	AUTO(buffer_free) struct buffer out = {0};

	render(view, &out);
	if (strstr(out.data, wanted) == NULL)
		fail_msg("\"%s\" is not on the page:\n%s", wanted, strstr(out.data, "<main>"));
}

static void assert_hides(const struct page_view *view, const char *unwanted)
{
	AUTO(buffer_free) struct buffer out = {0};

	render(view, &out);
	assert_null(strstr(out.data, unwanted));
}

static void every_page_is_whole_in_every_language(void **state)
{
	const struct device device = {.state = DEVICE_ACTIVE, .seconds_left = 60, .bytes_left = 5};

	(void)state;
	assert_string_equal(asset_language(LANGUAGES - 1), "pt");
	assert_null(asset_language(LANGUAGES));
	for (size_t i = 0; i < PAGE_COUNT * LANGUAGES; i++) {
		AUTO(buffer_free) struct buffer out = {0};
		struct page_view view = a_view((enum page)(i / LANGUAGES), &device);
		char lang[32];

		view.language = i % LANGUAGES;
		render(&view, &out);
		(void)snprintf(
			lang, sizeof(lang), "<html lang=\"%s\">", asset_language(view.language));
		assert_non_null(strstr(out.data, lang));
		assert_non_null(strstr(out.data, "<h1>"));
		assert_non_null(strstr(out.data, "</html>"));
		assert_null(strstr(out.data, "{{"));
		assert_int_equal(strstr(out.data, "<script>") != NULL,
			strstr(out.data, "data-after") != NULL);
		assert_null(strstr(out.data, "<script "));
		assert_null(strstr(out.data, "http:"));
		assert_null(strstr(out.data, "https:"));
		assert_null(strstr(out.data, " style="));
		assert_in_range(out.size, 1000, WELCOME_MAX);
		assert_in_range(pages_status(view.page), 200, 599);
	}
}

static void welcome_has_a_form_with_the_token(void **state)
{
	const struct device device = {.minutes = 90, .opens_in_s = NO_LIMIT};
	struct page_view view = a_view(PAGE_WELCOME, &device);

	(void)state;
	view.token = "TOKEN";
	assert_shows(&view, "<form method=\"post\" action=\"/accept\">");
	assert_shows(&view, "name=\"token\" value=\"TOKEN\"");
	assert_shows(&view, "1 h 30 min de internet gratis");
	assert_hides(&view, "name=\"lang\"");
	view.language = 1;
	view.language_chosen = true;
	assert_shows(&view, "name=\"lang\" value=\"en\"");
	assert_shows(&view, "href=\"/terms?lang=en\"");
	view.stale = true;
	assert_shows(&view, "That page had expired");
}

static void a_name_cannot_become_markup(void **state)
{
	const struct device device = {0};
	struct page_view view = a_view(PAGE_WELCOME, &device);

	(void)state;
	view.zone_name = "<script>alert('x')</script>\"";
	assert_shows(&view, "<h1>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34;</h1>");
	assert_hides(&view, "<script");
}

static void a_refusal_is_told(void **state)
{
	static const char *const texts[REFUSAL_COUNT] = {
		[REFUSAL_CLOSED_HOURS] = "Abre en 5 h 21 min",
		[REFUSAL_DAILY_QUOTA] = "Ya usaste tus datos",
		[REFUSAL_DAILY_TIME] = "Ya usaste tu tiempo",
		[REFUSAL_BLOCKED] = "no puede conectarse",
		[REFUSAL_FULL] = "está llena",
	};

	(void)state;
	for (size_t i = 1; i < REFUSAL_COUNT; i++) {
		const struct device device = {
			.refusal = (enum refusal)i, .opens_in_s = 5 * 3600 + 20 * 60 + 1};
		const struct page_view view = a_view(PAGE_WELCOME, &device);

		assert_shows(&view, texts[i]);
		assert_hides(&view, "<form");
	}
}

static void the_end_of_a_session_is_told(void **state)
{
	static const char *const texts[END_CAUSE_COUNT] = {
		[END_TIME] = "Se terminó tu tiempo",
		[END_IDLE] = "no usabas la red",
		[END_QUOTA] = "Se terminaron los datos",
		[END_CLOSING_HOURS] = "la zona cerró",
		[END_LOGOUT] = "Te desconectaste",
		[END_OPERATOR] = "Un operador",
	};

	(void)state;
	for (size_t i = 0; i < END_CAUSE_COUNT; i++) {
		const struct device device = {
			.state = DEVICE_ENDED, .end_cause = (enum end_cause)i};
		struct page_view view = a_view(PAGE_WELCOME, &device);

		view.token = "TOKEN";
		assert_shows(&view, "<form");
		if (texts[i] != NULL)
			assert_shows(&view, texts[i]);
		else
			assert_hides(&view, "class=\"note\"");
	}
}

static void status_shows_what_is_left(void **state)
{
	struct device device = {.state = DEVICE_ACTIVE,
		.seconds_left = 1500,
		.bytes_left = 1250000000,
		.bytes_down = 2000000,
		.bytes_up = 500000,
		.rate_down_bps = 8000000};
	struct page_view view = a_view(PAGE_STATUS, &device);

	(void)state;
	view.token = "TOKEN";
	assert_shows(&view, "<dd id=\"left\" data-seconds=\"1500\">25 min</dd>");
	assert_shows(&view, "<dd>1,2 GB</dd>");
	assert_shows(&view, "<dd>2,5 MB</dd>");
	assert_shows(&view, "<dd>8 Mbit/s</dd>");
	assert_shows(&view, "action=\"/leave\"");
	assert_shows(&view, "<noscript><meta http-equiv=\"refresh\" content=\"30;url=/status\">");
	assert_shows(&view, "<body data-after=\"30\" data-to=\"/status\">");
	device.uplink_down = true;
	assert_shows(&view, "se quedó sin internet");
	device.bytes_left = device.seconds_left = NO_LIMIT;
	assert_shows(&view, "Sin límite");
	assert_hides(&view, "Te queda<");
}

static void the_menu_has_what_is_offered(void **state)
{
	struct page_view view = a_view(PAGE_TERMS, NULL);

	(void)state;
	assert_shows(&view, "<a href=\"?lang=es\" lang=\"es\" hreflang=\"es\" "
			    "aria-current=\"true\">Español</a>");
	assert_shows(&view, "<a href=\"?lang=en\" lang=\"en\" hreflang=\"en\">English</a>");
	view.offered_count = 1;
	assert_hides(&view, "English");
}

static void a_fault_of_the_uplink_is_told_and_looked_at_again(void **state)
{
	struct device device = {.uplink_down = true, .opens_in_s = NO_LIMIT};
	const struct page_view view = a_view(PAGE_WELCOME, &device);

	(void)state;
	assert_shows(&view, "no tiene internet en este momento");
	assert_shows(&view, "<body data-after=\"15\" data-to=\"/\">");
	assert_hides(&view, "<form");
	/* Who may not connect anyway is told that. */
	device.refusal = REFUSAL_BLOCKED;
	assert_hides(&view, "no tiene internet en este momento");
	assert_shows(&view, "no puede conectarse");
}

static void help_is_the_operators_text(void **state)
{
	struct page_view view = a_view(PAGE_HELP, NULL);

	(void)state;
	assert_shows(&view, "Oficina Asesora de Informática");
	view.help = "Llama al 605 <000>";
	assert_shows(&view, "Llama al 605 &lt;000&gt;");
	assert_hides(&view, "Oficina Asesora de Informática");
}

/* In the reader's language, else in all that the operator wrote; before anything else. */
static void an_alert_stands_before_everything(void **state)
{
	const struct alert alert = {
		.is_set = true, .texts = {"Sube a un lugar <alto>", "Go to high ground"}};

	(void)state;
	for (size_t i = 0; i < PAGE_COUNT; i++) {
		AUTO(buffer_free) struct buffer out = {0};
		const struct device device = {.opens_in_s = NO_LIMIT};
		struct page_view view = a_view((enum page)i, &device);

		view.alert = &alert;
		assert_shows(&view, "<p lang=\"es\">Sube a un lugar &lt;alto&gt;</p></div>");
		assert_hides(&view, "Go to high ground");
		view.language = 2;
		assert_shows(&view, "<p lang=\"en\">Go to high ground</p></div>");
		assert_shows(&view, "<p lang=\"es\">Sube a un lugar");
		render(&view, &out);
		const char *body = strchr(strstr(out.data, "<body"), '>');
		assert_non_null(body);
		assert_memory_equal(body + 1 + strspn(body + 1, "\n"),
			"<div class=\"alert\" role=\"alert\">", 32);
	}
}

static void assert_hash(const char *page, const char *open, const char *close, const char *source)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char encoded[64], wanted[80];
	const char *begin = strstr(page, open) + strlen(open), *end = strstr(begin, close);

	crypto_hash_sha256(hash, (const unsigned char *)begin, (size_t)(end - begin));
	sodium_bin2base64(
		encoded, sizeof(encoded), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
	(void)snprintf(wanted, sizeof(wanted), "'sha256-%s'", encoded);
	assert_string_equal(source, wanted);
}

/* The policy that goes with the pages admits exactly the style sheet and the script in them. */
static void style_and_script_have_the_hashes_of_the_policy(void **state)
{
	AUTO(buffer_free) struct buffer out = {0};
	const struct device device = {.state = DEVICE_ACTIVE, .seconds_left = 60};
	const struct page_view view = a_view(PAGE_STATUS, &device);

	(void)state;
	render(&view, &out);
	assert_hash(out.data, "<style>", "</style>", pages_style_source(pages));
	assert_hash(out.data, "<script>", "</script>", pages_script_source(pages));
}

static int set_up(void **state)
{
	struct template_error error = {0};

	(void)state;
	if (sodium_init() < 0 || pages_new(&pages, &error) < 0) {
		print_error("%s\n", error.text);
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pages_free(pages);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_is_whole_in_every_language),
		cmocka_unit_test(welcome_has_a_form_with_the_token),
		cmocka_unit_test(a_name_cannot_become_markup),
		cmocka_unit_test(a_refusal_is_told),
		cmocka_unit_test(the_end_of_a_session_is_told),
		cmocka_unit_test(status_shows_what_is_left),
		cmocka_unit_test(the_menu_has_what_is_offered),
		cmocka_unit_test(a_fault_of_the_uplink_is_told_and_looked_at_again),
		cmocka_unit_test(help_is_the_operators_text),
		cmocka_unit_test(an_alert_stands_before_everything),
		cmocka_unit_test(style_and_script_have_the_hashes_of_the_policy),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
