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

/* Rates a leaf may be given: from what one byte a second is to more than any link. */
#define RATE_MIN_BPS 8
#define RATE_MAX_BPS 400000000000ULL

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

enum needs { NEEDS_LEAF = 1, NEEDS_SESSION = 2, NEEDS_IP = 4, NEEDS_RATES = 8 };

static const struct {
	void (*run)(struct helper *h, const struct wire_request *q);
	unsigned needs;
} verbs[] = {
	[WIRE_LEAF_SET] = {do_leaf_set, NEEDS_LEAF | NEEDS_RATES},
	[WIRE_SESSION_UP] = {do_session_up, NEEDS_LEAF | NEEDS_SESSION},
	[WIRE_SESSION_DOWN] = {do_session_down, NEEDS_LEAF | NEEDS_SESSION | NEEDS_RATES},
	[WIRE_METER] = {do_meter, NEEDS_LEAF},
	[WIRE_LIST_LEAVES] = {do_list_leaves, 0},
	[WIRE_LIST_SESSIONS] = {do_list_sessions, 0},
	[WIRE_NEIGHBOUR] = {do_neighbour, NEEDS_IP},
	[WIRE_CLEAR] = {do_clear, 0},
};
_Static_assert(ARRAY_SIZE(verbs) == WIRE_VERB_COUNT, "a verb is missing");

static bool rate_pair_is_sane(uint64_t floor_bps, uint64_t ceil_bps)
{
	return floor_bps >= RATE_MIN_BPS && floor_bps <= ceil_bps && ceil_bps <= RATE_MAX_BPS;
}

static bool rates_are_sane(const struct kernel_rates *rates)
{
	return rate_pair_is_sane(rates->down_floor_bps, rates->down_bps) &&
	       rate_pair_is_sane(rates->up_floor_bps, rates->up_bps);
}

/* The engine is not trusted: it reads what clients send, this process does not. */
static bool request_is_sane(const struct wire_request *q, size_t size)
{
	unsigned needs;

	if (size != sizeof(*q) || q->verb >= WIRE_VERB_COUNT)
		return false;
	needs = verbs[q->verb].needs;
	if ((needs & NEEDS_LEAF) != 0 && (q->leaf < LEAF_FIRST || q->leaf > LEAF_LAST))
		return false;
	if ((needs & NEEDS_SESSION) != 0 && (q->mark == 0 || !mac_is_unicast(&q->mac)))
		return false;
	if ((needs & NEEDS_IP) != 0 && q->ip.family != AF_INET && q->ip.family != AF_INET6)
		return false;
	if ((needs & NEEDS_RATES) != 0 && !rates_are_sane(&q->rates))
		return false;
	return true;
}

/* Serves one request. Returns false when the engine is gone. */
static bool serve_one(struct helper *h)
{
	struct wire_request q;
	ssize_t n = recv(h->fd, &q, sizeof(q), MSG_TRUNC);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	reply_begin(h, q.id);
	if (request_is_sane(&q, (size_t)n))
		verbs[q.verb].run(h, &q);
	else
		reply_end(h, -EINVAL, 0);
	return true;
}

static int serve(struct helper *h)
{
	struct pollfd fds[] = {
		{.fd = h->fd, .events = POLLIN},
		{.fd = neighbours_fd(h->neighbours), .events = POLLIN},
	};

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
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
