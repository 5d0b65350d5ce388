/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel in memory, for tests: it holds leaves, sessions and neighbours, forgets nothing when the
 * engine does, and can be told to refuse. Nothing happens before kernel_fake_run(): a verb takes
 * effect, and its callback is called, only there. */
#ifndef ZONA_KERNEL_FAKE_H
#define ZONA_KERNEL_FAKE_H

#include "controller/kernel/kernel.h"
#include "controller/kernel/wire.h"

#include <stddef.h>

/* Returns 0 and a kernel for kernel_free(), or -ENOMEM. */
int kernel_fake_new(struct kernel **ret_kernel);

/* Serves what waits, and what the callbacks ask in turn. Returns the number of verbs served. */
unsigned kernel_fake_run(struct kernel *k);
/* Serves the first of what waits. False when nothing does. */
bool kernel_fake_run_one(struct kernel *k);
/* Whoever asked is dead: the first served of what waits take effect, the rest does not, and nobody
 * is called back. Returns how many waited. */
unsigned kernel_fake_lose(struct kernel *k, unsigned served);

/* The next times verbs of this kind answer error and have no effect. */
void kernel_fake_refuse(struct kernel *k, enum wire_verb verb, int error, unsigned times);

/* ---- what was asked -------------------------------------------------------------------------- */

/* Verbs of this kind since the last kernel_fake_log_clear(), refused ones included. */
unsigned kernel_fake_asked(const struct kernel *k, enum wire_verb verb);
/* Verbs that change something: all but lists, meters and neighbours. */
unsigned kernel_fake_changes(const struct kernel *k);
/* The number-th verb, in the order in which they were served; NULL after the last. */
const struct wire_request *kernel_fake_log(const struct kernel *k, size_t number);
void kernel_fake_log_clear(struct kernel *k);

/* ---- what is there --------------------------------------------------------------------------- */

unsigned kernel_fake_session_count(const struct kernel *k);
/* NULL when the device is not admitted. */
const struct kernel_session *kernel_fake_session(
	const struct kernel *k, const struct mac_addr *mac);
unsigned kernel_fake_leaf_count(const struct kernel *k);
/* False when there is no such leaf. ret_rates and ret_meter may be NULL. */
bool kernel_fake_leaf(const struct kernel *k, uint16_t leaf, struct kernel_rates *ret_rates,
	struct kernel_meter *ret_meter);

/* ---- what happens to it ---------------------------------------------------------------------- */

/* Bytes through a leaf. */
void kernel_fake_traffic(struct kernel *k, uint16_t leaf, uint64_t down_bytes, uint64_t up_bytes);
/* Behind the engine's back: an element (leaf 0: only a part of it), a leaf gone, everything gone.
 */
void kernel_fake_put_session(struct kernel *k, const struct kernel_session *session);
void kernel_fake_delete_session(struct kernel *k, const struct mac_addr *mac);
void kernel_fake_delete_leaf(struct kernel *k, uint16_t leaf);
void kernel_fake_set_meter(struct kernel *k, uint16_t leaf, const struct kernel_meter *meter);
void kernel_fake_reboot(struct kernel *k);
/* An address appears at a device or goes; the subscriber is told at the next run. */
void kernel_fake_neighbour(
	struct kernel *k, const struct ip_addr *ip, const struct mac_addr *mac, bool present);

#endif
