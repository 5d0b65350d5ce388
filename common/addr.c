/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/addr.h"

#include "common/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

int mac_parse(const char *text, struct mac_addr *ret_mac)
{
	struct mac_addr mac;

	if (strlen(text) != MAC_TEXT_SIZE - 1)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(mac.b); i++) {
		int high = hex_digit(text[3 * i]);
		int low = hex_digit(text[3 * i + 1]);
		char after = text[3 * i + 2];

		if (high < 0 || low < 0)
			return -EINVAL;
		if (i < sizeof(mac.b) - 1 && after != ':' && after != '-')
			return -EINVAL;
		mac.b[i] = (uint8_t)(high << 4 | low);
	}
	*ret_mac = mac;
	return 0;
}

const char *mac_format(const struct mac_addr *mac, char text[MAC_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(mac->b); i++) {
		text[3 * i] = digits[mac->b[i] >> 4];
		text[3 * i + 1] = digits[mac->b[i] & 15];
		text[3 * i + 2] = i < sizeof(mac->b) - 1 ? ':' : '\0';
	}
	return text;
}

bool mac_equal(const struct mac_addr *a, const struct mac_addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool mac_is_unicast(const struct mac_addr *mac)
{
	static const struct mac_addr zero;

	return (mac->b[0] & 1) == 0 && !mac_equal(mac, &zero);
}

bool mac_is_random(const struct mac_addr *mac)
{
	return (mac->b[0] & 2) != 0;
}

int ip_parse(const char *text, struct ip_addr *ret_ip)
{
	struct ip_addr ip = {0};

	if (inet_pton(AF_INET, text, ip.b) == 1)
		ip.family = AF_INET;
	else if (inet_pton(AF_INET6, text, ip.b) == 1)
		ip.family = AF_INET6;
	else
		return -EINVAL;
	*ret_ip = ip;
	return 0;
}

const char *ip_format(const struct ip_addr *ip, char text[IP_TEXT_SIZE])
{
	if (inet_ntop(ip->family, ip->b, text, IP_TEXT_SIZE) == NULL)
		(void)snprintf(text, IP_TEXT_SIZE, "none");
	return text;
}

bool ip_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->family == b->family && memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

int ip_from_sockaddr(const struct sockaddr *sa, struct ip_addr *ret_ip)
{
	struct ip_addr ip = {0};

	if (sa->sa_family == AF_INET) {
		struct sockaddr_in sin;

		memcpy(&sin, sa, sizeof(sin));
		ip.family = AF_INET;
		memcpy(ip.b, &sin.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 sin6;

		memcpy(&sin6, sa, sizeof(sin6));
		if (IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr)) {
			ip.family = AF_INET;
			memcpy(ip.b, &sin6.sin6_addr.s6_addr[12], 4);
		} else {
			ip.family = AF_INET6;
			memcpy(ip.b, &sin6.sin6_addr, 16);
		}
	} else {
		return -EAFNOSUPPORT;
	}
	*ret_ip = ip;
	return 0;
}

size_t ip_size(const struct ip_addr *ip)
{
	return ip->family == AF_INET ? 4 : 16;
}
