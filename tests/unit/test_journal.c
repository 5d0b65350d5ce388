/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real SQLite files: what was committed is there, whatever happened to the process, the file or the
 * disk. */
#include "tests/unit/engine_fixture.h"

#include "controller/accounting/journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

/* ---- files ----------------------------------------------------------------------------------- */

static int set_up(void **state)
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
static unsigned count_files(const struct place *p, const char *part, bool remove_all)
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

static int tear_down(void **state)
{
	struct place *p = *state;

	(void)count_files(p, "", true);
	(void)rmdir(p->directory);
	free(p);
	return 0;
}

static struct journal *open_at(const struct place *p)
{
	struct journal *j = NULL;
	bool damaged = true;

	assert_int_equal(journal_open(p->path, &j, &damaged), 0);
	assert_false(damaged);
	return j;
}

static void execute(const struct place *p, const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Each field has a value of its own. */
static struct stored_session session_of(uint32_t id)
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

static struct stored_device device_with(unsigned n, int32_t day)
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

static void put_session(struct journal *j, const struct stored_session *s)
{
	const struct store store = journal_store(j);

	store.put_session(store.ctx, s);
}

static void put_device(struct journal *j, const struct stored_device *d)
{
	const struct store store = journal_store(j);

	store.put_device(store.ctx, d);
}

static int take_session(void *arg, const struct stored_session *s)
{
	struct loaded *l = arg;

	assert_true(l->session_count < LOADED_MAX);
	l->sessions[l->session_count++] = *s;
	return 0;
}

static int take_device(void *arg, const struct stored_device *d)
{
	struct loaded *l = arg;

	assert_true(l->device_count < LOADED_MAX);
	l->devices[l->device_count++] = *d;
	return 0;
}

static void take_rates(void *arg, const struct kernel_rates *rates)
{
	struct loaded *l = arg;

	l->rates = *rates;
	l->rates_count++;
}

static struct loaded *load(struct journal *j)
{
	static struct loaded l;

	memset(&l, 0, sizeof(l));
	assert_int_equal(
		journal_load(j, &(struct journal_sink){take_session, take_device, take_rates, &l}),
		0);
	return &l;
}

static struct loaded *load_at(const struct place *p)
{
	struct journal *j = open_at(p);
	struct loaded *l = load(j);

	journal_close(j);
	return l;
}

static void assert_meter(const struct kernel_meter *a, const struct kernel_meter *b)
{
	assert_int_equal(a->down_bytes, b->down_bytes);
	assert_int_equal(a->up_bytes, b->up_bytes);
}

static void assert_session(const struct stored_session *a, const struct stored_session *b)
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

/* ---- there and back -------------------------------------------------------------------------- */

static void test_every_column(void **state)
{
	const struct stored_session s = session_of(5);
	const struct stored_device d = device_with(5, 20260304);
	const struct kernel_rates rates = {1, 2, 3, 4};
	struct journal *j = open_at(*state);
	struct store store = journal_store(j);
	const struct loaded *l;

	put_session(j, &s);
	put_device(j, &d);
	store.put_rates(store.ctx, &rates);
	assert_int_equal(journal_commit(j), 0);
	assert_true(journal_size(j) > 0);
	journal_close(j);
	l = load_at(*state);
	assert_int_equal(l->session_count, 1);
	assert_session(&l->sessions[0], &s);
	assert_true(l->sessions[0].same_boot);
	assert_int_equal(l->device_count, 1);
	assert_memory_equal(&l->devices[0].mac, &d.mac, sizeof(d.mac));
	assert_true(l->devices[0].blocked);
	assert_int_equal(l->devices[0].day, d.day);
	assert_int_equal(l->devices[0].day_ms, d.day_ms);
	assert_int_equal(l->devices[0].day_bytes, d.day_bytes);
	assert_int_equal(l->devices[0].token_us, d.token_us);
	assert_int_equal(l->rates_count, 1);
	assert_int_equal(l->rates.down_bps, 1);
	assert_int_equal(l->rates.up_bps, 2);
	assert_int_equal(l->rates.down_floor_bps, 3);
	assert_int_equal(l->rates.up_floor_bps, 4);
}

static void test_put_again_replaces(void **state)
{
	struct stored_session s = session_of(5);
	struct journal *j = open_at(*state);

	put_session(j, &s);
	s.session.total.up_bytes += 1000;
	s.state = STATE_BLOCKED;
	put_session(j, &s);
	journal_close(j); /* commits */
	assert_int_equal(load_at(*state)->session_count, 1);
	assert_session(&load_at(*state)->sessions[0], &s);
}

/* The machine's start since: leaves and rates are not what they were. */
static void test_another_boot(void **state)
{
	const struct stored_session s = session_of(5);
	struct journal *j = open_at(*state);
	struct store store = journal_store(j);
	const struct loaded *l;

	put_session(j, &s);
	store.put_rates(store.ctx, &(struct kernel_rates){1, 2, 3, 4});
	journal_close(j);
	execute(*state, "UPDATE session SET boot = 'another'; UPDATE leaf_rates SET boot = 'x'");
	l = load_at(*state);
	assert_int_equal(l->session_count, 1);
	assert_false(l->sessions[0].same_boot);
	assert_int_equal(l->rates_count, 0);
}

/* Live and unfinished ones, the last of each known device, and the last number. */
static void test_what_is_loaded(void **state)
{
	static const uint32_t expected[] = {2, 3, 6, 8};
	struct journal *j = open_at(*state);
	const struct loaded *l;

	for (uint32_t id = 1; id <= 8; id++) {
		struct stored_session s = session_of(id);

		s.state = id == 3 ? STATE_ACTIVE : STATE_ENDED;
		s.final = id != 2 && id != 3;
		if (id == 5 || id == 6)
			s.mac = mac_of(5);
		put_session(j, &s);
	}
	put_device(j, &(struct stored_device){.mac = mac_of(5)});
	l = load(j);
	assert_int_equal(l->session_count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(l->sessions[i].session.id, expected[i]);
	journal_close(j);
}

static int refuse_session(void *arg, const struct stored_session *s)
{
	(void)arg;
	(void)s;
	return -ENOMEM;
}

static void test_the_reader_gives_up(void **state)
{
	const struct stored_session s = session_of(5);
	struct journal *j = open_at(*state);
	struct loaded l = {0};

	put_session(j, &s);
	assert_int_equal(journal_load(j, &(struct journal_sink){refuse_session, take_device,
						 take_rates, &l}),
		-ENOMEM);
	journal_close(j);
}

/* Values that this program never writes: each is left out, none reaches the arithmetic. */
static void test_rows_that_make_no_sense(void **state)
{
	static const char *const changes[] = {
		"id = 0",
		"id = -1",
		"id = 4294967296",
		"mac = x'0200'",
		"mac = x'000000000000'",
		"mac = x'010000000001'",
		"mac = 'text'",
		"state = 5",
		"state = 1",
		"state = -1",
		"cause = 8",
		"cause = -3",
		"leaf = -1",
		"leaf = 65001",
		"started_wall_ms = 9223372036854775807",
		"started_ms = -9223372036854775807",
		"granted_ms = 9223372036854775807",
		"ends_ms = 9223372036854775807",
		"active_ms = -9223372036854775807",
		"updated_ms = -9223372036854775807",
		"minutes = -1",
		"minutes = 4294967295",
		"extended_min = 2147483648",
		"carry_down = -1",
		"carry_up = 9223372036854775807",
		"base_down = -1",
		"total_down = -1",
		"total_up = 9223372036854775807",
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct stored_session good = session_of(7), bad = session_of(6);
		struct journal *j = open_at(*state);
		char sql[160];
		struct loaded *l;

		put_session(j, &good);
		put_session(j, &bad);
		journal_close(j);
		(void)snprintf(sql, sizeof(sql), "UPDATE session SET %s WHERE id = 6", changes[i]);
		execute(*state, sql);
		l = load_at(*state);
		if (l->session_count != 1)
			fail_msg("%s was loaded", changes[i]);
		execute(*state, "DELETE FROM session");
	}
}

static void test_devices_that_make_no_sense(void **state)
{
	static const char *const changes[] = {
		"mac = x'02'",
		"mac = x'ffffffffffff'",
		"day_ms = -1",
		"day_ms = 9223372036854775807",
		"day_bytes = -1",
		"day_bytes = 9223372036854775807",
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct stored_device d = device_with(1, 20260304);
		struct journal *j = open_at(*state);
		char sql[160];

		put_device(j, &d);
		journal_close(j);
		(void)snprintf(sql, sizeof(sql), "UPDATE device SET %s", changes[i]);
		execute(*state, sql);
		if (load_at(*state)->device_count != 0)
			fail_msg("%s was loaded", changes[i]);
		execute(*state, "DELETE FROM device");
	}
}

/* ---- crashes --------------------------------------------------------------------------------- */

static pid_t begin_child(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	return pid;
}

static void test_crash_keeps_what_was_committed(void **state)
{
	pid_t pid = begin_child();
	const struct loaded *l;
	int status;

	if (pid == 0) {
		const struct stored_session kept = session_of(5), lost = session_of(6);
		struct journal *j = open_at(*state);

		put_session(j, &kept);
		if (journal_commit(j) != 0)
			_exit(1);
		put_session(j, &lost);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	l = load_at(*state);
	assert_int_equal(l->session_count, 1);
	assert_int_equal(l->sessions[0].session.id, 5);
}

/* Killed in the middle of commits: what was reported as committed is there, whole. */
static void test_killed_while_it_writes(void **state)
{
	int report[2];
	uint32_t committed = 0, id;
	const struct loaded *l;
	pid_t pid;

	assert_int_equal(pipe(report), 0);
	pid = begin_child();
	if (pid == 0) {
		struct journal *j = open_at(*state);

		for (id = 1; id < 400; id++) {
			const struct stored_session s = session_of(id);

			put_session(j, &s);
			if (journal_commit(j) != 0 ||
				write(report[1], &id, sizeof(id)) != sizeof(id))
				_exit(1);
		}
		for (;;)
			(void)pause();
	}
	(void)close(report[1]);
	while (committed < 50 && read(report[0], &id, sizeof(id)) == sizeof(id))
		committed = id;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	while (read(report[0], &id, sizeof(id)) == sizeof(id))
		committed = id;
	(void)close(report[0]);
	l = load_at(*state);
	assert_in_range(l->session_count, committed, committed + 1);
	for (size_t i = 0; i < l->session_count; i++) {
		const struct stored_session s = session_of((uint32_t)i + 1);

		assert_session(&l->sessions[i], &s);
	}
}

/* ---- files that are not as they should be ---------------------------------------------------- */

static void overwrite(const struct place *p, off_t from, size_t size)
{
	AUTO_FD fd = open(p->path, O_WRONLY | O_CLOEXEC);
	char garbage[4096];

	memset(garbage, 0xa5, sizeof(garbage));
	assert_true(fd >= 0);
	while (size > 0) {
		size_t part = size < sizeof(garbage) ? size : sizeof(garbage);

		assert_int_equal(pwrite(fd, garbage, part, from), part);
		from += (off_t)part;
		size -= part;
	}
}

static void fill(const struct place *p)
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

static void assert_set_aside(const struct place *p)
{
	const struct stored_session s = session_of(5);
	struct journal *j = NULL;
	bool damaged = false;

	assert_int_equal(journal_open(p->path, &j, &damaged), 0);
	assert_true(damaged);
	assert_int_equal(count_files(p, "journal.db.damaged-", false), 1);
	assert_int_equal(load(j)->session_count, 0);
	put_session(j, &s);
	assert_int_equal(journal_commit(j), 0);
	journal_close(j);
	assert_int_equal(load_at(p)->session_count, 1);
}

static void test_damaged_at_the_head(void **state)
{
	fill(*state);
	overwrite(*state, 0, 100);
	assert_set_aside(*state);
}

static void test_damaged_in_the_middle(void **state)
{
	fill(*state);
	overwrite(*state, 4096, 12288);
	assert_set_aside(*state);
}

static void test_truncated(void **state)
{
	const struct place *p = *state;

	fill(p);
	assert_int_equal(truncate(p->path, 8192 + 100), 0);
	assert_set_aside(p);
}

static void test_not_a_database(void **state)
{
	const struct place *p = *state;
	FILE *f = fopen(p->path, "we");

	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		(void)fputs("this is a text\n", f);
	assert_int_equal(fclose(f), 0);
	assert_set_aside(p);
}

/* SQLite itself finds nothing wrong with it, but the tables have other columns. */
static void test_tables_of_another_shape(void **state)
{
	execute(*state, "CREATE TABLE session (id INTEGER PRIMARY KEY, mac BLOB);"
			"PRAGMA user_version = 1");
	assert_set_aside(*state);
}

static void test_empty_file(void **state)
{
	const struct place *p = *state;
	AUTO_FD fd = open(p->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(load_at(p)->session_count, 0);
}

/* A newer program wrote it: it is left alone, and nothing is begun beside it. */
static void test_newer_schema_is_refused(void **state)
{
	const struct place *p = *state;
	struct journal *j = NULL;
	bool damaged = true;

	fill(p);
	execute(p, "PRAGMA user_version = 2");
	assert_int_equal(journal_open(p->path, &j, &damaged), -EPROTO);
	assert_false(damaged);
	assert_null(j);
	assert_int_equal(count_files(p, "damaged", false), 0);
	execute(p, "PRAGMA user_version = 1");
	assert_int_equal(load_at(p)->session_count, 300);
}

static void test_no_such_place(void **state)
{
	struct place p = *(struct place *)*state;
	struct journal *j = NULL;
	bool damaged;

	assert_int_equal(journal_open(p.directory, &j, &damaged), -EACCES);
	(void)snprintf(p.path, sizeof(p.path), "%s/missing/journal.db", p.directory);
	assert_int_equal(journal_open(p.path, &j, &damaged), -EACCES);
	assert_null(j);
}

/* ---- a full disk ----------------------------------------------------------------------------- */

/* Puts until the disk is full; nothing of the failed transaction is kept, and the next one that
 * fits is. */
static void fill_disk(const struct place *p, void (*make_room)(const struct place *p))
{
	struct journal *j = open_at(p);
	const struct stored_session after = session_of(400);
	uint32_t id, committed = 0;
	int r = 0;

	for (id = 1; r == 0 && id < 100000; id++) {
		struct stored_session s = session_of(id % 250 + 1);

		put_session(j, &s);
		r = journal_commit(j);
		if (r == 0)
			committed = id;
	}
	assert_true(r == -ENOSPC || r == -EIO);
	put_session(j, &after);
	r = journal_commit(j); /* still full: an error again, no crash */
	assert_true(r == -ENOSPC || r == -EIO);
	make_room(p);
	put_session(j, &after);
	assert_int_equal(journal_commit(j), 0);
	journal_close(j);
	assert_int_equal(load_at(p)->session_count, (committed < 250 ? committed : 250) + 1);
}

static void raise_limit(const struct place *p)
{
	struct rlimit limit;

	(void)p;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_files_may_not_grow(void **state)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 200000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	fill_disk(*state, raise_limit);
}

static void enlarge(const struct place *p)
{
	assert_int_equal(mount(NULL, p->directory, NULL, MS_REMOUNT, "size=4m"), 0);
}

/* A file system of its own, seen by a process of its own. */
static void test_full_file_system(void **state)
{
	const struct place *p = *state;
	pid_t pid;
	int status;

	if (geteuid() != 0)
		skip();
	pid = begin_child();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mount("tmpfs", p->directory, "tmpfs", 0, "size=300k") < 0)
			_exit(77);
		fill_disk(p, enlarge);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* a container without the right to mount */
	assert_int_equal(status, 0);
}

/* ---- purge ----------------------------------------------------------------------------------- */

static void test_purge(void **state)
{
	struct journal *j = open_at(*state);
	const struct loaded *l;

	for (uint32_t id = 1; id <= 6; id++) {
		struct stored_session s = session_of(id);
		struct stored_device d = device_with(id, id <= 3 ? 20260101 : 20260304);

		s.session.started_wall_ms = id * 1000;
		s.state = id == 2 ? STATE_ACTIVE : STATE_ENDED;
		s.final = id != 2 && id != 3;
		d.blocked = id == 1;
		put_session(j, &s);
		put_device(j, &d);
	}
	assert_int_equal(journal_purge(j, 5000, 20260304), 0);
	l = load(j);
	/* 1 and 4 are old and over; 2 and 3 are not over, 5 and 6 not old. */
	assert_int_equal(l->session_count, 4);
	assert_int_equal(l->sessions[0].session.id, 2);
	assert_int_equal(l->sessions[1].session.id, 3);
	assert_int_equal(l->sessions[2].session.id, 5);
	assert_int_equal(l->device_count, 4); /* 1 is blocked, 4 to 6 of today */
	/* The highest number stays, however old: it is never given again. */
	assert_int_equal(journal_purge(j, INT64_MAX, 20260304), 0);
	l = load(j);
	assert_int_equal(l->session_count, 3);
	assert_int_equal(l->sessions[2].session.id, 6);
	journal_close(j);
}

/* ---- with the engine ------------------------------------------------------------------------- */

static int into_engine_session(void *arg, const struct stored_session *s)
{
	return engine_load_session(arg, s);
}

static int into_engine_device(void *arg, const struct stored_device *d)
{
	return engine_load_device(arg, d);
}

static void into_engine_rates(void *arg, const struct kernel_rates *rates)
{
	engine_load_rates(arg, rates);
}

static void test_engine_and_journal(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct journal *j = open_at(*state);
	struct journal_sink sink = {
		.session = into_engine_session,
		.device = into_engine_device,
		.rates = into_engine_rates,
	};

	bench_begin(b);
	b->engine->p.store = journal_store(j);
	for (unsigned n = 1; n <= 10; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	assert_int_equal(bench_logout(b, 9, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 8, engine_block), OUTCOME_DONE);
	bench_advance(b, SECOND);
	engine_store_all(b->engine);
	journal_close(j);
	/* A row that never ended, older than the device's session: it is ended while rows are read.
	 */
	execute(*state,
		"INSERT INTO session SELECT 100, mac, 2, 0, 0, boot, 30, 1, 0, 1, 1, 1, 1, 1,"
		" 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM session WHERE id = 1;"
		"UPDATE session SET id = 101 WHERE id = 1;"
		"UPDATE session SET id = 1 WHERE id = 100;");
	(void)kernel_fake_lose(b->kernel, 0);
	engine_free(b->engine);
	bench_engine(b);
	j = open_at(*state);
	b->engine->p.store = journal_store(j);
	sink.arg = b->engine;
	assert_int_equal(journal_load(j, &sink), 0);
	assert_int_equal(journal_commit(j), 0);
	bench_start(b);
	assert_int_equal(journal_commit(j), 0);
	assert_int_equal(b->engine->sessions, 8);
	assert_int_equal(device_of(b, mac_of(8))->state, STATE_BLOCKED);
	assert_int_equal(device_of(b, mac_of(9))->state, STATE_ENDED);
	bench_check(b);
	journal_close(j);
	j = open_at(*state);
	for (size_t i = 0; i < load(j)->session_count; i++)
		assert_true(load(j)->sessions[i].session.id != 1);
	journal_close(j);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_every_column),
		TEST(test_put_again_replaces),
		TEST(test_another_boot),
		TEST(test_what_is_loaded),
		TEST(test_the_reader_gives_up),
		TEST(test_rows_that_make_no_sense),
		TEST(test_devices_that_make_no_sense),
		TEST(test_crash_keeps_what_was_committed),
		TEST(test_killed_while_it_writes),
		TEST(test_damaged_at_the_head),
		TEST(test_damaged_in_the_middle),
		TEST(test_truncated),
		TEST(test_not_a_database),
		TEST(test_tables_of_another_shape),
		TEST(test_empty_file),
		TEST(test_newer_schema_is_refused),
		TEST(test_no_such_place),
		TEST(test_files_may_not_grow),
		TEST(test_full_file_system),
		TEST(test_purge),
		TEST(test_engine_and_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
