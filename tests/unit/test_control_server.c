/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections: who may do what, peers that do not read, hang up, or send more than is answered. */
#include "tests/unit/desk_fixture.h"

#include <grp.h>

#define VERSION "{\"verb\":\"version\"}"
#define ONE "02:00:00:00:00:01"
/* Numbers that are nobody's. */
#define SERVICE_UID 54321
#define STRANGER_UID 54322
#define OPERATORS_GID 54323

/* ---- roles ----------------------------------------------------------------------------------- */

struct person {
	uid_t uid;
	gid_t gid, second_gid;
};

/* Connects as somebody else; server_uid is who the server runs as when it looks at the peer. */
static int connect_as(struct desk *desk, struct person who, uid_t server_uid)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_return_code(setgroups(who.second_gid != 0, &who.second_gid), errno);
	assert_return_code(setegid(who.gid), errno);
	assert_return_code(seteuid(who.uid), errno);
	assert_return_code(
		connect(fd, (const struct sockaddr *)&desk->address, sizeof(desk->address)), errno);
	assert_return_code(seteuid(0), errno);
	assert_return_code(setegid(0), errno);
	assert_return_code(setgroups(0, NULL), errno);
	assert_return_code(seteuid(server_uid), errno);
	desk_events(desk);
	assert_return_code(seteuid(0), errno);
	return fd;
}

static const struct {
	const char *message;
	unsigned roles;
} permissions[] = {
	{"{\"verb\":\"lookup\",\"addr\":\"" ONE "\"}", ROLE_PORTAL | ROLE_OPERATOR},
	{"{\"verb\":\"accept\",\"addr\":\"" ONE "\",\"token_us\":1}", ROLE_PORTAL | ROLE_OPERATOR},
	{"{\"verb\":\"extend\",\"addr\":\"" ONE "\"}", ROLE_PORTAL | ROLE_OPERATOR},
	{"{\"verb\":\"leave\",\"addr\":\"" ONE "\"}", ROLE_PORTAL | ROLE_OPERATOR},
	{"{\"verb\":\"status\"}", ROLE_OPERATOR},
	{"{\"verb\":\"sessions\"}", ROLE_OPERATOR},
	{"{\"verb\":\"session\",\"addr\":\"" ONE "\"}", ROLE_OPERATOR},
	{"{\"verb\":\"login\",\"addr\":\"" ONE "\"}", ROLE_OPERATOR},
	{"{\"verb\":\"logout\",\"addr\":\"" ONE "\"}", ROLE_OPERATOR},
	{"{\"verb\":\"block\",\"addr\":\"" ONE "\"}", ROLE_OPERATOR},
	{"{\"verb\":\"unblock\",\"addr\":\"" ONE "\"}", ROLE_OPERATOR},
	{"{\"verb\":\"reload\"}", ROLE_OPERATOR},
	{"{\"verb\":\"alert\"}", ROLE_PORTAL | ROLE_OPERATOR},
	{"{\"verb\":\"alert-set\",\"texts\":{\"es\":\"x\"}}", ROLE_OPERATOR},
	{"{\"verb\":\"alert-clear\"}", ROLE_OPERATOR},
	{VERSION, ROLE_STRANGER | ROLE_PORTAL | ROLE_OPERATOR},
};

static void check_role(struct person who, uid_t server_uid, enum control_role role)
{
	AUTO(desk_free) struct desk *desk = desk_open_with(OPERATORS_GID, verbs_handle);
	AUTO_FD fd = connect_as(desk, who, server_uid);
	unsigned reloads = desk->reloads;

	assert_int_equal(bench_accept(desk->bench, 1, 0), OUTCOME_STALE_TOKEN); /* known */
	for (size_t i = 0; i < ARRAY_SIZE(permissions); i++) {
		json_auto_t *reply = desk_ask(desk, fd, permissions[i].message);
		bool forbidden = strcmp(desk_error(reply), "forbidden") == 0;

		if (forbidden == ((permissions[i].roles & role) != 0))
			fail_msg(
				"%s: %s", permissions[i].message, forbidden ? "forbidden" : "done");
	}
	assert_int_equal(desk->reloads - reloads, role == ROLE_OPERATOR);
}

static void test_roles(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	check_role((struct person){0}, SERVICE_UID, ROLE_OPERATOR);
	check_role((struct person){0}, 0, ROLE_OPERATOR);
	check_role((struct person){SERVICE_UID, SERVICE_UID, 0}, SERVICE_UID, ROLE_PORTAL);
	check_role((struct person){STRANGER_UID, STRANGER_UID, 0}, SERVICE_UID, ROLE_STRANGER);
	check_role((struct person){STRANGER_UID, STRANGER_UID, 0}, 0, ROLE_STRANGER);
	check_role((struct person){STRANGER_UID, OPERATORS_GID, 0}, SERVICE_UID, ROLE_OPERATOR);
	check_role((struct person){STRANGER_UID, STRANGER_UID, OPERATORS_GID}, SERVICE_UID,
		ROLE_OPERATOR);
	/* Root's group is nobody's special group. */
	check_role((struct person){STRANGER_UID, 0, 0}, SERVICE_UID, ROLE_STRANGER);
}

/* Without the group no number stands for it, not even -1. */
static void test_no_operators_group(void **state)
{
	AUTO(desk_free) struct desk *desk = NULL;
	AUTO_FD fd = -1;
	json_auto_t *reply = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	desk = desk_open();
	fd = connect_as(desk, (struct person){STRANGER_UID, OPERATORS_GID, 0}, SERVICE_UID);
	reply = desk_ask(desk, fd, "{\"verb\":\"status\"}");
	assert_string_equal(desk_error(reply), "forbidden");
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void test_ids(void **state)
{
	static const char *const ids[] = {
		"0", "1", "-1", "9223372036854775807", "-9223372036854775808"};
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		char text[100], back[40];
		json_auto_t *good = NULL, *bad = NULL;

		(void)snprintf(text, sizeof(text), "{\"verb\":\"version\",\"id\":%s}", ids[i]);
		good = desk_ask(desk, fd, text);
		(void)snprintf(text, sizeof(text), "{\"verb\":\"nothing\",\"id\":%s}", ids[i]);
		bad = desk_ask(desk, fd, text);
		(void)snprintf(back, sizeof(back), "%lld", (long long)desk_number(good, "id"));
		assert_string_equal(back, ids[i]);
		assert_int_equal(desk_number(bad, "id"), desk_number(good, "id"));
	}
}

/* Replies come as they are ready: one that waits for the kernel does not hold up the next. */
static void test_answers_out_of_order(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *first = NULL, *second = NULL;
	static const char login[] = "{\"verb\":\"login\",\"addr\":\"" ONE "\",\"id\":1}";
	static const char version[] = "{\"verb\":\"version\",\"id\":2}";

	(void)state;
	desk_send(fd, login, strlen(login));
	desk_send(fd, version, strlen(version));
	desk_events(desk);
	first = desk_receive(fd);
	assert_non_null(first);
	assert_int_equal(desk_number(first, "id"), 2);
	assert_null(desk_receive(fd));
	desk_round(desk);
	second = desk_receive(fd);
	assert_int_equal(desk_number(second, "id"), 1);
}

/* Nothing leaves before the flush: the journal commits first. */
static void test_answers_wait_for_the_flush(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	json_auto_t *reply = NULL;

	(void)state;
	desk_send(fd, VERSION, strlen(VERSION));
	for (int i = 0; i < DESK_ROUNDS; i++)
		(void)event_base_loop(desk->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_null(desk_receive(fd));
	control_flush(desk->server);
	reply = desk_receive(fd);
	assert_non_null(reply);
}

static void test_hung_up_while_the_kernel_works(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD other = desk_connect(desk);
	json_auto_t *reply = NULL;
	char text[100];

	(void)state;
	for (unsigned n = 1; n <= 20; n++) {
		int fd = desk_connect(desk);

		(void)snprintf(text, sizeof(text),
			"{\"verb\":\"login\",\"addr\":\"02:00:00:00:00:%02x\"}", n);
		desk_send(fd, text, strlen(text));
		desk_events(desk);
		(void)close(fd);
		if (n % 2 == 0)
			desk_events(desk); /* half of them are seen to be gone before the answer */
	}
	desk_round(desk);
	assert_int_equal(desk->bench->engine->sessions, 20); /* asked for, and done */
	bench_check(desk->bench);
	reply = desk_ask(desk, other, VERSION);
	assert_string_equal(desk_error(reply), "");
}

static void test_the_server_goes_with_calls_under_way(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	static const char login[] = "{\"verb\":\"login\",\"addr\":\"" ONE "\"}";

	(void)state;
	desk_send(fd, login, strlen(login));
	desk_events(desk);
	control_server_free(desk->server);
	desk->server = NULL;
	assert_true(desk_hung_up(fd));
	(void)kernel_fake_run(desk->bench->kernel); /* the answer finds nobody */
}

static void test_an_empty_message_hangs_up(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);

	(void)state;
	assert_int_equal(send(fd, "", 0, MSG_NOSIGNAL), 0); /* not to be told from an end */
	desk_round(desk);
	assert_true(desk_hung_up(fd));
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static void test_many_connections(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	int fds[80];
	json_auto_t *reply = NULL;
	unsigned refused = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = desk_connect(desk);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		refused += desk_hung_up(fds[i]);
	assert_int_equal(refused, ARRAY_SIZE(fds) - 64);
	(void)close(fds[0]);
	desk_events(desk);
	fds[0] = desk_connect(desk); /* room again */
	reply = desk_ask(desk, fds[0], VERSION);
	assert_string_equal(desk_error(reply), "");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
}

/* One that asks and does not read: answers wait, up to a bound; then it is hung up on. Others are
 * served meanwhile. */
static void test_a_slow_reader(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD slow = desk_connect(desk);
	AUTO_FD other = desk_connect(desk);
	static const char sessions[] = "{\"verb\":\"sessions\"}";
	bool hung_up = false;

	(void)state;
	for (unsigned n = 1; n <= 60; n++)
		assert_int_equal(bench_login(desk->bench, n, 0), OUTCOME_DONE);
	for (int i = 0; i < 20000 && !hung_up; i++) {
		hung_up =
			send(slow, sessions, strlen(sessions), MSG_NOSIGNAL) < 0 && errno != EAGAIN;
		desk_events(desk);
		(void)kernel_fake_run(desk->bench->kernel);
		if (i % 100 == 0) {
			json_auto_t *reply = desk_ask(desk, other, VERSION);

			assert_string_equal(desk_error(reply), "");
		}
	}
	assert_true(hung_up);
}

/* One that reads late, but reads, gets every answer. */
static void test_a_late_reader(void **state)
{
	AUTO(desk_free) struct desk *desk = desk_open();
	AUTO_FD fd = desk_connect(desk);
	unsigned sent = 0, received = 0;
	char text[60];
	json_t *reply;

	(void)state;
	while (sent < 3000) {
		(void)snprintf(text, sizeof(text), "{\"verb\":\"version\",\"id\":%u}", sent);
		if (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
			sent++;
		desk_events(desk);
	}
	while (received < sent) {
		reply = desk_receive(fd);
		if (reply == NULL) {
			desk_events(desk);
			continue;
		}
		assert_int_equal(desk_number(reply, "id"), received);
		json_decref(reply);
		received++;
	}
}

struct hold {
	struct control_call *calls[20000];
	unsigned count;
};

static void hold_call(
	struct control_call *call, enum control_role role, const json_t *message, void *arg)
{
	struct hold *hold = arg;

	(void)role;
	(void)message;
	hold->calls[hold->count++] = call;
}

/* A client with too many calls under way is not read until half of them are answered. */
static void test_calls_are_bounded(void **state)
{
	static struct hold hold;
	AUTO(control_server_free) struct control_server *server = NULL;
	struct desk *desk = desk_open();
	struct event_base *base = event_base_new();
	struct desk other = {0};
	unsigned sent = 0, before;
	int fd;

	(void)state;
	memset(&hold, 0, sizeof(hold));
	assert_int_equal(
		control_server_new(base, desk_listen(&other), (gid_t)-1, hold_call, &hold, &server),
		0);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_return_code(
		connect(fd, (const struct sockaddr *)&other.address, sizeof(other.address)), errno);
	for (int i = 0; i < 20000; i++) {
		if (send(fd, VERSION, strlen(VERSION), MSG_NOSIGNAL) > 0)
			sent++;
		(void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	assert_int_equal(hold.count, 8192);
	assert_true(sent > hold.count);
	for (unsigned i = 0; i < 8192; i++) {
		control_reply(hold.calls[i], json_object());
		control_flush(server);
		while (recv(fd, (char[100]){0}, 100, 0) > 0)
			;
	}
	before = hold.count;
	for (int i = 0; i < 10; i++)
		(void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_true(hold.count > before); /* read again */
	(void)close(fd);
	for (unsigned i = before; i < hold.count; i++)
		control_refuse(hold.calls[i], "busy", "%s", "over");
	control_server_free(TAKE(server));
	event_base_free(base);
	(void)unlink(other.address.sun_path);
	(void)rmdir(other.directory);
	desk_free(desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_no_operators_group),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_answers_out_of_order),
		cmocka_unit_test(test_answers_wait_for_the_flush),
		cmocka_unit_test(test_hung_up_while_the_kernel_works),
		cmocka_unit_test(test_the_server_goes_with_calls_under_way),
		cmocka_unit_test(test_an_empty_message_hangs_up),
		cmocka_unit_test(test_many_connections),
		cmocka_unit_test(test_a_slow_reader),
		cmocka_unit_test(test_a_late_reader),
		cmocka_unit_test(test_calls_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
