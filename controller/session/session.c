/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/session/session.h"

#include "common/cleanup.h"

static const char *const state_names[] = {
	[STATE_UNKNOWN] = "unknown",
	[STATE_PENDING] = "pending",
	[STATE_ACTIVE] = "active",
	[STATE_ENDED] = "ended",
	[STATE_BLOCKED] = "blocked",
};
_Static_assert(ARRAY_SIZE(state_names) == STATE_COUNT, "a name is missing");

static const char *const cause_names[] = {
	[CAUSE_NONE] = "none",
	[CAUSE_TIME] = "time",
	[CAUSE_IDLE] = "idle",
	[CAUSE_QUOTA] = "quota",
	[CAUSE_CLOSING_HOURS] = "closing-hours",
	[CAUSE_LOGOUT] = "logout",
	[CAUSE_OPERATOR] = "operator",
	[CAUSE_BLOCKED] = "blocked",
};
_Static_assert(ARRAY_SIZE(cause_names) == CAUSE_COUNT, "a name is missing");

/* Row: from; column: to. */
static const bool legal[STATE_COUNT][STATE_COUNT] = {
	[STATE_UNKNOWN] = {[STATE_PENDING] = true, [STATE_ACTIVE] = true, [STATE_BLOCKED] = true},
	[STATE_PENDING] = {[STATE_ACTIVE] = true, [STATE_BLOCKED] = true},
	[STATE_ACTIVE] = {[STATE_ENDED] = true, [STATE_BLOCKED] = true},
	[STATE_ENDED] = {[STATE_ACTIVE] = true, [STATE_BLOCKED] = true},
	[STATE_BLOCKED] = {[STATE_UNKNOWN] = true, [STATE_ENDED] = true},
};

const char *session_state_name(enum session_state state)
{
	return state < STATE_COUNT ? state_names[state] : "invalid";
}

const char *end_cause_name(enum end_cause cause)
{
	return cause < CAUSE_COUNT ? cause_names[cause] : "invalid";
}

bool session_transition_is_legal(enum session_state from, enum session_state to)
{
	return from < STATE_COUNT && to < STATE_COUNT && legal[from][to];
}
