/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/session/leaves.h"

#include <errno.h>
#include <stdlib.h>

int leaves_init(struct leaves *leaves)
{
	*leaves = (struct leaves){.next = LEAF_FIRST};
	leaves->table = calloc(LEAF_LAST + 1, sizeof(*leaves->table));
	leaves->free = calloc(LEAF_LAST + 1, sizeof(*leaves->free));
	if (leaves->table == NULL || leaves->free == NULL) {
		leaves_clear(leaves);
		return -ENOMEM;
	}
	return 0;
}

void leaves_clear(struct leaves *leaves)
{
	free(leaves->table);
	free(leaves->free);
	*leaves = (struct leaves){0};
}

uint16_t leaves_take(struct leaves *leaves)
{
	uint16_t n;

	if (leaves->free_count > 0)
		n = leaves->free[--leaves->free_count];
	else if (leaves->next <= LEAF_LAST)
		n = leaves->next++;
	else
		return 0;
	leaves->table[n].used = true;
	return n;
}

void leaves_give(struct leaves *leaves, uint16_t leaf, const struct kernel_meter *meter)
{
	struct leaf *l = &leaves->table[leaf];

	if (!l->used)
		return;
	l->used = false;
	l->exists = true;
	l->meter = *meter;
	leaves->free[leaves->free_count++] = leaf;
}

void leaves_give_gone(struct leaves *leaves, uint16_t leaf)
{
	leaves_give(leaves, leaf, &(struct kernel_meter){0});
	leaves->table[leaf].exists = false;
}

void leaves_note(struct leaves *leaves, const struct kernel_leaf *leaf)
{
	leaves->table[leaf->leaf].exists = true;
	leaves->table[leaf->leaf].meter = leaf->meter;
	if (leaf->leaf >= leaves->next)
		leaves->next = (uint16_t)(leaf->leaf + 1);
}

void leaves_settle(struct leaves *leaves)
{
	leaves->free_count = 0;
	/* From the top, so that low numbers are taken first. */
	for (uint32_t n = leaves->next - 1U; n >= LEAF_FIRST; n--) {
		struct leaf *l = &leaves->table[n];

		/* A number below next that does not exist is made when it is taken. */
		if (!l->used)
			leaves->free[leaves->free_count++] = (uint16_t)n;
	}
}

bool leaves_claim(struct leaves *leaves, uint16_t leaf)
{
	struct leaf *l;

	if (leaf < LEAF_FIRST || leaf > LEAF_LAST)
		return false;
	l = &leaves->table[leaf];
	if (!l->exists || l->used)
		return false;
	l->used = true;
	return true;
}

uint16_t leaves_wanted(const struct leaves *leaves, uint32_t spare)
{
	if (leaves->free_count >= spare || leaves->next > LEAF_LAST)
		return 0;
	return leaves->next;
}
