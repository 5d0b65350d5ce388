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

/* Replaces the rates of list, a sample taken at now_ms (monotonic), and remembers it for the
 * next. Until two readings of the meters were seen the daemon's own rates stay.
 * Returns 0 or -ENOMEM (list keeps the daemon's rates). */
int rates_update(struct rates *rates, struct session_list *list, uint64_t now_ms);

#endif
