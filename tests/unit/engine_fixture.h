/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine at work on a fake kernel, a fake clock and a store in memory. Time only passes in
 * bench_advance(), which runs the engine as the gateway's loop does. Header only, as each test is
 * one file. */
#ifndef ZONA_TESTS_ENGINE_FIXTURE_H
#define ZONA_TESTS_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "controller/kernel/fake.h"
#include "controller/session/internal.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define ZONE "test-zone"
#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define MBIT 1000000ULL
#define MBYTE 1000000ULL
#define SESSIONS_MAX 100
/* Rows of the store in memory: more than any test makes. */
#define ROWS_MAX 8192
/* Rounds in which no time passes; more mean that the engine asks to be called again for ever. */
#define ROUNDS_AT_ONCE_MAX 10000

struct store_rows {
	struct stored_session sessions[ROWS_MAX]; /* by id */
	struct stored_device devices[ROWS_MAX];
	size_t device_count;
	struct kernel_rates rates;
	bool has_rates;
	struct stored_pass passes[ROWS_MAX];
	size_t pass_count;
	struct voucher vouchers[ROWS_MAX];
	size_t voucher_count;
	bool full; /* the disk is: what is put is lost */
	unsigned puts;
};

struct flow {
	struct mac_addr mac;
	uint64_t down_bps, up_bps;
};

struct bench {
	struct kernel *kernel;
	struct engine *engine;
	struct store_rows *rows;
	struct policy_class class; /* what the zone's class is; bench_reload() after a change */
	unsigned sessions_max;
	uint64_t uplink_down_bps, uplink_up_bps;
	struct flow flows[8];
	size_t flow_count;
	int ready_error;
	unsigned ready_calls;
};

/* engine_params.now takes no argument. */
static struct now bench_now;

static inline void bench_clock(struct now *ret_now)
{
	*ret_now = bench_now;
}

/* ---- the store ------------------------------------------------------------------------------- */

static inline void rows_put_session(void *ctx, const struct stored_session *session)
{
	struct store_rows *rows = ctx;

	assert_in_range(session->session.id, 1, ROWS_MAX - 1);
	rows->puts++;
	if (!rows->full)
		rows->sessions[session->session.id] = *session;
}

static inline struct stored_device *rows_device(struct store_rows *rows, const struct mac_addr *mac)
{
	for (size_t i = 0; i < rows->device_count; i++)
		if (mac_equal(&rows->devices[i].mac, mac))
			return &rows->devices[i];
	return NULL;
}

static inline void rows_put_device(void *ctx, const struct stored_device *device)
{
	struct store_rows *rows = ctx;
	struct stored_device *row = rows_device(rows, &device->mac);

	rows->puts++;
	if (rows->full)
		return;
	if (row == NULL) {
		assert_true(rows->device_count < ROWS_MAX);
		row = &rows->devices[rows->device_count++];
	}
	*row = *device;
}

static inline void rows_put_rates(void *ctx, const struct kernel_rates *rates)
{
	struct store_rows *store_rows = ctx;

	store_rows->puts++;
	if (store_rows->full)
		return;
	store_rows->rates = *rates;
	store_rows->has_rates = true;
}

static inline void rows_put_pass(void *ctx, const struct stored_pass *pass)
{
	struct store_rows *rows = ctx;
	size_t i = 0;

	rows->puts++;
	if (rows->full)
		return;
	while (i < rows->pass_count && !mac_equal(&rows->passes[i].mac, &pass->mac))
		i++;
	assert_true(i < ROWS_MAX);
	rows->passes[i] = *pass;
	if (i == rows->pass_count)
		rows->pass_count++;
}

static inline void rows_put_voucher(void *ctx, const struct voucher *voucher)
{
	struct store_rows *rows = ctx;
	size_t i = 0;

	rows->puts++;
	if (rows->full)
		return;
	while (i < rows->voucher_count &&
		memcmp(rows->vouchers[i].hash, voucher->hash, VOUCHER_HASH_SIZE) != 0)
		i++;
	assert_true(i < ROWS_MAX);
	rows->vouchers[i] = *voucher;
	if (i == rows->voucher_count)
		rows->voucher_count++;
}

/* The row of the last session of a device; NULL if there is none. */
static inline struct stored_session *rows_session(
	struct store_rows *rows, const struct mac_addr *mac)
{
	for (size_t id = ROWS_MAX - 1; id > 0; id--)
		if (rows->sessions[id].session.id != 0 && mac_equal(&rows->sessions[id].mac, mac))
			return &rows->sessions[id];
	return NULL;
}

/* What journal_load() gives. */
static inline void rows_load(struct store_rows *rows, struct engine *engine, bool same_boot)
{
	if (rows->has_rates && same_boot)
		engine_load_rates(engine, &rows->rates);
	for (size_t id = 1; id < ROWS_MAX; id++) {
		struct stored_session *row = &rows->sessions[id];

		if (row->session.id == 0)
			continue;
		row->same_boot = same_boot;
		if (!row->final || row == rows_session(rows, &row->mac))
			assert_int_equal(engine_load_session(engine, row), 0);
	}
	for (size_t i = 0; i < rows->device_count; i++)
		assert_int_equal(engine_load_device(engine, &rows->devices[i]), 0);
}

/* ---- life ------------------------------------------------------------------------------------ */

/* A phone at noon of a Wednesday. */
static inline int64_t wall_at(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = {
		.tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_sec = second,
		.tm_isdst = -1,
	};

	return mktime(&tm) * 1000LL;
}

/* Of the zone's class, and of another one for vouchers: half an hour at 4/1 Mbit/s. */
static inline struct policy *policy_of(const struct policy_class *class)
{
	static const struct policy_class event = {
		.minutes = 30,
		.hours.always = true,
		.down_bps = 4 * MBIT,
		.up_bps = MBIT,
		.down_floor_bps = MBIT / 16,
		.up_floor_bps = MBIT / 16,
	};
	struct policy *policy = calloc(1, sizeof(*policy));

	assert_non_null(policy);
	policy->classes = calloc(2, sizeof(*policy->classes));
	policy->zones = calloc(1, sizeof(*policy->zones));
	assert_non_null(policy->classes);
	assert_non_null(policy->zones);
	policy->class_count = 2;
	policy->zone_count = 1;
	policy->classes[0] = *class;
	policy->classes[0].name = strdup("community");
	policy->classes[1] = event;
	policy->classes[1].name = strdup("event");
	policy->zones[0].id = strdup(ZONE);
	policy->zones[0].name = strdup("Parque");
	policy->zones[0].barrio = strdup("Barrio");
	policy->zones[0].class = &policy->classes[0];
	return policy;
}

static inline void bench_engine(struct bench *b)
{
	const struct engine_params params = {
		.kernel = b->kernel,
		.store =
			{
				.ctx = b->rows,
				.put_session = rows_put_session,
				.put_device = rows_put_device,
				.put_rates = rows_put_rates,
				.put_pass = rows_put_pass,
				.put_voucher = rows_put_voucher,
			},
		.now = bench_clock,
		.uplink_down_bps = b->uplink_down_bps,
		.uplink_up_bps = b->uplink_up_bps,
		.sessions_max = b->sessions_max,
	};

	assert_int_equal(engine_new(&params, policy_of(&b->class), ZONE, &b->engine), 0);
}

static inline void bench_neighbour(
	const struct ip_addr *ip, const struct mac_addr *mac, bool present, void *arg)
{
	engine_neighbour(((struct bench *)arg)->engine, ip, mac, present);
}

static inline void bench_ready(int error, void *arg)
{
	struct bench *b = arg;

	b->ready_error = error;
	b->ready_calls++;
}

static inline void bench_start(struct bench *b)
{
	b->ready_calls = 0;
	b->kernel->on_neighbour = bench_neighbour;
	b->kernel->on_neighbour_arg = b;
	engine_start(b->engine, bench_ready, b);
	(void)kernel_fake_run(b->kernel);
	assert_int_equal(b->ready_calls, 1);
}

/* A class of an hour at 8/2 Mbit/s without other limits, on 100/50 Mbit/s; noon of a Wednesday. */
static inline struct bench *bench_prepare(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	(void)setenv("TZ", "America/Bogota", 1);
	tzset();
	bench_now = (struct now){
		.mono_ms = HOUR,
		.wall_ms = wall_at(2026, 3, 4, 12, 0, 0),
		.synced = true,
	};
	assert_int_equal(kernel_fake_new(&b->kernel), 0);
	b->rows = calloc(1, sizeof(*b->rows));
	assert_non_null(b->rows);
	b->class = (struct policy_class){
		.minutes = 60,
		.extend_minutes = 30,
		.hours.always = true,
		.down_bps = 8 * MBIT,
		.up_bps = 2 * MBIT,
		.down_floor_bps = MBIT / 2,
		.up_floor_bps = MBIT / 8,
	};
	b->sessions_max = SESSIONS_MAX;
	b->uplink_down_bps = 100 * MBIT;
	b->uplink_up_bps = 50 * MBIT;
	return b;
}

static inline void bench_begin(struct bench *b)
{
	bench_engine(b);
	bench_start(b);
	assert_int_equal(b->ready_error, 0);
}

static inline void bench_free(struct bench *b)
{
	(void)kernel_fake_lose(b->kernel, 0);
	engine_free(b->engine);
	kernel_free(b->kernel);
	free(b->rows);
	free(b);
}
DEFINE_AUTO(struct bench, bench_free);

/* The engine dies, the kernel served only the first of what waited, and another engine starts from
 * what is stored. */
static inline void bench_crash(struct bench *b, unsigned served)
{
	(void)kernel_fake_lose(b->kernel, served);
	engine_free(b->engine);
	bench_engine(b);
	rows_load(b->rows, b->engine, true);
	kernel_fake_log_clear(b->kernel);
	bench_start(b);
}

/* The machine starts again: the kernel forgot everything, and its clock begins anew. */
static inline void bench_reboot(struct bench *b, int64_t off_ms)
{
	kernel_fake_reboot(b->kernel);
	engine_free(b->engine);
	bench_now.mono_ms = 20 * SECOND;
	bench_now.wall_ms += off_ms;
	bench_engine(b);
	rows_load(b->rows, b->engine, false);
	kernel_fake_log_clear(b->kernel);
	bench_start(b);
	assert_int_equal(b->ready_error, 0);
}

static inline unsigned bench_reload(struct bench *b)
{
	unsigned changed = ~0U;

	assert_int_equal(engine_set_policy(b->engine, policy_of(&b->class), ZONE, &changed), 0);
	(void)kernel_fake_run(b->kernel);
	return changed;
}

/* ---- time ------------------------------------------------------------------------------------ */

static inline struct device *device_of(struct bench *b, struct mac_addr mac)
{
	return engine_device(b->engine, &mac, false);
}

/* What the flows move in ms, no faster than their leaves. */
static inline void bench_move(struct bench *b, int64_t ms)
{
	for (size_t i = 0; i < b->flow_count; i++) {
		const struct flow *f = &b->flows[i];
		const struct kernel_session *ks = kernel_fake_session(b->kernel, &f->mac);
		struct kernel_rates rates;

		if (ks == NULL || !kernel_fake_leaf(b->kernel, ks->leaf, &rates, NULL))
			continue;
		if (rates.down_bps > f->down_bps)
			rates.down_bps = f->down_bps;
		if (rates.up_bps > f->up_bps)
			rates.up_bps = f->up_bps;
		kernel_fake_traffic(b->kernel, ks->leaf, rates.down_bps * (uint64_t)ms / 8000,
			rates.up_bps * (uint64_t)ms / 8000);
	}
}

static inline void bench_tick(int64_t ms)
{
	bench_now.mono_ms += ms;
	bench_now.wall_ms += ms;
}

/* Runs the engine until there is nothing to do now; returns how long it may sleep. */
static inline int bench_round(struct bench *b)
{
	for (int i = 0; i < ROUNDS_AT_ONCE_MAX; i++) {
		int wait = engine_run(b->engine);

		assert_in_range(wait, 0, 1000);
		if (kernel_fake_run(b->kernel) == 0 && wait > 0)
			return wait;
	}
	fail_msg("the engine never rests");
	return 0;
}

static inline void bench_advance(struct bench *b, int64_t ms)
{
	while (ms > 0) {
		int64_t step = bench_round(b);

		if (step > ms)
			step = ms;
		bench_move(b, step);
		bench_tick(step);
		ms -= step;
	}
	(void)bench_round(b);
}

/* ---- requests -------------------------------------------------------------------------------- */

static inline struct mac_addr mac_of(unsigned n)
{
	return (struct mac_addr){{2, 0, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static inline struct who who_of(unsigned n)
{
	return (struct who){.mac = mac_of(n)};
}

struct result {
	unsigned calls;
	enum outcome outcome;
	bool has_device;
	enum session_state state;
	struct mac_addr mac;
};

static inline void result_take(enum outcome outcome, const struct device *device, void *arg)
{
	struct result *r = arg;

	r->calls++;
	r->outcome = outcome;
	r->has_device = device != NULL;
	if (device != NULL) {
		r->state = device->state;
		r->mac = device->mac;
	}
}

/* Serves what was asked; each request is answered once. */
static inline enum outcome result_of(struct bench *b, const struct result *r)
{
	(void)kernel_fake_run(b->kernel);
	assert_int_equal(r->calls, 1);
	return r->outcome;
}

static inline enum outcome bench_login(struct bench *b, unsigned n, unsigned minutes)
{
	struct result r = {0};
	struct who who = who_of(n);

	engine_login(b->engine, &who, minutes, result_take, &r);
	return result_of(b, &r);
}

static inline enum outcome bench_logout(struct bench *b, unsigned n, enum end_cause cause)
{
	struct result r = {0};
	struct who who = who_of(n);

	engine_logout(b->engine, &who, cause, result_take, &r);
	return result_of(b, &r);
}

/* The device is on the LAN, where people are. */
static inline enum outcome bench_accept(struct bench *b, unsigned n, int64_t token_us)
{
	struct result r = {0};
	struct who who = who_of(n);
	struct mac_addr mac = mac_of(n);
	struct ip_addr ip = {AF_INET, {10, 20, (uint8_t)(n >> 8), (uint8_t)n}};

	engine_neighbour(b->engine, &ip, &mac, true);
	engine_accept(b->engine, &who, token_us, result_take, &r);
	return result_of(b, &r);
}

static inline enum outcome bench_ask(struct bench *b, unsigned n,
	void (*ask)(struct engine *, const struct who *, engine_fn *, void *))
{
	struct result r = {0};
	struct who who = who_of(n);

	ask(b->engine, &who, result_take, &r);
	return result_of(b, &r);
}

/* What must hold between rounds, whatever happened. */
static inline void bench_check(struct bench *b)
{
	struct device *d, *next;
	unsigned active = 0;

	HASH_ITER(hh, b->engine->devices, d, next)
	{
		const struct kernel_session *ks = kernel_fake_session(b->kernel, &d->mac);

		if (d->state == STATE_ACTIVE) {
			active++;
			assert_non_null(ks);
			assert_int_equal(ks->leaf, d->session.leaf);
			assert_int_equal(ks->mark, d->session.id);
			assert_ptr_equal(b->engine->by_leaf[ks->leaf], d);
			assert_true(kernel_fake_leaf(b->kernel, ks->leaf, NULL, NULL));
		} else if (!d->busy) {
			assert_null(ks); /* nobody is admitted silently */
		}
	}
	assert_int_equal(active, b->engine->sessions);
	assert_int_equal(active, kernel_fake_session_count(b->kernel));
}

#endif
