/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three processes of zona-controller, all of this one program:
 *
 *   supervisor  the one that was started; keeps CAP_NET_ADMIN and CAP_NET_RAW, reads nothing from
 *               anybody, starts the other two as a pair and starts them again when one dies
 *   helper      the same two capabilities and a seccomp filter: netlink (kernel/helper.c)
 *   engine      no capability: sessions, journal, control socket (gateway.c)
 *
 * The supervisor re-executes the program with these descriptors. */
#ifndef ZONA_PROCESS_H
#define ZONA_PROCESS_H

enum process_fd {
	FD_PEER = 3,	 /* engine and helper: the other one */
	FD_CONFIG = 4,	 /* gateway.conf as it was when the supervisor started */
	FD_POLICIES = 5, /* the directory */
	FD_CONTROL = 6,	 /* the control socket, listening */
	FD_READY = 7,	 /* a byte is written when the zone is served */
	FD_COUNT = 8,
};

/* argv[1] of a re-executed program. */
#define ROLE_ENGINE_ARG "--role-engine"
#define ROLE_HELPER_ARG "--role-helper"

/* Exit status that starting again cannot mend: it ends the supervisor too. */
#define EXIT_HOPELESS 78

#endif
