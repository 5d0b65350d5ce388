/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/server.h"

#include "common/log.h"
#include "portal/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

/* A request head, its answer's head and a part of the body: the largest head of a browser that
 * asks the portal has 2 kB. More is answered with 431 or 413. */
#define CONNECTION_MEMORY ((size_t)8 * 1024)
/* A radio's pause is shorter; who sends nothing for so long is gone. */
#define IDLE_S 10
/* From accept() to the end. A request and its answer are a few packets, and what waits for the
 * controller waits for 5 seconds; who sends a byte now and then to hold a place is cut off. */
#define LIFETIME_MS 30000
/* Of one address. Browsers open at most 6 to a host, and a phone probes with 2 or 3 at once; the
 * rest is for a router with more people behind it. */
#define CONNECTIONS_PER_ADDRESS 128
/* Runs of a daemon that has more to do before other events have their turn. */
#define RUNS_AT_ONCE 8
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3"

struct open_connection {
	TAILQ_ENTRY(open_connection) entry;
	int fd;
	int64_t since_ms;
};

TAILQ_HEAD(open_list, open_connection);

struct server {
	struct open_list open; /* the oldest first */
	struct MHD_Daemon *daemon;
	struct event *ready; /* the daemon's own epoll descriptor */
	struct event *tick;  /* closes idle connections */
};

void server_run(struct server *server)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	for (int i = 0; i < RUNS_AT_ONCE; i++) {
		(void)MHD_run(server->daemon);
		if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES || timeout_ms > 0)
			return;
	}
	event_active(server->ready, EV_READ, 0);
}

void server_wake(struct server *server)
{
	event_active(server->ready, EV_READ, 0);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	server_run(arg);
}

/* The library sees the end of a connection that was shut down here, and closes it. */
static void cut_off_the_slow(struct server *server)
{
	int64_t oldest_ms = clock_ms() - LIFETIME_MS;
	struct open_connection *open;

	TAILQ_FOREACH(open, &server->open, entry)
	{
		if (open->since_ms > oldest_ms)
			return;
		(void)shutdown(open->fd, SHUT_RDWR);
	}
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	cut_off_the_slow(arg);
	on_ready(fd, what, arg);
}

static void connection_started(
	struct server *server, struct MHD_Connection *connection, void **socket_context)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct open_connection *open = malloc(sizeof(*open));

	if (open == NULL || info == NULL) {
		free(open); /* lives as long as it likes */
		return;
	}
	open->fd = info->connect_fd;
	open->since_ms = clock_ms();
	TAILQ_INSERT_TAIL(&server->open, open, entry);
	*socket_context = open;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	struct server *server = cls;
	struct open_connection *open = *socket_context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_started(server, connection, socket_context);
	} else if (open != NULL) {
		TAILQ_REMOVE(&server->open, open, entry);
		free(open);
		*socket_context = NULL;
	}
}

/* The target stays as it was sent: %00 must not cut it, and nothing of it is a file name. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	return strlen(text);
}

/* What clients do wrong is their business. */
static void __attribute__((format(printf, 2, 0)))
log_library(void *cls, const char *format, va_list args)
{
	char text[256];

	(void)cls;
	(void)vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("libmicrohttpd: %s", text);
}

static struct MHD_Daemon *start_daemon(struct server *server, int listen_fd,
	const struct tls_pair *pair, struct request_context *context)
{
	/* Turbo reads at once after accept(), which the deferred accept of the socket makes certain
	 * to succeed: one wake-up and five system calls for a redirect. */
	unsigned flags = MHD_USE_EPOLL | MHD_USE_TURBO | MHD_USE_SUSPEND_RESUME |
			 MHD_USE_ERROR_LOG |
			 /* Gateways have no battery clock: RFC 9110 6.6.1 wants no Date then. */
			 MHD_USE_SUPPRESS_DATE_NO_CLOCK;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, pair != NULL ? pair->certificate : NULL},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, pair != NULL ? pair->key : NULL},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};

	if (pair != NULL)
		flags |= MHD_USE_TLS;
	return MHD_start_daemon(flags, 0, NULL, NULL, request_handle, context,
		MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL, /* first: for the others' errors */
		MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)SERVER_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_UNESCAPE_CALLBACK,
		keep_escapes, NULL, MHD_OPTION_STRICT_FOR_CLIENT,
		-1, /* a missing Host is redirected, not refused */
		MHD_OPTION_NOTIFY_COMPLETED, request_completed, context,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_ARRAY,
		pair != NULL ? tls : plain, MHD_OPTION_END);
}

int server_new(struct event_base *base, int listen_fd, const struct tls_pair *pair,
	struct request_context *context, struct server **ret_server)
{
	const struct timeval tick = {.tv_sec = 1};
	AUTO(server_free) struct server *server = calloc(1, sizeof(*server));
	const union MHD_DaemonInfo *info;

	if (server == NULL)
		return -ENOMEM;
	TAILQ_INIT(&server->open);
	errno = 0;
	server->daemon = start_daemon(server, listen_fd, pair, context);
	if (server->daemon == NULL)
		return errno > 0 ? -errno : -EINVAL;
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL)
		return -ENOTSUP;
	server->ready = event_new(base, info->epoll_fd, EV_READ | EV_PERSIST, on_ready, server);
	server->tick = event_new(base, -1, EV_PERSIST, on_tick, server);
	if (server->ready == NULL || server->tick == NULL || event_add(server->ready, NULL) < 0 ||
		event_add(server->tick, &tick) < 0)
		return -ENOMEM;
	*ret_server = TAKE(server);
	return 0;
}

void server_free(struct server *server)
{
	if (server == NULL)
		return;
	if (server->ready != NULL)
		event_free(server->ready);
	if (server->tick != NULL)
		event_free(server->tick);
	if (server->daemon != NULL) {
		server_quiesce(server); /* else it would close the caller's socket */
		MHD_stop_daemon(server->daemon);
	}
	free(server);
}

void server_quiesce(struct server *server)
{
	(void)MHD_quiesce_daemon(server->daemon);
}

unsigned server_connections(const struct server *server)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return info != NULL ? info->num_connections : 0;
}
