/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/zonactl.h"

#include <unistd.h>

int main(int argc, char *argv[])
{
	const struct zonactl_io io = {.out = stdout, .err = stderr, .in_fd = STDIN_FILENO};

	return (int)zonactl_run(argc, argv, &io);
}
