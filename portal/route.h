/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a request goes: pure functions of its first line and Host. */
#ifndef ZONA_PORTAL_ROUTE_H
#define ZONA_PORTAL_ROUTE_H

#include "common/addr.h"

#include <stdbool.h>
#include <stddef.h>

enum route {
	ROUTE_FOREIGN, /* not for us: someone on the way to elsewhere */
	ROUTE_WELCOME,
	ROUTE_ACCEPT,
	ROUTE_STATUS,
	ROUTE_LEAVE,
	ROUTE_TERMS,
	ROUTE_PRIVACY,
	ROUTE_HELP,
	ROUTE_LESSONS,
	ROUTE_LESSON,	   /* /lessons/ID */
	ROUTE_CERTIFICATE, /* /certificate/CODE */
	ROUTE_VOUCHER,
	ROUTE_API,
	ROUTE_HEALTH,
	ROUTE_OTHER, /* for us, but there is nothing */
	ROUTE_COUNT,
};

enum { METHOD_GET = 1, METHOD_POST = 2, METHOD_OTHER = 4 }; /* HEAD counts as GET */

/* target: the request's target without its query, as sent; host: the Host field, may be NULL;
 * own_name: portal.host. An absolute target names its own host (RFC 9112 3.2.2). */
struct route_request {
	const char *target;
	const char *host;
	const char *own_name;
	/* Says whether an address is the one that the connection came in on; asked only when the
	 * host is an address. */
	bool (*is_local)(void *context, const struct ip_addr *ip);
	void *context;
};

enum route route_find(const struct route_request *request);
/* What follows on the path of a route that has something behind it: the ID or CODE, in target. */
const char *route_rest(enum route route, const char *target);
unsigned route_method(const char *method);
/* The methods of a route, and the same for an Allow field. */
bool route_allows(enum route route, unsigned method);
const char *route_allowed(enum route route);

#endif
