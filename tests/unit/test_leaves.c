/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/engine_fixture.h"

static const struct kernel_meter zero;

static void test_numbers_in_order(void **state)
{
	struct leaves l;

	(void)state;
	assert_int_equal(leaves_init(&l), 0);
	assert_int_equal(leaves_take(&l), LEAF_FIRST);
	assert_int_equal(leaves_take(&l), LEAF_FIRST + 1);
	assert_false(l.table[LEAF_FIRST].exists);
	leaves_clear(&l);
}

static void test_recycled_with_its_reading(void **state)
{
	const struct kernel_meter meter = {123, 45};
	struct leaves l;
	uint16_t first;

	(void)state;
	assert_int_equal(leaves_init(&l), 0);
	first = leaves_take(&l);
	(void)leaves_take(&l);
	leaves_give(&l, first, &meter);
	leaves_give(&l, first, &zero); /* given twice: the second counts for nothing */
	assert_int_equal(l.free_count, 1);
	assert_int_equal(leaves_take(&l), first);
	assert_int_equal(l.table[first].meter.down_bytes, 123);
	assert_int_equal(l.table[first].meter.up_bytes, 45);
	assert_true(l.table[first].exists);
	assert_int_equal(leaves_take(&l), LEAF_FIRST + 2);
	leaves_clear(&l);
}

static void test_all_used(void **state)
{
	struct leaves l;

	(void)state;
	assert_int_equal(leaves_init(&l), 0);
	for (uint32_t n = LEAF_FIRST; n <= LEAF_LAST; n++)
		assert_int_equal(leaves_take(&l), n);
	assert_int_equal(leaves_take(&l), 0);
	assert_int_equal(leaves_wanted(&l, 64), 0);
	leaves_give(&l, 777, &zero);
	assert_int_equal(leaves_take(&l), 777);
	assert_int_equal(leaves_take(&l), 0);
	leaves_clear(&l);
}

static void test_claim(void **state)
{
	struct leaves l;

	(void)state;
	assert_int_equal(leaves_init(&l), 0);
	leaves_note(&l, &(struct kernel_leaf){20, {1, 2}});
	assert_false(leaves_claim(&l, 0));
	assert_false(leaves_claim(&l, LEAF_FIRST - 1));
	assert_false(leaves_claim(&l, 19)); /* not there */
	assert_false(leaves_claim(&l, UINT16_MAX));
	assert_true(leaves_claim(&l, 20));
	assert_false(leaves_claim(&l, 20));
	leaves_clear(&l);
}

/* After a start: what nobody claimed is free, lowest first, holes included. */
static void test_settle(void **state)
{
	struct leaves l;

	(void)state;
	assert_int_equal(leaves_init(&l), 0);
	leaves_note(&l, &(struct kernel_leaf){17, {5, 6}});
	leaves_note(&l, &(struct kernel_leaf){19, {7, 8}});
	assert_true(leaves_claim(&l, 17));
	leaves_settle(&l);
	assert_int_equal(l.free_count, 3);
	assert_int_equal(leaves_take(&l), 16);
	assert_false(l.table[16].exists);
	assert_int_equal(leaves_take(&l), 18);
	assert_int_equal(leaves_take(&l), 19);
	assert_true(l.table[19].exists);
	assert_int_equal(l.table[19].meter.up_bytes, 8);
	assert_int_equal(leaves_take(&l), 20);
	leaves_clear(&l);
}

static void test_settle_of_none(void **state)
{
	struct leaves l;

	(void)state;
	assert_int_equal(leaves_init(&l), 0);
	leaves_settle(&l);
	assert_int_equal(l.free_count, 0);
	assert_int_equal(leaves_wanted(&l, 2), LEAF_FIRST);
	leaves_clear(&l);
}

static void test_wanted(void **state)
{
	struct leaves l;
	uint16_t a, b;

	(void)state;
	assert_int_equal(leaves_init(&l), 0);
	a = leaves_take(&l);
	b = leaves_take(&l);
	leaves_give(&l, a, &zero);
	assert_int_equal(leaves_wanted(&l, 2), LEAF_FIRST + 2);
	leaves_give(&l, b, &zero);
	assert_int_equal(leaves_wanted(&l, 2), 0);
	leaves_clear(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_in_order),
		cmocka_unit_test(test_recycled_with_its_reading),
		cmocka_unit_test(test_all_used),
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_settle_of_none),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
