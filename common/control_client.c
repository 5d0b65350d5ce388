/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/control_client.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

struct control_client {
	int fd;
	unsigned timeout_ms;
	char buffer[CONTROL_CLIENT_MESSAGE_MAX];
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t deadline_of(const struct control_client *client)
{
	return now_ms() + client->timeout_ms;
}

static int address_of(const char *path, struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(path);

	if (length == 0)
		return -ENOENT;
	if (length >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, length);
	*ret_address = address;
	return 0;
}

/* A full backlog makes connect() wait, for which Linux takes the send time-out: poll() does not
 * work on a Unix socket that is not connected. */
static int connect_by(int fd, const struct sockaddr_un *address, unsigned timeout_ms)
{
	struct timeval limit = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000,
	};
	int rc;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return -errno;
	do {
		rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	} while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return 0;
}

int control_client_open(const char *path, unsigned timeout_ms, struct control_client **ret_client)
{
	AUTO(control_client_close) struct control_client *client = NULL;
	struct sockaddr_un address;
	int rc = address_of(path, &address);

	if (rc < 0)
		return rc;
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return -ENOMEM;
	client->timeout_ms = timeout_ms;
	client->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return -errno;
	rc = connect_by(client->fd, &address, timeout_ms);
	if (rc < 0)
		return rc;
	*ret_client = TAKE(client);
	return 0;
}

void control_client_close(struct control_client *client)
{
	if (client == NULL)
		return;
	if (client->fd >= 0)
		(void)close(client->fd);
	free(client);
}

/* Returns 0 when the socket is ready for events (or broken, which the next call tells). */
static int wait_until(const struct control_client *client, short events, int64_t deadline)
{
	struct pollfd poll_fd = {.fd = client->fd, .events = events};

	for (;;) {
		int64_t left = deadline - now_ms();
		int n = poll(&poll_fd, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int send_by(struct control_client *client, const json_t *message, int64_t deadline)
{
	size_t size = json_dumpb(message, client->buffer, sizeof(client->buffer), JSON_COMPACT);

	if (size == 0)
		return -EINVAL;
	if (size > sizeof(client->buffer))
		return -EMSGSIZE;
	for (;;) {
		int rc = wait_until(client, POLLOUT, deadline);

		if (rc < 0)
			return rc;
		if (send(client->fd, client->buffer, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

/* One message into the buffer; its size, or -errno. */
static ssize_t receive_message(struct control_client *client, int64_t deadline)
{
	struct iovec part = {.iov_base = client->buffer, .iov_len = sizeof(client->buffer)};

	for (;;) {
		struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
		int rc = wait_until(client, POLLIN, deadline);
		ssize_t size;

		if (rc < 0)
			return rc;
		size = recvmsg(client->fd, &header, MSG_DONTWAIT);
		if (size >= 0)
			return (header.msg_flags & MSG_TRUNC) != 0 ? -EMSGSIZE : size;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

static int receive_by(struct control_client *client, int64_t deadline, json_t **ret_message)
{
	json_auto_t *message = NULL;
	ssize_t size = receive_message(client, deadline);

	if (size < 0)
		return (int)size;
	/* An empty message and the end look alike on SOCK_SEQPACKET; the protocol has no empty one.
	 */
	if (size == 0)
		return -ECONNRESET;
	message = json_loadb(client->buffer, (size_t)size, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(message))
		return -EBADMSG;
	*ret_message = TAKE(message);
	return 0;
}

int control_client_send(struct control_client *client, const json_t *message)
{
	return send_by(client, message, deadline_of(client));
}

int control_client_receive(struct control_client *client, json_t **ret_message)
{
	return receive_by(client, deadline_of(client), ret_message);
}

int control_client_call(struct control_client *client, const json_t *request, json_t **ret_reply)
{
	int64_t deadline = deadline_of(client);
	int rc = send_by(client, request, deadline);

	return rc < 0 ? rc : receive_by(client, deadline, ret_reply);
}
