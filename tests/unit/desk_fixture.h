/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A control socket, a real SOCK_SEQPACKET one, with the verbs and an engine on a fake kernel behind
 * it, all in one thread: the test sends, desk_round() lets the server work, the test receives. */
#ifndef ZONA_TESTS_DESK_FIXTURE_H
#define ZONA_TESTS_DESK_FIXTURE_H

#include "tests/unit/engine_fixture.h"

#include "controller/control/server.h"
#include "controller/control/verbs.h"

#include <event2/event.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define DESK_MESSAGE_MAX 65536
#define DESK_ROUNDS 6

struct desk {
	struct bench *bench;
	struct event_base *base;
	struct control_server *server;
	struct verbs_context verbs;
	struct notice *notice;
	bool uplink_is_down;
	char directory[64];
	struct sockaddr_un address;
	gid_t operators;
	/* What the next reload does. */
	int reload_result;
	const char *reload_error;
	unsigned reload_changed, reloads;
};

static inline int desk_reload(void *arg, unsigned *ret_changed, struct conf_error *error)
{
	struct desk *desk = arg;

	desk->reloads++;
	if (desk->reload_result < 0)
		(void)snprintf(error->text, sizeof(error->text), "%s", desk->reload_error);
	else
		*ret_changed = desk->reload_changed;
	return desk->reload_result;
}

static inline void desk_add_status(void *arg, json_t *status)
{
	(void)arg;
	(void)json_object_set_new(status, "gateway", json_string("test-gateway"));
}

static inline bool desk_uplink_is_up(void *arg)
{
	const struct desk *desk = arg;

	return !desk->uplink_is_down;
}

static inline int desk_listen(struct desk *desk)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(desk->directory, sizeof(desk->directory), "/tmp/zona-unit-XXXXXX");
	assert_non_null(mkdtemp(desk->directory));
	desk->address.sun_family = AF_UNIX;
	(void)snprintf(
		desk->address.sun_path, sizeof(desk->address.sun_path), "%.60s/s", desk->directory);
	assert_true(fd >= 0);
	assert_return_code(
		bind(fd, (const struct sockaddr *)&desk->address, sizeof(desk->address)), errno);
	/* Clients of other users connect, too. */
	assert_return_code(chmod(desk->directory, 0755), errno);
	assert_return_code(chmod(desk->address.sun_path, 0666), errno);
	assert_return_code(listen(fd, 128), errno);
	return fd;
}

static inline struct desk *desk_open_with(gid_t operators, control_handler *handler)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	assert_non_null(desk);
	desk->bench = bench_prepare();
	bench_begin(desk->bench);
	desk->base = event_base_new();
	assert_non_null(desk->base);
	desk->operators = operators;
	int fd = desk_listen(desk);
	assert_int_equal(notice_new(desk->directory, &desk->notice), 0);
	desk->verbs = (struct verbs_context){
		.engine = desk->bench->engine,
		.reload = desk_reload,
		.add_status = desk_add_status,
		.uplink_is_up = desk_uplink_is_up,
		.notice = desk->notice,
		.portal_url = "http://wifi.example/",
		.arg = desk,
	};
	assert_int_equal(
		control_server_new(desk->base, fd, operators, handler,
			handler == verbs_handle ? (void *)&desk->verbs : desk, &desk->server),
		0);
	return desk;
}

static inline struct desk *desk_open(void)
{
	return desk_open_with((gid_t)-1, verbs_handle);
}

static inline void desk_free(struct desk *desk)
{
	control_server_free(desk->server);
	(void)notice_clear(desk->notice);
	notice_free(desk->notice);
	bench_free(desk->bench);
	event_base_free(desk->base);
	libevent_global_shutdown();
	(void)unlink(desk->address.sun_path);
	(void)rmdir(desk->directory);
	free(desk);
}
DEFINE_AUTO(struct desk, desk_free);

/* The kernel answers nothing. */
static inline void desk_events(struct desk *desk)
{
	for (int i = 0; i < DESK_ROUNDS; i++) {
		(void)event_base_loop(desk->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		control_flush(desk->server);
	}
}

static inline void desk_round(struct desk *desk)
{
	for (int i = 0; i < DESK_ROUNDS; i++) {
		(void)event_base_loop(desk->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		(void)engine_run(desk->bench->engine);
		(void)kernel_fake_run(desk->bench->kernel);
		control_flush(desk->server);
	}
}

static inline int desk_connect(struct desk *desk)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_return_code(
		connect(fd, (const struct sockaddr *)&desk->address, sizeof(desk->address)), errno);
	desk_events(desk);
	return fd;
}

static inline void desk_send(int fd, const void *text, size_t size)
{
	assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), size);
}

/* NULL: nothing there. Fails when the server hung up. */
static inline json_t *desk_receive(int fd)
{
	static char text[DESK_MESSAGE_MAX + 1];
	ssize_t n = recv(fd, text, sizeof(text), 0);
	json_t *reply;

	if (n < 0) {
		assert_int_equal(errno, EAGAIN);
		return NULL;
	}
	assert_in_range(n, 1, DESK_MESSAGE_MAX);
	reply = json_loadb(text, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(reply);
	assert_true(json_is_boolean(json_object_get(reply, "ok")));
	return reply;
}

static inline bool desk_hung_up(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) == 0 || errno == ECONNRESET || errno == EPIPE;
}

/* One request, one reply. */
static inline json_t *desk_ask_bytes(struct desk *desk, int fd, const void *text, size_t size)
{
	json_t *reply;

	desk_send(fd, text, size);
	desk_round(desk);
	reply = desk_receive(fd);
	if (reply == NULL)
		fail_msg("no answer to %.*s", (int)(size < 200 ? size : 200), (const char *)text);
	assert_null(desk_receive(fd));
	return reply;
}

static inline json_t *desk_ask(struct desk *desk, int fd, const char *text)
{
	return desk_ask_bytes(desk, fd, text, strlen(text));
}

static inline const char *desk_text(const json_t *reply, const char *key)
{
	const char *text = json_string_value(json_object_get(reply, key));

	if (text == NULL)
		fail_msg("no text \"%s\"", key);
	return text;
}

static inline json_int_t desk_number(const json_t *reply, const char *key)
{
	if (!json_is_integer(json_object_get(reply, key)))
		fail_msg("no number \"%s\"", key);
	return json_integer_value(json_object_get(reply, key));
}

/* The error's code, or "" when it went well. */
static inline const char *desk_error(const json_t *reply)
{
	if (json_is_true(json_object_get(reply, "ok")))
		return "";
	assert_true(json_string_length(json_object_get(reply, "message")) > 0);
	return desk_text(reply, "error");
}

#endif
