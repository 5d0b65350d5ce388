/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes commits durable in a thread of its own. In WAL mode with synchronous = NORMAL a commit is
 * safe from a crash of the process at once, but from a power cut only when the WAL has been synced,
 * which a checkpoint does first (sqlite.org/wal.html, "Performance Considerations"). Both wait for
 * the disk, tens of milliseconds on a gateway's flash, so the event loop does neither. */
#ifndef ZONA_SYNCER_H
#define ZONA_SYNCER_H

#include "common/cleanup.h"

struct syncer;

/* Starts the thread, with a connection of its own to the database at path. Returns 0 or -errno. */
int syncer_start(const char *path, struct syncer **ret_syncer);

/* Something was committed: it will be on the disk in about a second. Never waits. */
void syncer_wake(struct syncer *syncer);

/* Ends the thread after a last checkpoint. */
void syncer_stop(struct syncer *syncer);
DEFINE_AUTO(struct syncer, syncer_stop);

#endif
