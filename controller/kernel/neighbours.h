/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which MAC an address of the LAN is at: the kernel's neighbour tables, asked and subscribed to. */
#ifndef ZONA_KERNEL_NEIGHBOURS_H
#define ZONA_KERNEL_NEIGHBOURS_H

#include "common/cleanup.h"
#include "controller/kernel/kernel.h"

struct neighbours;

/* Opens the subscription (its socket does not block) and a socket for questions. 0 or -errno. */
int neighbours_open(int lan_ifindex, struct neighbours **ret_neighbours);
void neighbours_free(struct neighbours *neighbours);
DEFINE_AUTO(struct neighbours, neighbours_free);

/* To poll for reading; then call neighbours_read(). */
int neighbours_fd(const struct neighbours *neighbours);

/* Feeds the events that wait to each. When some were lost (ENOBUFS) all neighbours are told again.
 * Returns 0 or -errno. */
int neighbours_read(struct neighbours *neighbours, kernel_neighbour_event_fn *each, void *arg);

/* Tells all neighbours that are known now. */
int neighbours_list(struct neighbours *neighbours, kernel_neighbour_event_fn *each, void *arg);

/* The MAC of one address: -ENOENT when the kernel has no confirmed one. */
int neighbours_find(
	struct neighbours *neighbours, const struct ip_addr *ip, struct mac_addr *ret_mac);

#endif
