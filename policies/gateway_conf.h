/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway.conf: what one gateway is. Read by zona-controller and zona-portal. */
#ifndef ZONA_GATEWAY_CONF_H
#define ZONA_GATEWAY_CONF_H

#include "common/cleanup.h"
#include "policies/policy.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct gateway_conf {
	char *gateway;
	char *zone;
	char *policies;	      /* directory */
	char *state_dir;      /* journal.db, keys */
	char *user;	      /* "": zona if that user exists, else nobody */
	char *operators;      /* group whose members may use every verb of the control socket */
	char *control_socket; /* path, at most 107 bytes (sun_path) */
	char *timezone;	      /* "": the system's; opening hours and days are local */
	bool close_on_stop;   /* on-stop = "keep" | "close" */
	struct {
		char *interface; /* at most 15 bytes, letters digits . _ - only */
	} lan;
	struct {
		char *interface;
		uint64_t down_bps, up_bps;
		bool masquerade;
		bool ipv6_masquerade; /* off where the provider routes a prefix to the gateway */
	} uplink;
	struct {
		char *host;
		uint16_t http_port, https_port;
		char *certificate, *key;		  /* "": HTTP only */
		char *help, *help_en, *help_fr, *help_pt; /* "": see help, the portal's own */
	} portal;
	struct {
		char *url; /* "": stand-alone */
	} redis;
	/* Before login, for each device (MAC); 0: no limit. */
	struct {
		unsigned connections_per_second; /* new connections to the portal */
		unsigned dns_per_second;
		unsigned devices; /* most sessions at once; at most 60000 */
	} limits;
	/* Where the zone is named, for errors that show only beside the policies. */
	struct {
		char *file;
		unsigned zone_line;
	} source;
};

/* Reads and checks the file (fd is consumed; name is for errors). Returns 0 and a configuration
 * that the caller frees, or -errno with error filled and ret_conf untouched. */
int gateway_conf_read(
	int fd, const char *name, struct gateway_conf **ret_conf, struct conf_error *error);
/* Whether the policies know the gateway's zone. Returns 0, or -EINVAL with error filled. */
int gateway_policy_check(
	const struct gateway_conf *conf, const struct policy *policy, struct conf_error *error);
/* For --print-sample: a gateway.conf that loads as it is, each option with its help. */
void conf_print_sample(FILE *out);
void gateway_conf_free(struct gateway_conf *conf);
DEFINE_AUTO(struct gateway_conf, gateway_conf_free);

#endif
