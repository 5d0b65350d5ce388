/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/accounting/keyfile.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>

#define PATH_SIZE 560

/* Under another name first: a power cut leaves no half of a key. */
static int make(const char *path, const unsigned char *key, size_t size)
{
	char fresh[PATH_SIZE];
	int r = 0;
	int fd;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, key, size) != (ssize_t)size || fsync(fd) < 0)
		r = errno != 0 ? -errno : -EIO;
	(void)close(fd);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	return r;
}

int keyfile_read(const char *path, unsigned char *ret_key, size_t size)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	unsigned char beyond;
	ssize_t n;

	if (fd < 0 && errno == ENOENT) {
		randombytes_buf(ret_key, size);
		return make(path, ret_key, size);
	}
	if (fd < 0)
		return -errno;
	n = read(fd, ret_key, size);
	if (n < 0)
		return -errno;
	return n == (ssize_t)size && read(fd, &beyond, 1) == 0 ? 0 : -EBADMSG;
}
