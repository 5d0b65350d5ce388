/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stand-in for the controller that speaks its protocol over a real socket, in a thread: the tests
 * of portal/ say what it answers. Include after cmocka.h. */
#ifndef ZONA_PORTAL_FIXTURE_H
#define ZONA_PORTAL_FIXTURE_H

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROOT_SIZE 64

/* Writes the answer to one request into reply (without "id") and returns true; false: no answer. */
typedef bool stand_in_answer(void *context, const json_t *request, json_t *reply);

struct stand_in {
	char path[ROOT_SIZE + 16];
	stand_in_answer *answer;
	void *context;
	atomic_bool stop;
	pthread_t thread;
	int listen_fd;
};

static inline void make_root(char root[ROOT_SIZE])
{
	(void)snprintf(root, ROOT_SIZE, "/tmp/zona-portal-test-XXXXXX");
	assert_non_null(mkdtemp(root));
}

static inline void stand_in_reply(struct stand_in *s, int fd, const char *text, size_t size)
{
	json_t *request = json_loadb(text, size, 0, NULL), *reply = json_object();
	char *out;

	if (request != NULL && s->answer(s->context, request, reply)) {
		(void)json_object_set(reply, "id", json_object_get(request, "id"));
		out = json_dumps(reply, JSON_COMPACT);
		(void)!send(fd, out, strlen(out), MSG_NOSIGNAL);
		free(out);
	}
	json_decref(reply);
	json_decref(request);
}

static inline void *stand_in_main(void *arg)
{
	struct stand_in *s = arg;
	struct pollfd fds[5] = {{.fd = s->listen_fd, .events = POLLIN}};
	nfds_t count = 1;

	while (!atomic_load(&s->stop)) {
		char text[4096];

		if (poll(fds, count, 10) <= 0)
			continue;
		if ((fds[0].revents & POLLIN) != 0 && count < 5) {
			fds[count].fd = accept(s->listen_fd, NULL, NULL);
			fds[count++].events = POLLIN;
		}
		for (nfds_t i = 1; i < count; i++) {
			ssize_t size = fds[i].fd < 0
					       ? -1
					       : recv(fds[i].fd, text, sizeof(text), MSG_DONTWAIT);

			if (size > 0)
				stand_in_reply(s, fds[i].fd, text, (size_t)size);
		}
	}
	for (nfds_t i = 1; i < count; i++)
		(void)close(fds[i].fd);
	return NULL;
}

static inline void stand_in_start(struct stand_in *s, const char *root)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(s->path, sizeof(s->path), "%s/control.sock", root);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", s->path);
	(void)unlink(s->path);
	s->stop = false;
	s->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_return_code(bind(s->listen_fd, (struct sockaddr *)&address, sizeof(address)), errno);
	assert_return_code(listen(s->listen_fd, 16), errno);
	assert_int_equal(pthread_create(&s->thread, NULL, stand_in_main, s), 0);
}

static inline void stand_in_stop(struct stand_in *s)
{
	s->stop = true;
	(void)pthread_join(s->thread, NULL);
	(void)close(s->listen_fd);
	(void)unlink(s->path);
}

#endif
