/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_SYSCTL_H
#define ZONA_SYSCTL_H

/* Turns IPv4 and IPv6 forwarding on. A host that forwards IPv6 stops listening to router
 * advertisements; where the uplink got its own address from them (accept_ra = 1) it goes on doing
 * so (accept_ra = 2, Documentation/networking/ip-sysctl). What is on already is not written.
 * Returns 0 or -errno; a kernel without IPv6 is no error. */
int sysctl_forwarding_on(const char *uplink);

#endif
