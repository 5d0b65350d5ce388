/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MAC and IP addresses: values, text and back. */
#ifndef ZONA_ADDR_H
#define ZONA_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct mac_addr {
	uint8_t b[6];
};

/* family is AF_INET (first 4 bytes used, the rest 0) or AF_INET6; 0 is "none". */
struct ip_addr {
	uint8_t family;
	uint8_t b[16];
};

#define MAC_TEXT_SIZE 18
#define IP_TEXT_SIZE 46

/* "02:00:00:ab:cd:ef", also with '-' or in capitals. Returns 0, or -EINVAL and leaves ret_mac
 * untouched. */
int mac_parse(const char *text, struct mac_addr *ret_mac);
/* Writes lower case with colons and returns text. */
const char *mac_format(const struct mac_addr *mac, char text[MAC_TEXT_SIZE]);
bool mac_equal(const struct mac_addr *a, const struct mac_addr *b);
/* A device's own address: neither group (multicast) nor all zero. */
bool mac_is_unicast(const struct mac_addr *mac);
/* Locally administered: what phones use as their random address (IEEE 802c). */
bool mac_is_random(const struct mac_addr *mac);

/* IPv4 or IPv6 text. Returns 0, or -EINVAL and leaves ret_ip untouched. */
int ip_parse(const char *text, struct ip_addr *ret_ip);
const char *ip_format(const struct ip_addr *ip, char text[IP_TEXT_SIZE]);
bool ip_equal(const struct ip_addr *a, const struct ip_addr *b);
/* From a socket address; an IPv4-mapped IPv6 address becomes IPv4 (RFC 4291 2.5.5.2).
 * Returns 0, or -EAFNOSUPPORT. */
int ip_from_sockaddr(const struct sockaddr *sa, struct ip_addr *ret_ip);
size_t ip_size(const struct ip_addr *ip); /* 4 or 16 bytes */

#endif
