/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/helper.h"

#include "common/log.h"
#include "controller/kernel/confine.h"
#include "controller/kernel/maps.h"
#include "controller/kernel/neighbours.h"
#include "controller/kernel/tree.h"
#include "controller/kernel/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* How often to look whether table and interfaces are still there. */
#define CHECK_MS 1000

struct helper {
	int fd;
	struct maps *maps;
	struct tree *tree;
	struct neighbours *neighbours;
	struct wire_reply reply;
};

/* ---- replies --------------------------------------------------------------------------------- */

static void reply_send(struct helper *h, size_t payload)
{
	size_t size = offsetof(struct wire_reply, u) + payload;

	/* Without its engine the helper has nothing to do; poll() tells so next. */
	(void)send(h->fd, &h->reply, size, MSG_NOSIGNAL);
}

static void reply_begin(struct helper *h, uint32_t id)
{
	memset(&h->reply.head, 0, sizeof(h->reply.head));
	h->reply.head.id = id;
}

static void reply_end(struct helper *h, int error, size_t payload)
{
	h->reply.head.error = error;
	h->reply.head.last = 1;
	reply_send(h, payload);
}

static void add_leaf(const struct kernel_leaf *leaf, void *arg)
{
	struct helper *h = arg;

	h->reply.u.leaves[h->reply.head.count++] = *leaf;
	if (h->reply.head.count == WIRE_ITEMS_MAX) {
		reply_send(h, sizeof(h->reply.u.leaves));
		h->reply.head.count = 0;
	}
}

static void add_session(const struct kernel_session *session, void *arg)
{
	struct helper *h = arg;

	h->reply.u.sessions[h->reply.head.count++] = *session;
	if (h->reply.head.count == WIRE_ITEMS_MAX) {
		reply_send(h, sizeof(h->reply.u.sessions));
		h->reply.head.count = 0;
	}
}

static void tell_neighbour(
	const struct ip_addr *ip, const struct mac_addr *mac, bool present, void *arg)
{
	struct helper *h = arg;

	reply_begin(h, 0);
	h->reply.u.neighbour = (struct wire_neighbour){*ip, *mac, present};
	reply_end(h, 0, sizeof(h->reply.u.neighbour));
}

/* ---- requests -------------------------------------------------------------------------------- */

static void do_leaf_set(struct helper *h, const struct wire_request *q)
{
	reply_end(h, tree_leaf_set(h->tree, q->leaf, &q->rates), 0);
}

static void do_session_up(struct helper *h, const struct wire_request *q)
{
	const struct kernel_session session = {q->mac, q->mark, q->leaf};

	reply_end(h, maps_add(h->maps, &session), 0);
}

static void do_session_down(struct helper *h, const struct wire_request *q)
{
	const struct kernel_session session = {q->mac, q->mark, q->leaf};
	int r = maps_remove(h->maps, &session);

	memset(&h->reply.u.meter, 0, sizeof(h->reply.u.meter));
	if (r == 0)
		r = tree_leaf_purge(h->tree, q->leaf, &q->rates);
	if (r == 0)
		r = tree_leaf_meter(h->tree, q->leaf, &h->reply.u.meter);
	reply_end(h, r, sizeof(h->reply.u.meter));
}

static void do_meter(struct helper *h, const struct wire_request *q)
{
	int r = tree_leaf_meter(h->tree, q->leaf, &h->reply.u.meter);

	reply_end(h, r, r == 0 ? sizeof(h->reply.u.meter) : 0);
}

static void do_list_leaves(struct helper *h, const struct wire_request *q)
{
	int r = tree_list(h->tree, add_leaf, h);

	(void)q;
	reply_end(h, r, h->reply.head.count * sizeof(h->reply.u.leaves[0]));
}

static void do_list_sessions(struct helper *h, const struct wire_request *q)
{
	int r = maps_list(h->maps, add_session, h);

	(void)q;
	reply_end(h, r, h->reply.head.count * sizeof(h->reply.u.sessions[0]));
}

static void do_neighbour(struct helper *h, const struct wire_request *q)
{
	struct mac_addr mac = {0};
	int r = neighbours_find(h->neighbours, &q->ip, &mac);

	h->reply.u.neighbour = (struct wire_neighbour){q->ip, mac, r == 0};
	reply_end(h, r, sizeof(h->reply.u.neighbour));
}

static void do_clear(struct helper *h, const struct wire_request *q)
{
	int r = maps_flush(h->maps);

	(void)q;
	if (r == 0)
		r = tree_remove(h->tree);
	reply_end(h, r, 0);
}

static void (*const verbs[])(struct helper *h, const struct wire_request *q) = {
	[WIRE_LEAF_SET] = do_leaf_set,
	[WIRE_SESSION_UP] = do_session_up,
	[WIRE_SESSION_DOWN] = do_session_down,
	[WIRE_METER] = do_meter,
	[WIRE_LIST_LEAVES] = do_list_leaves,
	[WIRE_LIST_SESSIONS] = do_list_sessions,
	[WIRE_NEIGHBOUR] = do_neighbour,
	[WIRE_CLEAR] = do_clear,
};
_Static_assert(ARRAY_SIZE(verbs) == WIRE_VERB_COUNT, "a verb is missing");

/* Serves one request. Returns false when the engine is gone. */
static bool serve_one(struct helper *h)
{
	struct wire_request q = {0};
	ssize_t n = recv(h->fd, &q, sizeof(q), MSG_TRUNC);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	reply_begin(h, q.id);
	if (wire_request_is_sane(&q, (size_t)n))
		verbs[q.verb](h, &q);
	else
		reply_end(h, -EINVAL, 0);
	return true;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* What others may have taken away under us. The supervisor puts the base table back at once, and
 * the next engine the sessions. */
static bool all_is_there(struct helper *h)
{
	int r = maps_check(h->maps);

	if (r < 0) {
		log_error(
			"the table inet zona is gone (was the ruleset flushed?): %s", strerror(-r));
		return false;
	}
	r = tree_check(h->tree);
	if (r < 0)
		log_error("%s", r == -ENODEV ? "an interface is gone or was made anew"
					     : "the bandwidth tree is gone");
	return r == 0;
}

static int serve(struct helper *h)
{
	struct pollfd fds[] = {
		{.fd = h->fd, .events = POLLIN},
		{.fd = neighbours_fd(h->neighbours), .events = POLLIN},
	};
	int64_t check_at = 0;

	for (;;) {
		int64_t now = now_ms();

		if (now >= check_at) {
			if (!all_is_there(h))
				return 1;
			check_at = now + CHECK_MS;
		}
		if (poll(fds, ARRAY_SIZE(fds), (int)(check_at - now)) < 0 && errno != EINTR)
			return 1;
		if ((fds[0].revents & (POLLIN | POLLHUP)) != 0 && !serve_one(h))
			return 0;
		if (fds[1].revents != 0 && neighbours_read(h->neighbours, tell_neighbour, h) < 0) {
			log_error("the neighbour subscription broke");
			return 1;
		}
	}
}

static int setup(struct helper *h, const struct helper_params *params)
{
	const char *missing = NULL;
	int r = tree_open(params->lan, params->uplink, &h->tree, &missing);

	if (r == -ENODEV) {
		log_error("there is no interface %s", missing);
		return r;
	}
	if (r == 0)
		r = tree_setup(h->tree, params->down_bps, params->up_bps);
	if (r == 0)
		r = maps_open(&h->maps);
	if (r == 0)
		r = neighbours_open(tree_lan_ifindex(h->tree), &h->neighbours);
	if (r < 0)
		log_error("cannot set up the kernel: %s", strerror(-r));
	return r;
}

static void hello(struct helper *h)
{
	struct wire_hello hello = {.head = {.last = 1}};

	(void)snprintf(hello.leaf_qdisc, sizeof(hello.leaf_qdisc), "%s", tree_leaf_qdisc(h->tree));
	(void)send(h->fd, &hello, sizeof(hello), MSG_NOSIGNAL);
}

int helper_run(const struct helper_params *params)
{
	static struct helper h;
	int r;

	h.fd = params->engine_fd;
	r = setup(&h, params);
	if (r == 0) {
		r = confine_helper();
		if (r < 0)
			log_error("cannot confine the helper: %s", strerror(-r));
	}
	if (r == 0) {
		hello(&h);
		r = neighbours_list(h.neighbours, tell_neighbour, &h);
	}
	if (r == 0)
		r = serve(&h);
	neighbours_free(h.neighbours);
	maps_free(h.maps);
	tree_free(h.tree);
	return r == 0 ? 0 : 1;
}
