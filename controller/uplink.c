/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/uplink.h"

#include "common/cleanup.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

bool uplink_is_up(const char *interface)
{
	AUTO_FD fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};

	if (fd < 0 || strlen(interface) >= sizeof(request.ifr_name))
		return true;
	memcpy(request.ifr_name, interface, strlen(interface));
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return errno != ENODEV;
	return ((unsigned)request.ifr_flags & IFF_RUNNING) != 0;
}
