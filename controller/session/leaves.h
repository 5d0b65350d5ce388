/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which leaves exist, which are free. Adding an HTB leaf costs the kernel O(leaves), so leaves are
 * never deleted: a session's leaf serves the next one, and a few are made ahead of need. */
#ifndef ZONA_LEAVES_H
#define ZONA_LEAVES_H

#include "controller/kernel/kernel.h"

#include <stdbool.h>
#include <stdint.h>

struct leaf {
	bool exists;
	bool used;
	struct kernel_meter meter; /* last reading; the base of the next session */
	struct kernel_rates rates; /* as set; all 0: not known */
};

struct leaves {
	struct leaf *table; /* by number */
	uint16_t *free;	    /* stack of existing, unused ones */
	uint32_t free_count;
	uint16_t next; /* lowest number never made */
};

/* Returns 0 or -ENOMEM. */
int leaves_init(struct leaves *leaves);
void leaves_clear(struct leaves *leaves);

/* An existing free leaf, or a number to be made (check table[n].exists); 0 when all are used. */
uint16_t leaves_take(struct leaves *leaves);
/* Back to the free ones; meter is where the next session begins. */
void leaves_give(struct leaves *leaves, uint16_t leaf, const struct kernel_meter *meter);
/* The same for one that the kernel does not have: it is made anew when it is taken. */
void leaves_give_gone(struct leaves *leaves, uint16_t leaf);
/* Takes note of a leaf that the kernel has (at start). */
void leaves_note(struct leaves *leaves, const struct kernel_leaf *leaf);
/* After all notes: those that were not taken with leaves_claim() are free. */
void leaves_settle(struct leaves *leaves);
/* Marks an existing leaf as used; false if it does not exist or is used already. */
bool leaves_claim(struct leaves *leaves, uint16_t leaf);
/* The next number to make ahead; 0 when there are enough free ones or no numbers left. */
uint16_t leaves_wanted(const struct leaves *leaves, uint32_t spare);

#endif
