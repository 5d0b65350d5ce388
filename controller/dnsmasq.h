/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_DNSMASQ_H
#define ZONA_DNSMASQ_H

#include "policies/gateway_conf.h"

#include <stdio.h>

/* Writes what the zone's dnsmasq must know of the configuration and the policy: the portal's name,
 * the RFC 8910 options, and the sets that hold the walled garden's addresses as names are asked for
 * (dnsmasq(8), nftset). Returns 0 or -errno. */
int dnsmasq_print(const struct gateway_conf *conf, const struct policy *policy, FILE *out);

#endif
