/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings leaves to the plan's rates, a few at a time, so that logins never wait behind thousands of
 * changes; and makes leaves ahead of need. */
#include "controller/session/internal.h"

#include "controller/session/plan.h"

#include <string.h>

#define CHANGES_IN_FLIGHT 16
/* Leaves made ahead: more than the logins that come before the next one is made. */
#define SPARE_LEAVES 256

static bool same_rates(const struct kernel_rates *a, const struct kernel_rates *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Floors only shrink as sessions are added: the sum is the same only if each class's is. */
static uint64_t sum_of_classes(const struct engine *e)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < e->policy->class_count; i++) {
		struct kernel_rates rates = plan_rates(&e->policy->classes[i], e->p.uplink_down_bps,
			e->p.uplink_up_bps, e->sessions);

		sum += rates.down_floor_bps + rates.up_floor_bps + rates.down_bps + rates.up_bps;
	}
	return sum;
}

static void update_mixed(struct engine *e)
{
	uint64_t sum = e->rates_mixed ? sum_of_classes(e) : 0;

	if (sum != e->rates_sum)
		e->rates_sweep = LEAF_FIRST;
	e->rates_sum = sum;
}

void rates_update(struct engine *e)
{
	struct kernel_rates rates =
		plan_rates(e->zone->class, e->p.uplink_down_bps, e->p.uplink_up_bps, e->sessions);

	update_mixed(e);
	if (same_rates(&rates, &e->rates))
		return;
	e->rates = rates;
	e->rates_sweep = LEAF_FIRST;
	rates_store(e);
}

void rates_store(struct engine *e)
{
	static const struct kernel_rates unknown;

	e->p.store.put_rates(e->p.store.ctx, e->rates_mixed ? &unknown : &e->rates);
}

void rates_mix(struct engine *e)
{
	if (e->rates_mixed)
		return;
	e->rates_mixed = true;
	rates_store(e);
}

struct change {
	struct engine *engine;
	uint16_t leaf;
	bool made_ahead;
};

static void on_changed(int error, void *arg)
{
	struct change *change = arg;
	struct engine *e = change->engine;
	struct leaf *leaf = &e->leaves.table[change->leaf];
	bool made_ahead = change->made_ahead;

	if (error != 0)
		memset(&leaf->rates, 0, sizeof(leaf->rates));
	else
		leaf->exists = true;
	free(change);
	if (made_ahead) {
		static const struct kernel_meter zero;

		e->leaf_in_flight = false;
		if (error == 0)
			leaves_give(&e->leaves, (uint16_t)(leaf - e->leaves.table), &zero);
		else /* its number is not lost, and what the kernel refuses is not asked for ever */
			leaves_give_gone(&e->leaves, (uint16_t)(leaf - e->leaves.table));
	} else {
		e->rates_in_flight--;
		e->rates_refused |= error != 0;
	}
	rates_continue(e);
}

void rates_retry(struct engine *e)
{
	if (e->rates_refused)
		e->rates_sweep = LEAF_FIRST;
	e->rates_refused = false;
}

static bool set(struct engine *e, uint16_t n, const struct kernel_rates *rates, bool made_ahead)
{
	struct change *change = malloc(sizeof(*change));

	if (change == NULL)
		return false;
	*change = (struct change){e, n, made_ahead};
	e->leaves.table[n].rates = *rates;
	kernel_leaf_set(e->p.kernel, n, rates, on_changed, change);
	return true;
}

static void make_ahead(struct engine *e)
{
	uint16_t n;

	if (e->leaf_in_flight)
		return;
	n = leaves_wanted(&e->leaves, SPARE_LEAVES);
	if (n == 0)
		return;
	e->leaf_in_flight = set(e, n, &e->rates, true);
	if (e->leaf_in_flight) {
		e->leaves.next++;
		e->leaves.table[n].used = true;
	}
}

/* Returns false when it must be tried again. */
static bool sweep_leaf(struct engine *e, uint16_t n, struct device *d)
{
	struct kernel_rates rates = session_rates(e, &d->session);

	if (same_rates(&e->leaves.table[n].rates, &rates))
		return true;
	d->session.rates = rates;
	if (!set(e, n, &rates, false))
		return false;
	e->rates_in_flight++;
	return true;
}

void rates_continue(struct engine *e)
{
	while (e->rates_sweep < e->leaves.next && e->rates_in_flight < CHANGES_IN_FLIGHT) {
		uint16_t n = (uint16_t)e->rates_sweep;
		struct device *d = e->by_leaf[n];

		if (d != NULL && !sweep_leaf(e, n, d))
			return;
		e->rates_sweep++;
	}
	make_ahead(e);
}

void rates_for_leaf(struct engine *e, uint16_t n)
{
	struct leaf *leaf = &e->leaves.table[n];
	struct device *d = e->by_leaf[n];
	struct kernel_rates rates = d != NULL ? session_rates(e, &d->session) : e->rates;

	if (leaf->exists && same_rates(&leaf->rates, &rates))
		return;
	if (set(e, n, &rates, false))
		e->rates_in_flight++;
}
