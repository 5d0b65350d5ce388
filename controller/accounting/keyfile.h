/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A secret of this installation, made at its first start. */
#ifndef ZONA_KEYFILE_H
#define ZONA_KEYFILE_H

#include <stddef.h>

/* Reads the key of size bytes at path; where there is none, makes a random one that only the owner
 * may read. Returns 0, -EBADMSG (a file of another size), or another -errno. */
int keyfile_read(const char *path, unsigned char *ret_key, size_t size);

#endif
