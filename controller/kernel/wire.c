/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/wire.h"

/* Rates a leaf may be given: from what one byte a second is to more than any link. */
#define RATE_MIN_BPS 8
#define RATE_MAX_BPS 400000000000ULL

enum needs { NEEDS_LEAF = 1, NEEDS_SESSION = 2, NEEDS_IP = 4, NEEDS_RATES = 8 };

static const unsigned verb_needs[] = {
	[WIRE_LEAF_SET] = NEEDS_LEAF | NEEDS_RATES,
	[WIRE_SESSION_UP] = NEEDS_LEAF | NEEDS_SESSION,
	[WIRE_SESSION_DOWN] = NEEDS_LEAF | NEEDS_SESSION | NEEDS_RATES,
	[WIRE_METER] = NEEDS_LEAF,
	[WIRE_LIST_LEAVES] = 0,
	[WIRE_LIST_SESSIONS] = 0,
	[WIRE_NEIGHBOUR] = NEEDS_IP,
	[WIRE_CLEAR] = 0,
};
_Static_assert(ARRAY_SIZE(verb_needs) == WIRE_VERB_COUNT, "a verb is missing");

static bool rate_pair_is_sane(uint64_t floor_bps, uint64_t ceil_bps)
{
	return floor_bps >= RATE_MIN_BPS && floor_bps <= ceil_bps && ceil_bps <= RATE_MAX_BPS;
}

static bool rates_are_sane(const struct kernel_rates *rates)
{
	return rate_pair_is_sane(rates->down_floor_bps, rates->down_bps) &&
	       rate_pair_is_sane(rates->up_floor_bps, rates->up_bps);
}

bool wire_request_is_sane(const struct wire_request *q, size_t size)
{
	unsigned needs;

	if (size != sizeof(*q) || q->verb >= WIRE_VERB_COUNT)
		return false;
	needs = verb_needs[q->verb];
	if ((needs & NEEDS_LEAF) != 0 && (q->leaf < LEAF_FIRST || q->leaf > LEAF_LAST))
		return false;
	if ((needs & NEEDS_SESSION) != 0 && (q->mark == 0 || !mac_is_unicast(&q->mac)))
		return false;
	if ((needs & NEEDS_IP) != 0 && q->ip.family != AF_INET && q->ip.family != AF_INET6)
		return false;
	if ((needs & NEEDS_RATES) != 0 && !rates_are_sane(&q->rates))
		return false;
	return true;
}
