/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "common/heap.h"

#define ITEMS 500

static void test_empty(void **state)
{
	struct heap heap = {0};
	struct heap_item item = {0};

	(void)state;
	assert_null(heap_first(&heap));
	heap_remove(&heap, &item); /* not in: no error */
	assert_null(heap_first(&heap));
	heap_clear(&heap);
}

static void test_least_first(void **state)
{
	struct heap heap = {0};
	struct heap_item items[ITEMS] = {0};
	int64_t last = INT64_MIN;

	(void)state;
	for (size_t i = 0; i < ITEMS; i++)
		assert_int_equal(heap_set(&heap, &items[i], (int64_t)(i * 7919 % ITEMS) - 100), 0);
	assert_int_equal(heap.count, ITEMS);
	for (size_t i = 0; i < ITEMS; i++) {
		struct heap_item *first = heap_first(&heap);

		assert_true(first->key >= last);
		last = first->key;
		heap_remove(&heap, first);
		assert_int_equal(first->place, 0);
	}
	assert_null(heap_first(&heap));
	heap_clear(&heap);
}

static void test_one_item_moves_both_ways(void **state)
{
	struct heap heap = {0};
	struct heap_item a = {0}, b = {0}, c = {0};

	(void)state;
	assert_int_equal(heap_set(&heap, &a, 10), 0);
	assert_int_equal(heap_set(&heap, &b, 20), 0);
	assert_int_equal(heap_set(&heap, &c, 30), 0);
	assert_int_equal(heap_set(&heap, &c, 5), 0);
	assert_ptr_equal(heap_first(&heap), &c);
	assert_int_equal(heap_set(&heap, &c, 15), 0);
	assert_ptr_equal(heap_first(&heap), &a);
	assert_int_equal(heap_set(&heap, &a, 40), 0);
	assert_ptr_equal(heap_first(&heap), &c);
	assert_int_equal(heap.count, 3);
	heap_clear(&heap);
}

/* Against a plain search, with items set, moved and taken out in a mixed order. */
static void test_mixed(void **state)
{
	struct heap heap = {0};
	struct heap_item items[64] = {0};
	uint32_t x = 12345;

	(void)state;
	for (int step = 0; step < 20000; step++) {
		struct heap_item *item, *least = NULL;

		x = x * 1664525 + 1013904223;
		item = &items[x >> 16 & 63];
		if ((x >> 8 & 3) == 0)
			heap_remove(&heap, item);
		else
			assert_int_equal(heap_set(&heap, item, (int64_t)(x >> 22)), 0);
		for (size_t i = 0; i < ARRAY_SIZE(items); i++)
			if (items[i].place != 0 && (least == NULL || items[i].key < least->key))
				least = &items[i];
		if (least == NULL)
			assert_null(heap_first(&heap));
		else
			assert_int_equal(heap_first(&heap)->key, least->key);
	}
	heap_clear(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_least_first),
		cmocka_unit_test(test_one_item_moves_both_ways),
		cmocka_unit_test(test_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
