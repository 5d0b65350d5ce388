/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_DIRECTORY_H
#define ZONA_DIRECTORY_H

#include <sys/types.h>

/* Makes a directory with this mode, and those above it that are missing (0755). One that is there
 * is no error, and keeps its mode. Returns 0 or -errno. */
int directory_make(const char *path, mode_t mode);

#endif
