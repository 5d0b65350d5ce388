/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/cleanup.h"
#include "portal/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool is_local(void *context, const struct ip_addr *ip)
{
	struct ip_addr local;

	return ip_parse(context, &local) == 0 && ip_equal(&local, ip);
}

static enum route find(const char *target, const char *host)
{
	const struct route_request request = {
		.target = target,
		.host = host,
		.own_name = "wifi.cartagena.example",
		.is_local = is_local,
		.context = (void *)(uintptr_t) "10.42.0.1",
	};

	return route_find(&request);
}

static void own_hosts_are_ours(void **state)
{
	static const char *const hosts[] = {"wifi.cartagena.example", "WIFI.Cartagena.Example",
		"wifi.cartagena.example.", "wifi.cartagena.example:80",
		"wifi.cartagena.example.:8080", "wifi.cartagena.example:garbage", "localhost",
		"localhost:9080", "127.0.0.1", "127.0.0.1:8080", "127.8.8.8", "[::1]", "[::1]:8080",
		"10.42.0.1", "10.42.0.1:80", "[::ffff:10.42.0.1]:80"};

	(void)state;
	/* The last is IPv4 in IPv6 clothes: not the text of the local address, so not ours. */
	for (size_t i = 0; i + 1 < ARRAY_SIZE(hosts); i++)
		if (find("/", hosts[i]) != ROUTE_WELCOME)
			fail_msg("%s", hosts[i]);
	assert_int_equal(find("/", hosts[ARRAY_SIZE(hosts) - 1]), ROUTE_FOREIGN);
}

static void all_others_are_foreign(void **state)
{
	static const char *const hosts[] = {NULL, "", ".", ":", ":80", "[", "[]", "[::1",
		"captive.apple.com", "wifi.cartagena.example.evil.example",
		"xwifi.cartagena.example", "wifi.cartagena.exampl", "10.42.0.2", "[2001:db8::1]",
		"127.0.0.1.example", "::1", "localhost.example", "127.1",
		"wifi.cartagena.example..", "user@wifi.cartagena.example",
		"0123456789012345678901234567890123456789012345678901234567890123456789"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (find("/", hosts[i]) != ROUTE_FOREIGN)
			fail_msg("%s", hosts[i]);
}

static void paths_lead_where_they_say(void **state)
{
	static const struct {
		const char *target;
		enum route route;
	} cases[] = {
		{"/", ROUTE_WELCOME},
		{"/accept", ROUTE_ACCEPT},
		{"/status", ROUTE_STATUS},
		{"/leave", ROUTE_LEAVE},
		{"/terms", ROUTE_TERMS},
		{"/privacy", ROUTE_PRIVACY},
		{"/api/captive", ROUTE_API},
		{"/healthz", ROUTE_HEALTH},
		{"/status/", ROUTE_OTHER},
		{"/Status", ROUTE_OTHER},
		{"/%73tatus", ROUTE_OTHER},
		{"/%00", ROUTE_OTHER},
		{"//", ROUTE_OTHER},
		{"/../etc/passwd", ROUTE_OTHER},
		{"/lesson", ROUTE_OTHER},
		{"/lessons", ROUTE_LESSONS},
		{"/lessons/", ROUTE_LESSON},
		{"/lessons/bank-message", ROUTE_LESSON},
		{"http://wifi.cartagena.example/lessons/a", ROUTE_LESSON},
		{"/certificate", ROUTE_OTHER},
		{"/certificate/AAAA", ROUTE_CERTIFICATE},
		{"", ROUTE_FOREIGN},
		{"*", ROUTE_FOREIGN},
		{"status", ROUTE_FOREIGN},
		{"wifi.cartagena.example:443", ROUTE_FOREIGN}, /* CONNECT */
		{"http://wifi.cartagena.example/status", ROUTE_STATUS},
		{"HTTPS://WIFI.cartagena.example:443/status", ROUTE_STATUS},
		{"http://wifi.cartagena.example", ROUTE_WELCOME},
		{"http://wifi.cartagena.example?x", ROUTE_WELCOME},
		{"http://example.com/status", ROUTE_FOREIGN},
		{"http://", ROUTE_FOREIGN},
		{"http:///status", ROUTE_FOREIGN},
		{"http://[/", ROUTE_FOREIGN},
		{"ftp://wifi.cartagena.example/", ROUTE_FOREIGN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (find(cases[i].target, "wifi.cartagena.example") != cases[i].route)
			fail_msg("%s", cases[i].target);
	assert_string_equal(route_rest(ROUTE_LESSON, "/lessons/a-b"), "a-b");
	assert_string_equal(
		route_rest(ROUTE_LESSON, "http://wifi.cartagena.example/lessons/a"), "a");
	assert_string_equal(route_rest(ROUTE_CERTIFICATE, "/certificate/"), "");
	/* The target's own host is what counts. */
	assert_int_equal(find("http://wifi.cartagena.example/status", "example.com"), ROUTE_STATUS);
}

static void methods_are_known(void **state)
{
	(void)state;
	assert_true(route_allows(ROUTE_WELCOME, route_method("GET")));
	assert_true(route_allows(ROUTE_WELCOME, route_method("HEAD")));
	assert_false(route_allows(ROUTE_WELCOME, route_method("POST")));
	assert_false(route_allows(ROUTE_WELCOME, route_method("get")));
	assert_true(route_allows(ROUTE_ACCEPT, route_method("POST")));
	assert_false(route_allows(ROUTE_ACCEPT, route_method("GET")));
	assert_true(route_allows(ROUTE_OTHER, route_method("BREW")));
	assert_string_equal(route_allowed(ROUTE_ACCEPT), "POST");
	assert_string_equal(route_allowed(ROUTE_API), "GET, HEAD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_hosts_are_ours),
		cmocka_unit_test(all_others_are_foreign),
		cmocka_unit_test(paths_lead_where_they_say),
		cmocka_unit_test(methods_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
