/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/zonactl_fixture.h"

#include "common/cleanup.h"
#include "controller/zonactl/verbs.h"

#define MAC "02:00:00:00:00:07"

/* The only document in text; fails on anything else. */
static json_t *document(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	assert_non_null(value);
	return value;
}

static void test_status_for_people(void **state)
{
	struct gateway_fixture gateway = {.sessions = 23};
	struct written written = RUN_ON(&gateway, "status");

	(void)state;
	assert_int_equal(written.status, ZONACTL_DONE);
	assert_string_equal(written.err, "");
	assert_string_equal(written.out,
		"Gateway   gw-1, Zona 9.9.9, up 3 h 12 min\n"
		"Zone      Ciudadela ñandú (ciudadela-2000), class community, open\n"
		"Sessions  23 now, 41 at most, 310 devices seen\n"
		"Volume    1.23 GB down, 230 MB up\n"
		"Rate      12.3 Mbit/s down, 512 kbit/s up\n"
		"LAN       lan0\n"
		"Uplink    wan0, 100 Mbit/s down, 50.0 Mbit/s up\n"
		"Kernel    fq_codel leaves\n"
		"Journal   /var/lib/zona/journal.db, 1.20 MB, CANNOT BE WRITTEN\n"
		"Policy    loaded 2026-03-01T09:00:00-05:00\n");
	written_free(&written);
}

static void test_status_as_json_is_the_reply_without_ok(void **state)
{
	struct gateway_fixture gateway = {.sessions = 23};
	struct written written = RUN_ON(&gateway, "status", "--json");
	json_auto_t *value = document(written.out);

	(void)state;
	assert_int_equal(written.status, ZONACTL_DONE);
	assert_string_equal(json_string_value(json_object_get(value, "gateway")), "gw-1");
	assert_string_equal(
		json_string_value(json_object_get(value, "zone_name")), "Ciudadela ñandú");
	assert_null(json_object_get(value, "ok"));
	written_free(&written);
}

static void test_sessions_follows_every_page(void **state)
{
	static const unsigned counts[] = {0, 1, 99, 100, 101, 200, 1234};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct gateway_fixture gateway = {.sessions = counts[i]};
		struct written written = RUN_ON(&gateway, "--json", "sessions");
		json_auto_t *value = document(written.out);
		const json_t *sessions = json_object_get(value, "sessions");

		assert_int_equal(written.status, ZONACTL_DONE);
		assert_int_equal(json_object_size(value), 1);
		assert_int_equal(json_array_size(sessions), counts[i]);
		for (unsigned n = 0; n < counts[i]; n++) {
			json_auto_t *wanted = fixture_session(&gateway, n);

			assert_true(json_equal(json_array_get(sessions, n), wanted));
		}
		written_free(&written);
	}
}

static void test_sessions_for_people(void **state)
{
	struct gateway_fixture gateway = {.sessions = 2};
	struct written written = RUN_ON(&gateway, "sessions");

	(void)state;
	assert_int_equal(written.status, ZONACTL_DONE);
	assert_string_equal(written.out,
		"MAC                IPV4      IPV6        STATE     LEFT  IDLE     DOWN      UP"
		"    MAX DOWN   MAX UP\n"
		"02:00:00:00:00:00  10.0.0.0  fe80::1 +1  active  50 min   3 s  1.50 MB  250 kB"
		"  800 kbit/s  0 bit/s\n"
		"02:00:00:00:00:01  10.0.0.1  fe80::1 +1  active  50 min   3 s  1.50 MB  250 kB"
		"  800 kbit/s  0 bit/s\n");
	written_free(&written);
}

/* A daemon that always names a next page. */
static char *answer_endless(const json_t *request, void *data)
{
	static unsigned page;
	bool same = data != NULL;
	char *text = NULL;

	(void)request;
	if (asprintf(&text, "{\"ok\":true,\"sessions\":[],\"next\":\"%u\"}", same ? 0 : ++page) < 0)
		return NULL;
	return text;
}

static void test_a_list_without_end_is_left(void **state)
{
	static char same[] = "the same mark again";
	char *const marks[] = {same, NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		struct control_fixture *fixture = fixture_start(answer_endless, marks[i]);
		struct written written = RUN("--socket", fixture->path, "sessions");

		assert_int_equal(written.status, ZONACTL_UNREACHABLE);
		assert_string_equal(written.out, "");
		assert_lines(written.err, 1);
		written_free(&written);
		fixture_stop(fixture);
	}
}

static void test_session_for_people(void **state)
{
	struct gateway_fixture gateway = {.sessions = 23};
	struct written written = RUN_ON(&gateway, "session", MAC);

	(void)state;
	assert_int_equal(written.status, ZONACTL_DONE);
	assert_string_equal(written.out, "MAC        02:00:00:00:00:07\n"
					 "Zone       san-francisco\n"
					 "Class      community\n"
					 "State      active\n"
					 "IPv4       10.0.0.7\n"
					 "IPv6       fe80::1\n"
					 "IPv6       2001:db8::1\n"
					 "Started    2026-03-01T10:00:00-05:00\n"
					 "Time left  50 min\n"
					 "Idle for   3 s\n"
					 "Volume     1.50 MB down, 250 kB up\n"
					 "Speed      up to 800 kbit/s down, 0 bit/s up\n");
	written_free(&written);
}

static void test_session_as_json_is_the_session(void **state)
{
	struct gateway_fixture gateway = {.sessions = 23};
	json_auto_t *wanted = fixture_session(&gateway, 7);
	struct written written = RUN_ON(&gateway, "--json", "session", "10.0.0.7");
	json_auto_t *value = document(written.out);

	(void)state;
	assert_int_equal(written.status, ZONACTL_DONE);
	assert_true(json_equal(value, wanted));
	written_free(&written);
}

/* What the daemon is asked, word for word. */
static void test_verbs_ask_what_the_contract_says(void **state)
{
	static const struct {
		const char *words[6];
		const char *request;
	} cases[] = {
		{{"login", MAC}, "{\"addr\":\"" MAC "\",\"verb\":\"login\"}"},
		{{"login", MAC, "--minutes", "30"},
			"{\"addr\":\"" MAC "\",\"minutes\":30,\"verb\":\"login\"}"},
		{{"--minutes=5", "login", "fe80::1"},
			"{\"addr\":\"fe80::1\",\"minutes\":5,\"verb\":\"login\"}"},
		{{"logout", "10.0.0.7"}, "{\"addr\":\"10.0.0.7\",\"verb\":\"logout\"}"},
		{{"block", MAC}, "{\"addr\":\"" MAC "\",\"verb\":\"block\"}"},
		{{"unblock", "--", MAC}, "{\"addr\":\"" MAC "\",\"verb\":\"unblock\"}"},
		{{"reload"}, "{\"verb\":\"reload\"}"},
		{{"version"}, "{\"verb\":\"version\"}"},
		{{"sessions"}, "{\"verb\":\"sessions\"}"},
		{{"status"}, "{\"verb\":\"status\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct gateway_fixture gateway = {.sessions = 1};
		struct control_fixture *fixture = fixture_start(fixture_gateway, &gateway);
		const char *words[8] = {"--socket", fixture->path};
		struct written written;

		memcpy(words + 2, cases[i].words, sizeof(cases[i].words));
		written = run_words(words);
		assert_int_equal(written.status, ZONACTL_DONE);
		assert_string_equal(fixture->last, cases[i].request);
		fixture_stop(fixture);
		written_free(&written);
	}
}

static void test_a_change_is_told_in_one_line(void **state)
{
	struct gateway_fixture gateway = {.sessions = 1};
	struct written login = RUN_ON(&gateway, "login", MAC);
	struct written reload = RUN_ON(&gateway, "reload");

	(void)state;
	assert_string_equal(login.out, MAC " active, 50 min left\n");
	assert_string_equal(reload.out, "reloaded, 12 sessions changed\n");
	written_free(&login);
	written_free(&reload);
}

/* What a verb cannot do without. */
static void put_arguments(const char *words[4], const struct verb *verb)
{
	static const char *const order[] = {
		"create", "--class=event", "--count=2", "--expires=2099-12-31"};

	if (verb == &verbs[VERB_VOUCHER])
		memcpy(words, order, sizeof(order));
	else if (verb == &verbs[VERB_CERTIFICATE])
		words[0] = "AAAA-BBBB-CCCC-DDDD";
	else
		words[0] = verb->takes_addr ? MAC : NULL;
}

static void test_vouchers_need_their_options(void **state)
{
	static const char *const bad[][5] = {{"voucher"}, {"voucher", "create"},
		{"voucher", "create", "--class=a", "--count=1"},
		{"voucher", "create", "--class=a", "--expires=2099-12-31"},
		{"voucher", "create", "--count=1", "--expires=2099-12-31"},
		{"voucher", "--class=a", "--count=1", "--expires=2099-12-31"},
		{"voucher", "create", "--count=0"}, {"voucher", "create", "--expires=tomorrow"},
		{"vouchers", "--count=1"}, {"voucher", "delete"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *words[6] = {0};
		struct written written;

		memcpy(words, bad[i], sizeof(bad[i]));
		written = run_words(words);
		assert_int_equal(written.status, ZONACTL_USAGE);
		assert_lines(written.err, 1);
		written_free(&written);
	}
}

static void test_a_refusal_is_one_line_and_exit_1(void **state)
{
	struct gateway_fixture gateway = {.refuse = true};

	(void)state;
	for (size_t i = 0; i < VERB_COUNT; i++) {
		const char *words[6] = {verbs[i].name};

		put_arguments(words + 1, &verbs[i]);
		struct written written = run_on(&gateway, words);

		assert_int_equal(written.status, ZONACTL_REFUSED);
		assert_string_equal(
			written.out, i == VERB_VERSION ? "zonactl " ZONA_VERSION "\n" : "");
		assert_string_equal(written.err, "zonactl: no such device (not-found)\n");
		written_free(&written);
	}
}

static void test_a_refusal_as_json_is_one_document(void **state)
{
	struct gateway_fixture gateway = {.refuse = true};
	struct written written = RUN_ON(&gateway, "--json", "session", MAC);
	json_auto_t *value = document(written.out);

	(void)state;
	assert_int_equal(written.status, ZONACTL_REFUSED);
	assert_string_equal(json_string_value(json_object_get(value, "error")), "not-found");
	assert_string_equal(json_string_value(json_object_get(value, "message")), "no such device");
	assert_lines(written.err, 1);
	written_free(&written);
}

static void test_no_daemon_is_exit_3(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERB_COUNT; i++) {
		const char *words[8] = {"--socket", "/nonexistent/s", verbs[i].name};

		put_arguments(words + 3, &verbs[i]);
		struct written written = run_words(words);

		assert_int_equal(written.status, ZONACTL_UNREACHABLE);
		assert_string_equal(
			written.out, i == VERB_VERSION ? "zonactl " ZONA_VERSION "\n" : "");
		assert_string_equal(written.err,
			"zonactl: cannot reach the daemon at /nonexistent/s: "
			"no such socket; is the daemon running? (unreachable)\n");
		written_free(&written);
	}
}

static void test_a_daemon_that_hangs_up_is_exit_3(void **state)
{
	struct gateway_fixture gateway = {.down = true};
	struct written written = RUN_ON(&gateway, "status");

	(void)state;
	assert_int_equal(written.status, ZONACTL_UNREACHABLE);
	assert_lines(written.err, 1);
	written_free(&written);
}

/* Replies that no daemon of ours sends: one line each, no crash. */
static char *answer_text(const json_t *request, void *data)
{
	(void)request;
	return strdup(data);
}

static void test_replies_that_make_no_sense(void **state)
{
	static char texts[][64] = {"{}", "[]", "{\"ok\":1}", "{\"ok\":false}",
		"{\"ok\":false,\"error\":7,\"message\":[]}", "{\"ok\":true,\"session\":[]}",
		"{\"ok\":true,\"sessions\":{}}", "{\"ok\":true,\"sessions\":[],\"next\":7}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct control_fixture *fixture = fixture_start(answer_text, texts[i]);
		struct written one = RUN("--socket", fixture->path, "session", MAC);
		struct written all = RUN("--socket", fixture->path, "sessions");

		assert_int_not_equal(one.status, ZONACTL_DONE);
		assert_lines(one.err, 1);
		assert_int_not_equal(all.status, ZONACTL_DONE);
		assert_lines(all.err, 1);
		written_free(&one);
		written_free(&all);
		fixture_stop(fixture);
	}
}

static void test_members_of_wrong_types_are_shown_as_unknown(void **state)
{
	static char text[] = "{\"ok\":true,\"session\":{\"mac\":7,\"state\":null,\"ipv4\":{},"
			     "\"ipv6\":[1,null],\"bytes_down\":\"x\",\"seconds_left\":-5,"
			     "\"rate_up_bps\":1e300}}";
	struct control_fixture *fixture = fixture_start(answer_text, text);
	struct written written = RUN("--socket", fixture->path, "session", MAC);

	(void)state;
	assert_int_equal(written.status, ZONACTL_DONE);
	assert_non_null(strstr(written.out, "MAC        -\n"));
	assert_non_null(strstr(written.out, "Time left  0 s\n"));
	assert_non_null(strstr(written.out, "Volume     - down, - up\n"));
	assert_non_null(strstr(written.out, "Speed      up to - down, 9.22 Ebit/s up\n"));
	written_free(&written);
	fixture_stop(fixture);
}

static void test_nothing_the_daemon_says_reaches_the_terminal_as_a_command(void **state)
{
	struct gateway_fixture gateway = {.sessions = 3, .hostile = true};
	struct gateway_fixture refusing = {.refuse = true, .hostile = true};
	struct written written[] = {
		RUN_ON(&gateway, "status"),
		RUN_ON(&gateway, "sessions"),
		RUN_ON(&gateway, "session", MAC),
		RUN_ON(&gateway, "login", MAC),
		RUN_ON(&gateway, "--json", "status"),
		RUN_ON(&gateway, "--json", "sessions"),
		RUN_ON(&refusing, "status"),
		RUN_ON(&refusing, "--json", "status"),
		RUN("--socket", "/\033[31m\n", "status"),
		RUN("\033[31m\nverb"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		assert_harmless(written[i].out);
		assert_harmless(written[i].err);
		assert_true(strchr(written[i].err, '\n') == strrchr(written[i].err, '\n'));
		written_free(&written[i]);
	}
}

static void test_json_keeps_the_meaning_of_hostile_text(void **state)
{
	struct gateway_fixture gateway = {.sessions = 1, .hostile = true};
	struct written written = RUN_ON(&gateway, "--json", "session", MAC);
	json_auto_t *value = document(written.out);

	(void)state;
	assert_string_equal(
		json_string_value(json_object_get(value, "state")), "act\033[2Jive\xc2\x9b");
	written_free(&written);
}

static void test_version_tells_both(void **state)
{
	struct gateway_fixture gateway = {.sessions = 1};
	struct written text = RUN_ON(&gateway, "version");
	struct written with_daemon = RUN_ON(&gateway, "--json", "version");
	struct written without = RUN("--socket", "/nonexistent/s", "--json", "version");
	json_auto_t *both = document(with_daemon.out);
	json_auto_t *own = document(without.out);

	(void)state;
	assert_string_equal(text.out, "zonactl " ZONA_VERSION "\ndaemon 9.9.9\n");
	assert_string_equal(json_string_value(json_object_get(both, "client")), ZONA_VERSION);
	assert_string_equal(json_string_value(json_object_get(both, "daemon")), "9.9.9");
	assert_string_equal(json_string_value(json_object_get(own, "client")), ZONA_VERSION);
	assert_true(json_is_null(json_object_get(own, "daemon")));
	assert_int_equal(without.status, ZONACTL_UNREACHABLE);
	assert_lines(without.err, 1);
	written_free(&text);
	written_free(&with_daemon);
	written_free(&without);
}

static void test_command_lines_that_are_refused(void **state)
{
	static const struct {
		const char *words[6];
		const char *complaint;
	} cases[] = {
		{{NULL}, "no verb given"},
		{{"--json"}, "no verb given"},
		{{""}, "unknown verb ''"},
		{{"frobnicate"}, "unknown verb 'frobnicate'"},
		{{"stat"}, "unknown verb 'stat'"},
		{{"--frobnicate", "status"}, "unknown option '--frobnicate'"},
		{{"-j", "status"}, "unknown option '-j'"},
		{{"--js", "status"}, "unknown option '--js'"},
		{{"--json=yes", "status"}, "--json takes no value"},
		{{"status", "--socket"}, "--socket needs PATH"},
		{{"--socket=", "status"}, "--socket: '' is no PATH"},
		{{"session"}, "session needs a MAC, IPv4 or IPv6 address"},
		{{"session", "nobody"}, "'nobody' is no MAC, IPv4 or IPv6 address"},
		{{"session", "10.0.0"}, "'10.0.0' is no MAC, IPv4 or IPv6 address"},
		{{"session", "02:00:00:00:00"}, "is no MAC, IPv4 or IPv6 address"},
		{{"session", MAC, MAC}, "is one argument too many"},
		{{"status", MAC}, "is one argument too many"},
		{{"reload", "now"}, "'now' is one argument too many"},
		{{"login", MAC, "--minutes"}, "--minutes needs N"},
		{{"login", MAC, "--minutes", "soon"}, "--minutes: 'soon' is no N"},
		{{"login", MAC, "--minutes", "-5"}, "--minutes: '-5' is no N"},
		{{"login", MAC, "--minutes", "5x"}, "--minutes: '5x' is no N"},
		{{"login", MAC, "--minutes", ""}, "--minutes: '' is no N"},
		{{"login", MAC, "--minutes", "0"}, "--minutes must be from 1 to 527040"},
		{{"login", MAC, "--minutes", "527041"}, "--minutes must be from 1 to 527040"},
		{{"login", MAC, "--minutes", "99999999999999999999"}, "--minutes: '9"},
		{{"logout", MAC, "--minutes", "5"}, "--minutes does not go with logout"},
		{{"alert", "now"}, "'now' is one argument too many"},
		{{"alert", "set", "clear"}, "'clear' is one argument too many"},
		{{"alert", "set"}, "alert set needs --text-es"},
		{{"alert", "set", "--text-en", "Go"}, "alert set needs --text-es"},
		{{"alert", "--text-es", "Sube"}, "go with alert set"},
		{{"alert", "clear", "--until", "23:59"}, "go with alert set"},
		{{"alert", "set", "--text-es="}, "--text-es: '' is no TEXT"},
		{{"alert", "set", "--text-es", "x", "--until", "soon"},
			"--until: 'soon' is no TIME"},
		{{"alert", "set", "--text-es=x", "--until=2020-01-01T00:00"}, "is no TIME"},
		{{"alert", "set", "--text-es=x", "--until=25:00"}, "is no TIME"},
		{{"status", "--text-es", "x"}, "--text-es does not go with status"},
		{{"status", "--watch"}, "--watch does not go with status"},
		{{"sessions", "--watch", "--json"}, "--watch does not go with --json"},
		{{"--", "--json", "status"}, "unknown verb '--json'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct written written = run_words(cases[i].words);

		assert_int_equal(written.status, ZONACTL_USAGE);
		assert_string_equal(written.out, "");
		assert_lines(written.err, 1);
		if (strstr(written.err, cases[i].complaint) == NULL)
			fail_msg("'%s' instead of '%s'", written.err, cases[i].complaint);
		written_free(&written);
	}
}

static char *answer_alert(const json_t *request, void *data)
{
	(void)request;
	return strdup(data);
}

static void test_alert_is_sent_and_shown(void **state)
{
	static char set[] = "{\"ok\":true,\"alert\":{\"texts\":{\"es\":\"Sube\\u001b[2J\"}}}";
	static char none[] = "{\"ok\":true,\"alert\":null}";
	struct control_fixture *fixture = fixture_start(answer_alert, set);
	struct written written = RUN("--socket", fixture->path, "alert", "set", "--text-es", "Sube",
		"--text-pt=Suba", "--until", "2999-01-01T10:00");

	(void)state;
	assert_int_equal(written.status, ZONACTL_DONE);
	json_auto_t *sent = document(fixture->last);
	json_auto_t *texts = document("{\"es\":\"Sube\",\"pt\":\"Suba\"}");
	assert_string_equal(json_string_value(json_object_get(sent, "verb")), "alert-set");
	assert_true(json_equal(json_object_get(sent, "texts"), texts));
	assert_true(json_integer_value(json_object_get(sent, "until")) > 32472144000 - 86400);
	assert_memory_equal(written.out, "es  Sube", 8);
	assert_null(strchr(written.out, '\033'));
	written_free(&written);
	fixture->data = none;
	written = RUN("--socket", fixture->path, "alert", "clear");
	assert_string_equal(written.out, "no alert\n");
	assert_non_null(strstr(fixture->last, "\"alert-clear\""));
	written_free(&written);
	written = RUN("--socket", fixture->path, "alert", "--json");
	json_auto_t *value = document(written.out);
	assert_true(json_is_null(json_object_get(value, "alert")));
	written_free(&written);
	fixture_stop(fixture);
}

static void test_help_names_every_verb(void **state)
{
	struct written written = RUN("status", "--help");

	(void)state;
	assert_int_equal(written.status, ZONACTL_DONE);
	for (size_t i = 0; i < VERB_COUNT; i++) {
		assert_non_null(strstr(written.out, verbs[i].name));
		assert_non_null(strstr(written.out, verbs[i].help));
		assert_ptr_equal(verb_find(verbs[i].name), &verbs[i]);
	}
	assert_non_null(strstr(written.out, "login ADDR [--minutes N]"));
	assert_non_null(strstr(written.out, "sessions [--watch]"));
	written_free(&written);
}

static void test_output_that_cannot_be_written_is_not_done(void **state)
{
	struct gateway_fixture gateway = {.sessions = 300};
	struct control_fixture *fixture = fixture_start(fixture_gateway, &gateway);
	char *verb_list[] = {"status", "sessions", "--json", "version", "--help"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(verb_list); i++) {
		char *argv[] = {"zonactl", "--socket", fixture->path, "sessions", verb_list[i]};
		bool alone = verb_list[i][0] != '-';
		AUTO_STR said = NULL;
		size_t said_size;
		struct zonactl_io io = {.out = fopen("/dev/full", "w"), .in_fd = -1};

		io.err = open_memstream(&said, &said_size);
		if (alone)
			argv[3] = verb_list[i];
		assert_int_equal(zonactl_run(alone ? 4 : 5, argv, &io), ZONACTL_REFUSED);
		(void)fclose(io.err);
		assert_lines(said, 1);
		(void)fclose(io.out);
	}
	fixture_stop(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_for_people),
		cmocka_unit_test(test_status_as_json_is_the_reply_without_ok),
		cmocka_unit_test(test_sessions_follows_every_page),
		cmocka_unit_test(test_sessions_for_people),
		cmocka_unit_test(test_a_list_without_end_is_left),
		cmocka_unit_test(test_session_for_people),
		cmocka_unit_test(test_session_as_json_is_the_session),
		cmocka_unit_test(test_verbs_ask_what_the_contract_says),
		cmocka_unit_test(test_a_change_is_told_in_one_line),
		cmocka_unit_test(test_vouchers_need_their_options),
		cmocka_unit_test(test_a_refusal_is_one_line_and_exit_1),
		cmocka_unit_test(test_a_refusal_as_json_is_one_document),
		cmocka_unit_test(test_no_daemon_is_exit_3),
		cmocka_unit_test(test_a_daemon_that_hangs_up_is_exit_3),
		cmocka_unit_test(test_replies_that_make_no_sense),
		cmocka_unit_test(test_members_of_wrong_types_are_shown_as_unknown),
		cmocka_unit_test(test_nothing_the_daemon_says_reaches_the_terminal_as_a_command),
		cmocka_unit_test(test_json_keeps_the_meaning_of_hostile_text),
		cmocka_unit_test(test_version_tells_both),
		cmocka_unit_test(test_command_lines_that_are_refused),
		cmocka_unit_test(test_alert_is_sent_and_shown),
		cmocka_unit_test(test_help_names_every_verb),
		cmocka_unit_test(test_output_that_cannot_be_written_is_not_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
