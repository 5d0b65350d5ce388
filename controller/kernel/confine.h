/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_KERNEL_CONFINE_H
#define ZONA_KERNEL_CONFINE_H

/* Leaves the helper with the system calls that netlink, its socket and memory need; any other one
 * ends it (the supervisor starts a new one). Call when all descriptors are open. 0 or -errno. */
int confine_helper(void);

#endif
