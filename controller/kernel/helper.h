/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper process: the only one that speaks netlink. It keeps CAP_NET_ADMIN and CAP_NET_RAW,
 * takes the closed set of messages of wire.h, and checks each again. */
#ifndef ZONA_KERNEL_HELPER_H
#define ZONA_KERNEL_HELPER_H

#include <stdint.h>

struct helper_params {
	const char *lan, *uplink; /* interface names */
	uint64_t down_bps, up_bps;
	int engine_fd; /* SOCK_SEQPACKET, the engine's end is elsewhere */
};

/* Sets up the tree, confines itself with seccomp and serves until the engine closes its end.
 * Returns the process's exit status; logs why it cannot go on. */
int helper_run(const struct helper_params *params);

#endif
