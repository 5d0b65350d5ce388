/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of the control socket (docs/control.md): one table. */
#ifndef ZONA_CONTROL_VERBS_H
#define ZONA_CONTROL_VERBS_H

#include "controller/control/notice.h"
#include "controller/control/server.h"
#include "controller/session/engine.h"

/* What the verbs act on. */
struct verbs_context {
	struct engine *engine;
	/* Reads the policies again and applies them; on failure 0 changes and error is filled. */
	int (*reload)(void *arg, unsigned *ret_changed, struct conf_error *error);
	/* Adds what only the program knows to the status: gateway, journal, kernel … */
	void (*add_status)(void *arg, json_t *status);
	bool (*uplink_is_up)(void *arg);
	struct notice *notice;
	const char *portal_key_path; /* certificates are signed with it */
	const char *portal_url;	     /* where devices find the portal, with the last '/' */
	void *arg;
};

/* The handler for control_server_new(); arg is a struct verbs_context. */
control_handler verbs_handle;

#endif
