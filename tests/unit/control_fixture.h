/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A daemon for tests: a real SOCK_SEQPACKET socket in a directory of its own, served by a thread
 * that gives each message to a function of the test. Header only, as each test is one file. */
#ifndef ZONA_TESTS_CONTROL_FIXTURE_H
#define ZONA_TESTS_CONTROL_FIXTURE_H

#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define FIXTURE_MESSAGE_MAX 65536

/* Answers a request: returns the reply's text (malloc), or NULL to hang up. An empty text: say
 * nothing, and let the client wait. */
typedef char *fixture_answer(const json_t *request, void *data);

struct control_fixture {
	char directory[64], path[80];
	fixture_answer *answer;
	void *data;
	int listener, stop[2];
	pthread_t thread;
	char last[FIXTURE_MESSAGE_MAX + 1]; /* the last request, as it came */
};

/* Serves one message; false when the connection is over. */
static inline bool fixture_serve(struct control_fixture *fixture, int fd)
{
	ssize_t size = recv(fd, fixture->last, FIXTURE_MESSAGE_MAX, 0);
	json_t *request;
	char *reply;
	bool on;

	if (size <= 0)
		return false;
	fixture->last[size] = '\0';
	request = json_loads(fixture->last, 0, NULL);
	reply = fixture->answer(request, fixture->data);
	on = reply != NULL;
	if (on && reply[0] != '\0')
		on = send(fd, reply, strlen(reply), MSG_NOSIGNAL) > 0;
	free(reply);
	json_decref(request);
	return on;
}

static inline void *fixture_thread(void *data)
{
	struct control_fixture *fixture = data;
	int fd = -1;

	for (;;) {
		struct pollfd fds[2] = {
			{.fd = fixture->stop[0], .events = POLLIN},
			{.fd = fd >= 0 ? fd : fixture->listener, .events = POLLIN},
		};

		if (poll(fds, 2, -1) < 0 || fds[0].revents != 0)
			break;
		if (fd < 0) {
			fd = accept(fixture->listener, NULL, NULL);
		} else if (!fixture_serve(fixture, fd)) {
			(void)close(fd);
			fd = -1;
		}
	}
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

static inline struct control_fixture *fixture_start(fixture_answer *answer, void *data)
{
	struct control_fixture *fixture = calloc(1, sizeof(*fixture));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_non_null(fixture);
	fixture->answer = answer;
	fixture->data = data;
	(void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/zona-unit-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/s", fixture->directory);
	memcpy(address.sun_path, fixture->path, strlen(fixture->path) + 1);
	fixture->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(fixture->listener >= 0);
	assert_return_code(
		bind(fixture->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_return_code(listen(fixture->listener, 4), 0);
	assert_return_code(pipe(fixture->stop), 0);
	assert_int_equal(pthread_create(&fixture->thread, NULL, fixture_thread, fixture), 0);
	return fixture;
}

static inline void fixture_stop(struct control_fixture *fixture)
{
	(void)close(fixture->stop[1]);
	(void)pthread_join(fixture->thread, NULL);
	(void)close(fixture->stop[0]);
	(void)close(fixture->listener);
	(void)unlink(fixture->path);
	(void)rmdir(fixture->directory);
	free(fixture);
}

#endif
