/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine and the helper process say to each other, over a SOCK_SEQPACKET pair: a closed
 * set of fixed-size messages with ids, addresses and rates, never rule text, paths or names. Both
 * ends are the same program, so the layout is the machine's own. */
#ifndef ZONA_KERNEL_WIRE_H
#define ZONA_KERNEL_WIRE_H

#include "controller/kernel/kernel.h"

#include <stddef.h>
#include <stdint.h>

enum wire_verb {
	WIRE_LEAF_SET,
	WIRE_SESSION_UP,
	WIRE_SESSION_DOWN,
	WIRE_METER,
	WIRE_LIST_LEAVES,
	WIRE_LIST_SESSIONS,
	WIRE_NEIGHBOUR,
	WIRE_CLEAR,
	WIRE_VERB_COUNT,
};

struct wire_request {
	uint32_t id; /* echoed in the reply */
	uint16_t verb;
	uint16_t leaf;
	uint32_t mark;
	struct mac_addr mac;
	struct ip_addr ip;
	struct kernel_rates rates;
};

/* The helper's check of what it received. The engine is not trusted: it reads what clients send,
 * the helper does not. */
bool wire_request_is_sane(const struct wire_request *request, size_t size);

/* A reply is a head and count items; "last" ends the request. id 0 is an event (neighbours). */
struct wire_reply_head {
	uint32_t id;
	int32_t error;
	uint16_t count;
	uint16_t last;
};

struct wire_neighbour {
	struct ip_addr ip;
	struct mac_addr mac;
	uint8_t present;
};

/* Items of a list in one message. 128 keeps a message below 4 KiB. */
#define WIRE_ITEMS_MAX 128

struct wire_reply {
	struct wire_reply_head head;
	union {
		struct kernel_leaf leaves[WIRE_ITEMS_MAX];
		struct kernel_session sessions[WIRE_ITEMS_MAX];
		struct kernel_meter meter;
		struct wire_neighbour neighbour;
	} u;
};

/* The first message of the helper: id 0, count 0, and this. */
struct wire_hello {
	struct wire_reply_head head;
	char leaf_qdisc[16];
};

#endif
