/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reload under way, floors with many sessions, leaves made ahead. */
#include "tests/unit/engine_fixture.h"

static struct kernel_rates rates_of(struct bench *b, unsigned n)
{
	struct kernel_rates rates = {0};

	assert_true(
		kernel_fake_leaf(b->kernel, device_of(b, mac_of(n))->session.leaf, &rates, NULL));
	return rates;
}

static struct bench *begin(unsigned sessions)
{
	struct bench *b = bench_prepare();

	b->sessions_max = 2000;
	bench_begin(b);
	for (unsigned n = 1; n <= sessions; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	bench_advance(b, SECOND);
	return b;
}

static void test_reload_changes_live_sessions(void **state)
{
	AUTO(bench_free) struct bench *b = begin(50);

	(void)state;
	kernel_fake_log_clear(b->kernel);
	b->class.down_bps = 3 * MBIT;
	b->class.up_bps = MBIT;
	assert_int_equal(bench_reload(b), 50);
	for (unsigned n = 1; n <= 50; n++) {
		assert_int_equal(rates_of(b, n).down_bps, 3 * MBIT);
		assert_int_equal(rates_of(b, n).up_bps, MBIT);
		assert_int_equal(device_of(b, mac_of(n))->session.rates.down_bps, 3 * MBIT);
	}
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_UP), 0);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_DOWN), 0);
	assert_int_equal(bench_reload(b), 0); /* the same again */
	bench_check(b);
}

/* Logins do not wait behind the changes of all leaves. */
static void test_a_few_changes_at_a_time(void **state)
{
	AUTO(bench_free) struct bench *b = begin(500);
	unsigned changed, waiting = 0;

	(void)state;
	b->class.up_bps = MBIT;
	assert_int_equal(engine_set_policy(b->engine, policy_of(&b->class), ZONE, &changed), 0);
	waiting = kernel_fake_lose(b->kernel, 0);
	assert_in_range(waiting, 1, 17);
}

static void test_a_change_during_a_change(void **state)
{
	AUTO(bench_free) struct bench *b = begin(100);
	unsigned changed;

	(void)state;
	b->class.down_bps = 3 * MBIT;
	assert_int_equal(engine_set_policy(b->engine, policy_of(&b->class), ZONE, &changed), 0);
	for (int i = 0; i < 40; i++)
		(void)kernel_fake_run_one(b->kernel);
	b->class.down_bps = 5 * MBIT;
	assert_int_equal(bench_reload(b), 100);
	for (unsigned n = 1; n <= 100; n++)
		assert_int_equal(rates_of(b, n).down_bps, 5 * MBIT);
}

static void test_a_refused_change_is_tried_again(void **state)
{
	AUTO(bench_free) struct bench *b = begin(3);

	(void)state;
	b->class.down_bps = 3 * MBIT;
	kernel_fake_refuse(b->kernel, WIRE_LEAF_SET, -ENOBUFS, 3);
	assert_int_equal(bench_reload(b), 3);
	assert_int_not_equal(rates_of(b, 1).down_bps, 3 * MBIT);
	bench_advance(b, 11 * SECOND);
	for (unsigned n = 1; n <= 3; n++)
		assert_int_equal(rates_of(b, n).down_bps, 3 * MBIT);
	bench_check(b);
}

static void test_logins_during_a_change_get_the_new_rates(void **state)
{
	AUTO(bench_free) struct bench *b = begin(100);
	unsigned changed;

	(void)state;
	b->class.down_bps = 3 * MBIT;
	assert_int_equal(engine_set_policy(b->engine, policy_of(&b->class), ZONE, &changed), 0);
	assert_int_equal(bench_login(b, 101, 0), OUTCOME_DONE);
	assert_int_equal(bench_logout(b, 5, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_login(b, 102, 0), OUTCOME_DONE); /* a leaf of the old rates */
	bench_advance(b, SECOND);
	assert_int_equal(rates_of(b, 101).down_bps, 3 * MBIT);
	assert_int_equal(rates_of(b, 102).down_bps, 3 * MBIT);
	bench_check(b);
}

static void test_shorter_minutes_give_a_last_minute(void **state)
{
	AUTO(bench_free) struct bench *b = begin(2);

	(void)state;
	bench_advance(b, 40 * MINUTE);
	assert_int_equal(
		bench_login(b, 2, 30), OUTCOME_DONE); /* by the operator: not the class's */
	b->class.minutes = 10;
	assert_int_equal(bench_reload(b), 1);
	assert_int_equal(device_of(b, mac_of(1))->session.ends_ms, bench_now.mono_ms + MINUTE);
	assert_int_equal(device_of(b, mac_of(2))->session.ends_ms, bench_now.mono_ms + 30 * MINUTE);
	bench_advance(b, 30 * SECOND);
	(void)bench_reload(b); /* not another minute each time */
	bench_advance(b, 29 * SECOND);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ACTIVE);
	bench_advance(b, 2 * SECOND);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
	assert_int_equal(device_of(b, mac_of(1))->session.cause, CAUSE_TIME);
	assert_int_equal(device_of(b, mac_of(2))->state, STATE_ACTIVE);
}

static void test_longer_minutes(void **state)
{
	AUTO(bench_free) struct bench *b = begin(1);
	int64_t ends_ms = device_of(b, mac_of(1))->session.ends_ms;

	(void)state;
	b->class.minutes = 90;
	assert_int_equal(bench_reload(b), 1);
	assert_int_equal(device_of(b, mac_of(1))->session.ends_ms, ends_ms + 30 * MINUTE);
}

static void test_zone_that_is_not_in_the_policy(void **state)
{
	AUTO(bench_free) struct bench *b = begin(1);
	AUTO(policy_free) struct policy *policy = policy_of(&b->class);
	unsigned changed = 7;

	(void)state;
	assert_int_equal(engine_set_policy(b->engine, policy, "another", &changed), -ENOENT);
	assert_int_equal(changed, 7);
	assert_int_equal(bench_login(b, 2, 0), OUTCOME_DONE); /* the old one goes on */
}

static void test_closing_by_a_reload(void **state)
{
	AUTO(bench_free) struct bench *b = begin(3);

	(void)state;
	b->class.hours = (struct hours){0};
	(void)bench_reload(b);
	(void)bench_round(b);
	assert_int_equal(b->engine->sessions, 0);
	assert_int_equal(device_of(b, mac_of(2))->session.cause, CAUSE_CLOSING_HOURS);
	bench_check(b);
}

/* 100 Mbit/s: floors of 500 kbit/s fit 200 times, then shares of powers of two. */
static void test_floors_follow_the_number_of_sessions(void **state)
{
	AUTO(bench_free) struct bench *b = begin(200);

	(void)state;
	assert_int_equal(rates_of(b, 1).down_floor_bps, MBIT / 2);
	kernel_fake_log_clear(b->kernel);
	assert_int_equal(bench_login(b, 201, 0), OUTCOME_DONE);
	bench_advance(b, SECOND);
	for (unsigned n = 1; n <= 201; n++)
		assert_int_equal(rates_of(b, n).down_floor_bps, 100 * MBIT / 256);
	kernel_fake_log_clear(b->kernel);
	for (unsigned n = 202; n <= 256; n++) /* no step: nobody else's leaf changes */
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	bench_advance(b, SECOND);
	assert_in_range(kernel_fake_asked(b->kernel, WIRE_LEAF_SET), 0, 120);
	assert_int_equal(rates_of(b, 1).down_floor_bps, 100 * MBIT / 256);
	for (unsigned n = 1; n <= 100; n++)
		assert_int_equal(bench_logout(b, n, CAUSE_LOGOUT), OUTCOME_DONE);
	bench_advance(b, SECOND);
	for (unsigned n = 101; n <= 256; n++)
		assert_int_equal(rates_of(b, n).down_floor_bps, MBIT / 2);
}

static void test_leaves_are_made_ahead(void **state)
{
	AUTO(bench_free) struct bench *b = begin(0);
	unsigned spare = kernel_fake_leaf_count(b->kernel);

	(void)state;
	assert_in_range(spare, 1, 1000);
	kernel_fake_log_clear(b->kernel);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	assert_int_equal(kernel_fake_log(b->kernel, 0)->verb, WIRE_SESSION_UP);
	bench_advance(b, SECOND);
	assert_int_equal(kernel_fake_leaf_count(b->kernel), spare + 1);
}

static void test_leaves_are_recycled(void **state)
{
	AUTO(bench_free) struct bench *b = begin(0);
	unsigned spare = kernel_fake_leaf_count(b->kernel);

	(void)state;
	for (unsigned n = 1; n <= 1000; n++) {
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
		assert_int_equal(bench_logout(b, n, CAUSE_LOGOUT), OUTCOME_DONE);
		(void)bench_round(b);
	}
	assert_in_range(kernel_fake_leaf_count(b->kernel), spare, spare + 2);
	bench_check(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reload_changes_live_sessions),
		cmocka_unit_test(test_a_few_changes_at_a_time),
		cmocka_unit_test(test_a_change_during_a_change),
		cmocka_unit_test(test_a_refused_change_is_tried_again),
		cmocka_unit_test(test_logins_during_a_change_get_the_new_rates),
		cmocka_unit_test(test_shorter_minutes_give_a_last_minute),
		cmocka_unit_test(test_longer_minutes),
		cmocka_unit_test(test_zone_that_is_not_in_the_policy),
		cmocka_unit_test(test_closing_by_a_reload),
		cmocka_unit_test(test_floors_follow_the_number_of_sessions),
		cmocka_unit_test(test_leaves_are_made_ahead),
		cmocka_unit_test(test_leaves_are_recycled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
