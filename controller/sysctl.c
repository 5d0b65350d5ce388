/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/sysctl.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>

static int read_value(const char *path)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return -errno;
	return atoi(text);
}

static int write_value(const char *path, char value)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, &value, 1) == 1 ? 0 : -errno;
}

static int turn_on(const char *path)
{
	return read_value(path) == 1 ? 0 : write_value(path, '1');
}

int sysctl_forwarding_on(const char *uplink)
{
	char accept_ra[128];
	int r = turn_on("/proc/sys/net/ipv4/ip_forward");

	if (r < 0)
		return r;
	(void)snprintf(
		accept_ra, sizeof(accept_ra), "/proc/sys/net/ipv6/conf/%s/accept_ra", uplink);
	if (read_value(accept_ra) == 1)
		r = write_value(accept_ra, '2');
	if (r == 0)
		r = turn_on("/proc/sys/net/ipv6/conf/all/forwarding");
	return r == -ENOENT ? 0 : r;
}
