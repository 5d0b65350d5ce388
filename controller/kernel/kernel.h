/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the controller asks of the kernel: about a dozen verbs, asynchronous, in plain values.
 * Two implementations: Linux (through the helper process) and fake (for unit tests). No netlink,
 * nftables or tc name is above this line.
 *
 * Every verb returns at once; its callback is called exactly once, later, from the event loop
 * (error is 0 or -errno). Verbs take effect in the order in which they were called. */
#ifndef ZONA_KERNEL_H
#define ZONA_KERNEL_H

#include "common/addr.h"
#include "common/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

/* Leaves are numbered; the same number names the leaf on the LAN device (download) and on the
 * uplink device (upload). Numbers below LEAF_FIRST are the tree's own classes. */
#define LEAF_FIRST 16
#define LEAF_LAST 65000

/* Bits a second. A floor is what a leaf gets on a full uplink, a ceiling what it never passes. */
struct kernel_rates {
	uint64_t down_bps, up_bps, down_floor_bps, up_floor_bps;
};

/* A leaf's counters since it was made, in layer 3 bytes. */
struct kernel_meter {
	uint64_t down_bytes, up_bytes;
};

/* One admitted device as the kernel holds it. */
struct kernel_session {
	struct mac_addr mac;
	uint32_t mark; /* the session's number, never 0 */
	uint16_t leaf;
};

struct kernel_leaf {
	uint16_t leaf;
	struct kernel_meter meter;
};

typedef void kernel_done_fn(int error, void *arg);
typedef void kernel_meter_fn(int error, const struct kernel_meter *meter, void *arg);
typedef void kernel_leaf_fn(const struct kernel_leaf *leaf, void *arg);
typedef void kernel_session_fn(const struct kernel_session *session, void *arg);
typedef void kernel_neighbour_fn(int error, const struct mac_addr *mac, void *arg);

/* What the kernel says unasked: ip is at mac (present), or no longer known. */
typedef void kernel_neighbour_event_fn(
	const struct ip_addr *ip, const struct mac_addr *mac, bool present, void *arg);

struct kernel;

struct kernel_ops {
	void (*leaf_set)(struct kernel *k, uint16_t leaf, const struct kernel_rates *rates,
		kernel_done_fn *done, void *arg);
	void (*session_up)(struct kernel *k, const struct kernel_session *session,
		kernel_done_fn *done, void *arg);
	void (*session_down)(struct kernel *k, const struct kernel_session *session,
		const struct kernel_rates *rates, kernel_meter_fn *done, void *arg);
	void (*meter)(struct kernel *k, uint16_t leaf, kernel_meter_fn *done, void *arg);
	void (*list_leaves)(
		struct kernel *k, kernel_leaf_fn *each, kernel_done_fn *done, void *arg);
	void (*list_sessions)(
		struct kernel *k, kernel_session_fn *each, kernel_done_fn *done, void *arg);
	void (*neighbour)(
		struct kernel *k, const struct ip_addr *ip, kernel_neighbour_fn *done, void *arg);
	void (*clear)(struct kernel *k, kernel_done_fn *done, void *arg);
	void (*free)(struct kernel *k);
};

/* Base of every implementation. */
struct kernel {
	const struct kernel_ops *ops;
	const char *leaf_qdisc; /* "fq_codel" or "pfifo", for people */
	kernel_neighbour_event_fn *on_neighbour;
	void *on_neighbour_arg;
};

/* Makes the pair of leaves, or gives an existing pair other rates; counters go on. */
static inline void kernel_leaf_set(struct kernel *k, uint16_t leaf,
	const struct kernel_rates *rates, kernel_done_fn *done, void *arg)
{
	k->ops->leaf_set(k, leaf, rates, done, arg);
}

/* Admits a device: three map elements in one transaction. -EEXIST if the device or the mark is
 * there already. The leaf must exist. */
static inline void kernel_session_up(
	struct kernel *k, const struct kernel_session *session, kernel_done_fn *done, void *arg)
{
	k->ops->session_up(k, session, done, arg);
}

/* Takes the admission back, drops what waits in the leaf's queues (rates: those it has, for the
 * length of the new ones) and gives the last reading. A session that is not there is no error.
 * -ENOENT: the admission is taken back, but there is no such leaf and so no reading. */
static inline void kernel_session_down(struct kernel *k, const struct kernel_session *session,
	const struct kernel_rates *rates, kernel_meter_fn *done, void *arg)
{
	k->ops->session_down(k, session, rates, done, arg);
}

static inline void kernel_meter(struct kernel *k, uint16_t leaf, kernel_meter_fn *done, void *arg)
{
	k->ops->meter(k, leaf, done, arg);
}

/* Every pair of leaves with its counters; each is called once a leaf, before done. */
static inline void kernel_list_leaves(
	struct kernel *k, kernel_leaf_fn *each, kernel_done_fn *done, void *arg)
{
	k->ops->list_leaves(k, each, done, arg);
}

/* Every admitted device. One with only a part of its three elements has leaf 0. */
static inline void kernel_list_sessions(
	struct kernel *k, kernel_session_fn *each, kernel_done_fn *done, void *arg)
{
	k->ops->list_sessions(k, each, done, arg);
}

/* The MAC of an address on the LAN; -ENOENT when the kernel does not know it. */
static inline void kernel_neighbour(
	struct kernel *k, const struct ip_addr *ip, kernel_neighbour_fn *done, void *arg)
{
	k->ops->neighbour(k, ip, done, arg);
}

/* Empties the maps and removes the trees; the base table stays and refuses everybody. */
static inline void kernel_clear(struct kernel *k, kernel_done_fn *done, void *arg)
{
	k->ops->clear(k, done, arg);
}

static inline void kernel_free(struct kernel *k)
{
	if (k != NULL)
		k->ops->free(k);
}
DEFINE_AUTO(struct kernel, kernel_free);

#endif
