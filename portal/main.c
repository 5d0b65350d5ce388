/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/log.h"
#include "portal/portal.h"

#include <stdio.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

int main(int argc, char **argv)
{
	struct portal_options options;
	int r;

	if (portal_options_parse(argc, argv, &options) < 0) {
		(void)fprintf(stderr, "usage: zona-portal --config FILE [--check]\n");
		return EXIT_USAGE;
	}
	log_open("zona-portal");
	r = options.check ? portal_check(options.config) : portal_run(options.config);
	return r < 0 ? EXIT_REFUSED : EXIT_DONE;
}
