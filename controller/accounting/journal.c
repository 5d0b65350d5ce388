/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/accounting/journal.h"

#include "common/log.h"
#include "controller/accounting/syncer.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

__asm__(".section .rodata\n"
	"journal_schema:\n"
	".incbin \"controller/accounting/schema.sql\"\n"
	".byte 0\n"
	".previous\n");
extern const char journal_schema[] __attribute__((visibility("hidden")));

#define SCHEMA_VERSION 2
#define BOOT_ID_SIZE 37
/* Waits this long for another process that reads the journal (an operator's copy). */
#define BUSY_MS 2000
#define CACHE_KIB 512

enum statement {
	PUT_SESSION,
	PUT_DEVICE,
	PUT_RATES,
	PUT_PASS,
	PUT_VOUCHER,
	BEGIN,
	COMMIT,
	ROLLBACK,
	STATEMENT_COUNT
};

static const char *const sql[] = {
	[PUT_SESSION] = ("INSERT OR REPLACE INTO session VALUES"
			 " (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
	[PUT_DEVICE] = "INSERT OR REPLACE INTO device VALUES (?,?,?,?,?,?)",
	[PUT_RATES] = "INSERT OR REPLACE INTO leaf_rates VALUES (1,?,?,?,?,?)",
	[PUT_PASS] = "INSERT OR REPLACE INTO pass VALUES (?,?,?,?,?)",
	[PUT_VOUCHER] = "INSERT OR REPLACE INTO voucher VALUES (?,?,?,?,?,?,?,?,?)",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
};
_Static_assert(ARRAY_SIZE(sql) == STATEMENT_COUNT, "a statement is missing");

struct journal {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct syncer *syncer;
	char boot[BOOT_ID_SIZE];
	bool open; /* a transaction is */
	int error; /* of a statement in it */
};

static int from_sqlite(int r)
{
	switch (r & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return -EACCES;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* tables of another shape than our statements' */
		return -EBADMSG;
	default:
		return -EIO;
	}
}

/* ---- opening --------------------------------------------------------------------------------- */

static int read_boot_id(char boot[BOOT_ID_SIZE])
{
	AUTO_FD fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, boot, BOOT_ID_SIZE - 1) != BOOT_ID_SIZE - 1)
		return -EIO;
	boot[BOOT_ID_SIZE - 1] = '\0';
	return 0;
}

/* In one transaction: a power cut leaves the old shape or the new one. */
static int upgrade_from_1(sqlite3 *db)
{
	static const char steps[] = "BEGIN; ALTER TABLE session ADD COLUMN class TEXT;"
				    "PRAGMA user_version = 2; COMMIT";

	return from_sqlite(sqlite3_exec(db, steps, NULL, NULL, NULL));
}

static int check_version(sqlite3 *db, int *ret_version)
{
	sqlite3_stmt *s = NULL;
	int version = 0;
	int r = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &s, NULL);

	if (r == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		version = sqlite3_column_int(s, 0);
	r = sqlite3_finalize(s);
	if (r != SQLITE_OK)
		return from_sqlite(r);
	*ret_version = version;
	return version >= 0 && version <= SCHEMA_VERSION ? 0 : -EPROTO;
}

static int quick_check(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	bool ok = false;
	int r = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &s, NULL);

	if (r == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		ok = strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
	r = sqlite3_finalize(s);
	if (r != SQLITE_OK)
		return from_sqlite(r);
	return ok ? 0 : -EBADMSG;
}

static int open_db(const char *path, struct journal *j)
{
	char pragmas[256];
	int version = 0;
	int r = sqlite3_open_v2(path, &j->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

	(void)snprintf(pragmas, sizeof(pragmas),
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
		"PRAGMA wal_autocheckpoint = 0;" /* the syncer's work */
		"PRAGMA cache_size = -%d; PRAGMA user_version = %d;",
		CACHE_KIB, SCHEMA_VERSION);
	if (r == SQLITE_OK)
		r = sqlite3_busy_timeout(j->db, BUSY_MS);
	if (r != SQLITE_OK)
		return from_sqlite(r);
	r = check_version(j->db, &version);
	if (r == 0)
		r = quick_check(j->db);
	if (r == 0 && version == 1)
		r = upgrade_from_1(j->db);
	if (r == 0)
		r = from_sqlite(sqlite3_exec(j->db, pragmas, NULL, NULL, NULL));
	if (r == 0)
		r = from_sqlite(sqlite3_exec(j->db, journal_schema, NULL, NULL, NULL));
	for (int i = 0; i < STATEMENT_COUNT && r == 0; i++)
		r = from_sqlite(sqlite3_prepare_v3(
			j->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &j->statements[i], NULL));
	return r;
}

static void close_db(struct journal *j)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		(void)sqlite3_finalize(j->statements[i]);
		j->statements[i] = NULL;
	}
	(void)sqlite3_close(j->db);
	j->db = NULL;
}

/* The damaged file stays for whoever wants to look; its WAL belongs to it. */
static int set_aside(const char *path)
{
	static const char *const suffix[] = {"", "-wal", "-shm"};
	long long stamp = (long long)time(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++) {
		char from[512], to[560];

		(void)snprintf(from, sizeof(from), "%s%s", path, suffix[i]);
		(void)snprintf(to, sizeof(to), "%s.damaged-%lld%s", path, stamp, suffix[i]);
		if (rename(from, to) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

int journal_open(const char *path, struct journal **ret_journal, bool *ret_damaged)
{
	AUTO(journal_close) struct journal *j = calloc(1, sizeof(*j));
	int r;

	if (j == NULL)
		return -ENOMEM;
	*ret_damaged = false;
	r = read_boot_id(j->boot);
	if (r < 0)
		return r;
	r = open_db(path, j);
	if (r == -EBADMSG) {
		*ret_damaged = true;
		close_db(j);
		r = set_aside(path);
		if (r == 0)
			r = open_db(path, j);
	}
	if (r == 0)
		r = syncer_start(path, &j->syncer);
	if (r < 0)
		return r;
	*ret_journal = TAKE(j);
	return 0;
}

void journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	(void)journal_commit(j);
	syncer_stop(j->syncer);
	close_db(j);
	free(j);
}

/* ---- writing --------------------------------------------------------------------------------- */

static int run(struct journal *j, enum statement which)
{
	sqlite3_stmt *s = j->statements[which];
	int r = sqlite3_step(s);

	(void)sqlite3_reset(s);
	return from_sqlite(r);
}

static void begin(struct journal *j)
{
	if (j->open)
		return;
	j->error = run(j, BEGIN);
	j->open = true;
}

static void finish_put(struct journal *j, enum statement which)
{
	int r = j->error == 0 ? run(j, which) : 0;

	if (r < 0)
		j->error = r;
}

static void bind_all(sqlite3_stmt *s, int first, const int64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)sqlite3_bind_int64(s, first + (int)i, values[i]);
}

static void put_session(void *ctx, const struct stored_session *stored)
{
	struct journal *j = ctx;
	const struct session *n = &stored->session;
	sqlite3_stmt *s = j->statements[PUT_SESSION];
	const int64_t before[] = {stored->state, n->cause, stored->final};
	const int64_t after[] = {
		n->leaf,
		n->started_wall_ms,
		n->started_unsynced,
		n->started_ms,
		n->granted_ms,
		n->ends_ms,
		n->active_ms,
		n->updated_ms,
		n->minutes,
		n->extended_min,
		n->extended_day,
		(int64_t)n->carry.down_bytes,
		(int64_t)n->carry.up_bytes,
		(int64_t)n->base.down_bytes,
		(int64_t)n->base.up_bytes,
		(int64_t)n->total.down_bytes,
		(int64_t)n->total.up_bytes,
	};

	begin(j);
	(void)sqlite3_bind_int64(s, 1, n->id);
	(void)sqlite3_bind_blob(s, 2, stored->mac.b, sizeof(stored->mac.b), SQLITE_STATIC);
	bind_all(s, 3, before, ARRAY_SIZE(before));
	(void)sqlite3_bind_text(s, 6, j->boot, -1, SQLITE_STATIC);
	bind_all(s, 7, after, ARRAY_SIZE(after));
	(void)sqlite3_bind_text(s, 24, n->class_name, -1, SQLITE_STATIC); /* NULL stays NULL */
	finish_put(j, PUT_SESSION);
}

static void put_device(void *ctx, const struct stored_device *stored)
{
	struct journal *j = ctx;
	sqlite3_stmt *s = j->statements[PUT_DEVICE];
	const int64_t values[] = {stored->blocked, stored->day, stored->day_ms,
		(int64_t)stored->day_bytes, stored->token_us};

	begin(j);
	(void)sqlite3_bind_blob(s, 1, stored->mac.b, sizeof(stored->mac.b), SQLITE_STATIC);
	bind_all(s, 2, values, ARRAY_SIZE(values));
	finish_put(j, PUT_DEVICE);
}

static void put_rates(void *ctx, const struct kernel_rates *rates)
{
	struct journal *j = ctx;
	sqlite3_stmt *s = j->statements[PUT_RATES];
	const int64_t values[] = {(int64_t)rates->down_bps, (int64_t)rates->up_bps,
		(int64_t)rates->down_floor_bps, (int64_t)rates->up_floor_bps};

	begin(j);
	(void)sqlite3_bind_text(s, 1, j->boot, -1, SQLITE_STATIC);
	bind_all(s, 2, values, ARRAY_SIZE(values));
	finish_put(j, PUT_RATES);
}

static void put_pass(void *ctx, const struct stored_pass *stored)
{
	struct journal *j = ctx;
	sqlite3_stmt *s = j->statements[PUT_PASS];

	begin(j);
	(void)sqlite3_bind_blob(s, 1, stored->mac.b, sizeof(stored->mac.b), SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 2, stored->pass.batch);
	(void)sqlite3_bind_int64(s, 3, stored->pass.number);
	(void)sqlite3_bind_text(s, 4, stored->pass.class_name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 5, stored->pass.ends_wall_ms);
	finish_put(j, PUT_PASS);
}

static void put_voucher(void *ctx, const struct voucher *v)
{
	struct journal *j = ctx;
	sqlite3_stmt *s = j->statements[PUT_VOUCHER];
	const int64_t values[] = {
		v->minutes, v->created_wall_ms, v->expires_wall_ms, v->uses_max, v->uses};

	begin(j);
	(void)sqlite3_bind_blob(s, 1, v->hash, sizeof(v->hash), SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 2, v->batch);
	(void)sqlite3_bind_int64(s, 3, v->number);
	(void)sqlite3_bind_text(s, 4, v->class_name, -1, SQLITE_STATIC);
	bind_all(s, 5, values, ARRAY_SIZE(values));
	finish_put(j, PUT_VOUCHER);
}

struct store journal_store(struct journal *j)
{
	return (struct store){
		.ctx = j,
		.put_session = put_session,
		.put_device = put_device,
		.put_rates = put_rates,
		.put_pass = put_pass,
		.put_voucher = put_voucher,
	};
}

int journal_commit(struct journal *j)
{
	int r;

	if (!j->open)
		return 0;
	j->open = false;
	r = j->error;
	if (r == 0)
		r = run(j, COMMIT);
	if (r == 0)
		syncer_wake(j->syncer);
	else if (sqlite3_get_autocommit(j->db) == 0)
		(void)run(j, ROLLBACK);
	return r;
}

static int purge_one(struct journal *j, const char *text, int64_t value)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(j->db, text, -1, &s, NULL);

	if (r == SQLITE_OK) {
		(void)sqlite3_bind_int64(s, 1, value);
		(void)sqlite3_step(s);
	}
	r = sqlite3_finalize(s);
	return from_sqlite(r);
}

int journal_purge(struct journal *j, int64_t wall_ms, int32_t day)
{
	int r = journal_commit(j);

	if (r == 0)
		r = purge_one(j,
			"DELETE FROM session WHERE final = 1 AND started_wall_ms < ?"
			" AND id < (SELECT max(id) FROM session)",
			wall_ms);
	if (r == 0)
		r = purge_one(j, "DELETE FROM device WHERE blocked = 0 AND day < ?", day);
	if (r == 0)
		r = purge_one(j, "DELETE FROM pass WHERE ends_wall_ms < ?", wall_ms);
	if (r == 0)
		r = purge_one(j, "DELETE FROM voucher WHERE expires_wall_ms < ?", wall_ms);
	return r;
}

int64_t journal_size(struct journal *j)
{
	int64_t pages = 0, size = 0;
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(j->db,
		    "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size", -1, &s,
		    NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW) {
		pages = sqlite3_column_int64(s, 0);
		size = sqlite3_column_int64(s, 1);
	}
	(void)sqlite3_finalize(s);
	return pages * size;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool column_mac(sqlite3_stmt *s, int column, struct mac_addr *ret_mac)
{
	if (sqlite3_column_bytes(s, column) != (int)sizeof(ret_mac->b))
		return false;
	memcpy(ret_mac->b, sqlite3_column_blob(s, column), sizeof(ret_mac->b));
	return mac_is_unicast(ret_mac);
}

/* Values beyond these were not written by this program (a damaged page may still parse), and must
 * not reach the arithmetic: 35,000 years, 30 years, an exabyte. */
#define TIME_MAX_MS (1LL << 50)
#define MINUTES_MAX (1LL << 24)
#define VOLUME_MAX (1LL << 60)
#define DAY_MAX 99991231 /* YYYYMMDD */

static bool in_range(sqlite3_stmt *s, int first, int last, int64_t least, int64_t most)
{
	for (int column = first; column <= last; column++) {
		int64_t value = sqlite3_column_int64(s, column);

		if (value < least || value > most)
			return false;
	}
	return true;
}

/* A name of a class as policies have them, or NULL; until the next row. */
static const char *column_class(sqlite3_stmt *s, int column)
{
	const char *name = (const char *)sqlite3_column_text(s, column);

	return name != NULL && strlen(name) < CLASS_NAME_SIZE ? name : NULL;
}

static bool session_is_sane(sqlite3_stmt *s)
{
	return in_range(s, 0, 0, 1, UINT32_MAX) &&
	       in_range(s, 2, 2, STATE_ACTIVE, STATE_COUNT - 1) &&
	       in_range(s, 3, 3, CAUSE_NONE, CAUSE_COUNT - 1) && in_range(s, 6, 6, 0, LEAF_LAST) &&
	       in_range(s, 7, 7, -TIME_MAX_MS, TIME_MAX_MS) &&
	       in_range(s, 9, 13, -TIME_MAX_MS, TIME_MAX_MS) &&
	       in_range(s, 14, 15, 0, MINUTES_MAX) && in_range(s, 16, 16, 0, DAY_MAX) &&
	       in_range(s, 17, 22, 0, VOLUME_MAX);
}

static bool read_session(const struct journal *j, sqlite3_stmt *s, struct stored_session *ret)
{
	struct session *n = &ret->session;
	const char *boot = (const char *)sqlite3_column_text(s, 5);
	int64_t *const times[] = {
		&n->started_ms, &n->granted_ms, &n->ends_ms, &n->active_ms, &n->updated_ms};
	uint64_t *const volumes[] = {&n->carry.down_bytes, &n->carry.up_bytes, &n->base.down_bytes,
		&n->base.up_bytes, &n->total.down_bytes, &n->total.up_bytes};

	*ret = (struct stored_session){0};
	if (!column_mac(s, 1, &ret->mac) || boot == NULL || !session_is_sane(s))
		return false;
	n->id = (uint32_t)sqlite3_column_int64(s, 0);
	n->leaf = (uint16_t)sqlite3_column_int(s, 6);
	ret->state = (enum session_state)sqlite3_column_int(s, 2);
	n->cause = (enum end_cause)sqlite3_column_int(s, 3);
	ret->final = sqlite3_column_int(s, 4) != 0;
	ret->same_boot = strcmp(boot, j->boot) == 0;
	n->started_wall_ms = sqlite3_column_int64(s, 7);
	n->started_unsynced = sqlite3_column_int(s, 8) != 0;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		*times[i] = sqlite3_column_int64(s, 9 + (int)i);
	n->minutes = (unsigned)sqlite3_column_int(s, 14);
	n->extended_min = (unsigned)sqlite3_column_int(s, 15);
	n->extended_day = sqlite3_column_int(s, 16);
	for (size_t i = 0; i < ARRAY_SIZE(volumes); i++)
		*volumes[i] = (uint64_t)sqlite3_column_int64(s, 17 + (int)i);
	n->class_name = column_class(s, 23);
	return true;
}

/* Live and unfinished ones, the last of each device of today, and the last of all (its number). */
static int load_sessions(struct journal *j, const struct journal_sink *sink)
{
	static const char query[] =
		"SELECT * FROM session WHERE final = 0"
		" OR id IN (SELECT max(id) FROM session WHERE mac IN (SELECT mac FROM device)"
		" GROUP BY mac) OR id = (SELECT max(id) FROM session) ORDER BY id";
	sqlite3_stmt *s = NULL;
	int r = from_sqlite(sqlite3_prepare_v2(j->db, query, -1, &s, NULL));

	while (r == 0 && sqlite3_step(s) == SQLITE_ROW) {
		struct stored_session stored;

		if (read_session(j, s, &stored))
			r = sink->session(sink->arg, &stored);
		else
			log_warning("journal: session %lld makes no sense; ignoring",
				(long long)sqlite3_column_int64(s, 0));
	}
	(void)sqlite3_finalize(s);
	return r;
}

static int load_devices(struct journal *j, const struct journal_sink *sink)
{
	sqlite3_stmt *s = NULL;
	int r = from_sqlite(sqlite3_prepare_v2(j->db, "SELECT * FROM device", -1, &s, NULL));

	while (r == 0 && sqlite3_step(s) == SQLITE_ROW) {
		struct stored_device d = {
			.blocked = sqlite3_column_int(s, 1) != 0,
			.day = sqlite3_column_int(s, 2),
			.day_ms = sqlite3_column_int64(s, 3),
			.day_bytes = (uint64_t)sqlite3_column_int64(s, 4),
			.token_us = sqlite3_column_int64(s, 5),
		};

		if (column_mac(s, 0, &d.mac) && in_range(s, 3, 3, 0, TIME_MAX_MS) &&
			in_range(s, 4, 4, 0, VOLUME_MAX))
			r = sink->device(sink->arg, &d);
	}
	(void)sqlite3_finalize(s);
	return r;
}

static int load_rates(struct journal *j, const struct journal_sink *sink)
{
	sqlite3_stmt *s = NULL;
	int r = from_sqlite(sqlite3_prepare_v2(j->db,
		"SELECT down, up, down_floor, up_floor FROM leaf_rates WHERE boot = ?", -1, &s,
		NULL));

	if (r == 0) {
		(void)sqlite3_bind_text(s, 1, j->boot, -1, SQLITE_STATIC);
		if (sqlite3_step(s) == SQLITE_ROW) {
			const struct kernel_rates rates = {
				.down_bps = (uint64_t)sqlite3_column_int64(s, 0),
				.up_bps = (uint64_t)sqlite3_column_int64(s, 1),
				.down_floor_bps = (uint64_t)sqlite3_column_int64(s, 2),
				.up_floor_bps = (uint64_t)sqlite3_column_int64(s, 3),
			};

			sink->rates(sink->arg, &rates);
		}
	}
	(void)sqlite3_finalize(s);
	return r;
}

static int load_passes(struct journal *j, const struct journal_sink *sink)
{
	sqlite3_stmt *s = NULL;
	int r = from_sqlite(sqlite3_prepare_v2(j->db, "SELECT * FROM pass", -1, &s, NULL));

	while (r == 0 && sqlite3_step(s) == SQLITE_ROW) {
		struct stored_pass p = {.pass = {.batch = (uint32_t)sqlite3_column_int64(s, 1),
						.number = (uint32_t)sqlite3_column_int64(s, 2),
						.class_name = column_class(s, 3),
						.ends_wall_ms = sqlite3_column_int64(s, 4)}};

		if (column_mac(s, 0, &p.mac) && p.pass.class_name != NULL &&
			in_range(s, 4, 4, 0, TIME_MAX_MS))
			r = sink->pass(sink->arg, &p);
	}
	(void)sqlite3_finalize(s);
	return r;
}

static bool read_voucher(sqlite3_stmt *s, struct voucher *v)
{
	const char *class_name = column_class(s, 3);

	if (sqlite3_column_bytes(s, 0) != VOUCHER_HASH_SIZE || class_name == NULL ||
		!in_range(s, 1, 2, 1, UINT32_MAX) || !in_range(s, 4, 4, 1, MINUTES_MAX) ||
		!in_range(s, 5, 6, 0, TIME_MAX_MS) || !in_range(s, 7, 8, 0, VOUCHER_USES_MAX))
		return false;
	*v = (struct voucher){
		.batch = (uint32_t)sqlite3_column_int64(s, 1),
		.number = (uint32_t)sqlite3_column_int64(s, 2),
		.minutes = (unsigned)sqlite3_column_int64(s, 4),
		.created_wall_ms = sqlite3_column_int64(s, 5),
		.expires_wall_ms = sqlite3_column_int64(s, 6),
		.uses_max = (unsigned)sqlite3_column_int64(s, 7),
		.uses = (unsigned)sqlite3_column_int64(s, 8),
	};
	memcpy(v->hash, sqlite3_column_blob(s, 0), VOUCHER_HASH_SIZE);
	(void)snprintf(v->class_name, sizeof(v->class_name), "%s", class_name);
	return true;
}

static int load_vouchers(struct journal *j, const struct journal_sink *sink)
{
	sqlite3_stmt *s = NULL;
	int r = from_sqlite(sqlite3_prepare_v2(
		j->db, "SELECT * FROM voucher ORDER BY batch, number", -1, &s, NULL));

	while (r == 0 && sqlite3_step(s) == SQLITE_ROW) {
		struct voucher v;

		if (read_voucher(s, &v))
			r = sink->voucher(sink->arg, &v);
	}
	(void)sqlite3_finalize(s);
	return r;
}

int journal_load(struct journal *j, const struct journal_sink *sink)
{
	int r = load_rates(j, sink);

	if (r == 0)
		r = load_sessions(j, sink);
	if (r == 0)
		r = load_devices(j, sink);
	if (r == 0 && sink->pass != NULL)
		r = load_passes(j, sink);
	if (r == 0 && sink->voucher != NULL)
		r = load_vouchers(j, sink);
	return r;
}
