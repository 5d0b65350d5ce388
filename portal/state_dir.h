/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The installation's own directory and the portal's key in it. */
#ifndef ZONA_PORTAL_STATE_DIR_H
#define ZONA_PORTAL_STATE_DIR_H

#include "portal/token.h"

#include <sys/types.h>

/* Makes the directory, with what is above it, and, when run as root, gives it to uid and gid.
 * Returns an open directory that the caller closes, or -errno. */
int state_dir_open(const char *path, uid_t uid, gid_t gid);

/* Reads portal.key; makes it of random bytes when it is not there. Every gateway has its own.
 * Returns 0 or -errno; -EINVAL when the file is not a key. */
int state_dir_read_key(int dir_fd, uid_t uid, gid_t gid, struct token_key *ret_key);

#endif
