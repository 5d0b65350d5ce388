/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/linux.h"

#include "controller/kernel/wire.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

/* The helper sets up the tree before it says hello; longer means that it hangs. */
#define HELLO_TIMEOUT_MS 10000
/* Messages handled before other events get their turn. */
#define RECEIVE_BATCH 64

enum kind { KIND_DONE, KIND_METER, KIND_LEAVES, KIND_SESSIONS, KIND_NEIGHBOUR };

struct pending {
	STAILQ_ENTRY(pending) link;
	struct wire_request request;
	bool sent;
	enum kind kind;
	union {
		kernel_done_fn *done;
		kernel_meter_fn *meter;
		kernel_neighbour_fn *neighbour;
	} u;
	union {
		kernel_leaf_fn *leaf;
		kernel_session_fn *session;
	} each;
	void *arg;
};
STAILQ_HEAD(pending_list, pending);

/* The helper answers in order, so what waits is a queue. */
struct kernel_linux {
	struct kernel base;
	int fd;
	struct event *readable, *writable;
	uint32_t next_id;
	struct pending_list waiting;
	struct pending *unsent; /* the first of waiting that did not fit into the socket */
	void (*on_lost)(void *arg);
	void *on_lost_arg;
	char leaf_qdisc[16];
};

static void lost(struct kernel_linux *k)
{
	if (k->readable != NULL)
		(void)event_del(k->readable);
	if (k->writable != NULL)
		(void)event_del(k->writable);
	if (k->on_lost != NULL) {
		void (*on_lost)(void *) = k->on_lost;

		k->on_lost = NULL;
		on_lost(k->on_lost_arg);
	}
}

/* ---- requests -------------------------------------------------------------------------------- */

static void flush(struct kernel_linux *k)
{
	while (k->unsent != NULL) {
		struct wire_request *q = &k->unsent->request;

		if (send(k->fd, q, sizeof(*q), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
			if (errno == EAGAIN || errno == ENOBUFS)
				(void)event_add(k->writable, NULL);
			else
				lost(k);
			return;
		}
		k->unsent->sent = true;
		k->unsent = STAILQ_NEXT(k->unsent, link);
	}
}

static struct pending *request(
	struct kernel *base, enum wire_verb verb, enum kind kind, uint16_t leaf, void *arg)
{
	struct kernel_linux *k = (struct kernel_linux *)base;
	struct pending *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort(); /* the supervisor starts anew; kernel and journal stay right */
	if (++k->next_id == 0)
		k->next_id = 1;
	p->request.id = k->next_id;
	p->request.verb = (uint16_t)verb;
	p->request.leaf = leaf;
	p->kind = kind;
	p->arg = arg;
	return p;
}

static void enqueue(struct kernel *base, struct pending *p)
{
	struct kernel_linux *k = (struct kernel_linux *)base;

	STAILQ_INSERT_TAIL(&k->waiting, p, link);
	if (k->unsent == NULL) {
		k->unsent = p;
		flush(k);
	}
}

static void put_session(struct pending *p, const struct kernel_session *session)
{
	p->request.mac = session->mac;
	p->request.mark = session->mark;
}

static void linux_leaf_set(struct kernel *k, uint16_t leaf, const struct kernel_rates *rates,
	kernel_done_fn *done, void *arg)
{
	struct pending *p = request(k, WIRE_LEAF_SET, KIND_DONE, leaf, arg);

	p->u.done = done;
	p->request.rates = *rates;
	enqueue(k, p);
}

static void linux_session_up(
	struct kernel *k, const struct kernel_session *session, kernel_done_fn *done, void *arg)
{
	struct pending *p = request(k, WIRE_SESSION_UP, KIND_DONE, session->leaf, arg);

	p->u.done = done;
	put_session(p, session);
	enqueue(k, p);
}

static void linux_session_down(struct kernel *k, const struct kernel_session *session,
	const struct kernel_rates *rates, kernel_meter_fn *done, void *arg)
{
	struct pending *p = request(k, WIRE_SESSION_DOWN, KIND_METER, session->leaf, arg);

	p->u.meter = done;
	p->request.rates = *rates;
	put_session(p, session);
	enqueue(k, p);
}

static void linux_meter(struct kernel *k, uint16_t leaf, kernel_meter_fn *done, void *arg)
{
	struct pending *p = request(k, WIRE_METER, KIND_METER, leaf, arg);

	p->u.meter = done;
	enqueue(k, p);
}

static void linux_list_leaves(
	struct kernel *k, kernel_leaf_fn *each, kernel_done_fn *done, void *arg)
{
	struct pending *p = request(k, WIRE_LIST_LEAVES, KIND_LEAVES, 0, arg);

	p->u.done = done;
	p->each.leaf = each;
	enqueue(k, p);
}

static void linux_list_sessions(
	struct kernel *k, kernel_session_fn *each, kernel_done_fn *done, void *arg)
{
	struct pending *p = request(k, WIRE_LIST_SESSIONS, KIND_SESSIONS, 0, arg);

	p->u.done = done;
	p->each.session = each;
	enqueue(k, p);
}

static void linux_neighbour(
	struct kernel *k, const struct ip_addr *ip, kernel_neighbour_fn *done, void *arg)
{
	struct pending *p = request(k, WIRE_NEIGHBOUR, KIND_NEIGHBOUR, 0, arg);

	p->u.neighbour = done;
	p->request.ip = *ip;
	enqueue(k, p);
}

static void linux_clear(struct kernel *k, kernel_done_fn *done, void *arg)
{
	struct pending *p = request(k, WIRE_CLEAR, KIND_DONE, 0, arg);

	p->u.done = done;
	enqueue(k, p);
}

/* ---- replies --------------------------------------------------------------------------------- */

static void deliver_items(const struct pending *p, const struct wire_reply *reply)
{
	for (uint16_t i = 0; i < reply->head.count && i < WIRE_ITEMS_MAX; i++) {
		if (p->kind == KIND_LEAVES)
			p->each.leaf(&reply->u.leaves[i], p->arg);
		else if (p->kind == KIND_SESSIONS)
			p->each.session(&reply->u.sessions[i], p->arg);
	}
}

static void deliver_end(const struct pending *p, const struct wire_reply *reply)
{
	switch (p->kind) {
	case KIND_METER:
		p->u.meter(reply->head.error, &reply->u.meter, p->arg);
		break;
	case KIND_NEIGHBOUR:
		p->u.neighbour(reply->head.error, &reply->u.neighbour.mac, p->arg);
		break;
	case KIND_DONE:
	case KIND_LEAVES:
	case KIND_SESSIONS:
		p->u.done(reply->head.error, p->arg);
		break;
	}
}

static void on_reply(struct kernel_linux *k, const struct wire_reply *reply)
{
	struct pending *p = STAILQ_FIRST(&k->waiting);

	if (reply->head.id == 0) {
		const struct wire_neighbour *n = &reply->u.neighbour;

		if (k->base.on_neighbour != NULL)
			k->base.on_neighbour(
				&n->ip, &n->mac, n->present != 0, k->base.on_neighbour_arg);
		return;
	}
	if (p == NULL || p->request.id != reply->head.id || !p->sent)
		return;
	deliver_items(p, reply);
	if (!reply->head.last)
		return;
	STAILQ_REMOVE_HEAD(&k->waiting, link);
	deliver_end(p, reply);
	free(p);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct kernel_linux *k = arg;
	struct wire_reply reply;

	(void)what;
	for (int i = 0; i < RECEIVE_BATCH; i++) {
		ssize_t n;

		/* What a short answer leaves out is zero. */
		memset(&reply, 0, offsetof(struct wire_reply, u) + sizeof(reply.u.neighbour));
		n = recv(fd, &reply, sizeof(reply), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < (ssize_t)sizeof(reply.head)) {
			lost(k);
			return;
		}
		on_reply(k, &reply);
	}
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flush(arg);
}

static void linux_free(struct kernel *base)
{
	struct kernel_linux *k = (struct kernel_linux *)base;
	struct pending *p;

	while ((p = STAILQ_FIRST(&k->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&k->waiting, link);
		free(p);
	}
	if (k->readable != NULL)
		event_free(k->readable);
	if (k->writable != NULL)
		event_free(k->writable);
	(void)close(k->fd);
	free(k);
}

static int wait_hello(struct kernel_linux *k)
{
	struct pollfd pfd = {.fd = k->fd, .events = POLLIN};
	struct wire_hello hello;

	if (poll(&pfd, 1, HELLO_TIMEOUT_MS) <= 0)
		return -ETIMEDOUT;
	if (recv(k->fd, &hello, sizeof(hello), 0) != sizeof(hello))
		return -EPIPE;
	memcpy(k->leaf_qdisc, hello.leaf_qdisc, sizeof(k->leaf_qdisc));
	k->leaf_qdisc[sizeof(k->leaf_qdisc) - 1] = '\0';
	k->base.leaf_qdisc = k->leaf_qdisc;
	return 0;
}

int kernel_linux_new(struct event_base *base, int fd, void (*on_lost)(void *arg), void *arg,
	struct kernel **ret_kernel)
{
	static const struct kernel_ops ops = {
		.leaf_set = linux_leaf_set,
		.session_up = linux_session_up,
		.session_down = linux_session_down,
		.meter = linux_meter,
		.list_leaves = linux_list_leaves,
		.list_sessions = linux_list_sessions,
		.neighbour = linux_neighbour,
		.clear = linux_clear,
		.free = linux_free,
	};
	struct kernel_linux *k = calloc(1, sizeof(*k));
	int r;

	if (k == NULL)
		return -ENOMEM;
	k->base.ops = &ops;
	k->fd = fd;
	k->on_lost = on_lost;
	k->on_lost_arg = arg;
	STAILQ_INIT(&k->waiting);
	r = wait_hello(k);
	if (r == 0) {
		k->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, k);
		k->writable = event_new(base, fd, EV_WRITE, on_writable, k);
		if (k->readable == NULL || k->writable == NULL || event_add(k->readable, NULL) < 0)
			r = -ENOMEM;
	}
	if (r < 0) {
		linux_free(&k->base);
		return r;
	}
	*ret_kernel = &k->base;
	return 0;
}
