/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper's check of what a hostile engine may send. What passes it must be safe to do: this
 * states again, in other words, what that is. */
#include "controller/kernel/fake.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_leaf(const struct wire_request *q)
{
	if (q->leaf < 16 || q->leaf > 65000) /* 1:0 … 1:15 are the tree's own classes */
		abort();
}

static void check_session(const struct wire_request *q)
{
	static const struct mac_addr none;

	if (q->mark == 0 || (q->mac.b[0] & 1) != 0 || mac_equal(&q->mac, &none))
		abort();
}

static void check_rates(const struct kernel_rates *r)
{
	/* A rate of 0 bytes a second, or a floor above its ceiling, is what HTB must not get. */
	if (r->down_floor_bps / 8 == 0 || r->up_floor_bps / 8 == 0 ||
		r->down_floor_bps > r->down_bps || r->up_floor_bps > r->up_bps ||
		r->down_bps > 1000ULL * 1000 * 1000 * 1000 ||
		r->up_bps > 1000ULL * 1000 * 1000 * 1000)
		abort();
}

static void check(const struct wire_request *q)
{
	switch ((enum wire_verb)q->verb) {
	case WIRE_LEAF_SET:
		check_leaf(q);
		check_rates(&q->rates);
		return;
	case WIRE_SESSION_UP:
		check_leaf(q);
		check_session(q);
		return;
	case WIRE_SESSION_DOWN:
		check_leaf(q);
		check_session(q);
		check_rates(&q->rates);
		return;
	case WIRE_METER:
		check_leaf(q);
		return;
	case WIRE_NEIGHBOUR:
		if (ip_size(&q->ip) != (q->ip.family == AF_INET ? 4 : 16) ||
			(q->ip.family != AF_INET && q->ip.family != AF_INET6))
			abort();
		return;
	case WIRE_LIST_LEAVES:
	case WIRE_LIST_SESSIONS:
	case WIRE_CLEAR:
		return;
	case WIRE_VERB_COUNT:
		break;
	}
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_request q = {0};

	memcpy(&q, data, size < sizeof(q) ? size : sizeof(q));
	if (size != sizeof(q) && wire_request_is_sane(&q, size))
		abort();
	/* As of the right length, too: what is short is filled with 0. */
	if (wire_request_is_sane(&q, sizeof(q)))
		check(&q);
	return 0;
}
