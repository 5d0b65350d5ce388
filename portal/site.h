/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pages know of the gateway's zone: made of gateway.conf and the policies, never changed,
 * replaced as a whole when the policies are read again. */
#ifndef ZONA_PORTAL_SITE_H
#define ZONA_PORTAL_SITE_H

#include "common/cleanup.h"
#include "policies/gateway_conf.h"
#include "portal/assets.h"

#include <stddef.h>

struct site {
	char *host;
	char *url; /* "http(s)://HOST/" */
	char *zone_name;
	unsigned extend_minutes; /* that a lesson gives */
	/* Languages of the zone's class that there is a catalogue for, in the class's order:
	 * indices of asset_language(), and the same as codes. Never empty. */
	size_t languages[LANGUAGES_MAX];
	const char *codes[LANGUAGES_MAX];
	size_t language_count;
	/* Who to call, by asset_language(); NULL where the operator wrote nothing. */
	char *help[LANGUAGES_MAX];
};

/* Returns 0 and a site that the caller frees, -ENOENT when the policies have no such zone, or
 * -ENOMEM. */
int site_new(const struct gateway_conf *conf, const struct policy *policy, struct site **ret_site);
void site_free(struct site *site);
DEFINE_AUTO(struct site, site_free);

#endif
