/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/control.h"

#include "portal/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>

#define CALLS_MAX 2048	      /* the connections that a worker's two servers may have open */
#define MESSAGE_SIZE 640      /* the longest: a voucher of 63 bytes, each a \uXXXX */
#define REPLY_MAX (64 * 1024) /* docs/control.md */
#define REPLIES_AT_ONCE 64    /* before other events have their turn */
#define TICK_MS 50	      /* how soon a returned controller and a deadline are seen */

struct call {
	TAILQ_ENTRY(call) entry;
	uint32_t id;
	bool sent;
	int64_t made_ms, sent_ms;
	control_callback *callback;
	void *arg;
	char message[MESSAGE_SIZE];
	size_t size;
};

TAILQ_HEAD(call_list, call);

struct control {
	struct event_base *base;
	int dir_fd;
	char *path;
	int fd; /* -1: not connected */
	struct event *readable, *writable, *tick;
	/* A call's slot is id % CALLS_MAX; the rest of the id tells a late reply from its
	 * successor's. */
	struct call calls[CALLS_MAX];
	struct call_list waiting, unused;
	char reply[REPLY_MAX + 1];
};

static const char *const verb_names[CONTROL_VERB_COUNT] = {
	[CONTROL_LOOKUP] = "lookup",
	[CONTROL_ACCEPT] = "accept",
	[CONTROL_LEAVE] = "leave",
	[CONTROL_EXTEND] = "extend",
	[CONTROL_REDEEM] = "voucher-redeem",
	[CONTROL_VERSION] = "version",
	[CONTROL_ALERT] = "alert",
};

/* ---- connection ---------------------------------------------------------------------------------
 */

static void disconnect(struct control *control)
{
	struct call *call;

	if (control->fd < 0)
		return;
	event_free(control->readable);
	event_free(control->writable);
	control->readable = control->writable = NULL;
	(void)close(control->fd);
	control->fd = -1;
	TAILQ_FOREACH(call, &control->waiting, entry)
	call->sent = false;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO_FD fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	int connected = fd;
	fd = -1;
	return connected;
}

/* Through the open directory, which needs no right to search the ones above it; by its path when
 * that directory was removed and made anew (as service managers do with /run/NAME). */
static int connect_either(const struct control *control)
{
	const char *slash = strrchr(control->path, '/');
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	if (control->dir_fd >= 0 && slash != NULL) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d%s", control->dir_fd, slash);
		int fd = connect_to(path);

		if (fd >= 0)
			return fd;
	}
	return connect_to(control->path);
}

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

static bool is_connected(struct control *control)
{
	if (control->fd >= 0)
		return true;
	control->fd = connect_either(control);
	if (control->fd < 0)
		return false;
	control->readable =
		event_new(control->base, control->fd, EV_READ | EV_PERSIST, on_readable, control);
	control->writable = event_new(control->base, control->fd, EV_WRITE, on_writable, control);
	if (control->readable == NULL || control->writable == NULL ||
		event_add(control->readable, NULL) < 0) {
		if (control->readable != NULL)
			event_free(control->readable);
		if (control->writable != NULL)
			event_free(control->writable);
		control->readable = control->writable = NULL;
		(void)close(control->fd);
		control->fd = -1;
		return false;
	}
	return true;
}

/* ---- calls --------------------------------------------------------------------------------------
 */

static void end_call(struct control *control, struct call *call, int error, const json_t *reply)
{
	control_callback *callback = call->callback;

	TAILQ_REMOVE(&control->waiting, call, entry);
	TAILQ_INSERT_TAIL(&control->unused, call, entry);
	call->id += CALLS_MAX;
	call->callback = NULL;
	callback(call->arg, error, reply);
}

/* Returns false when nothing more can be sent now. */
static bool send_call(struct control *control, struct call *call)
{
	if (call->sent)
		return true;
	if (send(control->fd, call->message, call->size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno == EAGAIN || errno == ENOBUFS)
			(void)event_add(control->writable, NULL);
		else
			disconnect(control);
		return false;
	}
	call->sent = true;
	call->sent_ms = clock_ms();
	return true;
}

static void send_all(struct control *control)
{
	struct call *call;

	if (!is_connected(control))
		return;
	TAILQ_FOREACH(call, &control->waiting, entry)
	if (!send_call(control, call))
		return;
}

static bool is_late(const struct call *call, int64_t now_ms)
{
	return now_ms - call->made_ms >= CONTROL_AWAY_MS ||
	       (call->sent && now_ms - call->sent_ms >= CONTROL_REPLY_MS);
}

static void start_tick(struct control *control)
{
	const struct timeval interval = {.tv_usec = TICK_MS * 1000};

	if (!TAILQ_EMPTY(&control->waiting) && !event_pending(control->tick, EV_TIMEOUT, NULL))
		(void)event_add(control->tick, &interval);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;
	int64_t now_ms = clock_ms();

	(void)fd;
	(void)what;
	for (;;) {
		struct call *call;

		/* From the start after each: a callback may change the list. */
		TAILQ_FOREACH(call, &control->waiting, entry)
		if (is_late(call, now_ms))
			break;
		if (call == NULL)
			break;
		end_call(control, call, -ETIMEDOUT, NULL);
	}
	if (control->fd < 0)
		send_all(control);
	start_tick(control);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_all(arg);
}

static int take_reply(struct control *control, size_t size)
{
	json_t *reply = json_loadb(control->reply, size, JSON_REJECT_DUPLICATES, NULL);
	const json_t *id = json_object_get(reply, "id");
	int r = json_is_integer(id) ? 0 : -EBADMSG;

	if (r == 0) {
		json_int_t number = json_integer_value(id);
		struct call *call = &control->calls[(uint64_t)number % CALLS_MAX];

		/* Another id is the late reply to a call that was given up. */
		if (call->callback != NULL && call->id == number)
			end_call(control, call, 0, reply);
	}
	json_decref(reply);
	return r;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;

	(void)fd;
	(void)what;
	for (int i = 0; i < REPLIES_AT_ONCE && control->fd >= 0; i++) {
		ssize_t size = recv(control->fd, control->reply, REPLY_MAX + 1, MSG_DONTWAIT);

		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size <= 0 || size > REPLY_MAX || take_reply(control, (size_t)size) < 0)
			disconnect(control);
	}
}

static void write_message(struct call *call, enum control_verb verb, const struct ip_addr *ip,
	const struct control_arguments *arguments)
{
	char text[IP_TEXT_SIZE];
	json_t *message =
		json_pack("{s:s, s:I}", "verb", verb_names[verb], "id", (json_int_t)call->id);

	if (ip != NULL)
		(void)json_object_set_new(message, "addr", json_string(ip_format(ip, text)));
	if (verb == CONTROL_ACCEPT)
		(void)json_object_set_new(message, "token_us", json_integer(arguments->token_us));
	/* A text that is not UTF-8 is no code. */
	if (verb == CONTROL_REDEEM &&
		json_object_set_new(message, "code", json_string(arguments->code)) < 0)
		(void)json_object_set_new(message, "code", json_string("?"));
	/* A message that memory was too short for is refused by the controller. */
	call->size = json_dumpb(message, call->message, sizeof(call->message), JSON_COMPACT);
	json_decref(message);
}

int control_call(struct control *control, enum control_verb verb, const struct ip_addr *ip,
	const struct control_arguments *arguments, control_callback *callback, void *arg)
{
	struct call *call = TAILQ_FIRST(&control->unused);

	if (call == NULL)
		return -EBUSY;
	TAILQ_REMOVE(&control->unused, call, entry);
	TAILQ_INSERT_TAIL(&control->waiting, call, entry);
	call->sent = false;
	call->made_ms = clock_ms();
	call->callback = callback;
	call->arg = arg;
	write_message(call, verb, ip, arguments);
	if (control->fd < 0)
		send_all(control);
	else if (!event_pending(control->writable, EV_WRITE, NULL))
		(void)send_call(control, call);
	start_tick(control);
	return 0;
}

int control_new(struct event_base *base, int dir_fd, const char *path, struct control **ret_control)
{
	AUTO(control_free) struct control *control = calloc(1, sizeof(*control));

	if (control == NULL)
		return -ENOMEM;
	control->base = base;
	control->dir_fd = dir_fd;
	control->fd = -1;
	TAILQ_INIT(&control->waiting);
	TAILQ_INIT(&control->unused);
	for (uint32_t i = 0; i < CALLS_MAX; i++) {
		control->calls[i].id = i;
		TAILQ_INSERT_TAIL(&control->unused, &control->calls[i], entry);
	}
	control->path = strdup(path);
	control->tick = evtimer_new(base, on_tick, control);
	if (control->path == NULL || control->tick == NULL)
		return -ENOMEM;
	*ret_control = TAKE(control);
	return 0;
}

void control_free(struct control *control)
{
	if (control == NULL)
		return;
	disconnect(control);
	for (struct call *call; (call = TAILQ_FIRST(&control->waiting)) != NULL;)
		end_call(control, call, -ECANCELED, NULL);
	if (control->tick != NULL)
		event_free(control->tick);
	free(control->path);
	free(control);
}
