/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calling side of the control socket (docs/control.md): one JSON object a message, blocking,
 * with a deadline on every step. For zonactl and the tests; the daemons never block on a socket. */
#ifndef ZONA_CONTROL_CLIENT_H
#define ZONA_CONTROL_CLIENT_H

#include "common/cleanup.h"

#include <jansson.h>

/* What docs/control.md allows in one message, either way. */
#define CONTROL_CLIENT_MESSAGE_MAX 65536

struct control_client;

/* Connects to the socket at path. timeout_ms bounds the connection and, anew, each call below.
 * Returns 0 and a client that the caller closes; -ENAMETOOLONG (more than sun_path holds),
 * -ENOENT or -ECONNREFUSED (nobody listens), -EACCES, -ETIMEDOUT, or another -errno. */
int control_client_open(const char *path, unsigned timeout_ms, struct control_client **ret_client);
void control_client_close(struct control_client *client); /* NULL is fine */
DEFINE_AUTO(struct control_client, control_client_close);

/* Sends one object. Returns 0, -EMSGSIZE, -EPIPE, -ETIMEDOUT or another -errno. */
int control_client_send(struct control_client *client, const json_t *message);
/* Waits for one object, which the caller owns. Returns 0; -EBADMSG (no JSON object), -EMSGSIZE,
 * -ECONNRESET (the daemon hung up), -ETIMEDOUT or another -errno. */
int control_client_receive(struct control_client *client, json_t **ret_message);
/* Send and receive under one deadline. */
int control_client_call(struct control_client *client, const json_t *request, json_t **ret_reply);

#endif
