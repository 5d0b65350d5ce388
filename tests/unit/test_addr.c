/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/addr.h"
#include "common/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static void test_mac_text(void **state)
{
	static const char *const texts[] = {
		"02:00:00:ab:cd:ef", "02-00-00-ab-cd-ef", "02:00:00:AB:CD:EF", "02-00:00-aB:Cd-eF"};
	static const struct mac_addr expected = {{2, 0, 0, 0xab, 0xcd, 0xef}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct mac_addr mac;
		char text[MAC_TEXT_SIZE];

		assert_int_equal(mac_parse(texts[i], &mac), 0);
		assert_true(mac_equal(&mac, &expected));
		assert_string_equal(mac_format(&mac, text), "02:00:00:ab:cd:ef");
	}
}

static void test_mac_malformed(void **state)
{
	static const char *const texts[] = {"", "0", "02:00:00:ab:cd", "02:00:00:ab:cd:e",
		"02:00:00:ab:cd:ef:", "02:00:00:ab:cd:ef:01", "02:00:00:ab:cd:eg",
		"g2:00:00:ab:cd:ef", "020000abcdef", "02.00.00.ab.cd.ef", " 2:00:00:ab:cd:ef",
		"02:00:00:ab:cd: f", "0:200:00:ab:cd:ef", "02:00:00:ab:cd:\xc3\xb1", "192.0.2.1",
		"2001:db8::1:2:3:4"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct mac_addr before = {{1, 2, 3, 4, 5, 6}};
		struct mac_addr mac = before;

		if (mac_parse(texts[i], &mac) != -EINVAL)
			fail_msg("accepted: \"%s\"", texts[i]);
		assert_true(mac_equal(&mac, &before));
	}
}

static void test_mac_kinds(void **state)
{
	(void)state;
	assert_true(mac_is_unicast(&(struct mac_addr){{0x02, 0, 0, 0, 0, 0}}));
	assert_true(mac_is_unicast(&(struct mac_addr){{0, 0, 0, 0, 0, 1}}));
	assert_false(mac_is_unicast(&(struct mac_addr){{0}}));
	assert_false(mac_is_unicast(&(struct mac_addr){{0x33, 0x33, 0, 0, 0, 1}}));
	assert_false(mac_is_unicast(&(struct mac_addr){{255, 255, 255, 255, 255, 255}}));
	assert_true(mac_is_random(&(struct mac_addr){{0xda, 0xa1, 0x19, 0, 0, 1}}));
	assert_false(mac_is_random(&(struct mac_addr){{0x3c, 0x5a, 0xb4, 0, 0, 1}}));
}

static void assert_ip(const char *text, int family, size_t size, const char *formatted)
{
	char out[IP_TEXT_SIZE];
	struct ip_addr ip;

	assert_int_equal(ip_parse(text, &ip), 0);
	assert_int_equal(ip.family, family);
	assert_int_equal(ip_size(&ip), size);
	assert_string_equal(ip_format(&ip, out), formatted);
}

static void test_ip_text(void **state)
{
	(void)state;
	assert_ip("192.0.2.1", AF_INET, 4, "192.0.2.1");
	assert_ip("2001:DB8:0:0::1", AF_INET6, 16, "2001:db8::1");
	assert_ip("::", AF_INET6, 16, "::");
	assert_ip("0.0.0.0", AF_INET, 4, "0.0.0.0");
}

static void test_ip_malformed(void **state)
{
	static const char *const texts[] = {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ",
		" 1.2.3.4", "01.2.3.4", "0x1.2.3.4", "1.2.3.4/32", ":::", "1::2::3", "fe80::1%lan0",
		"[::1]", "2001:db8::g", "localhost", "02:00:00:ab:cd:ef"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ip_addr ip = {.family = 99};

		if (ip_parse(texts[i], &ip) != -EINVAL)
			fail_msg("accepted: \"%s\"", texts[i]);
		assert_int_equal(ip.family, 99);
	}
}

static void test_ip_none(void **state)
{
	char out[IP_TEXT_SIZE];

	(void)state;
	assert_string_equal(ip_format(&(struct ip_addr){0}, out), "none");
}

static void test_ip_equal_needs_family(void **state)
{
	struct ip_addr v4 = {.family = AF_INET, .b = {0x20, 1}}, v6 = v4;

	(void)state;
	assert_true(ip_equal(&v4, &v6));
	v6.family = AF_INET6;
	assert_false(ip_equal(&v4, &v6));
}

static void assert_from_sockaddr(const char *text, const char *expected)
{
	struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6};
	char out[IP_TEXT_SIZE];
	struct ip_addr ip;

	assert_int_equal(inet_pton(AF_INET6, text, &sin6.sin6_addr), 1);
	assert_int_equal(ip_from_sockaddr((const struct sockaddr *)(const void *)&sin6, &ip), 0);
	assert_string_equal(ip_format(&ip, out), expected);
}

static void test_ip_from_sockaddr(void **state)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct ip_addr ip, mapped;

	(void)state;
	assert_int_equal(ip_from_sockaddr((const struct sockaddr *)(const void *)&sin, &ip), 0);
	assert_int_equal(ip_parse("192.0.2.1", &mapped), 0);
	assert_true(ip_equal(&ip, &mapped));
	assert_from_sockaddr("2001:db8::7", "2001:db8::7");
	assert_from_sockaddr("::ffff:192.0.2.1", "192.0.2.1");
	assert_from_sockaddr("::192.0.2.1", "::192.0.2.1");
	assert_int_equal(
		ip_from_sockaddr((const struct sockaddr *)(const void *)&sun, &ip), -EAFNOSUPPORT);
	assert_true(ip_equal(&ip, &mapped));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mac_text),
		cmocka_unit_test(test_mac_malformed),
		cmocka_unit_test(test_mac_kinds),
		cmocka_unit_test(test_ip_text),
		cmocka_unit_test(test_ip_malformed),
		cmocka_unit_test(test_ip_none),
		cmocka_unit_test(test_ip_equal_needs_family),
		cmocka_unit_test(test_ip_from_sockaddr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
