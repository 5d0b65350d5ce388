/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/listen.h"

#include "common/cleanup.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/socket.h>

#define BACKLOG 4096 /* a crowd that arrives at once; the kernel cuts it to somaxconn */
/* A connection is handed over with its request. Clients of HTTP and TLS speak first; those that
 * do not for so long do not matter. */
#define DEFER_S 5

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int bind_any(int fd, int family, uint16_t port)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	int r;

	if (family == AF_INET)
		r = bind(fd, (struct sockaddr *)&any4, sizeof(any4));
	else
		r = bind(fd, (struct sockaddr *)&any6, sizeof(any6));
	return r < 0 ? -errno : 0;
}

/* The first socket is bound alone, so that a second portal on the port is noticed; sharing is
 * allowed only after that. */
static int prepare(int fd, int family, uint16_t port, bool is_first)
{
	int r = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);

	if (r == 0 && family == AF_INET6)
		r = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (r == 0 && !is_first)
		r = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (r == 0)
		r = bind_any(fd, family, port);
	if (r == 0 && is_first)
		r = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (r == 0)
		r = set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_S);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = -errno;
	return r;
}

static int open_one(uint16_t port, bool is_first)
{
	int family = AF_INET6;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EAFNOSUPPORT) {
		family = AF_INET;
		fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	}
	if (fd < 0)
		return -errno;
	int r = prepare(fd, family, port, is_first);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	return fd;
}

int listen_open(uint16_t port, size_t count, int ret_fds[])
{
	for (size_t i = 0; i < count; i++) {
		ret_fds[i] = open_one(port, i == 0);
		if (ret_fds[i] < 0) {
			int r = ret_fds[i];

			listen_close(i, ret_fds);
			return r;
		}
	}
	return 0;
}

void listen_close(size_t count, int fds[])
{
	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0)
			(void)close(fds[i]);
		fds[i] = -1;
	}
}
