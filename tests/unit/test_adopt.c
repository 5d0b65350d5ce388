/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A start is a comparison of the journal with the kernel. */
#include "tests/unit/engine_fixture.h"

static struct bench *begin(unsigned sessions)
{
	struct bench *b = bench_prepare();

	bench_begin(b);
	for (unsigned n = 1; n <= sessions; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	return b;
}

static struct device *device(struct bench *b, unsigned n)
{
	return device_of(b, mac_of(n));
}

static void traffic(struct bench *b, unsigned n, uint64_t down, uint64_t up)
{
	struct mac_addr mac = mac_of(n);
	const struct kernel_session *ks = kernel_fake_session(b->kernel, &mac);

	assert_non_null(ks);
	kernel_fake_traffic(b->kernel, ks->leaf, down, up);
}

static void forget_rows(struct bench *b)
{
	memset(b->rows, 0, sizeof(*b->rows));
}

/* ---- what is right is not touched ------------------------------------------------------------ */

static void test_all_matched(void **state)
{
	AUTO(bench_free) struct bench *b = begin(20);
	int64_t ends_ms;

	(void)state;
	bench_advance(b, 5 * MINUTE);
	for (unsigned n = 1; n <= 20; n++)
		traffic(b, n, n * 1000, n);
	ends_ms = device(b, 7)->session.ends_ms;
	bench_crash(b, 0);
	assert_int_equal(b->ready_error, 0);
	assert_int_equal(kernel_fake_changes(b->kernel), 0);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_LIST_LEAVES), 1);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_LIST_SESSIONS), 1);
	assert_int_equal(device(b, 7)->session.ends_ms, ends_ms);
	for (unsigned n = 1; n <= 20; n++) {
		assert_int_equal(device(b, n)->session.total.down_bytes, n * 1000);
		assert_int_equal(device(b, n)->session.total.up_bytes, n);
	}
	bench_check(b);
	bench_advance(b, 55 * MINUTE);
	assert_int_equal(b->engine->sessions, 0);
	bench_check(b);
}

static void test_started_twice(void **state)
{
	AUTO(bench_free) struct bench *b = begin(5);

	(void)state;
	traffic(b, 1, 100, 10);
	bench_advance(b, SECOND); /* leaves for the next ones are made */
	for (int i = 0; i < 5; i++) {
		bench_tick(7 * SECOND);
		bench_crash(b, 0);
		assert_int_equal(kernel_fake_changes(b->kernel), 0);
	}
	assert_int_equal(device(b, 1)->session.total.down_bytes, 100);
	assert_int_equal(device(b, 1)->day_bytes, 110); /* not counted twice */
	bench_check(b);
}

static void test_nothing_anywhere(void **state)
{
	AUTO(bench_free) struct bench *b = begin(0);

	(void)state;
	kernel_fake_reboot(b->kernel);
	forget_rows(b);
	bench_crash(b, 0);
	assert_int_equal(b->ready_error, 0);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	bench_check(b);
}

static void test_lists_are_refused(void **state)
{
	static const enum wire_verb verbs[] = {WIRE_LIST_LEAVES, WIRE_LIST_SESSIONS};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		AUTO(bench_free) struct bench *b = begin(3);

		kernel_fake_refuse(b->kernel, verbs[i], -ENOBUFS, 1);
		bench_crash(b, 0);
		assert_int_equal(b->ready_error, -ENOBUFS);
		assert_int_equal(kernel_fake_changes(b->kernel), 0);
		bench_crash(b, 0);
		assert_int_equal(b->ready_error, 0);
		bench_check(b);
	}
}

/* ---- the machine started again --------------------------------------------------------------- */

static void test_reboot(void **state)
{
	AUTO(bench_free) struct bench *b = begin(10);

	(void)state;
	traffic(b, 3, 1000, 10);
	bench_advance(b, 20 * MINUTE);
	engine_store_all(b->engine);
	bench_reboot(b, 6 * HOUR);
	assert_int_equal(b->engine->sessions, 10);
	assert_int_equal(kernel_fake_session_count(b->kernel), 10);
	bench_check(b);
	/* Time and volume go on from the record; the time without power does not count. */
	assert_int_equal(device(b, 3)->session.ends_ms, bench_now.mono_ms + 40 * MINUTE);
	assert_int_equal(device(b, 3)->session.total.down_bytes, 1000);
	traffic(b, 3, 500, 5);
	bench_advance(b, 11 * SECOND);
	assert_int_equal(device(b, 3)->session.total.down_bytes, 1500);
	assert_int_equal(device(b, 3)->session.total.up_bytes, 15);
	bench_crash(b, 0);
	assert_int_equal(device(b, 3)->session.total.down_bytes, 1500);
	assert_int_equal(kernel_fake_changes(b->kernel), 0);
	bench_advance(b, 39 * MINUTE + 50 * SECOND);
	assert_int_equal(device(b, 3)->state, STATE_ENDED);
}

static void test_two_reboots(void **state)
{
	AUTO(bench_free) struct bench *b = begin(1);

	(void)state;
	for (int i = 1; i <= 3; i++) {
		traffic(b, 1, 1000, 0);
		bench_advance(b, 11 * SECOND);
		engine_store_all(b->engine);
		bench_reboot(b, MINUTE);
		assert_int_equal(device(b, 1)->session.total.down_bytes, i * 1000);
	}
	bench_check(b);
}

/* The tables were flushed while the program was away, or cleared by a stop that closes. */
static void test_kernel_lost_everything_in_this_boot(void **state)
{
	AUTO(bench_free) struct bench *b = begin(10);

	(void)state;
	traffic(b, 3, 1000, 10);
	bench_advance(b, 11 * SECOND);
	engine_store_all(b->engine);
	kernel_fake_reboot(b->kernel);
	bench_crash(b, 0);
	bench_check(b);
	assert_int_equal(b->engine->sessions, 10);
	traffic(b, 3, 1, 1);
	bench_advance(b, 11 * SECOND);
	assert_int_equal(device(b, 3)->session.total.down_bytes, 1001);
}

/* ---- the journal is lost --------------------------------------------------------------------- */

static void test_journal_lost(void **state)
{
	AUTO(bench_free) struct bench *b = begin(10);
	uint32_t highest;

	(void)state;
	highest = b->engine->last_id;
	traffic(b, 1, 5000, 0);
	bench_advance(b, 30 * MINUTE);
	forget_rows(b);
	bench_crash(b, 0);
	assert_int_equal(b->engine->sessions, 10);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_UP), 0);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_DOWN), 0);
	assert_int_equal(device(b, 1)->session.ends_ms, bench_now.mono_ms + HOUR);
	assert_int_equal(device(b, 1)->session.total.down_bytes, 0); /* nobody knows whose it was */
	bench_check(b);
	assert_int_equal(bench_login(b, 50, 0), OUTCOME_DONE);
	assert_true(device(b, 50)->session.id > highest);
	bench_check(b);
	bench_crash(b, 0); /* now they are known */
	assert_int_equal(kernel_fake_changes(b->kernel), 0);
	bench_check(b);
}

static void test_unknown_while_the_zone_is_closed(void **state)
{
	AUTO(bench_free) struct bench *b = begin(3);

	(void)state;
	forget_rows(b);
	b->class.hours = (struct hours){0};
	bench_crash(b, 0);
	assert_int_equal(b->engine->sessions, 0);
	bench_check(b);
}

/* ---- what should not be there ---------------------------------------------------------------- */

static void test_orphans_are_removed(void **state)
{
	AUTO(bench_free) struct bench *b = begin(3);
	struct mac_addr group = {{1, 0, 0x5e, 0, 0, 1}};

	(void)state;
	/* A part of a triple, one without a device, one whose leaf is not there, one with a leaf
	 * that is another's. */
	kernel_fake_put_session(b->kernel, &(struct kernel_session){mac_of(40), 900, 0});
	kernel_fake_put_session(b->kernel, &(struct kernel_session){group, 901, 0});
	kernel_fake_put_session(b->kernel, &(struct kernel_session){mac_of(41), 902, 60000});
	kernel_fake_put_session(
		b->kernel, &(struct kernel_session){mac_of(42), 903, device(b, 1)->session.leaf});
	kernel_fake_delete_session(b->kernel, &group);
	bench_crash(b, 0);
	assert_int_equal(b->engine->sessions, 3);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_DOWN), 3);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_UP), 0);
	bench_check(b);
}

/* A removal that the kernel refused was forgotten: the device stayed online for ever. */
static void test_a_refused_removal_is_tried_again(void **state)
{
	AUTO(bench_free) struct bench *b = begin(1);
	struct mac_addr mac = mac_of(1);

	(void)state;
	forget_rows(b);
	b->class.hours = (struct hours){0};
	kernel_fake_refuse(b->kernel, WIRE_SESSION_DOWN, -EIO, 3);
	bench_crash(b, 0);
	assert_int_equal(kernel_fake_session_count(b->kernel), 1);
	bench_advance(b, 5 * SECOND);
	assert_null(kernel_fake_session(b->kernel, &mac));
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_DOWN), 4);
	bench_check(b);
}

static void test_ended_device_in_the_kernel(void **state)
{
	AUTO(bench_free) struct bench *b = begin(1);
	struct kernel_session ks = {mac_of(1), 0, 0};

	(void)state;
	ks.leaf = device(b, 1)->session.leaf;
	ks.mark = device(b, 1)->session.id;
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	kernel_fake_put_session(b->kernel, &ks);
	bench_crash(b, 0);
	assert_int_equal(device(b, 1)->state, STATE_ENDED);
	bench_check(b);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	bench_check(b);
}

/* The mark or the leaf is not the journal's: out, and in again as it should be. */
static void test_a_session_of_another_shape(void **state)
{
	AUTO(bench_free) struct bench *b = begin(2);
	struct mac_addr one = mac_of(1), two = mac_of(2);

	(void)state;
	kernel_fake_delete_session(b->kernel, &one);
	kernel_fake_delete_session(b->kernel, &two);
	kernel_fake_put_session(
		b->kernel, &(struct kernel_session){one, 777, device(b, 1)->session.leaf});
	kernel_fake_put_session(b->kernel, &(struct kernel_session){two, device(b, 2)->session.id,
						   device(b, 1)->session.leaf});
	bench_crash(b, 0);
	assert_int_equal(b->engine->sessions, 2);
	bench_check(b);
}

static void test_a_leaf_is_missing(void **state)
{
	AUTO(bench_free) struct bench *b = begin(3);

	(void)state;
	kernel_fake_delete_leaf(b->kernel, device(b, 2)->session.leaf);
	bench_crash(b, 0);
	assert_int_equal(b->engine->sessions, 3);
	bench_check(b);
}

/* ---- ends that were not finished ------------------------------------------------------------- */

/* served: whether the kernel had taken the session out when the engine died. */
static void end_and_crash(struct bench *b, unsigned served)
{
	struct who who = who_of(1);
	struct mac_addr mac = mac_of(1);
	struct result r = {0};

	traffic(b, 1, 4321, 21);
	engine_logout(b->engine, &who, CAUSE_LOGOUT, result_take, &r);
	assert_false(rows_session(b->rows, &mac)->final);
	bench_crash(b, served);
	assert_int_equal(device(b, 1)->state, STATE_ENDED);
	assert_true(rows_session(b->rows, &mac)->final);
	assert_int_equal(rows_session(b->rows, &mac)->session.total.down_bytes, 4321);
	assert_int_equal(rows_session(b->rows, &mac)->session.cause, CAUSE_LOGOUT);
	bench_check(b);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	bench_check(b);
}

static void test_end_is_finished(void **state)
{
	AUTO(bench_free) struct bench *before = begin(2);
	AUTO(bench_free) struct bench *after = NULL;

	(void)state;
	end_and_crash(before, 0);
	after = begin(2);
	end_and_crash(after, 1);
}

/* A power cut between the end and its last reading: the record stayed unfinished for ever, and was
 * never purged. */
static void test_end_is_finished_after_a_reboot(void **state)
{
	AUTO(bench_free) struct bench *b = begin(2);
	struct who who = who_of(1);
	struct mac_addr mac = mac_of(1);
	struct result r = {0};

	(void)state;
	engine_logout(b->engine, &who, CAUSE_LOGOUT, result_take, &r);
	bench_reboot(b, MINUTE);
	assert_int_equal(device(b, 1)->state, STATE_ENDED);
	assert_true(rows_session(b->rows, &mac)->final);
	assert_false(device(b, 1)->busy);
	bench_check(b);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
}

/* The engine died somewhere between the row in the journal and the kernel's answer. */
static void test_login_and_crash(void **state)
{
	(void)state;
	for (unsigned served = 0; served <= 3; served++) {
		AUTO(bench_free) struct bench *b = begin(1);
		struct who who = who_of(2);
		struct result r = {0};

		engine_login(b->engine, &who, 0, result_take, &r);
		bench_crash(b, served);
		assert_int_equal(b->engine->sessions, 2);
		assert_int_equal(device(b, 2)->state, STATE_ACTIVE);
		bench_check(b);
	}
}

static void test_blocked_stays_blocked(void **state)
{
	(void)state;
	for (unsigned served = 0; served <= 1; served++) {
		AUTO(bench_free) struct bench *b = begin(3);
		struct who who = who_of(1);
		struct result r = {0};

		assert_int_equal(bench_ask(b, 9, engine_block), OUTCOME_DONE);
		assert_int_equal(bench_ask(b, 2, engine_block), OUTCOME_DONE);
		assert_int_equal(bench_ask(b, 2, engine_unblock), OUTCOME_DONE);
		engine_block(b->engine, &who, result_take, &r);
		bench_crash(b, served);
		assert_int_equal(device(b, 1)->state, STATE_BLOCKED);
		assert_int_equal(device(b, 9)->state, STATE_BLOCKED);
		assert_int_equal(device(b, 2)->state, STATE_ENDED);
		bench_check(b);
		assert_int_equal(bench_login(b, 1, 0), OUTCOME_BLOCKED);
		bench_reboot(b, HOUR);
		assert_int_equal(device(b, 1)->state, STATE_BLOCKED);
		assert_int_equal(device(b, 9)->state, STATE_BLOCKED);
		bench_check(b);
	}
}

/* ---- a journal that missed something --------------------------------------------------------- */

/* While the disk was full sessions ended and devices were blocked; only live sessions were written
 * again, so a restart brought back who had been put out. */
static void test_what_happened_while_the_disk_was_full(void **state)
{
	AUTO(bench_free) struct bench *b = begin(5);

	(void)state;
	b->rows->full = true;
	assert_int_equal(bench_logout(b, 1, CAUSE_OPERATOR), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 2, engine_block), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 9, engine_block), OUTCOME_DONE);
	assert_int_equal(bench_login(b, 10, 0), OUTCOME_DONE);
	assert_int_equal(bench_logout(b, 3, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_login(b, 3, 0), OUTCOME_DONE);
	b->rows->full = false;
	engine_store_all(b->engine);
	bench_crash(b, 0);
	assert_int_equal(device(b, 1)->state, STATE_ENDED);
	assert_int_equal(device(b, 2)->state, STATE_BLOCKED);
	assert_int_equal(device(b, 9)->state, STATE_BLOCKED);
	assert_int_equal(device(b, 10)->state, STATE_ACTIVE);
	assert_int_equal(device(b, 3)->state, STATE_ACTIVE);
	assert_int_equal(b->engine->sessions, 4);
	bench_check(b);
}

/* Then there are two live rows of one device: it was counted twice, and the older one stayed. */
static void test_an_older_row_that_never_ended(void **state)
{
	AUTO(bench_free) struct bench *b = begin(2);
	uint32_t old_id;

	(void)state;
	old_id = device(b, 1)->session.id;
	b->rows->full = true;
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	b->rows->full = false;
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	bench_crash(b, 0);
	assert_int_equal(b->engine->sessions, 2);
	assert_true(b->rows->sessions[old_id].final);
	assert_int_equal(b->rows->sessions[old_id].state, STATE_ENDED);
	bench_check(b);
}

/* The rates that the journal believes the leaves to have are written again as well. */
static void test_rates_that_were_not_written(void **state)
{
	AUTO(bench_free) struct bench *b = begin(2);
	struct kernel_rates rates;

	(void)state;
	b->rows->full = true;
	b->class.down_bps = 4 * MBIT;
	(void)bench_reload(b);
	b->rows->full = false;
	engine_store_all(b->engine);
	b->class.down_bps = 8 * MBIT; /* while the program is away */
	bench_crash(b, 0);
	bench_advance(b, SECOND);
	assert_true(kernel_fake_leaf(b->kernel, device(b, 1)->session.leaf, &rates, NULL));
	assert_int_equal(rates.down_bps, 8 * MBIT);
}

static void test_policy_changed_while_away(void **state)
{
	AUTO(bench_free) struct bench *b = begin(30);
	struct kernel_rates rates;

	(void)state;
	b->class.down_bps = 3 * MBIT;
	bench_crash(b, 0);
	bench_advance(b, SECOND);
	for (unsigned n = 1; n <= 30; n++) {
		assert_true(kernel_fake_leaf(b->kernel, device(b, n)->session.leaf, &rates, NULL));
		assert_int_equal(rates.down_bps, 3 * MBIT);
	}
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_UP), 0);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_DOWN), 0);
	bench_check(b);
}

/* A journal with more devices than a lowered limit has room for kept the program from starting. */
static void test_limit_lowered_while_away(void **state)
{
	AUTO(bench_free) struct bench *b = begin(SESSIONS_MAX);

	(void)state;
	for (unsigned n = 1; n <= SESSIONS_MAX; n++)
		assert_int_equal(bench_logout(b, n, CAUSE_LOGOUT), OUTCOME_DONE);
	for (unsigned n = 101; n <= 110; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 200, engine_block), OUTCOME_DONE);
	b->sessions_max = 3;
	bench_crash(b, 0);
	assert_int_equal(b->engine->sessions, 10); /* nobody is put out */
	assert_int_equal(device(b, 200)->state, STATE_BLOCKED);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_FULL);
	bench_check(b);
}

static void test_two_rows_with_one_leaf(void **state)
{
	AUTO(bench_free) struct bench *b = begin(3);
	struct mac_addr one = mac_of(1), two = mac_of(2);

	(void)state;
	rows_session(b->rows, &two)->session.leaf = rows_session(b->rows, &one)->session.leaf;
	bench_crash(b, 0);
	assert_int_equal(b->engine->sessions, 3);
	bench_check(b);
}

/* ---- anything, anywhere ---------------------------------------------------------------------- */

#define DEVICES 12

struct chance {
	uint32_t x;
};

static unsigned pick(struct chance *c, unsigned below)
{
	c->x = c->x * 1664525 + 1013904223;
	return (c->x >> 12) % below;
}

static void move_all(struct bench *b, struct chance *c, uint64_t *truth)
{
	for (unsigned n = 1; n <= DEVICES; n++) {
		struct mac_addr mac = mac_of(n);
		const struct kernel_session *ks = kernel_fake_session(b->kernel, &mac);
		uint64_t bytes = pick(c, 100000);

		if (ks == NULL)
			continue;
		kernel_fake_traffic(b->kernel, ks->leaf, bytes, 0);
		truth[ks->mark] += bytes;
	}
}

static void do_something(struct bench *b, struct chance *c, struct result *r)
{
	struct who who = who_of(1 + pick(c, DEVICES));

	switch (pick(c, 6)) {
	case 0:
	case 1:
		engine_login(b->engine, &who, pick(c, 3), result_take, r);
		break;
	case 2:
		engine_logout(b->engine, &who, CAUSE_OPERATOR, result_take, r);
		break;
	case 3:
		engine_block(b->engine, &who, result_take, r);
		break;
	case 4:
		engine_unblock(b->engine, &who, result_take, r);
		break;
	case 5:
		engine_look(b->engine, &who, result_take, r);
		break;
	}
}

/* Requests, time, refusals and crashes in any order: every byte is in the record of its session,
 * once, and nobody is in whom the engine does not know. */
static void test_every_byte_once_whatever_happens(void **state)
{
	static uint64_t truth[ROWS_MAX];
	AUTO(bench_free) struct bench *b = begin(0);
	struct chance c = {2026};
	static struct result r;

	(void)state;
	memset(truth, 0, sizeof(truth));
	for (int step = 0; step < 3000; step++) {
		for (unsigned i = pick(&c, 4); i > 0; i--)
			do_something(b, &c, &r);
		if (pick(&c, 10) == 0)
			kernel_fake_refuse(b->kernel,
				pick(&c, 2) == 0 ? WIRE_SESSION_DOWN : WIRE_SESSION_UP, -EIO, 1);
		for (unsigned i = pick(&c, 6); i > 0; i--)
			(void)kernel_fake_run_one(b->kernel);
		move_all(b, &c, truth);
		if (pick(&c, 5) == 0)
			bench_crash(b, pick(&c, 6));
		bench_advance(b, pick(&c, 3000));
	}
	kernel_fake_refuse(b->kernel, WIRE_SESSION_DOWN, 0, 0);
	bench_advance(b, 2 * HOUR);
	bench_check(b);
	for (uint32_t id = 1; id <= b->engine->last_id; id++) {
		assert_true(b->rows->sessions[id].final);
		assert_int_equal(b->rows->sessions[id].session.total.down_bytes, truth[id]);
	}
	assert_in_range(b->engine->last_id, 300, ROWS_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_matched),
		cmocka_unit_test(test_started_twice),
		cmocka_unit_test(test_nothing_anywhere),
		cmocka_unit_test(test_lists_are_refused),
		cmocka_unit_test(test_reboot),
		cmocka_unit_test(test_two_reboots),
		cmocka_unit_test(test_kernel_lost_everything_in_this_boot),
		cmocka_unit_test(test_journal_lost),
		cmocka_unit_test(test_unknown_while_the_zone_is_closed),
		cmocka_unit_test(test_orphans_are_removed),
		cmocka_unit_test(test_a_refused_removal_is_tried_again),
		cmocka_unit_test(test_ended_device_in_the_kernel),
		cmocka_unit_test(test_a_session_of_another_shape),
		cmocka_unit_test(test_a_leaf_is_missing),
		cmocka_unit_test(test_end_is_finished),
		cmocka_unit_test(test_end_is_finished_after_a_reboot),
		cmocka_unit_test(test_login_and_crash),
		cmocka_unit_test(test_blocked_stays_blocked),
		cmocka_unit_test(test_what_happened_while_the_disk_was_full),
		cmocka_unit_test(test_an_older_row_that_never_ended),
		cmocka_unit_test(test_rates_that_were_not_written),
		cmocka_unit_test(test_policy_changed_while_away),
		cmocka_unit_test(test_limit_lowered_while_away),
		cmocka_unit_test(test_two_rows_with_one_leaf),
		cmocka_unit_test(test_every_byte_once_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
