/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The base table (base.nft): the closed state of a zone. */
#ifndef ZONA_KERNEL_BASE_H
#define ZONA_KERNEL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_params {
	const char *lan, *uplink; /* interface names, letters digits . _ - only */
	uint16_t http_port, https_port;
	bool tls, masquerade4, masquerade6;
	unsigned connections_per_second, dns_per_second; /* per device before login; 0: no limit */
};

/* The text that would be loaded. Returns 0 and a string that the caller frees, -EINVAL for an
 * interface name that could be more than a name, or -ENOMEM. */
int base_render(const struct base_params *params, char **ret_text);

/* Loads the base table in one transaction; elements of existing maps stay. Where a table of another
 * shape is in the way it is replaced whole, still in one transaction (*ret_replaced: its sessions
 * must be put back). Needs CAP_NET_ADMIN and forks nothing; libnftables stays in memory afterwards,
 * so call it in a process that ends. Returns 0 or -errno; ret_message (freed by the caller) is what
 * the kernel or the parser said, or NULL. */
int base_apply(const struct base_params *params, bool *ret_replaced, char **ret_message);

#endif
