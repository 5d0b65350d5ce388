/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/state_dir.h"

#include "common/cleanup.h"
#include "common/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_NAME "portal.key"
#define NEW_KEY_NAME "portal.key.new"

static int give(int fd, uid_t uid, gid_t gid)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid == uid && st.st_gid == gid)
		return 0;
	return fchown(fd, uid, gid) < 0 ? -errno : 0;
}

int state_dir_open(const char *path, uid_t uid, gid_t gid)
{
	int made = directory_make(path, 0750);
	if (made < 0)
		return made;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = give(fd, uid, gid);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	return fd;
}

/* Complete or not there: written beside, synchronised, then linked to its name, which fails when
 * another process was faster. */
static int make_key(int dir_fd, uid_t uid, gid_t gid)
{
	unsigned char bytes[TOKEN_KEY_SIZE];
	AUTO_FD fd = -1;
	int r;

	(void)unlinkat(dir_fd, NEW_KEY_NAME, 0); /* of a start that was cut short */
	fd = openat(
		dir_fd, NEW_KEY_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	randombytes_buf(bytes, sizeof(bytes));
	r = give(fd, uid, gid);
	if (r == 0 && (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) || fsync(fd) < 0))
		r = errno > 0 ? -errno : -EIO;
	sodium_memzero(bytes, sizeof(bytes));
	if (r == 0 && linkat(dir_fd, NEW_KEY_NAME, dir_fd, KEY_NAME, 0) < 0 && errno != EEXIST)
		r = -errno;
	(void)unlinkat(dir_fd, NEW_KEY_NAME, 0);
	if (r == 0 && fsync(dir_fd) < 0)
		r = -errno;
	return r;
}

static int read_key(int dir_fd, struct token_key *ret_key)
{
	AUTO_FD fd = openat(dir_fd, KEY_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	unsigned char bytes[TOKEN_KEY_SIZE + 1];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	/* A key that others can read is none. */
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
		read(fd, bytes, sizeof(bytes)) != TOKEN_KEY_SIZE)
		return -EINVAL;
	for (size_t i = 0; i < TOKEN_KEY_SIZE; i++)
		ret_key->bytes[i] = bytes[i];
	sodium_memzero(bytes, sizeof(bytes));
	return 0;
}

int state_dir_read_key(int dir_fd, uid_t uid, gid_t gid, struct token_key *ret_key)
{
	int r = read_key(dir_fd, ret_key);

	if (r != -ENOENT)
		return r;
	r = make_key(dir_fd, uid, gid);
	return r < 0 ? r : read_key(dir_fd, ret_key);
}
