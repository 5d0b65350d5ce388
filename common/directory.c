/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/directory.h"

#include "common/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int directory_make(const char *path, mode_t mode)
{
	AUTO_STR copy = strdup(path);

	if (copy == NULL)
		return -ENOMEM;
	for (char *slash = copy + 1; *slash != '\0'; slash++) {
		if (*slash != '/')
			continue;
		*slash = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(copy, mode) < 0 && errno != EEXIST ? -errno : 0;
}
