/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Responses with their headers. */
#ifndef ZONA_PORTAL_ANSWER_H
#define ZONA_PORTAL_ANSWER_H

#include "portal/buffer.h"
#include "portal/device.h"
#include "portal/pages.h"

#include <microhttpd.h>

/* A response that is ready to be queued; its owner destroys it. response is NULL when there was
 * no memory: the connection is closed then. */
struct answer {
	struct MHD_Response *response;
	unsigned status;
};

/* To another URL, absolute or on this host, which is never made of what a client sent. For people
 * whose browser does not follow it the body has a link. */
struct answer answer_redirect(const struct pages *pages, unsigned status, const char *location);
/* csp: the Content-Security-Policy; allow: the Allow field of a 405, else NULL. */
struct answer answer_page(const struct pages *pages, const struct page_view *view, const char *csp,
	const char *allow);
/* RFC 8908. portal_url: where people go; device NULL: not known, so captive. */
struct answer answer_captive_api(const char *portal_url, const struct device *device);
struct answer answer_health(bool healthy);
void answer_add(struct answer *answer, const char *field, const char *value);

#endif
