/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket: connections, messages, who is asking. What the messages mean is in verbs.c.
 */
#ifndef ZONA_CONTROL_SERVER_H
#define ZONA_CONTROL_SERVER_H

#include "common/cleanup.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct event_base;
struct control_server;

/* What a peer may do, from SO_PEERCRED. A bit each, so that a verb can name several. */
enum control_role {
	ROLE_STRANGER = 1,
	ROLE_PORTAL = 2,   /* runs as our own user */
	ROLE_OPERATOR = 4, /* root, or a member of the operators' group */
};

/* One request under way. It lives until it is answered, also when its connection does not. */
struct control_call;

/* A request came in; it must be answered once, now or later. message is the server's and gone after
 * the call. */
typedef void control_handler(
	struct control_call *call, enum control_role role, const json_t *message, void *arg);

/* Listens on the bound and listening descriptor (taken over). operators is a group id, or -1.
 * Returns 0 or -errno. */
int control_server_new(struct event_base *base, int listen_fd, gid_t operators,
	control_handler *handler, void *arg, struct control_server **ret_server);
void control_server_free(struct control_server *server);
DEFINE_AUTO(struct control_server, control_server_free);

/* Answers: reply (taken over) gets "ok": true and the request's id. */
void control_reply(struct control_call *call, json_t *reply);
/* Answers {"ok": false, "error": code, "message": …}. */
void control_refuse(struct control_call *call, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sends the answers that were given since the last flush: after the journal has committed what they
 * tell. */
void control_flush(struct control_server *server);

#endif
