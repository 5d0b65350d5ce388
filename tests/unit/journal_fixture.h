/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A journal in a directory of its own, rows with a value of their own in each column, and what is
 * loaded of them. Header only, as each test is one file. */
#ifndef ZONA_TESTS_JOURNAL_FIXTURE_H
#define ZONA_TESTS_JOURNAL_FIXTURE_H

#include "tests/unit/engine_fixture.h"

#include "controller/accounting/journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>

#define LOADED_MAX 512

struct place {
	char directory[64], path[96];
};

struct loaded {
	struct stored_session sessions[LOADED_MAX];
	struct stored_device devices[LOADED_MAX];
	struct kernel_rates rates;
	size_t session_count, device_count, rates_count;
};

static inline int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	(void)snprintf(p->directory, sizeof(p->directory), "/tmp/zona-unit-XXXXXX");
	if (mkdtemp(p->directory) == NULL)
		return -1;
	(void)snprintf(p->path, sizeof(p->path), "%s/journal.db", p->directory);
	*state = p;
	return 0;
}

/* Calls each (or NULL) for every file, and counts those with part in their name. */
static inline unsigned count_files(const struct place *p, const char *part, bool remove_all)
{
	DIR *dir = opendir(p->directory);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		count += strstr(entry->d_name, part) != NULL;
		if (remove_all && entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	}
	(void)closedir(dir);
	return count;
}

static inline int tear_down(void **state)
{
	struct place *p = *state;

	(void)count_files(p, "", true);
	(void)rmdir(p->directory);
	free(p);
	return 0;
}

static inline struct journal *open_at(const struct place *p)
{
	struct journal *j = NULL;
	bool damaged = true;

	assert_int_equal(journal_open(p->path, &j, &damaged), 0);
	assert_false(damaged);
	return j;
}

static inline void execute(const struct place *p, const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Each field has a value of its own. */
static inline struct stored_session session_of(uint32_t id)
{
	return (struct stored_session){
		.mac = mac_of(id),
		.state = STATE_ACTIVE,
		.session =
			{
				.id = id,
				.leaf = (uint16_t)(id + 1),
				.cause = CAUSE_QUOTA,
				.started_wall_ms = 1800000000000 + id,
				.started_unsynced = true,
				.started_ms = id * 1000 + 1,
				.granted_ms = id * 1000 + 2,
				.ends_ms = id * 1000 + 3,
				.active_ms = id * 1000 + 4,
				.updated_ms = id * 1000 + 5,
				.minutes = id + 6,
				.extended_min = id + 7,
				.extended_day = 20261122,
				.carry = {id * 10000 + 8, id * 10000 + 9},
				.base = {id * 10000 + 10, id * 10000 + 11},
				.total = {(1ULL << 50) + id, id * 10000 + 13},
			},
	};
}

static inline struct stored_device device_with(unsigned n, int32_t day)
{
	return (struct stored_device){
		.mac = mac_of(n),
		.blocked = true,
		.day = day,
		.day_ms = n + 100,
		.day_bytes = (1ULL << 45) + n,
		.token_us = (1LL << 55) + n,
	};
}

static inline void put_session(struct journal *j, const struct stored_session *s)
{
	const struct store store = journal_store(j);

	store.put_session(store.ctx, s);
}

static inline void put_device(struct journal *j, const struct stored_device *d)
{
	const struct store store = journal_store(j);

	store.put_device(store.ctx, d);
}

static inline int take_session(void *arg, const struct stored_session *s)
{
	struct loaded *l = arg;

	assert_true(l->session_count < LOADED_MAX);
	l->sessions[l->session_count++] = *s;
	return 0;
}

static inline int take_device(void *arg, const struct stored_device *d)
{
	struct loaded *l = arg;

	assert_true(l->device_count < LOADED_MAX);
	l->devices[l->device_count++] = *d;
	return 0;
}

static inline void take_rates(void *arg, const struct kernel_rates *rates)
{
	struct loaded *l = arg;

	l->rates = *rates;
	l->rates_count++;
}

static inline struct loaded *load(struct journal *j)
{
	static struct loaded l;

	memset(&l, 0, sizeof(l));
	assert_int_equal(journal_load(j, &(struct journal_sink){.session = take_session,
						 .device = take_device,
						 .rates = take_rates,
						 .arg = &l}),
		0);
	return &l;
}

static inline struct loaded *load_at(const struct place *p)
{
	struct journal *j = open_at(p);
	struct loaded *l = load(j);

	journal_close(j);
	return l;
}

static inline void assert_meter(const struct kernel_meter *a, const struct kernel_meter *b)
{
	assert_int_equal(a->down_bytes, b->down_bytes);
	assert_int_equal(a->up_bytes, b->up_bytes);
}

static inline void assert_session(const struct stored_session *a, const struct stored_session *b)
{
	assert_memory_equal(&a->mac, &b->mac, sizeof(a->mac));
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->final, b->final);
	assert_int_equal(a->session.id, b->session.id);
	assert_int_equal(a->session.leaf, b->session.leaf);
	assert_int_equal(a->session.cause, b->session.cause);
	assert_int_equal(a->session.started_wall_ms, b->session.started_wall_ms);
	assert_int_equal(a->session.started_unsynced, b->session.started_unsynced);
	assert_int_equal(a->session.started_ms, b->session.started_ms);
	assert_int_equal(a->session.granted_ms, b->session.granted_ms);
	assert_int_equal(a->session.ends_ms, b->session.ends_ms);
	assert_int_equal(a->session.active_ms, b->session.active_ms);
	assert_int_equal(a->session.updated_ms, b->session.updated_ms);
	assert_int_equal(a->session.minutes, b->session.minutes);
	assert_int_equal(a->session.extended_min, b->session.extended_min);
	assert_int_equal(a->session.extended_day, b->session.extended_day);
	assert_meter(&a->session.carry, &b->session.carry);
	assert_meter(&a->session.base, &b->session.base);
	assert_meter(&a->session.total, &b->session.total);
}

static inline void fill(const struct place *p)
{
	struct journal *j = open_at(p);

	for (uint32_t id = 1; id <= 300; id++) {
		const struct stored_session s = session_of(id);
		const struct stored_device d = device_with(id, 20260304);

		put_session(j, &s);
		put_device(j, &d);
	}
	journal_close(j);
}

#endif
