/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bandwidth tree: one HTB on the LAN device (download) and one on the uplink device (upload),
 * with a leaf a session on each, through libnl-route.
 *
 *   1:     root          LAN: what is unclassified (the gateway's own) goes direct
 *   1:1    the uplink's rate
 *   1:2    uplink only: the gateway's own traffic, first in line
 *   1:3    the walled garden, shared by all who are not admitted
 *   1:N    leaves of sessions, LEAF_FIRST … LEAF_LAST
 */
#ifndef ZONA_KERNEL_TREE_H
#define ZONA_KERNEL_TREE_H

#include "common/cleanup.h"
#include "controller/kernel/kernel.h"

struct tree;

/* Opens the netlink socket and finds both devices. Returns 0 or -errno (-ENODEV: ret_missing names
 * the interface). */
int tree_open(
	const char *lan, const char *uplink, struct tree **ret_tree, const char **ret_missing);
void tree_free(struct tree *tree);
DEFINE_AUTO(struct tree, tree_free);

/* Makes the trees, or takes over those that are there: leaves and their counters stay; only the
 * rates are brought up to date. Replaces any other root qdisc. Returns 0 or -errno. */
int tree_setup(struct tree *tree, uint64_t down_bps, uint64_t up_bps);

/* Deletes both trees (the kernel puts its default qdisc back). */
int tree_remove(struct tree *tree);

/* "fq_codel" where the kernel has it, else "pfifo"; known after tree_setup(). */
const char *tree_leaf_qdisc(const struct tree *tree);

/* Makes the pair of leaves or changes its rates. */
int tree_leaf_set(struct tree *tree, uint16_t leaf, const struct kernel_rates *rates);

/* Drops what waits in the pair's queues. */
int tree_leaf_purge(struct tree *tree, uint16_t leaf, const struct kernel_rates *rates);

/* Reads one pair. Layer 3 bytes = bytes - 14 x packets on Ethernet (measured equal to the device's
 * own counters to the byte, with and without GSO). -ENOENT when there is no such leaf. */
int tree_leaf_meter(struct tree *tree, uint16_t leaf, struct kernel_meter *ret_meter);

/* Reads every pair with one dump a device. */
int tree_list(struct tree *tree, kernel_leaf_fn *each, void *arg);

/* Are both devices still those that were found (else -ENODEV), with our trees on them (-ENOENT)? */
int tree_check(struct tree *tree);

int tree_lan_ifindex(const struct tree *tree);

#endif
