/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/control_fixture.h"

#include "common/control_client.h"

#include <errno.h>
#include <time.h>

#define TIMEOUT_MS 5000
#define SHORT_MS 100

/* Says what the test put into data, whatever was asked. */
static char *answer_text(const json_t *request, void *data)
{
	(void)request;
	return data != NULL ? strdup(data) : NULL;
}

static char *answer_echo(const json_t *request, void *data)
{
	(void)data;
	return json_dumps(request, JSON_COMPACT);
}

static int call_once(fixture_answer *answer, void *data, unsigned timeout_ms, json_t **ret_reply)
{
	struct control_fixture *fixture = fixture_start(answer, data);
	AUTO(control_client_close) struct control_client *client = NULL;
	json_auto_t *request = json_pack("{s:s}", "verb", "status");
	int rc;

	assert_int_equal(control_client_open(fixture->path, timeout_ms, &client), 0);
	rc = control_client_call(client, request, ret_reply);
	fixture_stop(fixture);
	return rc;
}

static void test_sends_one_object_and_gets_one(void **state)
{
	json_auto_t *reply = NULL;

	(void)state;
	assert_int_equal(call_once(answer_echo, NULL, TIMEOUT_MS, &reply), 0);
	assert_string_equal(json_string_value(json_object_get(reply, "verb")), "status");
}

static void test_keeps_the_connection_for_more_calls(void **state)
{
	struct control_fixture *fixture = fixture_start(answer_echo, NULL);
	AUTO(control_client_close) struct control_client *client = NULL;

	(void)state;
	assert_int_equal(control_client_open(fixture->path, TIMEOUT_MS, &client), 0);
	for (int i = 0; i < 50; i++) {
		json_auto_t *request = json_pack("{s:i}", "n", i);
		json_auto_t *reply = NULL;

		assert_int_equal(control_client_send(client, request), 0);
		assert_int_equal(control_client_receive(client, &reply), 0);
		assert_int_equal(json_integer_value(json_object_get(reply, "n")), i);
	}
	fixture_stop(fixture);
}

static void test_what_is_no_object_is_refused(void **state)
{
	static const char *const texts[] = {
		"[1]", "7", "{", "{\"ok\":true} more", "\xff\xfe", "{\"a\":1,\"a\":2}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_STR text = strdup(texts[i]);
		json_t *reply = NULL;

		assert_int_equal(call_once(answer_text, text, TIMEOUT_MS, &reply), -EBADMSG);
		assert_null(reply);
	}
}

/* An object of exactly size bytes. */
static char *object_of(size_t size)
{
	char *text = malloc(size + 1);

	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text, "{\"x\":\"", 6);
	memcpy(text + size - 2, "\"}", 3);
	return text;
}

static void test_a_message_may_be_64_kib_and_no_more(void **state)
{
	AUTO_STR most = object_of(CONTROL_CLIENT_MESSAGE_MAX);
	AUTO_STR more = object_of(CONTROL_CLIENT_MESSAGE_MAX + 1);
	json_auto_t *reply = NULL;
	json_t *none = NULL;

	(void)state;
	assert_int_equal(call_once(answer_text, most, TIMEOUT_MS, &reply), 0);
	assert_int_equal(
		json_string_length(json_object_get(reply, "x")), CONTROL_CLIENT_MESSAGE_MAX - 8);
	assert_int_equal(call_once(answer_text, more, TIMEOUT_MS, &none), -EMSGSIZE);
	assert_null(none);
}

static void test_a_request_over_64_kib_is_not_sent(void **state)
{
	struct control_fixture *fixture = fixture_start(answer_echo, NULL);
	AUTO(control_client_close) struct control_client *client = NULL;
	AUTO_STR text = object_of(CONTROL_CLIENT_MESSAGE_MAX + 1);
	json_auto_t *request = json_loads(text, 0, NULL);
	json_t *reply = NULL;

	(void)state;
	assert_int_equal(control_client_open(fixture->path, TIMEOUT_MS, &client), 0);
	assert_int_equal(control_client_call(client, request, &reply), -EMSGSIZE);
	assert_null(reply);
	assert_string_equal(fixture->last, "");
	fixture_stop(fixture);
}

static void test_a_silent_daemon_is_left_at_the_deadline(void **state)
{
	struct timespec before, after;
	json_t *reply = NULL;
	double seconds;

	(void)state;
	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(call_once(answer_text, "", SHORT_MS, &reply), -ETIMEDOUT);
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	seconds = (double)(after.tv_sec - before.tv_sec) +
		  (double)(after.tv_nsec - before.tv_nsec) / 1e9;
	assert_true(seconds >= 0.09 && seconds < 3);
	assert_null(reply);
}

static void test_a_daemon_that_hangs_up_is_told(void **state)
{
	json_t *reply = NULL;

	(void)state;
	assert_int_equal(call_once(answer_text, NULL, TIMEOUT_MS, &reply), -ECONNRESET);
	assert_null(reply);
}

/* A listener whose backlog is full: connect() must not wait for ever. */
static void test_a_daemon_that_accepts_nobody_is_left_at_the_deadline(void **state)
{
	struct control_client *clients[8] = {0};
	char directory[] = "/tmp/zona-unit-XXXXXX", path[64];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO_FD listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int rc = 0;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/s", directory);
	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_return_code(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_return_code(listen(listener, 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(clients) && rc == 0; i++)
		rc = control_client_open(path, SHORT_MS, &clients[i]);
	assert_int_equal(rc, -ETIMEDOUT);
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
		control_client_close(clients[i]);
	(void)unlink(path);
	(void)rmdir(directory);
}

static void test_paths_that_cannot_be_reached(void **state)
{
	struct control_client *client = NULL;
	char longest[108], too_long[109];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	memset(too_long, 'a', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(control_client_open("", TIMEOUT_MS, &client), -ENOENT);
	assert_int_equal(control_client_open("/nonexistent/s", TIMEOUT_MS, &client), -ENOENT);
	assert_int_equal(control_client_open(longest, TIMEOUT_MS, &client), -ENOENT);
	assert_int_equal(control_client_open(too_long, TIMEOUT_MS, &client), -ENAMETOOLONG);
	assert_null(client);
	control_client_close(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sends_one_object_and_gets_one),
		cmocka_unit_test(test_keeps_the_connection_for_more_calls),
		cmocka_unit_test(test_what_is_no_object_is_refused),
		cmocka_unit_test(test_a_message_may_be_64_kib_and_no_more),
		cmocka_unit_test(test_a_request_over_64_kib_is_not_sent),
		cmocka_unit_test(test_a_silent_daemon_is_left_at_the_deadline),
		cmocka_unit_test(test_a_daemon_that_hangs_up_is_told),
		cmocka_unit_test(test_a_daemon_that_accepts_nobody_is_left_at_the_deadline),
		cmocka_unit_test(test_paths_that_cannot_be_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
