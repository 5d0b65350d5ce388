/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/route.h"

#include "common/cleanup.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *path;
	unsigned methods;
} routes[ROUTE_COUNT] = {
	[ROUTE_FOREIGN] = {NULL, METHOD_GET | METHOD_POST | METHOD_OTHER},
	[ROUTE_WELCOME] = {"/", METHOD_GET},
	[ROUTE_ACCEPT] = {"/accept", METHOD_POST},
	[ROUTE_STATUS] = {"/status", METHOD_GET},
	[ROUTE_LEAVE] = {"/leave", METHOD_POST},
	[ROUTE_TERMS] = {"/terms", METHOD_GET},
	[ROUTE_PRIVACY] = {"/privacy", METHOD_GET},
	[ROUTE_HELP] = {"/help", METHOD_GET},
	[ROUTE_LESSONS] = {"/lessons", METHOD_GET},
	[ROUTE_LESSON] = {"/lessons/", METHOD_GET | METHOD_POST},
	[ROUTE_CERTIFICATE] = {"/certificate/", METHOD_GET},
	[ROUTE_VOUCHER] = {"/voucher", METHOD_GET | METHOD_POST},
	[ROUTE_API] = {"/api/captive", METHOD_GET},
	[ROUTE_HEALTH] = {"/healthz", METHOD_GET},
	[ROUTE_OTHER] = {NULL, METHOD_GET | METHOD_POST | METHOD_OTHER},
};

/* The host of "name:80", "[::1]:80", "name." or "name": text and length without port and dot. */
static const char *bare_host(const char *host, size_t size, size_t *ret_size)
{
	const char *colon;

	if (size > 0 && host[0] == '[') {
		const char *close = memchr(host, ']', size);

		*ret_size = close != NULL ? (size_t)(close - host - 1) : 0;
		return host + 1;
	}
	colon = memchr(host, ':', size);
	*ret_size = colon != NULL ? (size_t)(colon - host) : size;
	if (*ret_size > 0 && host[*ret_size - 1] == '.')
		--*ret_size;
	return host;
}

static bool is_name(const char *host, size_t size, const char *name)
{
	return strlen(name) == size && strncasecmp(host, name, size) == 0;
}

static bool is_loopback(const struct ip_addr *ip)
{
	static const uint8_t ipv6[16] = {[15] = 1};

	if (ip->family == AF_INET)
		return ip->b[0] == 127;
	return memcmp(ip->b, ipv6, sizeof(ipv6)) == 0;
}

static bool is_own(const struct route_request *request, const char *host, size_t host_size)
{
	char text[IP_TEXT_SIZE];
	struct ip_addr ip;
	size_t size;
	const char *bare = bare_host(host, host_size, &size);

	if (size == 0)
		return false;
	if (is_name(bare, size, request->own_name) || is_name(bare, size, "localhost"))
		return true;
	if (size >= sizeof(text))
		return false;
	memcpy(text, bare, size);
	text[size] = '\0';
	if (ip_parse(text, &ip) < 0)
		return false;
	return is_loopback(&ip) || request->is_local(request->context, &ip);
}

/* Splits an absolute target into host and path. Returns the path, "" when it is not http. */
static const char *split_absolute(const char *target, const char **ret_host, size_t *ret_size)
{
	size_t scheme = strncasecmp(target, "http://", 7) == 0	  ? 7
			: strncasecmp(target, "https://", 8) == 0 ? 8
								  : 0;

	if (scheme == 0)
		return "";
	*ret_host = target + scheme;
	*ret_size = strcspn(*ret_host, "/?#");
	const char *path = *ret_host + *ret_size;
	return *path == '/' ? path : "/";
}

/* "/" and "/status" are paths, "/lessons/" what paths begin with. */
static bool is_at(const char *route_path, const char *path)
{
	size_t size = strlen(route_path);

	if (size > 1 && route_path[size - 1] == '/')
		return strncmp(route_path, path, size) == 0;
	return strcmp(route_path, path) == 0;
}

const char *route_rest(enum route route, const char *target)
{
	const char *host;
	size_t size;
	const char *path = target[0] == '/' ? target : split_absolute(target, &host, &size);

	return path + strlen(routes[route].path);
}

enum route route_find(const struct route_request *request)
{
	const char *path = request->target, *host = request->host;
	size_t size = host != NULL ? strlen(host) : 0;

	if (path[0] != '/')
		path = split_absolute(path, &host, &size);
	if (path[0] != '/' || host == NULL || !is_own(request, host, size))
		return ROUTE_FOREIGN;
	for (size_t i = 0; i < ROUTE_COUNT; i++)
		if (routes[i].path != NULL && is_at(routes[i].path, path))
			return (enum route)i;
	return ROUTE_OTHER;
}

unsigned route_method(const char *method)
{
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		return METHOD_GET;
	return strcmp(method, "POST") == 0 ? METHOD_POST : METHOD_OTHER;
}

bool route_allows(enum route route, unsigned method)
{
	return (routes[route].methods & method) != 0;
}

const char *route_allowed(enum route route)
{
	return routes[route].methods == METHOD_POST ? "POST" : "GET, HEAD";
}
