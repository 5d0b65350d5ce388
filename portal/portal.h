/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole of zona-portal but main(). */
#ifndef ZONA_PORTAL_PORTAL_H
#define ZONA_PORTAL_PORTAL_H

#include <stdbool.h>

struct portal_options {
	const char *config;
	bool check;
};

/* Returns 0, or -EINVAL when the arguments are not understood. */
int portal_options_parse(int argc, char **argv, struct portal_options *ret_options);

/* Reads everything that the file names and says on standard error what is wrong with it. Returns 0
 * or -errno. */
int portal_check(const char *config);

/* Serves until SIGTERM or SIGINT. Returns 0 then, or -errno after having logged why it could not
 * start. */
int portal_run(const char *config);

#endif
