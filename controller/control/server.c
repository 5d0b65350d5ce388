/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/control/server.h"

#include "common/log.h"

#include <errno.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#define MESSAGE_MAX 65536
/* The portal's threads, a few operators, a monitor. */
#define CONNECTIONS_MAX 64
/* Requests under way on one connection; a client that sends more is not read until some are done.
 */
#define CALLS_MAX 8192
/* Answers that a client does not fetch; after that it is hung up on. */
#define UNSENT_MAX (8 << 20)
#define RECEIVE_BATCH 64

struct answer {
	STAILQ_ENTRY(answer) link;
	size_t size;
	char text[];
};
STAILQ_HEAD(answer_list, answer);

struct connection {
	LIST_ENTRY(connection) link;
	struct control_server *server;
	int fd;
	enum control_role role;
	struct event *readable, *writable;
	struct answer_list unsent;
	size_t unsent_bytes;
	LIST_HEAD(, control_call) calls;
	unsigned call_count;
	bool paused; /* too many calls: not read */
	bool broken; /* to be closed at the next flush */
};

struct control_call {
	LIST_ENTRY(control_call) link;
	struct connection *connection; /* NULL: hung up */
	json_t *id;
};

struct control_server {
	struct event_base *base;
	struct event *acceptable;
	int listen_fd;
	gid_t operators;
	control_handler *handler;
	void *arg;
	LIST_HEAD(, connection) connections;
	unsigned connection_count;
	char buffer[MESSAGE_MAX + 1];
};

static void connection_free(struct connection *c)
{
	struct control_call *call;
	struct answer *answer;

	LIST_FOREACH(call, &c->calls, link)
	call->connection = NULL;
	while ((answer = STAILQ_FIRST(&c->unsent)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->unsent, link);
		free(answer);
	}
	if (c->readable != NULL)
		event_free(c->readable);
	if (c->writable != NULL)
		event_free(c->writable);
	(void)close(c->fd);
	LIST_REMOVE(c, link);
	c->server->connection_count--;
	free(c);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void queue_answer(struct connection *c, const json_t *reply)
{
	size_t size = json_dumpb(reply, NULL, 0, JSON_COMPACT);
	struct answer *answer;

	if (size == 0 || size > MESSAGE_MAX || c->unsent_bytes + size > UNSENT_MAX) {
		c->broken = true;
		return;
	}
	answer = malloc(sizeof(*answer) + size);
	if (answer == NULL) {
		c->broken = true;
		return;
	}
	answer->size = json_dumpb(reply, answer->text, size, JSON_COMPACT);
	c->unsent_bytes += size;
	STAILQ_INSERT_TAIL(&c->unsent, answer, link);
}

void control_reply(struct control_call *call, json_t *reply)
{
	struct connection *c = call->connection;

	if (c != NULL) {
		if (json_object_get(reply, "ok") == NULL)
			(void)json_object_set_new(reply, "ok", json_true());
		if (call->id != NULL)
			(void)json_object_set(reply, "id", call->id);
		queue_answer(c, reply);
		LIST_REMOVE(call, link);
		c->call_count--;
		if (c->paused && c->call_count < CALLS_MAX / 2) {
			c->paused = false;
			(void)event_add(c->readable, NULL);
		}
	}
	json_decref(reply);
	json_decref(call->id);
	free(call);
}

static bool utf8_is_valid(const char *text)
{
	json_t *string = json_string(text);

	json_decref(string);
	return string != NULL;
}

void control_refuse(struct control_call *call, const char *code, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	/* A part of what the client sent may be in it; JSON is UTF-8. */
	if (!utf8_is_valid(message))
		for (char *c = message; *c != '\0'; c++)
			if ((unsigned char)*c >= 0x80)
				*c = '?';
	control_reply(
		call, json_pack("{s:b, s:s, s:s}", "ok", 0, "error", code, "message", message));
}

static void send_answers(struct connection *c)
{
	struct answer *answer;

	while ((answer = STAILQ_FIRST(&c->unsent)) != NULL) {
		if (send(c->fd, answer->text, answer->size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
			if (errno == EAGAIN || errno == ENOBUFS)
				(void)event_add(c->writable, NULL);
			else
				c->broken = true;
			return;
		}
		STAILQ_REMOVE_HEAD(&c->unsent, link);
		c->unsent_bytes -= answer->size;
		free(answer);
	}
}

void control_flush(struct control_server *server)
{
	struct connection *c = LIST_FIRST(&server->connections);

	while (c != NULL) {
		struct connection *next = LIST_NEXT(c, link);

		if (!c->broken)
			send_answers(c);
		if (c->broken)
			connection_free(c);
		c = next;
	}
}

/* ---- requests -------------------------------------------------------------------------------- */

static struct control_call *call_new(struct connection *c, const json_t *message)
{
	struct control_call *call = calloc(1, sizeof(*call));
	json_t *id = json_object_get(message, "id");

	if (call == NULL)
		return NULL;
	call->connection = c;
	if (json_is_integer(id))
		call->id = json_incref(id);
	LIST_INSERT_HEAD(&c->calls, call, link);
	if (++c->call_count >= CALLS_MAX) {
		c->paused = true;
		(void)event_del(c->readable);
	}
	return call;
}

static void on_message(struct connection *c, char *text, size_t size, bool truncated)
{
	struct control_server *server = c->server;
	json_error_t error;
	json_t *message = NULL;
	struct control_call *call;

	if (!truncated)
		message = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	call = call_new(c, message);
	if (call == NULL) {
		c->broken = true;
	} else if (truncated) {
		control_refuse(call, "bad-message", "longer than %d bytes", MESSAGE_MAX);
	} else if (message == NULL) {
		control_refuse(
			call, "bad-message", "not JSON: %s at byte %d", error.text, error.position);
	} else if (!json_is_object(message)) {
		control_refuse(call, "bad-message", "not a JSON object");
	} else if (json_object_get(message, "id") != NULL && call->id == NULL) {
		control_refuse(call, "bad-message", "id is not an integer");
	} else {
		server->handler(call, c->role, message, server->arg);
	}
	json_decref(message);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;
	struct control_server *server = c->server;

	(void)what;
	for (int i = 0; i < RECEIVE_BATCH && !c->paused && !c->broken; i++) {
		ssize_t n = recv(fd, server->buffer, MESSAGE_MAX, MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			c->broken = true; /* closed at the flush: calls may still hold it */
			return;
		}
		on_message(c, server->buffer, (size_t)n < MESSAGE_MAX ? (size_t)n : MESSAGE_MAX,
			n > MESSAGE_MAX);
	}
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_answers(arg);
}

/* ---- connections ----------------------------------------------------------------------------- */

static bool in_group(int fd, gid_t primary, gid_t wanted)
{
	gid_t groups[64];
	socklen_t size = sizeof(groups);

	if (wanted == (gid_t)-1)
		return false;
	if (primary == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return false;
	for (size_t i = 0; i < size / sizeof(gid_t); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

static enum control_role role_of(int fd, gid_t operators)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return ROLE_STRANGER;
	if (peer.uid == 0 || in_group(fd, peer.gid, operators))
		return ROLE_OPERATOR;
	return peer.uid == geteuid() ? ROLE_PORTAL : ROLE_STRANGER;
}

static void on_acceptable(evutil_socket_t listen_fd, short what, void *arg)
{
	struct control_server *server = arg;
	struct connection *c;
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (fd < 0)
		return;
	c = server->connection_count < CONNECTIONS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (c == NULL) {
		(void)close(fd);
		return;
	}
	c->server = server;
	c->fd = fd;
	c->role = role_of(fd, server->operators);
	STAILQ_INIT(&c->unsent);
	LIST_INIT(&c->calls);
	LIST_INSERT_HEAD(&server->connections, c, link);
	server->connection_count++;
	c->readable = event_new(server->base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(server->base, fd, EV_WRITE, on_writable, c);
	if (c->readable == NULL || c->writable == NULL || event_add(c->readable, NULL) < 0)
		connection_free(c);
}

int control_server_new(struct event_base *base, int listen_fd, gid_t operators,
	control_handler *handler, void *arg, struct control_server **ret_server)
{
	struct control_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return -ENOMEM;
	server->base = base;
	server->listen_fd = listen_fd;
	server->operators = operators;
	server->handler = handler;
	server->arg = arg;
	LIST_INIT(&server->connections);
	(void)evutil_make_socket_nonblocking(listen_fd);
	server->acceptable =
		event_new(base, listen_fd, EV_READ | EV_PERSIST, on_acceptable, server);
	if (server->acceptable == NULL || event_add(server->acceptable, NULL) < 0) {
		control_server_free(server);
		return -ENOMEM;
	}
	*ret_server = server;
	return 0;
}

void control_server_free(struct control_server *server)
{
	struct connection *c;

	if (server == NULL)
		return;
	while ((c = LIST_FIRST(&server->connections)) != NULL)
		connection_free(c);
	if (server->acceptable != NULL)
		event_free(server->acceptable);
	(void)close(server->listen_fd);
	free(server);
}
