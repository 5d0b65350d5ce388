/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a request to its answer: redirects at once, everything else through the controller. */
#ifndef ZONA_PORTAL_REQUEST_H
#define ZONA_PORTAL_REQUEST_H

#include "portal/alert.h"
#include "portal/answer.h"
#include "portal/control.h"
#include "portal/limiter.h"
#include "portal/pages.h"
#include "portal/site.h"
#include "portal/token.h"

#include <microhttpd.h>

/* What the requests of one worker stand on. Only limiters are shared between workers. */
struct request_context {
	const struct site *site;
	const struct pages *pages;
	const struct token_key *key;
	struct control *control;
	struct limiter *limiter;	/* requests to the portal's own host */
	struct limiter *accept_limiter; /* of these POST /accept */
	struct answer elsewhere;	/* the redirect to site->url: one response for all */
	struct alert alert;		/* the last that the controller told */
	char csp[320];
	bool controller_away; /* so that it is logged once */
	/* Called after a connection was resumed: a daemon that is driven from outside (as ours is
	 * by libevent) does not wake up by itself. */
	void (*resumed)(void *arg);
	void *resumed_arg;
};

/* Fills csp and elsewhere from the site and pages; to be called again when the site changes.
 * Returns 0 or -ENOMEM. */
int request_context_prepare(struct request_context *context);
void request_context_clear(struct request_context *context);

/* MHD_AccessHandlerCallback and MHD_RequestCompletedCallback; cls is a struct request_context. */
enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *target,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **request);
void request_completed(void *cls, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode code);

#endif
