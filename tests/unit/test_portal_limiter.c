/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/limiter.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ip_addr address(unsigned n)
{
	return (struct ip_addr){
		.family = AF_INET, .b = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static unsigned allowed_of(struct limiter *limiter, unsigned n, unsigned tries, int64_t now_ms)
{
	const struct ip_addr ip = address(n);
	unsigned allowed = 0;

	for (unsigned i = 0; i < tries; i++)
		allowed += limiter_allows(limiter, &ip, now_ms);
	return allowed;
}

static void a_burst_then_the_rate(void **state)
{
	AUTO(limiter_free) struct limiter *limiter = limiter_new(2, 10);

	(void)state;
	assert_int_equal(allowed_of(limiter, 1, 50, 1000), 10);
	assert_int_equal(allowed_of(limiter, 1, 50, 1499), 0);
	assert_int_equal(allowed_of(limiter, 1, 50, 1500), 1);
	assert_int_equal(allowed_of(limiter, 1, 50, 4500), 6);
	assert_int_equal(allowed_of(limiter, 1, 50, 1000000), 10); /* never more than the burst */
}

static void addresses_do_not_share(void **state)
{
	AUTO(limiter_free) struct limiter *limiter = limiter_new(1, 1);

	(void)state;
	assert_int_equal(allowed_of(limiter, 1, 2, 0), 1);
	assert_int_equal(allowed_of(limiter, 2, 2, 0), 1);
}

/* 200,000 addresses in a table for 8,192: nothing grows, and newcomers are served. */
static void a_flood_of_addresses_is_bounded(void **state)
{
	AUTO(limiter_free) struct limiter *limiter = limiter_new(1, 1);
	unsigned allowed = 0;

	(void)state;
	for (unsigned n = 0; n < 200000; n++)
		allowed += allowed_of(limiter, n, 1, (int64_t)n);
	assert_int_equal(allowed, 200000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_then_the_rate),
		cmocka_unit_test(addresses_do_not_share),
		cmocka_unit_test(a_flood_of_addresses_is_bounded),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
