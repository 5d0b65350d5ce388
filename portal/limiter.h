/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often one address may ask: token buckets in a table of fixed size. Used by all workers. */
#ifndef ZONA_PORTAL_LIMITER_H
#define ZONA_PORTAL_LIMITER_H

#include "common/addr.h"
#include "common/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

struct limiter;

/* rate_per_s tokens a second, at most burst together. NULL when there is no memory. */
struct limiter *limiter_new(unsigned rate_per_s, unsigned burst);
void limiter_free(struct limiter *limiter);
DEFINE_AUTO(struct limiter, limiter_free);

/* Takes a token of the address. false: there was none, and the request is one too many.
 * now_ms is monotonic. */
bool limiter_allows(struct limiter *limiter, const struct ip_addr *ip, int64_t now_ms);

#endif
