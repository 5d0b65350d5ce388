/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hours, the day's time and volume, and a clock that may not be right. */
#include "tests/unit/engine_fixture.h"

static void set_hours(struct bench *b, const char *text)
{
	b->class.hours = (struct hours){0};
	assert_int_equal(hours_add(&b->class.hours, text), 0);
}

static void set_wall(int hour, int minute, int second)
{
	bench_now.wall_ms = wall_at(2026, 3, 4, hour, minute, second);
}

static enum session_state state_of(struct bench *b, unsigned n)
{
	return device_of(b, mac_of(n))->state;
}

static enum end_cause cause_of(struct bench *b, unsigned n)
{
	return device_of(b, mac_of(n))->session.cause;
}

static void test_outside_the_hours(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct device_view v;

	(void)state;
	set_hours(b, "mon-sun 05:00-23:00");
	set_wall(4, 30, 0);
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_CLOSED_HOURS);
	assert_int_equal(bench_login(b, 1, 10), OUTCOME_CLOSED_HOURS);
	engine_view(b->engine, device_of(b, mac_of(1)), &v);
	assert_int_equal(v.refusal, OUTCOME_CLOSED_HOURS);
	assert_false(v.open);
	assert_int_equal(v.opens_in, 30 * 60);
	assert_int_equal(kernel_fake_session_count(b->kernel), 0);
	bench_advance(b, 30 * MINUTE);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
}

static void test_a_zone_that_never_opens(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct device_view v;

	(void)state;
	b->class.hours = (struct hours){0};
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_CLOSED_HOURS);
	engine_view(b->engine, device_of(b, mac_of(1)), &v);
	assert_int_equal(v.opens_in, -1);
}

static void test_closing_during_a_session(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct device_view v;

	(void)state;
	set_hours(b, "mon-sun 05:00-23:00");
	set_wall(22, 40, 0);
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	engine_view(b->engine, device_of(b, mac_of(1)), &v);
	assert_int_equal(v.seconds_left, 20 * 60); /* what is told is what will be */
	bench_advance(b, 20 * MINUTE - SECOND);
	assert_int_equal(state_of(b, 1), STATE_ACTIVE);
	bench_advance(b, 2 * SECOND);
	assert_int_equal(state_of(b, 1), STATE_ENDED);
	assert_int_equal(cause_of(b, 1), CAUSE_CLOSING_HOURS);
	bench_check(b);
}

static void test_daily_minutes(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct device_view v;

	(void)state;
	b->class.daily_minutes = 30;
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	bench_advance(b, 10 * MINUTE);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	bench_advance(b, HOUR); /* offline: does not count */
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DONE);
	engine_view(b->engine, device_of(b, mac_of(1)), &v);
	assert_int_equal(v.seconds_left, 20 * 60);
	bench_advance(b, 20 * MINUTE - SECOND);
	assert_int_equal(state_of(b, 1), STATE_ACTIVE);
	bench_advance(b, SECOND);
	assert_int_equal(state_of(b, 1), STATE_ENDED);
	assert_int_equal(cause_of(b, 1), CAUSE_TIME);
	assert_int_equal(bench_accept(b, 1, 300), OUTCOME_DAILY_TIME);
	bench_crash(b, 0); /* also after a restart */
	assert_int_equal(bench_accept(b, 1, 300), OUTCOME_DAILY_TIME);
	bench_advance(b, 12 * HOUR);
	assert_int_equal(bench_accept(b, 1, 400), OUTCOME_DONE);
}

/* The day begins anew at midnight, also for a session that lasts over it. */
static void test_daily_minutes_over_midnight(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	b->class.daily_minutes = 30;
	b->class.minutes = 120;
	set_wall(23, 40, 0);
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	bench_advance(b, 49 * MINUTE);
	assert_int_equal(state_of(b, 1), STATE_ACTIVE);
	assert_in_range(device_of(b, mac_of(1))->day_ms, 28 * MINUTE, 29 * MINUTE);
	bench_advance(b, 2 * MINUTE);
	assert_int_equal(state_of(b, 1), STATE_ENDED);
}

static void test_daily_volume(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct device_view v;

	(void)state;
	b->class.daily_bytes = 10 * MBYTE;
	set_wall(23, 0, 0);
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	kernel_fake_traffic(b->kernel, device_of(b, mac_of(1))->session.leaf, 4 * MBYTE, MBYTE);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	engine_view(b->engine, device_of(b, mac_of(1)), &v);
	assert_true(v.has_quota);
	assert_int_equal(v.bytes_left, 5 * MBYTE);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DONE);
	kernel_fake_traffic(b->kernel, device_of(b, mac_of(1))->session.leaf, 2 * MBYTE, 3 * MBYTE);
	bench_advance(b, 10 * SECOND);
	assert_int_equal(state_of(b, 1), STATE_ENDED);
	assert_int_equal(cause_of(b, 1), CAUSE_QUOTA);
	assert_int_equal(bench_accept(b, 1, 300), OUTCOME_DAILY_QUOTA);
	engine_view(b->engine, device_of(b, mac_of(1)), &v);
	assert_int_equal(v.bytes_left, 0);
	assert_int_equal(bench_accept(b, 2, 100), OUTCOME_DONE); /* nobody else's */
	bench_advance(b, HOUR);
	assert_int_equal(bench_accept(b, 1, 400), OUTCOME_DONE); /* midnight passed */
	bench_check(b);
}

/* A gateway without battery does not know the hour after a power cut; it serves. */
static void test_clock_is_not_sane(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct mac_addr mac = mac_of(1);

	(void)state;
	set_hours(b, "mon-sun 05:00-23:00");
	bench_now.wall_ms = 3 * MINUTE;
	bench_now.synced = false;
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	assert_true(rows_session(b->rows, &mac)->session.started_unsynced);
	bench_advance(b, 5 * MINUTE);
	assert_int_equal(state_of(b, 1), STATE_ACTIVE);
	set_wall(12, 0, 0); /* the time arrives: the zone is open */
	bench_now.synced = true;
	bench_advance(b, MINUTE);
	assert_int_equal(state_of(b, 1), STATE_ACTIVE);
	assert_int_equal(bench_accept(b, 2, 100), OUTCOME_DONE);
	mac = mac_of(2);
	assert_false(rows_session(b->rows, &mac)->session.started_unsynced);
}

static void test_the_time_arrives_and_the_zone_is_closed(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	set_hours(b, "mon-sun 05:00-23:00");
	bench_now.wall_ms = 3 * MINUTE;
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	set_wall(2, 0, 0);
	bench_advance(b, 11 * SECOND);
	assert_int_equal(state_of(b, 1), STATE_ENDED);
	assert_int_equal(cause_of(b, 1), CAUSE_CLOSING_HOURS);
}

/* Durations are of the monotonic clock: a jump of the other neither ends nor lengthens. */
static void test_the_clock_jumps(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	bench_now.wall_ms += 5 * HOUR;
	bench_advance(b, 30 * MINUTE);
	assert_int_equal(state_of(b, 1), STATE_ACTIVE);
	bench_now.wall_ms -= 9 * HOUR;
	bench_advance(b, 29 * MINUTE);
	assert_int_equal(state_of(b, 1), STATE_ACTIVE);
	bench_advance(b, MINUTE);
	assert_int_equal(state_of(b, 1), STATE_ENDED);
	assert_int_equal(cause_of(b, 1), CAUSE_TIME);
}

static void test_order_of_refusals(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	b->sessions_max = 1;
	b->class.daily_minutes = 10;
	b->class.daily_bytes = MBYTE;
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	kernel_fake_traffic(b->kernel, device_of(b, mac_of(1))->session.leaf, 2 * MBYTE, 0);
	bench_advance(b, 10 * MINUTE);
	assert_int_equal(cause_of(b, 1), CAUSE_QUOTA);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DAILY_QUOTA);
	device_of(b, mac_of(1))->day_ms = 10 * MINUTE;
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DAILY_TIME);
	set_wall(3, 0, 0);
	b->class.hours = (struct hours){0};
	(void)bench_reload(b);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_CLOSED_HOURS);
	assert_int_equal(bench_ask(b, 1, engine_block), OUTCOME_DONE);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_BLOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outside_the_hours),
		cmocka_unit_test(test_a_zone_that_never_opens),
		cmocka_unit_test(test_closing_during_a_session),
		cmocka_unit_test(test_daily_minutes),
		cmocka_unit_test(test_daily_minutes_over_midnight),
		cmocka_unit_test(test_daily_volume),
		cmocka_unit_test(test_clock_is_not_sane),
		cmocka_unit_test(test_the_time_arrives_and_the_zone_is_closed),
		cmocka_unit_test(test_the_clock_jumps),
		cmocka_unit_test(test_order_of_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
