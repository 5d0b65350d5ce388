/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_PORTAL_CLOCK_H
#define ZONA_PORTAL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Monotonic, for durations. */
static inline int64_t clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Since the epoch, for tokens, which outlive a restart. */
static inline int64_t clock_wall_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
