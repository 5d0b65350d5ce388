/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volume: to the byte, never twice, never backwards; idleness and quotas by it. */
#include "tests/unit/engine_fixture.h"

static uint16_t leaf_of(struct bench *b, unsigned n)
{
	return device_of(b, mac_of(n))->session.leaf;
}

static void assert_total(struct bench *b, unsigned n, uint64_t down, uint64_t up)
{
	const struct device *d = device_of(b, mac_of(n));

	assert_int_equal(d->session.total.down_bytes, down);
	assert_int_equal(d->session.total.up_bytes, up);
}

static void flow(struct bench *b, unsigned n, uint64_t down_bps, uint64_t up_bps)
{
	assert_true(b->flow_count < ARRAY_SIZE(b->flows));
	b->flows[b->flow_count++] = (struct flow){mac_of(n), down_bps, up_bps};
}

static struct bench *begin(void)
{
	struct bench *b = bench_prepare();

	bench_begin(b);
	return b;
}

static void test_readings_add_up(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	uint64_t down = 0, up = 0;

	(void)state;
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	for (unsigned i = 1; i <= 30; i++) {
		kernel_fake_traffic(b->kernel, leaf_of(b, 1), i * 1234567, i * 321);
		down += i * 1234567;
		up += i * 321;
		bench_advance(b, 10 * SECOND);
		assert_total(b, 1, down, up);
	}
	assert_int_equal(b->engine->down_bytes, down);
	assert_int_equal(device_of(b, mac_of(1))->day_bytes, down + up);
	assert_int_equal(device_of(b, mac_of(1))->day_ms, 300 * SECOND);
}

/* The next session of a leaf begins at nothing, and what waits between the two is nobody's. */
static void test_a_recycled_leaf(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	uint16_t leaf;

	(void)state;
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	leaf = leaf_of(b, 1);
	kernel_fake_traffic(b->kernel, leaf, 1000, 100);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_login(b, 2, 0), OUTCOME_DONE);
	assert_int_equal(leaf_of(b, 2), leaf);
	assert_total(b, 2, 0, 0);
	kernel_fake_traffic(b->kernel, leaf, 50, 5);
	bench_advance(b, 11 * SECOND);
	assert_total(b, 2, 50, 5);
	assert_total(b, 1, 1000, 100);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_DOWN), 1);
}

/* A leaf made anew by somebody else counts from nothing: its difference to the base would be almost
 * 2^64 bytes, and the day's volume used up. */
static void test_a_counter_that_runs_backwards(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct device *d;

	(void)state;
	b->class.daily_bytes = 100 * MBYTE;
	bench_begin(b);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	kernel_fake_traffic(b->kernel, leaf_of(b, 1), 5000, 5000);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_login(b, 2, 0), OUTCOME_DONE);
	d = device_of(b, mac_of(2));
	assert_int_equal(d->session.base.down_bytes, 5000);
	kernel_fake_set_meter(b->kernel, d->session.leaf, &(struct kernel_meter){10, 6000});
	bench_advance(b, 11 * SECOND);
	assert_int_equal(d->state, STATE_ACTIVE);
	assert_total(b, 2, 0, 1000);
	kernel_fake_set_meter(b->kernel, d->session.leaf, &(struct kernel_meter){10, 20});
	bench_advance(b, 10 * SECOND);
	assert_total(b, 2, 0, 1000);
	assert_int_equal(d->day_ms, 20 * SECOND); /* time goes on */
	kernel_fake_set_meter(b->kernel, d->session.leaf, &(struct kernel_meter){5100, 7000});
	bench_advance(b, 10 * SECOND);
	assert_total(b, 2, 100, 2000);
}

static void test_idle(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	b->class.idle_minutes = 15;
	bench_begin(b);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	assert_int_equal(bench_login(b, 2, 0), OUTCOME_DONE);
	bench_advance(b, 10 * MINUTE);
	kernel_fake_traffic(b->kernel, leaf_of(b, 2), 0, 1); /* one byte is life */
	bench_advance(b, 5 * MINUTE - SECOND);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ACTIVE);
	bench_advance(b, SECOND);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
	assert_int_equal(device_of(b, mac_of(1))->session.cause, CAUSE_IDLE);
	assert_int_equal(device_of(b, mac_of(2))->state, STATE_ACTIVE);
	bench_advance(b, 9 * MINUTE + 59 * SECOND);
	assert_int_equal(device_of(b, mac_of(2))->state, STATE_ACTIVE);
	bench_advance(b, 11 * SECOND);
	assert_int_equal(device_of(b, mac_of(2))->state, STATE_ENDED);
}

/* Traffic since the last reading of all keeps a session that is about to end for idleness. */
static void test_idle_looks_before_it_ends(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	b->class.idle_minutes = 1;
	bench_begin(b);
	bench_advance(b, 5 * SECOND);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	bench_advance(b, 58 * SECOND);
	kernel_fake_traffic(b->kernel, leaf_of(b, 1), 100, 0);
	bench_advance(b, 30 * SECOND);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ACTIVE);
}

/* Volumes and uplinks from small to large, at full speed: within 1 % over, never under. */
static void test_quota_within_one_percent(void **state)
{
	static const struct {
		uint64_t bytes, down_bps, up_bps;
	} rows[] = {
		{MBYTE, 8 * MBIT, 2 * MBIT},
		{10 * MBYTE, 8 * MBIT, 2 * MBIT},
		{1024 * MBYTE, 8 * MBIT, 2 * MBIT},
		{100 * MBYTE, 100 * MBIT, 50 * MBIT},
		{5 * MBYTE, 64000, 64000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(bench_free) struct bench *b = bench_prepare();
		uint64_t used;

		b->class.minutes = 24 * 60;
		b->class.daily_bytes = rows[i].bytes;
		b->class.down_bps = rows[i].down_bps;
		b->class.up_bps = rows[i].up_bps;
		bench_now.wall_ms = wall_at(2026, 3, 4, 0, 0, 1);
		bench_begin(b);
		assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
		kernel_fake_log_clear(b->kernel);
		flow(b, 1, rows[i].down_bps, rows[i].up_bps);
		while (device_of(b, mac_of(1))->state == STATE_ACTIVE)
			bench_advance(b, SECOND);
		used = session_bytes(&device_of(b, mac_of(1))->session);
		assert_int_equal(device_of(b, mac_of(1))->session.cause, CAUSE_QUOTA);
		assert_in_range(used, rows[i].bytes, rows[i].bytes + rows[i].bytes / 100);
		assert_in_range(kernel_fake_asked(b->kernel, WIRE_METER), 1, 200);
	}
}

/* A quota far away costs no readings: one that idles is not polled. */
static void test_quota_of_a_quiet_one(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	b->class.daily_bytes = 1000 * MBYTE;
	bench_begin(b);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	kernel_fake_traffic(b->kernel, leaf_of(b, 1), 500 * MBYTE, 0);
	kernel_fake_log_clear(b->kernel);
	bench_advance(b, 50 * MINUTE);
	assert_in_range(kernel_fake_asked(b->kernel, WIRE_METER), 0, 20);
	assert_in_range(kernel_fake_asked(b->kernel, WIRE_LIST_LEAVES), 290, 310);
}

/* Each reading is one dump, however many sessions; without sessions there is none. */
static void test_one_dump_for_all(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	kernel_fake_log_clear(b->kernel);
	bench_advance(b, HOUR);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_LIST_LEAVES), 0);
	for (unsigned n = 1; n <= 50; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	kernel_fake_log_clear(b->kernel);
	bench_advance(b, 10 * MINUTE);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_LIST_LEAVES), 60);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_METER), 0);
}

static void test_interim_records(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	unsigned puts;

	(void)state;
	for (unsigned n = 1; n <= 20; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	flow(b, 1, MBIT, MBIT);
	bench_advance(b, 5 * MINUTE);
	puts = b->rows->puts;
	bench_advance(b, 10 * MINUTE);
	/* A session's and a device's row a minute for the one that moves; none for the others. */
	assert_in_range(b->rows->puts - puts, 18, 22);
	for (int i = 0; i < 20; i++) {
		struct mac_addr mac = mac_of(1);
		uint64_t stored, true_bytes;

		bench_advance(b, 7 * SECOND);
		stored = session_bytes(&rows_session(b->rows, &mac)->session);
		true_bytes = session_bytes(&device_of(b, mac)->session);
		assert_in_range(true_bytes - stored, 0, MBIT / 4 * 60);
	}
}

/* What the kernel cannot tell now it tells later. */
static void test_a_refused_reading(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	kernel_fake_traffic(b->kernel, leaf_of(b, 1), 999, 1);
	kernel_fake_refuse(b->kernel, WIRE_LIST_LEAVES, -ENOBUFS, 3);
	bench_advance(b, 25 * SECOND);
	assert_total(b, 1, 0, 0);
	bench_advance(b, 10 * SECOND);
	assert_total(b, 1, 999, 1);
}

static void test_midnight(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct device *d;

	(void)state;
	b->class.minutes = 300;
	b->class.daily_bytes = 1000 * MBYTE;
	bench_now.wall_ms = wall_at(2026, 3, 4, 23, 30, 0);
	bench_begin(b);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	d = device_of(b, mac_of(1));
	flow(b, 1, MBIT, 0);
	bench_advance(b, 29 * MINUTE);
	assert_int_equal(d->day, 20260304);
	assert_in_range(d->day_bytes, 29 * 60 * MBIT / 8 * 99 / 100, 29 * 60 * MBIT / 8);
	bench_advance(b, 11 * MINUTE);
	assert_int_equal(d->day, 20260305);
	assert_in_range(d->day_bytes, 9 * 60 * MBIT / 8, 10 * 60 * MBIT / 8);
	assert_in_range(d->day_ms, 9 * MINUTE, 10 * MINUTE);
	assert_int_equal(
		d->session.total.down_bytes, 40 * 60 * MBIT / 8); /* the session's goes on */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readings_add_up),
		cmocka_unit_test(test_a_recycled_leaf),
		cmocka_unit_test(test_a_counter_that_runs_backwards),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_idle_looks_before_it_ends),
		cmocka_unit_test(test_quota_within_one_percent),
		cmocka_unit_test(test_quota_of_a_quiet_one),
		cmocka_unit_test(test_one_dump_for_all),
		cmocka_unit_test(test_interim_records),
		cmocka_unit_test(test_a_refused_reading),
		cmocka_unit_test(test_midnight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
