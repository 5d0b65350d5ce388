/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the controller says about a device (docs/control.md, "device"). */
#ifndef ZONA_PORTAL_DEVICE_H
#define ZONA_PORTAL_DEVICE_H

#include "common/addr.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum device_state {
	DEVICE_UNKNOWN,
	DEVICE_PENDING,
	DEVICE_ACTIVE,
	DEVICE_ENDED,
	DEVICE_BLOCKED,
	DEVICE_STATE_COUNT,
};

enum end_cause {
	END_NONE,
	END_TIME,
	END_IDLE,
	END_QUOTA,
	END_CLOSING_HOURS,
	END_LOGOUT,
	END_OPERATOR,
	END_BLOCKED,
	END_CAUSE_COUNT,
};

enum refusal {
	REFUSAL_NONE,
	REFUSAL_CLOSED_HOURS,
	REFUSAL_DAILY_QUOTA,
	REFUSAL_DAILY_TIME,
	REFUSAL_BLOCKED,
	REFUSAL_FULL,
	REFUSAL_COUNT,
};

#define DEVICE_NAME_SIZE 128
#define NO_LIMIT (-1)

struct device {
	struct mac_addr mac;
	enum device_state state;
	enum end_cause end_cause;
	enum refusal refusal;
	char zone_name[DEVICE_NAME_SIZE];
	int64_t minutes;      /* what an accept gives now */
	int64_t seconds_left; /* NO_LIMIT when the controller does not say */
	int64_t bytes_left;   /* NO_LIMIT: no quota */
	int64_t bytes_down, bytes_up;
	int64_t rate_down_bps, rate_up_bps;
	int64_t opens_in_s; /* NO_LIMIT: open, or nobody knows */
	bool uplink_down;
	bool can_extend; /* a lesson passed now would give time */
};

/* Reads a reply's fields. Returns 0, or -EBADMSG when mac or state is missing or a field has the
 * wrong type; a state, cause or refusal that is not known is an error too, so that a newer
 * controller is noticed. ret_device is untouched on failure. */
int device_parse(const json_t *reply, struct device *ret_device);

#endif
