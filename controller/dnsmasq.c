/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/dnsmasq.h"

#include <errno.h>

/* RFC 8910: the URI of the API, which RFC 8908 wants over https; without a certificate devices find
 * the portal by the redirect of port 80 alone. DHCPv4 option 114, DHCPv6 option 103. */
static void print_capport(const struct gateway_conf *conf, FILE *out)
{
	if (conf->portal.certificate[0] == '\0') {
		(void)fprintf(out, "# no certificate: no RFC 8910 option\n");
		return;
	}
	(void)fprintf(out,
		"dhcp-option-force=114,https://%s/api/captive\n"
		"dhcp-option-force=option6:103,https://%s/api/captive\n",
		conf->portal.host, conf->portal.host);
}

int dnsmasq_print(const struct gateway_conf *conf, const struct policy *policy, FILE *out)
{
	const struct policy_zone *zone = policy_zone_find(policy, conf->zone);

	if (zone == NULL)
		return -ENOENT;
	(void)fprintf(out,
		"# Made by zona-controller --dnsmasq; changes are lost.\n"
		"# The portal's name is the gateway's own address on the LAN.\n"
		"interface-name=%s,%s\n",
		conf->portal.host, conf->lan.interface);
	print_capport(conf, out);
	for (size_t i = 0; i < zone->class->walled_garden.count; i++)
		(void)fprintf(out, "nftset=/%s/4#inet#zona#garden4,6#inet#zona#garden6\n",
			zone->class->walled_garden.items[i]);
	return fflush(out) == 0 ? 0 : -errno;
}
