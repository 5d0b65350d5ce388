/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/site.h"

#include <errno.h>
#include <string.h>

static void add_language(struct site *site, size_t language)
{
	for (size_t i = 0; i < site->language_count; i++)
		if (site->languages[i] == language)
			return;
	if (site->language_count == LANGUAGES_MAX)
		return;
	site->languages[site->language_count] = language;
	site->codes[site->language_count++] = asset_language(language);
}

static void choose_languages(struct site *site, const struct str_list *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		for (size_t j = 0; asset_language(j) != NULL; j++)
			if (strcmp(asset_language(j), wanted->items[i]) == 0)
				add_language(site, j);
	if (site->language_count == 0)
		add_language(site, 0);
}

/* The operator's text of a language, else the one for all. */
static int choose_help(struct site *site, const struct gateway_conf *conf)
{
	const struct {
		const char *code, *text;
	} texts[] = {
		{"en", conf->portal.help_en},
		{"fr", conf->portal.help_fr},
		{"pt", conf->portal.help_pt},
	};

	for (size_t i = 0; asset_language(i) != NULL; i++) {
		const char *text = conf->portal.help;

		for (size_t j = 0; j < ARRAY_SIZE(texts); j++)
			if (strcmp(texts[j].code, asset_language(i)) == 0 &&
				texts[j].text[0] != '\0')
				text = texts[j].text;
		if (text[0] == '\0')
			continue;
		site->help[i] = strdup(text);
		if (site->help[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

int site_new(const struct gateway_conf *conf, const struct policy *policy, struct site **ret_site)
{
	const struct policy_zone *zone = policy_zone_find(policy, conf->zone);
	const char *scheme = conf->portal.certificate[0] != '\0' ? "https" : "http";
	AUTO(site_free) struct site *site = NULL;

	if (zone == NULL)
		return -ENOENT;
	site = calloc(1, sizeof(*site));
	if (site == NULL)
		return -ENOMEM;
	site->host = strdup(conf->portal.host);
	site->zone_name = strdup(zone->name);
	if (asprintf(&site->url, "%s://%s/", scheme, conf->portal.host) < 0)
		site->url = NULL;
	if (site->host == NULL || site->zone_name == NULL || site->url == NULL)
		return -ENOMEM;
	site->extend_minutes = zone->class->extend_minutes;
	choose_languages(site, &zone->class->languages);
	int r = choose_help(site, conf);
	if (r < 0)
		return r;
	*ret_site = TAKE(site);
	return 0;
}

void site_free(struct site *site)
{
	if (site == NULL)
		return;
	free(site->host);
	free(site->url);
	free(site->zone_name);
	for (size_t i = 0; i < LANGUAGES_MAX; i++)
		free(site->help[i]);
	free(site);
}
