/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/heap.h"

#include <errno.h>
#include <stdlib.h>

static void put(struct heap *heap, size_t place, struct heap_item *item)
{
	heap->items[place - 1] = item;
	item->place = place;
}

static struct heap_item *at(const struct heap *heap, size_t place)
{
	return heap->items[place - 1];
}

static void sift_up(struct heap *heap, struct heap_item *item)
{
	size_t place = item->place;

	while (place > 1 && at(heap, place / 2)->key > item->key) {
		put(heap, place, at(heap, place / 2));
		place /= 2;
	}
	put(heap, place, item);
}

static void sift_down(struct heap *heap, struct heap_item *item)
{
	size_t place = item->place;

	for (;;) {
		size_t child = place * 2;

		if (child > heap->count)
			break;
		if (child < heap->count && at(heap, child + 1)->key < at(heap, child)->key)
			child++;
		if (at(heap, child)->key >= item->key)
			break;
		put(heap, place, at(heap, child));
		place = child;
	}
	put(heap, place, item);
}

int heap_set(struct heap *heap, struct heap_item *item, int64_t key)
{
	if (item->place == 0) {
		if (heap->count == heap->room) {
			size_t room = heap->room == 0 ? 64 : heap->room * 2;
			struct heap_item **more =
				reallocarray(heap->items, room, sizeof(struct heap_item *));

			if (more == NULL)
				return -ENOMEM;
			heap->items = more;
			heap->room = room;
		}
		heap->count++;
		put(heap, heap->count, item);
	}
	item->key = key;
	sift_up(heap, item);
	sift_down(heap, item);
	return 0;
}

void heap_remove(struct heap *heap, struct heap_item *item)
{
	struct heap_item *last;

	if (item->place == 0)
		return;
	last = at(heap, heap->count);
	heap->count--;
	if (last != item) {
		put(heap, item->place, last);
		sift_up(heap, last);
		sift_down(heap, last);
	}
	item->place = 0;
}

struct heap_item *heap_first(const struct heap *heap)
{
	return heap->count == 0 ? NULL : heap->items[0];
}

void heap_clear(struct heap *heap)
{
	free(heap->items);
	*heap = (struct heap){0};
}
