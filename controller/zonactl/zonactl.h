/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's command line: one verb, one reply, one exit code. */
#ifndef ZONA_ZONACTL_H
#define ZONA_ZONACTL_H

#include <stdio.h>

/* What scripts rely on (zonactl(1), EXIT STATUS). */
enum zonactl_exit {
	ZONACTL_DONE = 0,
	ZONACTL_REFUSED = 1, /* refused, not found, or the output could not be written */
	ZONACTL_USAGE = 2,
	ZONACTL_UNREACHABLE = 3,
};

struct zonactl_io {
	FILE *out, *err;
	int in_fd; /* keys of the live view; -1: none */
};

/* Runs one command line to its end. */
enum zonactl_exit zonactl_run(int argc, char *const argv[], const struct zonactl_io *io);

#endif
