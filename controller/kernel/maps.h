/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three maps of table inet zona, through libnftnl: one transaction a session. */
#ifndef ZONA_KERNEL_MAPS_H
#define ZONA_KERNEL_MAPS_H

#include "common/cleanup.h"
#include "controller/kernel/kernel.h"

struct maps;

/* Opens a netlink socket. Returns 0 or -errno. */
int maps_open(struct maps **ret_maps);
void maps_free(struct maps *maps);
DEFINE_AUTO(struct maps, maps_free);

/* Adds the session's three elements, all or none. -EEXIST when one is there with another value. */
int maps_add(struct maps *maps, const struct kernel_session *session);

/* Removes them; elements that are not there are no error. */
int maps_remove(struct maps *maps, const struct kernel_session *session);

/* Reads all three maps and joins them by mark, each session once. Incomplete ones have leaf 0 (or
 * an all-zero MAC when only the mark is known). */
int maps_list(struct maps *maps, kernel_session_fn *each, void *arg);

/* Is the table still there? Somebody may have flushed the ruleset. 0, -ENOENT or another -errno. */
int maps_check(struct maps *maps);

/* Empties the three maps in one transaction. */
int maps_flush(struct maps *maps);

#endif
