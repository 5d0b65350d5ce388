/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device at the zone and its session: the states, which may follow which, and the values. */
#ifndef ZONA_SESSION_H
#define ZONA_SESSION_H

#include "common/addr.h"
#include "common/heap.h"
#include "controller/kernel/kernel.h"

#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

enum session_state {
	STATE_UNKNOWN, /* seen on the LAN, no more */
	STATE_PENDING, /* was shown the portal */
	STATE_ACTIVE,  /* online */
	STATE_ENDED,   /* was online; captive again */
	STATE_BLOCKED, /* by the operator; captive, and cannot be admitted */
	STATE_COUNT,
};

enum end_cause {
	CAUSE_NONE,
	CAUSE_TIME,
	CAUSE_IDLE,
	CAUSE_QUOTA,
	CAUSE_CLOSING_HOURS,
	CAUSE_LOGOUT,
	CAUSE_OPERATOR,
	CAUSE_BLOCKED,
	CAUSE_COUNT,
};

const char *session_state_name(enum session_state state);
const char *end_cause_name(enum end_cause cause);
/* May a device go from one state to the other? */
bool session_transition_is_legal(enum session_state from, enum session_state to);

/* Monotonic and wall clock, milliseconds. mono counts from boot and through sleep; wall from 1970
 * and may jump. */
struct now {
	int64_t mono_ms;
	int64_t wall_ms;
	bool synced; /* the wall clock is known to be right */
};

/* One session: from grant to end. */
struct session {
	uint32_t id; /* the journal's row and the firewall's mark, never 0, never used twice */
	uint16_t leaf;
	enum end_cause cause;
	int64_t started_wall_ms;
	bool started_unsynced;
	/* Monotonic: begin; begin and end of the time granted; last traffic; last reading. */
	int64_t started_ms, granted_ms, ends_ms, active_ms, updated_ms;
	unsigned minutes;      /* granted by the operator or a voucher; 0: by the class */
	unsigned extended_min; /* on top of that */
	/* The local day (YYYYMMDD) that the device was last given more time, in this session or an
	 * earlier one; 0: never. */
	int32_t extended_day;
	/* Volume = carry + (counter of the leaf - base). carry holds what earlier leaves counted
	 * (before a reboot), base what the leaf had counted for others. */
	struct kernel_meter carry, base, total;
	struct kernel_rates rates;
	const char *class_name; /* of its voucher; the engine's; NULL: the zone's class */
};

/* The local day of the wall clock, YYYYMMDD. */
int32_t local_day(const struct now *now);

struct waiter; /* of requests.c: who asked while the kernel was at work on this device */

/* What a voucher gave to a device: until it is over, a tap is enough to come back. */
struct pass {
	uint32_t batch, number; /* of the voucher */
	const char *class_name; /* the engine's */
	int64_t ends_wall_ms;
};

#define DEVICE_IPS_MAX 16

struct device {
	UT_hash_handle hh;
	struct mac_addr mac;
	enum session_state state;
	bool busy;		/* the kernel is at work on it: decisions about it wait */
	bool unstored;		/* the session changed since it was written to the journal */
	bool stored;		/* the journal has a row of the device */
	struct session session; /* the current one, or the last */
	struct heap_item due;	/* when something about the session must be looked at */
	int64_t seen_ms;	/* by the portal, for forgetting */
	/* Use of the day (local, YYYYMMDD), the current session included. */
	int32_t day;
	int64_t day_ms;
	uint64_t day_bytes;
	int64_t token_us; /* of the last form that was accepted; older ones are used up */
	struct waiter *waiters;
	struct pass *pass;    /* or NULL */
	int64_t tries_tat_ms; /* of wrong voucher codes: struct try_limit */
	uint8_t ip_count;
	struct ip_addr *ips;
};

/* L3 bytes, both directions. */
static inline uint64_t session_bytes(const struct session *s)
{
	return s->total.down_bytes + s->total.up_bytes;
}

#endif
