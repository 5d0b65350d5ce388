/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/zonactl.h"

#include "common/cleanup.h"
#include "controller/zonactl/call.h"
#include "controller/zonactl/options.h"
#include "controller/zonactl/text.h"
#include "controller/zonactl/verbs.h"

static enum zonactl_exit refuse_usage(const struct zonactl_io *io, const char *text)
{
	AUTO_STR clean = text_clean(text);

	(void)fprintf(io->err, "zonactl: %s\n", clean != NULL ? clean : "usage");
	return ZONACTL_USAGE;
}

enum zonactl_exit zonactl_run(int argc, char *const argv[], const struct zonactl_io *io)
{
	struct options options;
	struct options_error error;
	struct call call = {.options = &options, .io = io};
	enum zonactl_exit status;

	if (options_parse(argc, argv, &options, &error) < 0)
		return refuse_usage(io, error.text);
	if (options.help) {
		options_print_help(io->out);
		return call_printed(&call, 0);
	}
	status = options.verb->run(&call);
	control_client_close(call.client);
	return status;
}
