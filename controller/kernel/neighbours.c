/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/neighbours.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

/* A crowd that joins at once makes thousands of events while the engine is busy. */
#define RECEIVE_BUFFER (1 << 20)
/* States in which the address is known to be there (net/neighbour.h, NUD_VALID). */
#define STATES_VALID (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

struct neighbours {
	struct nl_sock *events, *questions;
	int ifindex;
};

int neighbours_open(int lan_ifindex, struct neighbours **ret_neighbours)
{
	AUTO(neighbours_free) struct neighbours *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return -ENOMEM;
	n->ifindex = lan_ifindex;
	n->events = nl_socket_alloc();
	n->questions = nl_socket_alloc();
	if (n->events == NULL || n->questions == NULL)
		return -ENOMEM;
	nl_socket_disable_seq_check(n->events);
	/* One question, one answer: no acknowledgement behind it. */
	nl_socket_disable_seq_check(n->questions);
	nl_socket_disable_auto_ack(n->questions);
	if (nl_connect(n->questions, NETLINK_ROUTE) < 0 ||
		nl_connect(n->events, NETLINK_ROUTE) < 0 ||
		nl_socket_add_membership(n->events, RTNLGRP_NEIGH) < 0 ||
		nl_socket_set_nonblocking(n->events) < 0)
		return -EIO;
	(void)nl_socket_set_buffer_size(n->events, RECEIVE_BUFFER, 0);
	*ret_neighbours = TAKE(n);
	return 0;
}

void neighbours_free(struct neighbours *n)
{
	if (n == NULL)
		return;
	nl_socket_free(n->events);
	nl_socket_free(n->questions);
	free(n);
}

int neighbours_fd(const struct neighbours *n)
{
	return nl_socket_get_fd(n->events);
}

struct entry {
	struct ip_addr ip;
	struct mac_addr mac;
	bool present;
};

static bool parse(const struct neighbours *n, struct nlmsghdr *nlh, struct entry *ret)
{
	const struct ndmsg *nd = nlmsg_data(nlh);
	struct entry e = {0};
	struct nlattr *dst, *lladdr;

	if (nlh->nlmsg_type != RTM_NEWNEIGH && nlh->nlmsg_type != RTM_DELNEIGH)
		return false;
	if (!nlmsg_valid_hdr(nlh, sizeof(*nd)) || nd->ndm_ifindex != n->ifindex)
		return false;
	if (nd->ndm_family != AF_INET && nd->ndm_family != AF_INET6)
		return false;
	e.ip.family = nd->ndm_family;
	dst = nlmsg_find_attr(nlh, sizeof(*nd), NDA_DST);
	lladdr = nlmsg_find_attr(nlh, sizeof(*nd), NDA_LLADDR);
	if (dst == NULL || (size_t)nla_len(dst) != ip_size(&e.ip))
		return false;
	memcpy(e.ip.b, nla_data(dst), ip_size(&e.ip));
	if (lladdr != NULL && nla_len(lladdr) == sizeof(e.mac.b))
		memcpy(e.mac.b, nla_data(lladdr), sizeof(e.mac.b));
	e.present = nlh->nlmsg_type == RTM_NEWNEIGH && (nd->ndm_state & STATES_VALID) != 0 &&
		    mac_is_unicast(&e.mac);
	*ret = e;
	return true;
}

struct sink {
	struct neighbours *n;
	kernel_neighbour_event_fn *each;
	void *arg;
};

static int on_neighbour(struct nl_msg *msg, void *arg)
{
	const struct sink *sink = arg;
	struct entry e;

	if (parse(sink->n, nlmsg_hdr(msg), &e))
		sink->each(&e.ip, &e.mac, e.present, sink->arg);
	return NL_OK;
}

static int on_error(struct sockaddr_nl *peer, struct nlmsgerr *err, void *arg)
{
	(void)peer;
	*(int *)arg = err->error;
	return NL_STOP;
}

/* Notifications have no number of ours; answers to questions come one at a time. */
static int on_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int receive(struct nl_sock *sock, struct sink *sink, int *ret_error)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int r;

	if (cb == NULL)
		return -NLE_NOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_neighbour, sink);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, NULL);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, ret_error);
	r = nl_recvmsgs(sock, cb);
	nl_cb_put(cb);
	return r;
}

int neighbours_list(struct neighbours *n, kernel_neighbour_event_fn *each, void *arg)
{
	struct sink sink = {n, each, arg};
	struct ndmsg nd = {.ndm_family = AF_UNSPEC, .ndm_ifindex = n->ifindex};
	int error = 0;
	int r = nl_send_simple(n->questions, RTM_GETNEIGH, NLM_F_DUMP, &nd, sizeof(nd));

	if (r >= 0)
		r = receive(n->questions, &sink, &error);
	return r < 0 || error != 0 ? -EIO : 0;
}

int neighbours_read(struct neighbours *n, kernel_neighbour_event_fn *each, void *arg)
{
	struct sink sink = {n, each, arg};
	int error = 0;
	int r = receive(n->events, &sink, &error);

	if (r == -NLE_NOMEM) /* ENOBUFS: events were lost */
		return neighbours_list(n, each, arg);
	return r < 0 && r != -NLE_AGAIN ? -EIO : 0;
}

static void keep_mac(const struct ip_addr *ip, const struct mac_addr *mac, bool present, void *arg)
{
	(void)ip;
	if (present)
		*(struct mac_addr *)arg = *mac;
}

int neighbours_find(struct neighbours *n, const struct ip_addr *ip, struct mac_addr *ret_mac)
{
	struct mac_addr mac = {0};
	struct sink sink = {n, keep_mac, &mac};
	struct ndmsg nd = {.ndm_family = ip->family, .ndm_ifindex = n->ifindex};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNEIGH, 0);
	int error = 0;
	int r = -NLE_NOMEM;

	if (msg == NULL)
		return -ENOMEM;
	if (nlmsg_append(msg, &nd, sizeof(nd), NLMSG_ALIGNTO) == 0 &&
		nla_put(msg, NDA_DST, (int)ip_size(ip), ip->b) == 0)
		r = nl_send_auto(n->questions, msg);
	nlmsg_free(msg);
	if (r >= 0)
		r = receive(n->questions, &sink, &error);
	if (error == -ENOENT || (r >= 0 && error == 0 && !mac_is_unicast(&mac)))
		return -ENOENT;
	if (r < 0 || error != 0)
		return -EIO;
	*ret_mac = mac;
	return 0;
}
