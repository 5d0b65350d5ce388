/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/session/plan.h"

/* A leaf with less than this could not even keep a connection alive. */
#define FLOOR_MIN_BPS 8000

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t floor_for(uint64_t wanted, uint64_t ceiling, uint64_t uplink, unsigned sessions)
{
	uint64_t floor = least(wanted, ceiling);

	if (floor * sessions > uplink) {
		uint64_t step = 1;

		while (step < sessions)
			step *= 2;
		floor = least(floor, uplink / step);
	}
	return least(floor > FLOOR_MIN_BPS ? floor : FLOOR_MIN_BPS, ceiling);
}

struct kernel_rates plan_rates(const struct policy_class *class, uint64_t uplink_down_bps,
	uint64_t uplink_up_bps, unsigned sessions)
{
	struct kernel_rates rates = {
		.down_bps = least(class->down_bps, uplink_down_bps),
		.up_bps = least(class->up_bps, uplink_up_bps),
	};

	rates.down_floor_bps =
		floor_for(class->down_floor_bps, rates.down_bps, uplink_down_bps, sessions);
	rates.up_floor_bps = floor_for(class->up_floor_bps, rates.up_bps, uplink_up_bps, sessions);
	return rates;
}
