/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vouchers: codes that give whoever enters one the rates of a class for some minutes. Kept as keyed
 * hashes only: who reads the journal cannot enter them. No I/O. */
#ifndef ZONA_VOUCHER_H
#define ZONA_VOUCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

/* 12 of 32 characters are 60 bits: with VOUCHERS_MAX of them out, one guess hits in 2^44. */
#define VOUCHER_CHARS 12
#define VOUCHER_TEXT_SIZE 15 /* XXXX-XXXX-XXXX */
#define VOUCHER_HASH_SIZE 16
#define VOUCHER_KEY_SIZE 32
/* An event of the city's stadium; 200 bytes each in memory. */
#define VOUCHERS_MAX 50000
/* Of one request: the codes fit one message of the control socket (64 KiB). */
#define VOUCHER_BATCH_MAX 1000
#define VOUCHER_USES_MAX 100000
#define CLASS_NAME_SIZE 64 /* titles of policies have at most 63 characters */

struct voucher {
	UT_hash_handle hh;
	unsigned char hash[VOUCHER_HASH_SIZE];
	uint32_t batch, number; /* "3-17": what the operator sees in place of the code */
	char class_name[CLASS_NAME_SIZE];
	unsigned minutes;
	int64_t created_wall_ms, expires_wall_ms;
	unsigned uses_max, uses;
	bool touched; /* since start: written again after a disk was full */
};

struct vouchers {
	struct voucher *table; /* by hash, oldest first */
	uint32_t last_batch;
	unsigned char key[VOUCHER_KEY_SIZE];
};

/* A new random code, grouped for reading. */
void voucher_code_make(char text[VOUCHER_TEXT_SIZE]);
/* What a person typed: any case, with or without blanks and hyphens; O is read as 0, I and L as 1.
 * Returns 0, or -EINVAL with ret_text untouched. */
int voucher_code_read(const char *typed, char ret_text[VOUCHER_TEXT_SIZE]);

/* NULL when there is none. The time it takes tells nothing of the codes that exist. */
struct voucher *vouchers_find(struct vouchers *vouchers, const char text[VOUCHER_TEXT_SIZE]);
/* Adds a copy with the code's hash; batch and number are proto's. -EEXIST, -ENOMEM, -ENOSPC. */
int vouchers_add(struct vouchers *vouchers, const struct voucher *proto,
	const char text[VOUCHER_TEXT_SIZE], struct voucher **ret_voucher);
/* Adds what the journal holds. */
int vouchers_load(struct vouchers *vouchers, const struct voucher *stored);
/* Drops those that ended before wall_ms. */
void vouchers_drop(struct vouchers *vouchers, int64_t wall_ms);
void vouchers_clear(struct vouchers *vouchers);

/* Tries that are allowed: burst at once, then one each interval. tat_ms is the moment at which all
 * are there again (the generic cell rate algorithm), 0 at first. */
struct try_limit {
	int64_t interval_ms;
	unsigned burst;
};
bool tries_left(const struct try_limit *limit, int64_t tat_ms, int64_t now_ms);
void tries_take(const struct try_limit *limit, int64_t *tat_ms, int64_t now_ms);

#endif
