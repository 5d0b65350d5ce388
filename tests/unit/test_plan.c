/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/engine_fixture.h"

#include "controller/session/plan.h"

static const struct policy_class class = {
	.down_bps = 8 * MBIT,
	.up_bps = 2 * MBIT,
	.down_floor_bps = 512000,
	.up_floor_bps = 128000,
};

static void test_alone(void **state)
{
	struct kernel_rates r = plan_rates(&class, 100 * MBIT, 50 * MBIT, 0);

	(void)state;
	assert_int_equal(r.down_bps, 8 * MBIT);
	assert_int_equal(r.up_bps, 2 * MBIT);
	assert_int_equal(r.down_floor_bps, 512000);
	assert_int_equal(r.up_floor_bps, 128000);
}

static void test_never_above_the_uplink(void **state)
{
	struct kernel_rates r = plan_rates(&class, 3 * MBIT, 100000, 1);

	(void)state;
	assert_int_equal(r.down_bps, 3 * MBIT);
	assert_int_equal(r.up_bps, 100000);
	assert_int_equal(r.up_floor_bps, 100000);
}

/* 100 Mbit/s carry 195 floors of 512 kbit/s; after that powers of two of the sessions share. */
static void test_floors_shrink_in_powers_of_two(void **state)
{
	static const struct {
		unsigned sessions;
		uint64_t floor_bps;
	} rows[] = {
		{1, 512000},
		{195, 512000},
		{196, 390625},
		{256, 390625},
		{257, 195312},
		{512, 195312},
		{513, 97656},
		{10000, 8000},
		{60000, 8000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kernel_rates r =
			plan_rates(&class, 100 * MBIT, 1000 * MBIT, rows[i].sessions);

		assert_int_equal(r.down_floor_bps, rows[i].floor_bps);
		assert_int_equal(r.down_bps, 8 * MBIT);
	}
}

/* What HTB and the helper's check need, for any class and uplink. */
static void test_always_sane(void **state)
{
	static const uint64_t bps[] = {8, 1000, 8000, 64000, MBIT, 100 * MBIT, 10000 * MBIT};

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(bps); c++) {
		for (size_t u = 0; u < ARRAY_SIZE(bps); u++) {
			const struct policy_class one = {.down_bps = bps[c],
				.up_bps = bps[c],
				.down_floor_bps = bps[c] / 16,
				.up_floor_bps = bps[c]};
			struct wire_request q = {.verb = WIRE_LEAF_SET, .leaf = LEAF_FIRST};

			for (unsigned n = 0; n < 70000; n = n * 3 + 1) {
				q.rates = plan_rates(&one, bps[u], bps[u], n);
				assert_true(wire_request_is_sane(&q, sizeof(q)));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_never_above_the_uplink),
		cmocka_unit_test(test_floors_shrink_in_powers_of_two),
		cmocka_unit_test(test_always_sane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
