/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/gateway_conf.h"

#include "policies/schemas.h"

#include <errno.h>
#include <string.h>

#define AT(field) offsetof(struct gateway_conf, field)

/* Slower is not worth a tap; faster than any link of a zone. */
#define UPLINK_MIN 64000
#define UPLINK_MAX 100000000000
/* The kernel maps and the class ids of a link (16 bits, less the tree's own) bound the sessions. */
#define DEVICES_MAX 60000
#define PATH_BYTES_MAX 1024
#define HELP_BYTES_MAX 480  /* a paragraph: the page must stay small */
#define SOCKET_PATH_MAX 107 /* sun_path, with its '\0' */
#define INTERFACE_MAX 15    /* IFNAMSIZ, with its '\0' */

static const struct conf_row rows[] = {
	{NULL, "gateway", CONF_NAME, .required = true, .min = 1, .max = 63,
		.example = "gw-san-francisco-1",
		.help = "Name of this gateway in records and on the console.",
		.offset = AT(gateway)},
	{NULL, "zone", CONF_ID, .required = true, .min = 1, .max = 63, .example = "san-francisco",
		.help = "The zone that it serves, as in policies/zones/.", .offset = AT(zone)},
	{NULL, "policies", CONF_PATH, .min = 1, .max = PATH_BYTES_MAX,
		.standard = "/etc/zona/policies", .help = "Directory with classes/ and zones/.",
		.offset = AT(policies)},
	{NULL, "state-dir", CONF_PATH, .min = 1, .max = PATH_BYTES_MAX, .standard = "/var/lib/zona",
		.help = "Directory of the journal and the keys; made and given to the user at "
			"start.",
		.offset = AT(state_dir)},
	{NULL, "user", CONF_ACCOUNT, .min = 0, .max = 32, .standard = "",
		.help = "User to run as; empty: zona if that user exists, else nobody.",
		.offset = AT(user)},
	{NULL, "operators", CONF_ACCOUNT, .min = 1, .max = 32, .standard = "zona-operators",
		.help = "Group whose members may use every verb of the control socket.",
		.offset = AT(operators)},
	{NULL, "control-socket", CONF_PATH, .min = 1, .max = SOCKET_PATH_MAX,
		.standard = "/run/zona/control.sock",
		.help = "Unix socket on which zonactl and the portal reach the controller.",
		.offset = AT(control_socket)},
	{NULL, "timezone", CONF_TIMEZONE, .min = 0, .max = 63, .standard = "",
		.help = "Opening hours and days are counted in it; empty: that of the system.",
		.offset = AT(timezone)},
	{NULL, "on-stop", CONF_EITHER, .standard = "keep", .words = {"keep", "close"},
		.help = "After a stop, keep: who is online stays online, nobody new comes in; "
			"close: everything is removed and nothing passes.",
		.offset = AT(close_on_stop)},
	{"lan", "interface", CONF_INTERFACE, .required = true, .min = 1, .max = INTERFACE_MAX,
		.example = "lan0", .help = "Interface (or bridge) of the visitors.",
		.offset = AT(lan.interface)},
	{"uplink", "interface", CONF_INTERFACE, .required = true, .min = 1, .max = INTERFACE_MAX,
		.example = "wan0", .help = "Interface towards the internet.",
		.offset = AT(uplink.interface)},
	{"uplink", "down", CONF_RATE, .required = true, .min = UPLINK_MIN, .max = UPLINK_MAX,
		.unit = "bit/s", .example = "100mbit",
		.help = "What all visitors together get from the internet: a little under the "
			"contract's rate, so that queues form here.",
		.offset = AT(uplink.down_bps)},
	{"uplink", "up", CONF_RATE, .required = true, .min = UPLINK_MIN, .max = UPLINK_MAX,
		.unit = "bit/s", .example = "50mbit", .help = "The same towards the internet.",
		.offset = AT(uplink.up_bps)},
	{"uplink", "masquerade", CONF_BOOL, .standard = "true",
		.help = "Hide IPv4 visitors behind the gateway's address.",
		.offset = AT(uplink.masquerade)},
	{"uplink", "ipv6-masquerade", CONF_BOOL, .standard = "true",
		.help = "The same for IPv6; false where the provider routes a prefix to the "
			"gateway.",
		.offset = AT(uplink.ipv6_masquerade)},
	{"portal", "host", CONF_HOST, .min = 1, .max = 253, .standard = "wifi.cartagena.example",
		.help = "Name of the portal, which the zone's DNS answers with the gateway's "
			"address.",
		.offset = AT(portal.host)},
	{"portal", "http-port", CONF_PORT, .min = 1, .max = UINT16_MAX, .standard = "8080",
		.help = "Where port 80 of the visitors ends up.", .offset = AT(portal.http_port)},
	{"portal", "https-port", CONF_PORT, .min = 1, .max = UINT16_MAX, .standard = "8443",
		.help = "Where port 443 of the portal ends up, with a certificate.",
		.offset = AT(portal.https_port)},
	{"portal", "certificate", CONF_PATH, .min = 0, .max = PATH_BYTES_MAX, .standard = "",
		.help = "PEM file with the host's certificate and chain; empty: HTTP only.",
		.offset = AT(portal.certificate)},
	{"portal", "key", CONF_PATH, .min = 0, .max = PATH_BYTES_MAX, .standard = "",
		.help = "PEM file with the certificate's private key.", .offset = AT(portal.key)},
	{"portal", "help", CONF_TEXT, .min = 0, .max = HELP_BYTES_MAX, .standard = "",
		.help = "Who to call when something does not work, as the help page shows it; "
			"empty: the District's informatics office.",
		.offset = AT(portal.help)},
	{"portal", "help-en", CONF_TEXT, .min = 0, .max = HELP_BYTES_MAX, .standard = "",
		.help = "The same in English; empty: as help.", .offset = AT(portal.help_en)},
	{"portal", "help-fr", CONF_TEXT, .min = 0, .max = HELP_BYTES_MAX, .standard = "",
		.help = "The same in French; empty: as help.", .offset = AT(portal.help_fr)},
	{"portal", "help-pt", CONF_TEXT, .min = 0, .max = HELP_BYTES_MAX, .standard = "",
		.help = "The same in Portuguese; empty: as help.", .offset = AT(portal.help_pt)},
	{"redis", "url", CONF_REDIS, .min = 0, .max = PATH_BYTES_MAX, .standard = "",
		.help = "The city's Redis; empty: the gateway stands alone.",
		.offset = AT(redis.url)},
	{"limits", "connections-per-second", CONF_COUNT, .min = 0, .max = 100000, .standard = "100",
		.unit = "connections a second",
		.help = "New connections to the portal of one device that is not online; 0: no "
			"limit.",
		.offset = AT(limits.connections_per_second)},
	{"limits", "dns-per-second", CONF_COUNT, .min = 0, .max = 100000, .standard = "50",
		.unit = "queries a second",
		.help = "DNS queries of one device that is not online; 0: no limit.",
		.offset = AT(limits.dns_per_second)},
	{"limits", "devices", CONF_COUNT, .min = 1, .max = DEVICES_MAX, .standard = "20000",
		.unit = "devices", .help = "Most sessions at once.", .offset = AT(limits.devices)},
};

const struct conf_schema gateway_schema = {
	.summary = "gateway.conf: what one gateway is. Read by zona-controller and zona-portal.",
	.rows = rows,
	.row_count = ARRAY_SIZE(rows),
};

static int check_interfaces(const struct gateway_conf *conf, const struct conf_doc *doc,
	const char *name, struct conf_error *error)
{
	if (strcmp(conf->lan.interface, conf->uplink.interface) != 0)
		return 0;
	return conf_error_set(error, name, conf_doc_line(doc, 0, "uplink", "interface"),
		"uplink.interface = \"%s\": expected another interface than lan.interface",
		conf->uplink.interface);
}

static int check_portal(const struct gateway_conf *conf, const struct conf_doc *doc,
	const char *name, struct conf_error *error)
{
	bool has_certificate = *conf->portal.certificate != '\0';
	bool has_key = *conf->portal.key != '\0';

	if (has_certificate && !has_key)
		return conf_error_set(error, name, conf_doc_line(doc, 0, "portal", "certificate"),
			"portal.certificate is set: expected portal.key as well");
	if (has_key && !has_certificate)
		return conf_error_set(error, name, conf_doc_line(doc, 0, "portal", "key"),
			"portal.key is set: expected portal.certificate as well");
	if (conf->portal.http_port != conf->portal.https_port)
		return 0;
	return conf_error_set(error, name, conf_doc_line(doc, 0, "portal", "https-port"),
		"portal.https-port = %u: expected another port than portal.http-port",
		conf->portal.https_port);
}

static int fill(struct gateway_conf *conf, const struct conf_doc *doc, const char *name,
	struct conf_error *error)
{
	int r = conf_doc_fill(doc, 0, conf, error);

	if (r < 0)
		return r;
	conf->source.file = strdup(name);
	conf->source.zone_line = conf_doc_line(doc, 0, NULL, "zone");
	if (conf->source.file == NULL) {
		(void)conf_error_set(error, name, 0, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r = check_interfaces(conf, doc, name, error);
	return r < 0 ? r : check_portal(conf, doc, name, error);
}

int gateway_conf_read(
	int fd, const char *name, struct gateway_conf **ret_conf, struct conf_error *error)
{
	AUTO_FD owned = fd;
	AUTO(conf_doc_free) struct conf_doc *doc = NULL;
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	int r = conf_doc_read(&gateway_schema, owned, name, &doc, error);

	if (r < 0)
		return r;
	conf = calloc(1, sizeof(*conf));
	if (conf == NULL) {
		(void)conf_error_set(error, name, 0, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r = fill(conf, doc, name, error);
	if (r < 0)
		return r;
	*ret_conf = TAKE(conf);
	return 0;
}

int gateway_policy_check(
	const struct gateway_conf *conf, const struct policy *policy, struct conf_error *error)
{
	if (policy_zone_find(policy, conf->zone) != NULL)
		return 0;
	return conf_error_set(error, conf->source.file, conf->source.zone_line,
		"zone = \"%s\": expected a zone of %s/zones/, where %zu are known", conf->zone,
		conf->policies, policy->zone_count);
}

void conf_print_sample(FILE *out)
{
	conf_schema_print_sample(&gateway_schema, out);
}

void gateway_conf_free(struct gateway_conf *conf)
{
	if (conf == NULL)
		return;
	conf_schema_release(&gateway_schema, conf);
	free(conf->source.file);
	free(conf);
}
