/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets for IPv4 and IPv6 together. */
#ifndef ZONA_PORTAL_LISTEN_H
#define ZONA_PORTAL_LISTEN_H

#include <stddef.h>
#include <stdint.h>

/* Opens count sockets on one port, between which the kernel spreads connections (SO_REUSEPORT).
 * IPv4 only where the kernel has no IPv6. Returns 0 and descriptors that the caller closes, or
 * -errno (-EADDRINUSE: another program has the port) with none open. */
int listen_open(uint16_t port, size_t count, int ret_fds[]);
void listen_close(size_t count, int fds[]);

#endif
