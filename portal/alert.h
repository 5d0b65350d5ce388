/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's emergency notice, which stands before anything else on every page. Each worker
 * asks the controller for it every second; when that is away, the last one known stays. */
#ifndef ZONA_PORTAL_ALERT_H
#define ZONA_PORTAL_ALERT_H

#include "portal/assets.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* As the controller bounds it (docs/control.md), with its '\0'. */
#define ALERT_TEXT_SIZE 481

struct alert {
	bool is_set;
	int64_t until_s; /* since 1970; 0: until it is cleared */
	/* By asset_language(); "" where the operator wrote none. */
	char texts[LANGUAGES_MAX][ALERT_TEXT_SIZE];
};

/* Reads the reply to the verb "alert". Returns 0, or -EBADMSG with ret_alert untouched. */
int alert_parse(const json_t *reply, struct alert *ret_alert);
bool alert_is_shown(const struct alert *alert, int64_t now_s);

#endif
