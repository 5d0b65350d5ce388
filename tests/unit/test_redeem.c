/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vouchers in the engine: whose rules a device is under, what is used up, and how guesses are
 * slowed. */
#include "tests/unit/engine_fixture.h"

struct codes {
	char text[8][VOUCHER_TEXT_SIZE];
	size_t count;
};

static void take_code(const char *code, const struct voucher *voucher, void *arg)
{
	struct codes *codes = arg;

	assert_true(codes->count < ARRAY_SIZE(codes->text));
	assert_int_equal(voucher->number, codes->count + 1);
	(void)snprintf(codes->text[codes->count++], VOUCHER_TEXT_SIZE, "%s", code);
}

static struct codes make(struct bench *b, unsigned count, unsigned uses)
{
	const struct voucher_order order = {.class_name = "event",
		.count = count,
		.uses = uses,
		.expires_wall_ms = bench_now.wall_ms + 2 * HOUR};
	struct codes codes = {0};

	assert_int_equal(engine_create_vouchers(b->engine, &order, take_code, &codes), 0);
	assert_int_equal(codes.count, count);
	return codes;
}

static enum outcome redeem(struct bench *b, unsigned n, const char *code)
{
	struct result r = {0};
	struct who who = who_of(n);
	struct mac_addr mac = mac_of(n);
	struct ip_addr ip = {AF_INET, {10, 20, (uint8_t)(n >> 8), (uint8_t)n}};

	engine_neighbour(b->engine, &ip, &mac, true);
	engine_redeem(b->engine, &who, code, result_take, &r);
	return result_of(b, &r);
}

static const struct session *session_of(struct bench *b, unsigned n)
{
	return &device_of(b, mac_of(n))->session;
}

static long seconds_left(struct bench *b, unsigned n)
{
	struct device_view v;

	engine_view(b->engine, device_of(b, mac_of(n)), &v);
	return v.seconds_left;
}

static void test_a_voucher_gives_class_and_minutes(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct codes codes;

	(void)state;
	bench_begin(b);
	codes = make(b, 2, 1);
	assert_int_equal(redeem(b, 1, codes.text[0]), OUTCOME_DONE);
	assert_int_equal(seconds_left(b, 1), 30 * 60);
	assert_int_equal(session_of(b, 1)->rates.down_bps, 4 * MBIT);
	/* Also for who is online already. */
	assert_int_equal(bench_accept(b, 2, 100), OUTCOME_DONE);
	assert_int_equal(session_of(b, 2)->rates.down_bps, 8 * MBIT);
	assert_int_equal(redeem(b, 2, codes.text[1]), OUTCOME_DONE);
	assert_int_equal(seconds_left(b, 2), 30 * 60);
	assert_int_equal(session_of(b, 2)->rates.down_bps, 4 * MBIT);
	/* Another policy of the zone's class is not theirs. */
	b->class.down_bps = 2 * MBIT;
	assert_int_equal(bench_reload(b), 0);
	assert_int_equal(session_of(b, 1)->rates.down_bps, 4 * MBIT);
	bench_check(b);
	assert_int_equal(b->rows->voucher_count, 2);
	assert_int_equal(b->rows->vouchers[0].uses, 1);
	assert_int_equal(b->rows->pass_count, 2);
	assert_int_equal(b->rows->rates.down_bps, 0); /* leaves of two kinds */
}

static void test_used_and_expired(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct codes codes;

	(void)state;
	bench_begin(b);
	codes = make(b, 2, 2);
	for (unsigned n = 1; n <= 2; n++)
		assert_int_equal(redeem(b, n, codes.text[0]), OUTCOME_DONE);
	assert_int_equal(redeem(b, 3, codes.text[0]), OUTCOME_VOUCHER_USED);
	/* Who used it comes back with it. */
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(redeem(b, 1, codes.text[0]), OUTCOME_DONE);
	bench_advance(b, 2 * HOUR);
	assert_int_equal(redeem(b, 3, codes.text[1]), OUTCOME_VOUCHER_EXPIRED);
	assert_int_equal(redeem(b, 1, codes.text[0]), OUTCOME_VOUCHER_EXPIRED);
}

static void test_minutes_of_a_pass_run_on(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct codes codes;

	(void)state;
	bench_begin(b);
	codes = make(b, 1, 1);
	assert_int_equal(redeem(b, 1, codes.text[0]), OUTCOME_DONE);
	bench_advance(b, 10 * MINUTE);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	bench_advance(b, 5 * MINUTE);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	assert_int_equal(seconds_left(b, 1), 15 * 60);
	assert_int_equal(session_of(b, 1)->rates.down_bps, 4 * MBIT);
	bench_advance(b, 16 * MINUTE);
	assert_int_equal(session_of(b, 1)->cause, CAUSE_TIME);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DONE);
	assert_int_equal(session_of(b, 1)->rates.down_bps, 8 * MBIT);
}

static void test_a_voucher_has_its_own_day(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct codes codes;

	(void)state;
	b->class.daily_minutes = 10;
	bench_begin(b);
	codes = make(b, 1, 1);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	bench_advance(b, 11 * MINUTE);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DAILY_TIME);
	assert_int_equal(redeem(b, 1, codes.text[0]), OUTCOME_DONE);
	assert_int_equal(seconds_left(b, 1), 30 * 60);
	bench_advance(b, 31 * MINUTE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
	assert_int_equal(bench_accept(b, 1, 300), OUTCOME_DAILY_TIME);
}

static void test_who_is_refused_has_used_nothing(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct codes codes;

	(void)state;
	bench_begin(b);
	codes = make(b, 1, 1);
	assert_int_equal(bench_ask(b, 1, engine_block), OUTCOME_DONE);
	assert_int_equal(redeem(b, 1, codes.text[0]), OUTCOME_BLOCKED);
	assert_int_equal(b->rows->vouchers[0].uses, 0);
	assert_int_equal(redeem(b, 2, codes.text[0]), OUTCOME_DONE);
}

static void test_guesses_are_slowed_by_device_and_zone(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct codes codes;

	(void)state;
	bench_begin(b);
	codes = make(b, 1, 9);
	for (int i = 0; i < 5; i++)
		assert_int_equal(
			redeem(b, 1, i == 2 ? "" : "0000-0000-0000"), OUTCOME_VOUCHER_UNKNOWN);
	assert_int_equal(redeem(b, 1, codes.text[0]), OUTCOME_WAIT);
	assert_int_equal(redeem(b, 2, codes.text[0]), OUTCOME_DONE);
	bench_advance(b, MINUTE);
	assert_int_equal(redeem(b, 1, codes.text[0]), OUTCOME_DONE);
	/* With as many addresses as one likes: the zone's tries (5 of 100 came back above). */
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(redeem(b, 10 + i / 4, "0000-0000-0000"), OUTCOME_VOUCHER_UNKNOWN);
	assert_int_equal(redeem(b, 60, "0000-0000-0000"), OUTCOME_WAIT);
	bench_advance(b, 2 * SECOND);
	assert_int_equal(redeem(b, 60, "0000-0000-0000"), OUTCOME_VOUCHER_UNKNOWN);
	assert_int_equal(redeem(b, 61, "0000-0000-0000"), OUTCOME_WAIT);
}

static void test_orders_that_cannot_be_filled(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct voucher_order order = {.class_name = "nothing", .count = 1, .uses = 1};
	struct codes codes = {0};

	(void)state;
	bench_begin(b);
	assert_int_equal(engine_create_vouchers(b->engine, &order, take_code, &codes), -ENOENT);
	order.class_name = "event";
	order.count = VOUCHERS_MAX + 1;
	assert_int_equal(engine_create_vouchers(b->engine, &order, take_code, &codes), -ENOSPC);
	assert_int_equal(codes.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_voucher_gives_class_and_minutes),
		cmocka_unit_test(test_used_and_expired),
		cmocka_unit_test(test_minutes_of_a_pass_run_on),
		cmocka_unit_test(test_a_voucher_has_its_own_day),
		cmocka_unit_test(test_who_is_refused_has_used_nothing),
		cmocka_unit_test(test_guesses_are_slowed_by_device_and_zone),
		cmocka_unit_test(test_orders_that_cannot_be_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
