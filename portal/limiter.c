/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/limiter.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

/* A zone has at most a few thousand devices at once. When a set is full the bucket that was not
 * used for the longest time goes: who fills the table with made-up addresses only gets fresh
 * buckets for addresses that the kernel's own limit for each MAC holds back. */
#define SETS 1024
#define WAYS 8

struct bucket {
	struct ip_addr ip;
	int64_t used_ms;
	int64_t milli_tokens;
};

struct limiter {
	pthread_mutex_t lock;
	unsigned char hash_key[crypto_shorthash_KEYBYTES];
	int64_t rate_per_s, burst_milli;
	struct bucket buckets[SETS][WAYS];
};

struct limiter *limiter_new(unsigned rate_per_s, unsigned burst)
{
	struct limiter *limiter = calloc(1, sizeof(*limiter));

	if (limiter == NULL)
		return NULL;
	(void)pthread_mutex_init(&limiter->lock, NULL);
	crypto_shorthash_keygen(limiter->hash_key);
	limiter->rate_per_s = rate_per_s;
	limiter->burst_milli = (int64_t)burst * 1000;
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	if (limiter == NULL)
		return;
	(void)pthread_mutex_destroy(&limiter->lock);
	free(limiter);
}

/* The address's bucket; the oldest of its set, filled up, when it has none. */
static struct bucket *find_bucket(struct limiter *limiter, const struct ip_addr *ip, int64_t now_ms)
{
	unsigned char hash[crypto_shorthash_BYTES];
	struct bucket *set, *oldest;

	(void)crypto_shorthash(hash, ip->b, sizeof(ip->b), limiter->hash_key);
	set = oldest = limiter->buckets[(hash[0] | hash[1] << 8) % SETS];
	for (size_t i = 0; i < WAYS; i++) {
		if (ip_equal(&set[i].ip, ip))
			return &set[i];
		if (set[i].used_ms < oldest->used_ms)
			oldest = &set[i];
	}
	*oldest =
		(struct bucket){.ip = *ip, .used_ms = now_ms, .milli_tokens = limiter->burst_milli};
	return oldest;
}

bool limiter_allows(struct limiter *limiter, const struct ip_addr *ip, int64_t now_ms)
{
	bool allowed;

	(void)pthread_mutex_lock(&limiter->lock);
	struct bucket *bucket = find_bucket(limiter, ip, now_ms);
	/* A rate of n a second is n thousandths a millisecond. */
	bucket->milli_tokens += (now_ms - bucket->used_ms) * limiter->rate_per_s;
	if (bucket->milli_tokens > limiter->burst_milli)
		bucket->milli_tokens = limiter->burst_milli;
	bucket->used_ms = now_ms;
	allowed = bucket->milli_tokens >= 1000;
	if (allowed)
		bucket->milli_tokens -= 1000;
	(void)pthread_mutex_unlock(&limiter->lock);
	return allowed;
}
