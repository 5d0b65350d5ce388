/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/clock.h"
#include "portal/control.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/portal_fixture.h"

#include <sys/stat.h>

#define CALLS 16

struct result {
	struct event_base *base;
	int calls;
	int error;
	char echo[64]; /* what the stand-in put into "echo" */
	unsigned *left;
};

struct setting {
	char root[ROOT_SIZE];
	struct stand_in controller;
	struct event_base *base;
	struct control *control;
	struct result results[CALLS];
	unsigned left;
};

static const struct ip_addr ip = {.family = AF_INET, .b = {10, 0, 0, 7}};

static void on_reply(void *arg, int error, const json_t *reply)
{
	struct result *result = arg;
	const char *echo = json_string_value(json_object_get(reply, "echo"));

	result->calls++;
	result->error = error;
	(void)snprintf(result->echo, sizeof(result->echo), "%s", echo != NULL ? echo : "");
	if (--*result->left == 0)
		(void)event_base_loopbreak(result->base);
}

static void call(struct setting *s, size_t i, enum control_verb verb)
{
	s->results[i] = (struct result){.base = s->base, .left = &s->left};
	s->left++;
	assert_int_equal(
		control_call(s->control, verb, verb == CONTROL_VERSION ? NULL : &ip,
			&(struct control_arguments){1234567, NULL}, on_reply, &s->results[i]),
		0);
}

/* Until all have their answers; returns how long it took. */
static int64_t wait_ms(struct setting *s)
{
	int64_t begin_ms = clock_ms();

	while (s->left > 0)
		assert_int_equal(event_base_dispatch(s->base), 0);
	return clock_ms() - begin_ms;
}

static bool echo_request(void *context, const json_t *request, json_t *reply)
{
	const char *addr = json_string_value(json_object_get(request, "addr"));
	char text[64];

	(void)context;
	(void)snprintf(text, sizeof(text), "%s %s %lld",
		json_string_value(json_object_get(request, "verb")), addr != NULL ? addr : "-",
		(long long)json_integer_value(json_object_get(request, "token_us")));
	(void)json_object_set_new(reply, "echo", json_string(text));
	return true;
}

static bool say_nothing(void *context, const json_t *request, json_t *reply)
{
	(void)context;
	(void)request;
	(void)reply;
	return false;
}

static void calls_say_what_is_asked(void **state)
{
	struct setting *s = *state;

	stand_in_start(&s->controller, s->root);
	call(s, 0, CONTROL_LOOKUP);
	call(s, 1, CONTROL_ACCEPT);
	call(s, 2, CONTROL_LEAVE);
	call(s, 3, CONTROL_VERSION);
	(void)wait_ms(s);
	assert_string_equal(s->results[0].echo, "lookup 10.0.0.7 0");
	assert_string_equal(s->results[1].echo, "accept 10.0.0.7 1234567");
	assert_string_equal(s->results[2].echo, "leave 10.0.0.7 0");
	assert_string_equal(s->results[3].echo, "version - 0");
	stand_in_stop(&s->controller);
}

/* All but the first request, whose id is 0. */
static bool answer_the_others(void *context, const json_t *request, json_t *reply)
{
	(void)context;
	(void)json_object_set_new(reply, "echo", json_string("second"));
	return json_integer_value(json_object_get(request, "id")) != 0;
}

static void each_reply_finds_its_call(void **state)
{
	struct setting *s = *state;

	s->controller.answer = answer_the_others;
	stand_in_start(&s->controller, s->root);
	call(s, 0, CONTROL_LOOKUP);
	call(s, 1, CONTROL_LOOKUP);
	int64_t took_ms = wait_ms(s);
	assert_in_range(took_ms, CONTROL_REPLY_MS, CONTROL_REPLY_MS + 500);
	assert_int_equal(s->results[0].error, -ETIMEDOUT);
	assert_int_equal(s->results[1].error, 0);
	assert_string_equal(s->results[1].echo, "second");
	stand_in_stop(&s->controller);
}

static void *start_later(void *arg)
{
	struct setting *s = arg;

	(void)usleep(1000 * 1000);
	stand_in_start(&s->controller, s->root);
	return NULL;
}

static void a_controller_that_restarts_is_not_noticed(void **state)
{
	struct setting *s = *state;
	pthread_t thread;

	stand_in_start(&s->controller, s->root);
	call(s, 0, CONTROL_LOOKUP);
	(void)wait_ms(s);
	assert_int_equal(s->results[0].error, 0);
	s->controller.answer = say_nothing;
	call(s, 1, CONTROL_LOOKUP); /* taken by the old one, which dies */
	stand_in_stop(&s->controller);
	call(s, 2, CONTROL_LOOKUP); /* asked while there is none */
	s->controller.answer = echo_request;
	assert_int_equal(pthread_create(&thread, NULL, start_later, s), 0);
	int64_t took_ms = wait_ms(s);
	(void)pthread_join(thread, NULL);
	assert_in_range(took_ms, 900, 1500);
	assert_int_equal(s->results[1].error, 0);
	assert_int_equal(s->results[2].error, 0);
	stand_in_stop(&s->controller);
}

static void one_that_stays_away_is_waited_for_five_seconds(void **state)
{
	struct setting *s = *state;

	call(s, 0, CONTROL_LOOKUP);
	assert_in_range(wait_ms(s), CONTROL_AWAY_MS, CONTROL_AWAY_MS + 500);
	assert_int_equal(s->results[0].error, -ETIMEDOUT);
	assert_int_equal(s->results[0].calls, 1);
}

static void the_open_directory_leads_to_the_socket(void **state)
{
	struct setting *s = *state;
	int dir = open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_return_code(dir, errno);
	control_free(s->control);
	assert_int_equal(control_new(s->base, dir, "/nowhere/at/all/control.sock", &s->control), 0);
	stand_in_start(&s->controller, s->root);
	call(s, 0, CONTROL_VERSION);
	(void)wait_ms(s);
	assert_int_equal(s->results[0].error, 0);
	(void)close(dir);
	stand_in_stop(&s->controller);
}

/* The service manager removes and makes /run/zona: the open directory is a dead one then. */
static void a_directory_made_anew_is_found_by_its_path(void **state)
{
	struct setting *s = *state;
	char dead[] = "/tmp/zona-portal-dead-XXXXXX", path[ROOT_SIZE + 16];
	int dir;

	assert_non_null(mkdtemp(dead));
	dir = open(dead, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_return_code(rmdir(dead), errno);
	(void)snprintf(path, sizeof(path), "%s/control.sock", s->root);
	control_free(s->control);
	assert_int_equal(control_new(s->base, dir, path, &s->control), 0);
	stand_in_start(&s->controller, s->root);
	call(s, 0, CONTROL_VERSION);
	(void)wait_ms(s);
	assert_int_equal(s->results[0].error, 0);
	(void)close(dir);
	stand_in_stop(&s->controller);
}

static void too_many_calls_are_refused(void **state)
{
	struct setting *s = *state;
	struct result ignored = {.base = s->base, .left = &s->left};
	int r = 0, taken = 0;

	for (; r == 0 && taken < 100000; taken += r == 0) {
		s->left++;
		r = control_call(s->control, CONTROL_LOOKUP, &ip, NULL, on_reply, &ignored);
	}
	assert_int_equal(r, -EBUSY);
	assert_in_range(taken, 500, 5000);
	s->left--;
	control_free(s->control);
	s->control = NULL;
	assert_int_equal(ignored.calls, taken);
	assert_int_equal(ignored.error, -ECANCELED);
}

static int set_up(void **state)
{
	struct setting *s = calloc(1, sizeof(*s));
	char path[ROOT_SIZE + 16];

	make_root(s->root);
	s->controller.answer = echo_request;
	s->base = event_base_new();
	(void)snprintf(path, sizeof(path), "%s/control.sock", s->root);
	*state = s;
	return control_new(s->base, -1, path, &s->control);
}

static int tear_down(void **state)
{
	struct setting *s = *state;

	control_free(s->control);
	event_base_free(s->base);
	(void)rmdir(s->root);
	free(s);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_say_what_is_asked),
		TEST(each_reply_finds_its_call),
		TEST(a_controller_that_restarts_is_not_noticed),
		TEST(one_that_stays_away_is_waited_for_five_seconds),
		TEST(the_open_directory_leads_to_the_socket),
		TEST(a_directory_made_anew_is_found_by_its_path),
		TEST(too_many_calls_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
