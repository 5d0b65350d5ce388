/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was committed is there, whatever happened to the process, the file or the disk. */
#include "tests/unit/journal_fixture.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_crash_keeps_what_was_committed),
		TEST(test_killed_while_it_writes),
		TEST(test_damaged_at_the_head),
		TEST(test_damaged_in_the_middle),
		TEST(test_truncated),
		TEST(test_not_a_database),
		TEST(test_tables_of_another_shape),
		TEST(test_empty_file),
		TEST(test_no_such_place),
		TEST(test_files_may_not_grow),
		TEST(test_full_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
