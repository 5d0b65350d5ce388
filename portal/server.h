/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One libmicrohttpd daemon on one listening socket, driven by a worker's event loop. */
#ifndef ZONA_PORTAL_SERVER_H
#define ZONA_PORTAL_SERVER_H

#include "common/cleanup.h"
#include "portal/request.h"
#include "portal/tls_pair.h"

#include <event2/event.h>

/* Of one server. The kernel limits new connections of each device before they come here. */
#define SERVER_CONNECTIONS_MAX 960

struct server;

/* listen_fd stays the caller's. pair: for HTTPS, NULL for HTTP; not used after the call.
 * Returns 0, or -errno. */
int server_new(struct event_base *base, int listen_fd, const struct tls_pair *pair,
	struct request_context *context, struct server **ret_server);
/* Drops what is open; no connection may be suspended (free the control first). */
void server_free(struct server *server);
DEFINE_AUTO(struct server, server_free);

/* Takes no further connections and lets the open ones come to their end. The socket may serve
 * another server. */
void server_quiesce(struct server *server);
unsigned server_connections(const struct server *server);
/* Lets connections go on that were resumed outside of the event loop. */
void server_run(struct server *server);

/* The same, but from the event loop and once however often it is asked for. */
void server_wake(struct server *server);

#endif
