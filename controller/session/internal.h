/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine's own files share. */
#ifndef ZONA_ENGINE_INTERNAL_H
#define ZONA_ENGINE_INTERNAL_H

#include "controller/session/engine.h"
#include "controller/session/leaves.h"

/* One dump of all counters this often; a journal record of each session that moved this often. */
#define METER_MS 10000
#define INTERIM_MS 60000
#define INTERIM_TURNS (INTERIM_MS / METER_MS)
/* An end that the kernel refused is tried again. */
#define DOWN_RETRY_MS 1000
/* A form or page that nobody came back to is forgotten. */
#define PENDING_FORGET_MS (30 * 60 * 1000)

struct neighbour {
	UT_hash_handle hh;
	struct ip_addr ip;
	struct mac_addr mac;
};

struct engine {
	struct engine_params p;
	struct policy *policy;
	const struct policy_zone *zone;
	struct device *devices;	      /* by MAC */
	struct neighbour *neighbours; /* by IP, oldest first */
	struct heap due;
	struct leaves leaves;
	struct device **by_leaf;
	unsigned sessions, sessions_peak;
	uint32_t last_id;
	struct now now; /* of this round */

	struct kernel_rates rates; /* what the plan gives a session now */
	bool rates_known;	   /* as loaded: leaves have these */
	bool rates_mixed;	   /* since this boot leaves had rates of several classes */
	uint64_t rates_sum;	   /* of all classes: changes with any */
	uint32_t rates_sweep;	   /* the next leaf to look at */
	bool rates_refused;	   /* by the kernel: to be tried again */
	unsigned rates_in_flight;
	bool leaf_in_flight;

	int64_t meter_at_ms;
	bool metering;
	struct refresher *refreshers; /* of metering.c: who waits for a reading of all */
	unsigned meter_turn;
	uint64_t down_bytes, up_bytes, down_bps, up_bps;
	uint64_t meter_down_bytes, meter_up_bytes;
	int64_t meter_ms;

	struct vouchers vouchers;
	int64_t tries_tat_ms; /* of wrong codes in the zone */
	struct class_name *class_names;

	bool started;		   /* no longer loading: tables are bounded */
	struct adoption *adoption; /* while engine_start() is at work */
	struct removal *removals;  /* of adopt.c: elements that the kernel did not take out */
	int64_t removals_at_ms;
};

/* devices.c */
struct device *engine_device(struct engine *e, const struct mac_addr *mac, bool create);
void device_free(struct engine *e, struct device *d);
/* A device without which nothing is lost. */
bool device_is_forgettable(const struct engine *e, const struct device *d);
void device_add_ip(struct device *d, const struct ip_addr *ip);
void neighbour_forget(struct engine *e, struct neighbour *n);

/* engine.c */
void engine_transition(struct device *d, enum session_state to, const char *why);
/* Fills the session of a device that has just got this leaf. */
void engine_session_begin(struct engine *e, struct device *d, unsigned minutes, uint16_t leaf);
enum outcome engine_admit(struct engine *e, struct device *d, unsigned minutes, const char *why);
/* Brings the session of an active device, which has a leaf, into the kernel. */
void engine_up(struct engine *e, struct device *d);
/* Takes it out again; the last reading completes the record. */
void engine_down(struct engine *e, struct device *d);
void engine_end(struct engine *e, struct device *d, enum end_cause cause, enum session_state to);
void engine_put_session(struct engine *e, struct device *d, bool final);
void engine_put_device(struct engine *e, struct device *d);

/* adopt.c */
void removals_retry(struct engine *e);
void removals_free(struct engine *e);

/* requests.c */
/* The kernel is done with the device: who waited is served. */
void engine_settle(struct engine *e, struct device *d, enum outcome outcome);

void waiters_free(struct waiter *waiters);

/* passes.c */
bool pass_is_valid(const struct engine *e, const struct device *d);
/* 0: no limit. A voucher's minutes are its own limit. */
unsigned device_daily_minutes(const struct engine *e, const struct device *d);
struct kernel_rates session_rates(const struct engine *e, const struct session *s);
/* A session that begins is under the device's pass, if it has one. */
void pass_begin_session(struct engine *e, struct device *d);
/* Replaces a class name that is not the engine's by one that is. Returns 0 or -ENOMEM. */
int pass_name_session(struct engine *e, struct session *s);
/* OUTCOME_DONE: the code is one that the device may redeem. Counts wrong ones. */
enum outcome pass_find(
	struct engine *e, struct device *d, const char *typed, struct voucher **ret_voucher);
/* The session begins, or changes; OUTCOME_DONE or why not. */
enum outcome pass_redeem(struct engine *e, struct device *d, struct voucher *v);
void passes_store_all(struct engine *e);
void passes_clear(struct engine *e);

/* admission.c: pure arithmetic on policy, clock and use */
bool zone_is_open(const struct engine *e, long *ret_until_change);
enum outcome admission_check(const struct engine *e, const struct device *d);
int64_t session_deadline(const struct engine *e, const struct device *d, enum end_cause *ret_cause);
uint64_t quota_left(const struct engine *e, const struct device *d);
int64_t session_granted_end(const struct engine *e, const struct session *s);

/* metering.c */
void meter_account(struct engine *e, struct device *d, const struct kernel_meter *leaf_meter);
void meter_schedule(struct engine *e, struct device *d);
void meter_due(struct engine *e, struct device *d);
/* Reads one session's counters; done (or NULL) gets the device, NULL if it is gone. */
void meter_refresh(struct engine *e, struct device *d,
	void (*done)(const struct device *device, void *arg), void *arg);
void refreshers_free(struct engine *e);
void meter_tick(struct engine *e);

/* rates.c */
void rates_update(struct engine *e);
void rates_continue(struct engine *e);
/* Tries again what the kernel refused. */
void rates_retry(struct engine *e);
void rates_for_leaf(struct engine *e, uint16_t leaf);
/* From now on the journal cannot say what rates the leaves have. */
void rates_mix(struct engine *e);
void rates_store(struct engine *e);

#endif
