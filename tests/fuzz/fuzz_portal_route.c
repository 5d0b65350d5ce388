/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Target, host and own name of a request: two lines. Only a fixed set of routes comes out, and what
 * is ours is so under each spelling of the port. */
#include "portal/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 4096

static bool is_local(void *context, const struct ip_addr *ip)
{
	(void)context;
	return ip->family == AF_INET && ip->b[0] == 10;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char target[TEXT_MAX], with_port[TEXT_MAX + 4], *host;
	struct route_request request = {
		.target = target, .own_name = "wifi.example", .is_local = is_local};

	if (size >= sizeof(target))
		return 0;
	memcpy(target, data, size);
	target[size] = '\0';
	host = strchr(target, '\n');
	if (host != NULL)
		*host++ = '\0';
	request.host = host;
	enum route route = route_find(&request);
	if ((unsigned)route >= ROUTE_COUNT)
		abort();
	(void)route_method(target);
	if (host == NULL || strchr(host, ':') != NULL || strchr(host, '[') != NULL ||
		target[0] != '/')
		return 0;
	(void)snprintf(with_port, sizeof(with_port), "%s:80", host);
	request.host = with_port;
	if (route_find(&request) != route)
		abort();
	return 0;
}
