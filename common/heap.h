/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A binary min-heap of timed things. An item lies in the structure that it times, and may be moved
 * or taken out at any time in O(log n). */
#ifndef ZONA_HEAP_H
#define ZONA_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_item {
	int64_t key;
	size_t place; /* 1-based; 0: not in a heap */
};

struct heap {
	struct heap_item **items;
	size_t count, room;
};

/* Puts item in with this key, or moves it there. Returns 0, or -ENOMEM with nothing changed. */
int heap_set(struct heap *heap, struct heap_item *item, int64_t key);
/* Takes item out; one that is not in is no error. */
void heap_remove(struct heap *heap, struct heap_item *item);
/* The item with the least key, or NULL; it stays in. */
struct heap_item *heap_first(const struct heap *heap);
/* Frees the heap's own memory; the items are not its. */
void heap_clear(struct heap *heap);

#endif
