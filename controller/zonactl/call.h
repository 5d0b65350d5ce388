/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call to the daemon on behalf of one command line: ask, and tell what went wrong. */
#ifndef ZONA_ZONACTL_CALL_H
#define ZONA_ZONACTL_CALL_H

#include "common/control_client.h"
#include "controller/zonactl/options.h"
#include "controller/zonactl/zonactl.h"

#include <jansson.h>

struct call {
	const struct options *options;
	const struct zonactl_io *io;
	struct control_client *client; /* NULL until the first request */
};

/* Sends a request with the verb name and the members of arguments (consumed; NULL: none), and
 * waits for its reply, connecting first where needed. Returns ZONACTL_DONE and a reply with
 * "ok": true that the caller owns; else what went wrong has been told. */
enum zonactl_exit call_ask(
	struct call *call, const char *verb, json_t *arguments, json_t **ret_reply);
/* The same with the command line's own verb, address and minutes. */
enum zonactl_exit call_ask_own(struct call *call, json_t **ret_reply);

/* Tells a failure as one line on standard error, and as a document {"error", "message"} with
 * --json. Returns status. */
enum zonactl_exit call_fail(
	const struct call *call, enum zonactl_exit status, const char *code, const char *message);

/* Prints value, which is borrowed, as the document of --json. */
enum zonactl_exit call_print_json(const struct call *call, const json_t *value);
/* Maps what a print function returned (0 or -errno) to an exit code, telling a failure. */
enum zonactl_exit call_printed(const struct call *call, int rc);

#endif
