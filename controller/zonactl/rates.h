/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each session moves now, from the difference of two samples of its counters. */
#ifndef ZONA_ZONACTL_RATES_H
#define ZONA_ZONACTL_RATES_H

#include "common/cleanup.h"
#include "controller/zonactl/sessions.h"

#include <stddef.h>
#include <stdint.h>

struct rates;

struct rates *rates_new(void);	      /* NULL when memory is short */
void rates_free(struct rates *rates); /* NULL is fine */
DEFINE_AUTO(struct rates, rates_free);

/* Fills in the rates of list, a sample taken at now_ms (monotonic), and remembers it for the next.
 * (The rates in the daemon's own answer are what a session may have, not what it moves.)
 * Returns 0, or -ENOMEM: the next sample is compared with the last that was remembered. */
int rates_update(struct rates *rates, struct session_list *list, uint64_t now_ms);

#endif
