/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of docs/control.md, asked over a real socket by an operator. */
#include "tests/unit/desk_fixture.h"

#define ONE "02:00:00:00:00:01"
#define TEXT_MAX 4096

static json_t *ask(struct desk *desk, int fd, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static json_t *ask(struct desk *desk, int fd, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return desk_ask(desk, fd, text);
}

static void arrive(struct desk *desk, unsigned n)
{
	struct ip_addr four = {AF_INET, {10, 20, (uint8_t)(n >> 8), (uint8_t)n}};
	struct ip_addr six = {AF_INET6, {0xfd, [14] = (uint8_t)(n >> 8), [15] = (uint8_t)n}};
	struct mac_addr mac = mac_of(n);

	kernel_fake_neighbour(desk->bench->kernel, &four, &mac, true);
	kernel_fake_neighbour(desk->bench->kernel, &six, &mac, true);
	desk_round(desk);
}

/* ---- what is asked rightly ------------------------------------------------------------------- */

static void test_a_visit(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *lookup = NULL, *accept = NULL, *extend = NULL, *again = NULL, *leave = NULL;

	(void)state;
	desk->bench->class.daily_bytes = 100 * MBYTE;
	(void)bench_reload(desk->bench);
	arrive(desk, 1);
	lookup = ask(desk, fd, "{\"verb\":\"lookup\",\"addr\":\"10.20.0.1\",\"id\":7}");
	assert_string_equal(desk_error(lookup), "");
	assert_int_equal(desk_number(lookup, "id"), 7);
	assert_string_equal(desk_text(lookup, "mac"), ONE);
	assert_string_equal(desk_text(lookup, "state"), "pending");
	assert_string_equal(desk_text(lookup, "zone"), ZONE);
	assert_string_equal(desk_text(lookup, "zone_name"), "Parque");
	assert_string_equal(desk_text(lookup, "class"), "community");
	assert_int_equal(desk_number(lookup, "minutes"), 60);
	assert_int_equal(desk_number(lookup, "bytes_left"), 100 * MBYTE);
	assert_null(json_object_get(lookup, "end_cause"));
	assert_null(json_object_get(lookup, "refusal"));
	assert_null(json_object_get(lookup, "opens_in"));
	accept = ask(desk, fd, "{\"verb\":\"accept\",\"addr\":\"fd00::1\",\"token_us\":5}");
	assert_string_equal(desk_text(accept, "state"), "active");
	assert_int_equal(desk_number(accept, "seconds_left"), 3600);
	assert_int_equal(desk_number(accept, "rate_down_bps"), 8 * MBIT);
	assert_true(json_is_true(json_object_get(accept, "can_extend")));
	assert_null(json_object_get(accept, "id"));
	extend = ask(desk, fd, "{\"verb\":\"extend\",\"addr\":\"02-00-00-00-00-01\"}");
	assert_int_equal(desk_number(extend, "seconds_left"), 5400);
	again = ask(desk, fd, "{\"verb\":\"extend\",\"addr\":\"" ONE "\"}");
	assert_string_equal(desk_error(again), "already");
	leave = ask(desk, fd, "{\"verb\":\"leave\",\"addr\":\"" ONE "\"}");
	assert_string_equal(desk_text(leave, "state"), "ended");
	assert_string_equal(desk_text(leave, "end_cause"), "logout");
	bench_check(desk->bench);
}

static void test_an_operator(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *login = NULL, *block = NULL, *refused = NULL, *unblock = NULL, *session = NULL;
	const json_t *s;

	(void)state;
	arrive(desk, 1);
	login = ask(desk, fd, "{\"verb\":\"login\",\"addr\":\"" ONE "\",\"minutes\":5}");
	s = json_object_get(login, "session");
	assert_string_equal(desk_text(s, "state"), "active");
	assert_int_equal(desk_number(s, "seconds_left"), 300);
	assert_int_equal(desk_number(s, "idle_seconds"), 0);
	assert_int_equal(json_array_size(json_object_get(s, "ipv4")), 1);
	assert_int_equal(json_array_size(json_object_get(s, "ipv6")), 1);
	assert_string_equal(desk_text(s, "started"), "2026-03-04T12:00:00-05:00");
	block = ask(desk, fd, "{\"verb\":\"block\",\"addr\":\"10.20.0.1\"}");
	s = json_object_get(block, "session");
	assert_string_equal(desk_text(s, "state"), "blocked");
	assert_string_equal(desk_text(s, "end_cause"), "blocked");
	refused = ask(desk, fd, "{\"verb\":\"login\",\"addr\":\"" ONE "\"}");
	assert_string_equal(desk_error(refused), "blocked");
	unblock = ask(desk, fd, "{\"verb\":\"unblock\",\"addr\":\"" ONE "\"}");
	assert_string_equal(desk_error(unblock), "");
	session = ask(desk, fd, "{\"verb\":\"session\",\"addr\":\"02:00:00:00:00:99\"}");
	assert_string_equal(desk_error(session), "not-found");
}

static void test_pages(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *page = NULL;
	char after[80] = "";
	size_t total = 0, pages = 0;

	(void)state;
	for (unsigned n = 1; n <= SESSIONS_MAX; n++) {
		/* The longest session there is: all addresses known. */
		for (unsigned i = 0; i < DEVICE_IPS_MAX; i++) {
			struct ip_addr ip = {AF_INET6,
				{0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					0xff, 0xff, (uint8_t)(0x10 + i), (uint8_t)n, 0xff}};
			struct mac_addr mac = mac_of(n);

			engine_neighbour(desk->bench->engine, &ip, &mac, true);
		}
		assert_int_equal(bench_login(desk->bench, n, 527040), OUTCOME_DONE);
	}
	do {
		json_decref(page);
		page = ask(desk, fd, "{\"verb\":\"sessions\"%s}", after);
		assert_string_equal(desk_error(page), "");
		total += json_array_size(json_object_get(page, "sessions"));
		pages++;
		if (json_object_get(page, "next") != NULL)
			(void)snprintf(
				after, sizeof(after), ",\"after\":\"%s\"", desk_text(page, "next"));
	} while (json_object_get(page, "next") != NULL);
	assert_int_equal(total, SESSIONS_MAX);
	assert_int_equal(pages, 3);
	json_decref(page);
	page = ask(desk, fd, "{\"verb\":\"sessions\",\"after\":\"fe:ff:ff:ff:ff:ff\"}");
	assert_int_equal(json_array_size(json_object_get(page, "sessions")), 0);
}

static void test_status_reload_version(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *status = NULL, *reload = NULL, *bad = NULL, *version = NULL;

	(void)state;
	assert_int_equal(bench_login(desk->bench, 1, 0), OUTCOME_DONE);
	status = ask(desk, fd, "{\"verb\":\"status\"}");
	assert_int_equal(desk_number(status, "sessions"), 1);
	assert_string_equal(desk_text(status, "gateway"), "test-gateway");
	assert_true(json_is_true(json_object_get(status, "open")));
	desk->reload_changed = 17;
	reload = ask(desk, fd, "{\"verb\":\"reload\"}");
	assert_int_equal(desk_number(reload, "changed"), 17);
	desk->reload_result = -EINVAL;
	desk->reload_error = "x.conf:3: \xff what";
	bad = ask(desk, fd, "{\"verb\":\"reload\"}");
	assert_string_equal(desk_error(bad), "config");
	assert_string_equal(desk_text(bad, "message"), "x.conf:3: ? what");
	version = ask(desk, fd, "{\"verb\":\"version\"}");
	assert_string_equal(desk_text(version, "version"), ZONA_VERSION);
}

static void test_alert(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *none = NULL, *set = NULL, *seen = NULL, *cleared = NULL;
	const json_t *alert;

	(void)state;
	none = ask(desk, fd, "{\"verb\":\"alert\"}");
	assert_true(json_is_null(json_object_get(none, "alert")));
	set = ask(desk, fd,
		"{\"verb\":\"alert-set\",\"texts\":{\"es\":\"Agua\",\"en\":\"Water\"},"
		"\"until\":4102444800}");
	assert_string_equal(desk_error(set), "");
	seen = ask(desk, fd, "{\"verb\":\"alert\"}");
	alert = json_object_get(seen, "alert");
	assert_string_equal(desk_text(json_object_get(alert, "texts"), "es"), "Agua");
	assert_int_equal(desk_number(alert, "until"), 4102444800);
	cleared = ask(desk, fd, "{\"verb\":\"alert-clear\"}");
	assert_true(json_is_null(json_object_get(cleared, "alert")));
}

static void test_uplink(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *up = NULL, *down = NULL;

	(void)state;
	arrive(desk, 1);
	up = ask(desk, fd, "{\"verb\":\"lookup\",\"addr\":\"" ONE "\"}");
	assert_true(json_is_true(json_object_get(up, "uplink_up")));
	desk->uplink_is_down = true;
	down = ask(desk, fd, "{\"verb\":\"lookup\",\"addr\":\"" ONE "\"}");
	assert_true(json_is_false(json_object_get(down, "uplink_up")));
}

static void test_every_refusal_has_its_code(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	struct bench *b = desk->bench;
	json_t *reply;

	(void)state;
#define ACCEPT(token) "{\"verb\":\"accept\",\"addr\":\"" ONE "\",\"token_us\":" token "}"
#define ASSERT_REFUSED(code, text)                                                                 \
	do {                                                                                       \
		reply = ask(desk, fd, text);                                                       \
		assert_string_equal(desk_error(reply), code);                                      \
		json_decref(reply);                                                                \
	} while (0)
	ASSERT_REFUSED("not-found", ACCEPT("1"));
	arrive(desk, 1);
	ASSERT_REFUSED("not-active", "{\"verb\":\"leave\",\"addr\":\"" ONE "\"}");
	ASSERT_REFUSED("not-active", "{\"verb\":\"extend\",\"addr\":\"" ONE "\"}");
	ASSERT_REFUSED("already", "{\"verb\":\"unblock\",\"addr\":\"" ONE "\"}");
	kernel_fake_refuse(b->kernel, WIRE_SESSION_UP, -EPERM, 1);
	ASSERT_REFUSED("kernel", ACCEPT("10"));
	ASSERT_REFUSED("stale-token", ACCEPT("10"));
	device_of(b, mac_of(1))->day_ms = 24 * HOUR;
	b->class.daily_minutes = 10;
	(void)bench_reload(b);
	ASSERT_REFUSED("daily-time", ACCEPT("11"));
	b->class.daily_minutes = 0;
	b->class.daily_bytes = 1;
	device_of(b, mac_of(1))->day_bytes = 1;
	(void)bench_reload(b);
	ASSERT_REFUSED("daily-quota", ACCEPT("11"));
	b->class.hours = (struct hours){0};
	(void)bench_reload(b);
	ASSERT_REFUSED("closed-hours", ACCEPT("11"));
	b->class.hours.always = true;
	b->class.daily_bytes = 0;
	(void)bench_reload(b);
	b->engine->p.sessions_max = 0;
	ASSERT_REFUSED("full", ACCEPT("11"));
}

/* ---- what is asked wrongly ------------------------------------------------------------------- */

static unsigned malformed; /* messages sent so far */

/* Nothing of the engine, the store or the kernel may change. */
static void refused(struct desk *desk, int fd, const char *text, size_t size, const char *code)
{
	struct bench *b = desk->bench;
	unsigned puts = b->rows->puts, changes = kernel_fake_changes(b->kernel);
	unsigned devices = HASH_COUNT(b->engine->devices), reloads = desk->reloads;
	json_auto_t *reply = desk_ask_bytes(desk, fd, text, size);

	malformed++;
	if (strcmp(desk_error(reply), code) != 0)
		fail_msg("%.*s: %s instead of %s", (int)(size < 200 ? size : 200), text,
			desk_error(reply), code);
	assert_int_equal(b->rows->puts, puts);
	assert_int_equal(kernel_fake_changes(b->kernel), changes);
	assert_int_equal(HASH_COUNT(b->engine->devices), devices);
	assert_int_equal(b->engine->sessions, 1);
	assert_int_equal(desk->reloads, reloads);
}

static void refused_text(struct desk *desk, int fd, const char *text, const char *code)
{
	refused(desk, fd, text, strlen(text), code);
}

static const char *const verbs[] = {"lookup", "accept", "leave", "extend", "status", "sessions",
	"session", "login", "logout", "block", "unblock", "reload", "alert", "alert-set",
	"alert-clear", "version"};
static const char *const addr_verbs[] = {
	"lookup", "leave", "extend", "session", "login", "logout", "block", "unblock"};

static const char *const bad_addrs[] = {
	"1",
	"null",
	"true",
	"[]",
	"{}",
	"\"\"",
	"\" \"",
	"\"02:00:00:00:00\"",
	"\"02:00:00:00:00:01:02\"",
	"\"02:00:00:00:00:0g\"",
	"\"00:00:00:00:00:00\"",
	"\"ff:ff:ff:ff:ff:ff\"",
	"\"01:00:5e:00:00:01\"",
	"\"02:00:00:00:00:01 \"",
	"\"10.0.0\"",
	"\"10.0.0.256\"",
	"\"10.0.0.1/24\"",
	"\"fe80::1%lan0\"",
	"\":::\"",
	"\"localhost\"",
	"\"02:00:00:00:00:01\\u0000x\"",
	"[\"" ONE "\"]",
};

static void each_bad_address(struct desk *desk, int fd)
{
	char text[TEXT_MAX];

	for (size_t v = 0; v < ARRAY_SIZE(addr_verbs); v++) {
		for (size_t i = 0; i < ARRAY_SIZE(bad_addrs); i++) {
			(void)snprintf(text, sizeof(text), "{\"verb\":\"%s\",\"addr\":%s}",
				addr_verbs[v], bad_addrs[i]);
			/* A NUL in a string is refused with the JSON. */
			refused_text(desk, fd, text,
				strstr(text, "u0000") != NULL ? "bad-message" : "bad-argument");
		}
		(void)snprintf(text, sizeof(text), "{\"verb\":\"%s\"}", addr_verbs[v]);
		refused_text(desk, fd, text, "bad-argument");
	}
}

static void each_bad_number(struct desk *desk, int fd)
{
	static const char *const values[] = {"0", "-1", "1.5", "\"5\"", "null", "true", "[]", "{}",
		"1e3", "-9223372036854775808"};
	char text[TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		(void)snprintf(text, sizeof(text),
			"{\"verb\":\"accept\",\"addr\":\"" ONE "\",\"token_us\":%s}", values[i]);
		refused_text(desk, fd, text, "bad-argument");
		(void)snprintf(text, sizeof(text),
			"{\"verb\":\"login\",\"addr\":\"" ONE "\",\"minutes\":%s}", values[i]);
		refused_text(desk, fd, text, "bad-argument");
	}
	refused_text(desk, fd, "{\"verb\":\"accept\",\"addr\":\"" ONE "\"}", "bad-argument");
	refused_text(desk, fd, "{\"verb\":\"login\",\"addr\":\"" ONE "\",\"minutes\":527041}",
		"bad-argument");
	refused_text(desk, fd, "{\"verb\":\"login\",\"addr\":\"" ONE "\",\"minutes\":4294967297}",
		"bad-argument");
	refused_text(desk, fd, "{\"verb\":\"login\",\"addr\":\"" ONE "\",\"minutes\":1e999}",
		"bad-message");
	refused_text(desk, fd,
		"{\"verb\":\"login\",\"addr\":\"" ONE "\",\"minutes\":99999999999999999999}",
		"bad-message");
}

static void each_extra_member(struct desk *desk, int fd)
{
	static const char *const extra[] = {
		"\"x\":1", "\"Addr\":\"" ONE "\"", "\"\":null", "\"id \":1"};
	char text[TEXT_MAX];

	for (size_t v = 0; v < ARRAY_SIZE(verbs); v++) {
		for (size_t i = 0; i < ARRAY_SIZE(extra); i++) {
			(void)snprintf(
				text, sizeof(text), "{\"verb\":\"%s\",%s}", verbs[v], extra[i]);
			refused_text(desk, fd, text, "bad-argument");
		}
	}
	refused_text(desk, fd, "{\"verb\":\"status\",\"addr\":\"" ONE "\"}", "bad-argument");
	refused_text(desk, fd, "{\"verb\":\"reload\",\"minutes\":1}", "bad-argument");
	refused_text(desk, fd, "{\"verb\":\"block\",\"addr\":\"" ONE "\",\"minutes\":1}",
		"bad-argument");
	refused_text(desk, fd, "{\"verb\":\"lookup\",\"addr\":\"" ONE "\",\"token_us\":1}",
		"bad-argument");
}

static void each_bad_after(struct desk *desk, int fd)
{
	static const char *const values[] = {"1", "null", "\"\"", "\"10.20.0.1\"", "[]", "true",
		"\"02:00:00:00:00\"", "\"zz:00:00:00:00:00\"", "{\"mac\":\"" ONE "\"}"};
	char text[TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		(void)snprintf(
			text, sizeof(text), "{\"verb\":\"sessions\",\"after\":%s}", values[i]);
		refused_text(desk, fd, text, "bad-argument");
	}
}

static void each_bad_alert(struct desk *desk, int fd)
{
	static const char *const texts[] = {
		"1",
		"null",
		"[]",
		"{}",
		"\"x\"",
		"{\"es\":1}",
		"{\"es\":\"\"}",
		"{\"es\":null}",
		"{\"\":\"x\"}",
		"{\"es\":\"a\\u0007b\"}",
		"{\"es\":{}}",
		"{\"../x\":\"a\"}",
	};
	static const char *const untils[] = {"0", "-1", "1", "null", "\"tomorrow\"", "1.5", "[]"};
	static char text[TEXT_MAX];
	json_auto_t *alert = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		(void)snprintf(
			text, sizeof(text), "{\"verb\":\"alert-set\",\"texts\":%s}", texts[i]);
		refused_text(desk, fd, text, "bad-argument");
	}
	for (size_t i = 0; i < ARRAY_SIZE(untils); i++) {
		(void)snprintf(text, sizeof(text),
			"{\"verb\":\"alert-set\",\"texts\":{\"es\":\"x\"},\"until\":%s}",
			untils[i]);
		refused_text(desk, fd, text, "bad-argument");
	}
	refused_text(desk, fd, "{\"verb\":\"alert-set\"}", "bad-argument");
	(void)snprintf(
		text, sizeof(text), "{\"verb\":\"alert-set\",\"texts\":{\"es\":\"%0481d\"}}", 0);
	refused_text(desk, fd, text, "bad-argument");
	alert = desk_ask(desk, fd, "{\"verb\":\"alert\"}");
	assert_true(json_is_null(json_object_get(alert, "alert")));
}

static void each_bad_message(struct desk *desk, int fd)
{
	static const struct {
		const char *text, *code;
	} rows[] = {
		{"x", "bad-message"},
		{" ", "bad-message"},
		{"null", "bad-message"},
		{"true", "bad-message"},
		{"1", "bad-message"},
		{"\"version\"", "bad-message"},
		{"[]", "bad-message"},
		{"[{\"verb\":\"version\"}]", "bad-message"},
		{"{}", "bad-message"},
		{"{", "bad-message"},
		{"}", "bad-message"},
		{"{\"verb\"}", "bad-message"},
		{"{\"verb\":}", "bad-message"},
		{"{\"verb\":\"version\"", "bad-message"},
		{"{\"verb\":\"version\",}", "bad-message"},
		{"{\"verb\":\"version\"}}", "bad-message"},
		{"{\"verb\":\"version\"} {\"verb\":\"version\"}", "bad-message"},
		{"{'verb':'version'}", "bad-message"},
		{"{verb:\"version\"}", "bad-message"},
		{"{\"verb\":\"version\"}x", "bad-message"},
		{"{\"verb\":version}", "bad-message"},
		{"{\"verb\":null}", "bad-message"},
		{"{\"verb\":1}", "bad-message"},
		{"{\"verb\":[\"version\"]}", "bad-message"},
		{"{\"verb\":{\"verb\":\"version\"}}", "bad-message"},
		{"{\"Verb\":\"version\"}", "bad-message"},
		{"{\"verb\":\"version\",\"verb\":\"version\"}", "bad-message"},
		{"{\"verb\":\"version\",\"verb\":\"status\"}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":\"1\"}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":1.5}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":null}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":[1]}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":{}}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":true}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":99999999999999999999}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":01}", "bad-message"},
		{"{\"verb\":\"version\",\"id\":+1}", "bad-message"},
		{"{\"verb\":\"ver\xff\"}", "bad-message"},
		{"{\"verb\":\"\xc0\x80\"}", "bad-message"},
		{"{\"verb\":\"\xed\xa0\x80\"}", "bad-message"},
		{"{\"verb\":\"\\ud800\"}", "bad-message"},
		{"{\"verb\":\"\\u0000\"}", "bad-message"},
		{"{\"verb\":\"a\nb\"}", "bad-message"},
		{"{\"verb\":\"\\x41\"}", "bad-message"},
		{"// c\n{\"verb\":\"version\"}", "bad-message"},
		{"\xef\xbb\xbf{\"verb\":\"version\"}", "bad-message"},
		{"{\"verb\":\"version\",\"x\":NaN}", "bad-message"},
		{"GET / HTTP/1.1\r\n\r\n", "bad-message"},
		{"{\"verb\":\"\"}", "unknown-verb"},
		{"{\"verb\":\"Version\"}", "unknown-verb"},
		{"{\"verb\":\"version \"}", "unknown-verb"},
		{"{\"verb\":\"versions\"}", "unknown-verb"},
		{"{\"verb\":\"../../etc/passwd\"}", "unknown-verb"},
		{"{\"verb\":\"%s%s%n\"}", "unknown-verb"},
		{"{\"verb\":\"nft flush ruleset\"}", "unknown-verb"},
		{"{\"verb\":\"\xc3\xb1\"}", "unknown-verb"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		refused_text(desk, fd, rows[i].text, rows[i].code);
	refused(desk, fd, "{\"verb\":\"version\"}\0", 19, "bad-message");
	refused(desk, fd, "\0", 1, "bad-message");
	refused(desk, fd, "{\"verb\":\"ver\0sion\"}", 19, "bad-message");
}

static void each_big_message(struct desk *desk, int fd)
{
	static char text[DESK_MESSAGE_MAX + 100];

	/* A verb of 64 KiB less what is around it; one byte more; far more levels than anybody
	 * needs. */
	memset(text, 'v', sizeof(text));
	memcpy(text, "{\"verb\":\"", 9);
	memcpy(text + DESK_MESSAGE_MAX - 2, "\"}", 2);
	refused(desk, fd, text, DESK_MESSAGE_MAX, "unknown-verb");
	memset(text + 9, 'v', sizeof(text) - 9);
	memcpy(text + DESK_MESSAGE_MAX - 1, "\"}", 2);
	refused(desk, fd, text, DESK_MESSAGE_MAX + 1, "bad-message");
	refused(desk, fd, text, sizeof(text), "bad-message");
	memset(text, '[', sizeof(text));
	refused(desk, fd, text, DESK_MESSAGE_MAX, "bad-message");
	memset(text, '{', sizeof(text));
	refused(desk, fd, text, DESK_MESSAGE_MAX, "bad-message");
	for (size_t i = 0; i + 5 <= DESK_MESSAGE_MAX; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	refused(desk, fd, text, DESK_MESSAGE_MAX, "bad-message");
	memset(text, 0xff, sizeof(text));
	refused(desk, fd, text, DESK_MESSAGE_MAX, "bad-message");
}

static void test_malformed_messages(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *fine = NULL;

	(void)state;
	arrive(desk, 1);
	assert_int_equal(bench_login(desk->bench, 1, 0), OUTCOME_DONE);
	bench_advance(desk->bench, SECOND);
	each_bad_message(desk, fd);
	each_bad_address(desk, fd);
	each_bad_number(desk, fd);
	each_bad_after(desk, fd);
	each_extra_member(desk, fd);
	each_bad_alert(desk, fd);
	each_big_message(desk, fd);
	assert_true(malformed > 300);
	fine = desk_ask(desk, fd, "{\"verb\":\"version\"}"); /* the same connection goes on */
	assert_string_equal(desk_error(fine), "");
	bench_check(desk->bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_visit),
		cmocka_unit_test(test_an_operator),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_status_reload_version),
		cmocka_unit_test(test_alert),
		cmocka_unit_test(test_uplink),
		cmocka_unit_test(test_every_refusal_has_its_code),
		cmocka_unit_test(test_malformed_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
