/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway's journal: SQLite in WAL mode. Sessions are written as they begin, each minute and as
 * they end; what is put in a round of the event loop is one transaction. */
#ifndef ZONA_JOURNAL_H
#define ZONA_JOURNAL_H

#include "common/cleanup.h"
#include "controller/session/store.h"

struct journal;

/* Opens or makes the journal. A file that SQLite finds damaged is set aside as PATH.damaged-TIME
 * (*ret_damaged becomes true) and a new one begun: a journal never keeps a zone from serving.
 * Returns 0 or -errno. */
int journal_open(const char *path, struct journal **ret_journal, bool *ret_damaged);
void journal_close(struct journal *journal);
DEFINE_AUTO(struct journal, journal_close);

/* What the last run left: live and unfinished sessions, devices of today and blocked ones, and the
 * rates of the leaves. */
struct journal_sink {
	int (*session)(void *arg, const struct stored_session *session);
	int (*device)(void *arg, const struct stored_device *device);
	void (*rates)(void *arg, const struct kernel_rates *rates);
	void *arg;
	/* After the devices; NULL: not wanted. */
	int (*pass)(void *arg, const struct stored_pass *pass);
	int (*voucher)(void *arg, const struct voucher *voucher);
};
int journal_load(struct journal *journal, const struct journal_sink *sink);

/* The engine's way in. */
struct store journal_store(struct journal *journal);

/* Commits what was put since the last commit, if anything. Returns 0 or -errno: nothing of it was
 * kept (a full disk), and the caller puts everything again later. */
int journal_commit(struct journal *journal);

/* Deletes ended sessions that began before wall_ms, and devices not seen on or after day. */
int journal_purge(struct journal *journal, int64_t wall_ms, int32_t day);

/* Size of the file in bytes. */
int64_t journal_size(struct journal *journal);

#endif
