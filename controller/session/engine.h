/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decisions: who is admitted, for how long, how fast, and when it ends. No socket, no SQL, no
 * netlink: it talks to a kernel, a store and a clock that it is given. Single-threaded; it must
 * only be entered from one event loop. */
#ifndef ZONA_ENGINE_H
#define ZONA_ENGINE_H

#include "controller/session/session.h"
#include "controller/session/store.h"
#include "policies/policy.h"

struct engine;

struct engine_params {
	struct kernel *kernel;
	struct store store;
	void (*now)(struct now *ret_now);
	uint64_t uplink_down_bps, uplink_up_bps;
	unsigned sessions_max;
};

/* Why a request was not done. Also the error codes of the control socket (docs/control.md). */
enum outcome {
	OUTCOME_DONE,
	OUTCOME_NOT_FOUND, /* no device has this address */
	OUTCOME_BLOCKED,
	OUTCOME_CLOSED_HOURS,
	OUTCOME_DAILY_TIME,
	OUTCOME_DAILY_QUOTA,
	OUTCOME_FULL,
	OUTCOME_STALE_TOKEN,
	OUTCOME_NOT_ACTIVE,
	OUTCOME_ALREADY,
	OUTCOME_KERNEL,
	OUTCOME_VOUCHER_UNKNOWN,
	OUTCOME_VOUCHER_EXPIRED,
	OUTCOME_VOUCHER_USED,
	OUTCOME_WAIT, /* too many wrong codes */
	OUTCOME_COUNT,
};
const char *outcome_name(enum outcome outcome);

/* A device by what is known of it: ip.family is 0 when mac is given. */
struct who {
	struct mac_addr mac;
	struct ip_addr ip;
};

/* device is NULL only with OUTCOME_NOT_FOUND and OUTCOME_FULL; it is the engine's and may change
 * after the callback. Called once, perhaps before the request returns. */
typedef void engine_fn(enum outcome outcome, const struct device *device, void *arg);

/* Takes the policy over. zone_id must be one of its zones. Returns 0 or -errno. */
int engine_new(const struct engine_params *params, struct policy *policy, const char *zone_id,
	struct engine **ret_engine);
void engine_free(struct engine *engine);
DEFINE_AUTO(struct engine, engine_free);

/* Before engine_start(): what the journal holds. */
int engine_load_session(struct engine *engine, const struct stored_session *stored);
int engine_load_device(struct engine *engine, const struct stored_device *stored);
void engine_load_rates(struct engine *engine, const struct kernel_rates *rates);

int engine_load_pass(struct engine *engine, const struct stored_pass *stored);
int engine_load_voucher(struct engine *engine, const struct voucher *stored);
/* Without it every gateway would make the same hashes of the same codes. */
void engine_set_voucher_key(struct engine *engine, const unsigned char key[VOUCHER_KEY_SIZE]);

/* Adoption: compares with what the kernel holds, repairs the difference, touches nothing that is
 * right; then calls ready (error 0 or -errno). Requests may come only after that. */
void engine_start(struct engine *engine, void (*ready)(int error, void *arg), void *arg);

/* Does what is due. Returns milliseconds until it should be called again (0 … 1000). */
int engine_run(struct engine *engine);

/* What the kernel says of the LAN's addresses. */
void engine_neighbour(
	struct engine *engine, const struct ip_addr *ip, const struct mac_addr *mac, bool present);

/* A person looks at the portal: an unknown device becomes pending. */
void engine_visit(struct engine *engine, const struct who *who, engine_fn *done, void *arg);
/* An operator looks: changes nothing. A device that is not known but is on the LAN is unknown. */
void engine_look(struct engine *engine, const struct who *who, engine_fn *done, void *arg);
/* Admission by policy. token_us is the time of the form's token; one that is not later than the
 * last accepted is refused as stale. An active device is OUTCOME_DONE again. */
void engine_accept(
	struct engine *engine, const struct who *who, int64_t token_us, engine_fn *done, void *arg);
/* Admission by an operator: no tap; minutes (0: the class's) from now, also for an active device.
 */
void engine_login(
	struct engine *engine, const struct who *who, unsigned minutes, engine_fn *done, void *arg);
/* Ends the session with this cause (CAUSE_LOGOUT or CAUSE_OPERATOR). done after the last reading.
 */
void engine_logout(struct engine *engine, const struct who *who, enum end_cause cause,
	engine_fn *done, void *arg);
void engine_block(struct engine *engine, const struct who *who, engine_fn *done, void *arg);
void engine_unblock(struct engine *engine, const struct who *who, engine_fn *done, void *arg);
/* The class's extend-minutes, to an active device, once a day. */
void engine_extend(struct engine *engine, const struct who *who, engine_fn *done, void *arg);

/* Gives the class and minutes of the voucher with this code (as voucher_code_read() writes it; any
 * other text is a wrong one). A device may come back with it until its minutes are over. */
void engine_redeem(
	struct engine *engine, const struct who *who, const char *code, engine_fn *done, void *arg);

struct voucher_order {
	const char *class_name;
	unsigned count, minutes; /* minutes 0: the class's */
	unsigned uses;		 /* devices that each code serves */
	int64_t expires_wall_ms;
};
/* Calls each with each code, which nobody can tell afterwards. Returns 0; -ENOENT (no such class),
 * -ENOSPC (VOUCHERS_MAX), -ENOMEM; those that each was called with are good in any case. */
int engine_create_vouchers(struct engine *engine, const struct voucher_order *order,
	void (*each)(const char *code, const struct voucher *voucher, void *arg), void *arg);
/* Those after number after_number of batch after_batch, oldest first, until each returns false. */
void engine_vouchers(struct engine *engine, uint32_t after_batch, uint32_t after_number,
	bool (*each)(const struct voucher *voucher, void *arg), void *arg);

/* Applies another policy to everything that lives, and takes it over; nobody is dropped. zone_id
 * must be in it. ret_changed: sessions that get other values. */
int engine_set_policy(
	struct engine *engine, struct policy *policy, const char *zone_id, unsigned *ret_changed);

/* Reads all counters, unless that has just been done, and calls done. */
void engine_refresh(struct engine *engine, void (*done)(void *arg), void *arg);

/* Writes everything, ended sessions and blocked devices too: for a clean stop, and after a time in
 * which the journal kept nothing. */
void engine_store_all(struct engine *engine);

/* ---- views ----------------------------------------------------------------------------------- */

const struct policy_zone *engine_zone(const struct engine *engine);
/* Whose limits and rates a device has: its voucher's, or the zone's. */
const struct policy_class *device_class(const struct engine *engine, const struct device *device);

struct device_view {
	long seconds_left; /* of the session, or 0 */
	long idle_seconds;
	bool has_quota;
	uint64_t bytes_left;
	unsigned minutes;     /* what an accept would give now */
	enum outcome refusal; /* what an accept would answer now */
	bool open;
	long opens_in; /* seconds; 0 when open, -1 when never */
	bool can_extend;
};
void engine_view(struct engine *engine, const struct device *device, struct device_view *ret_view);

struct engine_status {
	unsigned sessions, sessions_peak, devices;
	uint64_t down_bytes, up_bytes; /* since start, of all sessions */
	uint64_t down_bps, up_bps;     /* between the last two readings */
	bool open;
	struct now now;
};
void engine_status(struct engine *engine, struct engine_status *ret_status);

/* Calls each for the active devices in the order of their MACs that come after *after (NULL: all),
 * until each returns false. */
void engine_sessions(struct engine *engine, const struct mac_addr *after,
	bool (*each)(const struct device *device, void *arg), void *arg);

#endif
