/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leaving root for good. Call before any thread is started: Linux keeps capabilities per thread. */
#ifndef ZONA_PRIVILEGES_H
#define ZONA_PRIVILEGES_H

#include <stddef.h>
#include <sys/types.h>

/* Who a daemon becomes. user is gateway.conf's value: "" (or NULL) means zona if that user exists,
 * else nobody. Returns 0, or -ENOENT (no such user), -EPERM (user is root), or another -errno of
 * the user database; the ret_ values are untouched on failure. */
int privileges_resolve_user(const char *user, uid_t *ret_uid, gid_t *ret_gid);

/* Becomes uid and gid with no further group, drops every capability from all five sets
 * (capabilities(7)) and sets no_new_privs and "not dumpable", so that no process of the same user
 * can read this one's memory or descriptors. A process that does not run as root keeps its
 * identity and loses its capabilities; its bounding set goes where it is allowed to change it.
 * Returns 0 or -errno. After a failure the process is in between and must exit. */
int privileges_drop(uid_t uid, gid_t gid);

/* The same, but the capabilities of caps (CAP_… numbers, n of them) stay permitted, effective,
 * inheritable and ambient, so that they also survive an execve() by this user.
 * -EPERM when one of them was not there to keep. */
int privileges_drop_keeping(uid_t uid, gid_t gid, const int *caps, size_t n);

#endif
