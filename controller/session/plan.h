/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bandwidth plan: what a session of a class gets on this uplink. */
#ifndef ZONA_PLAN_H
#define ZONA_PLAN_H

#include "controller/kernel/kernel.h"
#include "policies/policy.h"

/* Ceilings are the class's, never above the uplink. Floors are the class's as long as all sessions'
 * floors fit the uplink together; beyond that a floor that cannot be kept would only let HTB send
 * more than the uplink carries, so they shrink, in steps (powers of two of the number of sessions),
 * so that a login seldom changes the other sessions' leaves. */
struct kernel_rates plan_rates(const struct policy_class *class, uint64_t uplink_down_bps,
	uint64_t uplink_up_bps, unsigned sessions);

#endif
