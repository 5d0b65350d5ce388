/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Journals that somebody else wrote. The first byte chooses: 0 … 127: the rest is the file itself;
 * 128 …: the rest are values of rows. What must hold: a journal is opened, perhaps after setting
 * the file aside, and takes what is put; what it held does not keep an engine from starting, from
 * working for an hour, and from agreeing with its kernel. */
#include "tests/fuzz/fuzz_engine.h"

#include "controller/accounting/journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#define COLUMNS 24
#define COLUMN_MAC 1
#define COLUMN_BOOT 5
#define ROWS_MAX 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[64], path[96];

static void remove_files(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
}

static void remove_directory(void)
{
	remove_files();
	(void)rmdir(directory);
}

/* In memory where there is a place for that: disks are slow. */
static void make_directory(void)
{
	(void)snprintf(directory, sizeof(directory), "/dev/shm/zona-fuzz-XXXXXX");
	if (mkdtemp(directory) == NULL) {
		(void)snprintf(directory, sizeof(directory), "/tmp/zona-fuzz-XXXXXX");
		if (mkdtemp(directory) == NULL)
			abort();
	}
	(void)snprintf(path, sizeof(path), "%s/journal.db", directory);
	(void)atexit(remove_directory);
}

static void write_file(const uint8_t *data, size_t size)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct source {
	const uint8_t *data;
	size_t size;
};

static uint8_t next(struct source *s)
{
	if (s->size == 0)
		return 0;
	s->size--;
	return *s->data++;
}

/* Small numbers, numbers near a limit, and any. */
static int64_t next_value(struct source *s)
{
	uint8_t kind = next(s);
	uint64_t value = 0;

	switch (kind % 4) {
	case 0:
		return kind / 4;
	case 1:
		return next(s) * 60000LL;
	case 2:
		return (next(s) % 2 != 0 ? INT64_MAX : INT64_MIN) >> (kind / 4);
	default:
		for (int i = 0; i < 8; i++)
			value = value << 8 | next(s);
		return (int64_t)value;
	}
}

static void bind_one(sqlite3_stmt *row, int column, struct source *s, const char *boot)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, next(s)};

	if (column == COLUMN_MAC && mac[5] < 240)
		(void)sqlite3_bind_blob(row, column + 1, mac, sizeof(mac), SQLITE_TRANSIENT);
	else if (column == COLUMN_BOOT)
		(void)sqlite3_bind_text(
			row, column + 1, mac[5] < 128 ? boot : "another", -1, SQLITE_TRANSIENT);
	else
		(void)sqlite3_bind_int64(row, column + 1, next_value(s));
}

static void insert(sqlite3 *db, const char *sql, int columns, struct source *s, const char *boot)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
		abort();
	for (int column = 0; column < columns; column++)
		bind_one(row, columns == COLUMNS || column > 0 ? column : COLUMN_MAC, s, boot);
	/* A device's MAC is its first column. */
	if (columns != COLUMNS) {
		const uint8_t mac[6] = {2, 0, 0, 0, 0, next(s)};

		(void)sqlite3_bind_blob(row, 1, mac, sizeof(mac), SQLITE_TRANSIENT);
		(void)sqlite3_bind_int64(row, 2, next_value(s));
	}
	(void)sqlite3_step(row); /* a NULL that is not allowed, a number that is there: no row */
	(void)sqlite3_finalize(row);
}

static void write_rows(struct source s)
{
	char boot[37] = "";
	AUTO_FD fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	AUTO(journal_close) struct journal *j = NULL;
	bool damaged;
	sqlite3 *db = NULL;

	if (fd < 0 || read(fd, boot, 36) != 36 || journal_open(path, &j, &damaged) != 0)
		abort();
	journal_close(TAKE(j));
	if (sqlite3_open(path, &db) != SQLITE_OK)
		abort();
	(void)sqlite3_exec(db, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL);
	for (int i = 0; i < ROWS_MAX && s.size > 0; i++) {
		unsigned char kind = next(&s) % 8;

		if (kind == 6)
			insert(db, "INSERT INTO pass VALUES (?,?,?,?,?)", 5, &s, boot);
		else if (kind == 7)
			insert(db, "INSERT INTO voucher VALUES (?,?,?,?,?,?,?,?,?)", 9, &s, boot);
		else if (kind % 3 != 0)
			insert(db,
				"INSERT INTO session VALUES"
				" (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
				COLUMNS, &s, boot);
		else
			insert(db, "INSERT INTO device VALUES (?,?,?,?,?,?)", 6, &s, boot);
	}
	(void)sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	(void)sqlite3_close(db);
}

/* ---- what must hold -------------------------------------------------------------------------- */

static int load_session(void *arg, const struct stored_session *stored)
{
	const struct session *s = &stored->session;

	if (s->id == 0 || s->leaf > LEAF_LAST || !mac_is_unicast(&stored->mac) ||
		(unsigned)stored->state >= STATE_COUNT || (unsigned)s->cause >= CAUSE_COUNT)
		abort();
	return engine_load_session(arg, stored);
}

static int load_device(void *arg, const struct stored_device *stored)
{
	if (!mac_is_unicast(&stored->mac))
		abort();
	return engine_load_device(arg, stored);
}

static int load_pass(void *arg, const struct stored_pass *stored)
{
	if (!mac_is_unicast(&stored->mac) || strlen(stored->pass.class_name) >= CLASS_NAME_SIZE)
		abort();
	return engine_load_pass(arg, stored);
}

static int load_voucher(void *arg, const struct voucher *stored)
{
	int r = engine_load_voucher(arg, stored);

	if (stored->batch == 0 || stored->minutes == 0)
		abort();
	return r;
}

static void load_rates(void *arg, const struct kernel_rates *rates)
{
	engine_load_rates(arg, rates);
}

static void use(struct journal *j)
{
	AUTO(kernel_free) struct kernel *kernel = NULL;
	AUTO(engine_free) struct engine *engine = NULL;
	struct journal_sink sink = {
		.session = load_session,
		.device = load_device,
		.rates = load_rates,
		.pass = load_pass,
		.voucher = load_voucher,
	};

	if (kernel_fake_new(&kernel) < 0)
		abort();
	fuzz_now = (struct now){.mono_ms = 3600000, .wall_ms = 1772643600000, .synced = true};
	engine = fuzz_engine(kernel, journal_store(j));
	sink.arg = engine;
	/* More devices than there is room for, or a page that turns out to be damaged: the program
	 * ends with a message. */
	if (journal_load(j, &sink) < 0)
		return;
	fuzz_start(engine, kernel);
	for (int i = 0; i < 60; i++) {
		fuzz_round(engine, kernel);
		fuzz_now.mono_ms += 60000;
		fuzz_now.wall_ms += 60000;
	}
	fuzz_round(engine, kernel);
	fuzz_check(engine, kernel);
	(void)journal_commit(j);
	(void)journal_purge(j, fuzz_now.wall_ms, 20260305);
	(void)journal_size(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(journal_close) struct journal *j = NULL;
	bool damaged = false;
	int r;

	if (size == 0)
		return 0;
	if (directory[0] == '\0')
		make_directory();
	remove_files();
	if (data[0] < 128)
		write_file(data + 1, size - 1);
	else
		write_rows((struct source){data + 1, size - 1});
	r = journal_open(path, &j, &damaged);
	if (r == 0)
		use(j);
	else if (j != NULL)
		abort();
	return 0;
}
