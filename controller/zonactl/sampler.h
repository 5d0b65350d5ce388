/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each session moves now, from the difference of two samples of its counters. */
#ifndef ZONA_ZONACTL_SAMPLER_H
#define ZONA_ZONACTL_SAMPLER_H

#include "common/cleanup.h"
#include "controller/zonactl/sessions.h"

#include <stddef.h>
#include <stdint.h>

struct sampler;

struct sampler *sampler_new(void);	    /* NULL when memory is short */
void sampler_free(struct sampler *sampler); /* NULL is fine */
DEFINE_AUTO(struct sampler, sampler_free);

/* Fills in the rates of list, a sample taken at now_ms (monotonic), and remembers it for the next.
 * (The rates in the daemon's own answer are what a session may have, not what it moves.)
 * Returns 0, or -ENOMEM: the next sample is compared with the last that was remembered. */
int sampler_update(struct sampler *sampler, struct session_list *list, uint64_t now_ms);

#endif
