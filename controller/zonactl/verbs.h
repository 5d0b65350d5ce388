/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row a verb of the command line: name, arguments, help and what it does. */
#ifndef ZONA_ZONACTL_VERBS_H
#define ZONA_ZONACTL_VERBS_H

#include "controller/zonactl/options.h"
#include "controller/zonactl/zonactl.h"

struct call;

enum verb_id {
	VERB_STATUS,
	VERB_SESSIONS,
	VERB_SESSION,
	VERB_LOGIN,
	VERB_LOGOUT,
	VERB_BLOCK,
	VERB_UNBLOCK,
	VERB_RELOAD,
	VERB_ALERT,
	VERB_CERTIFICATE,
	VERB_VOUCHER,
	VERB_VOUCHERS,
	VERB_VERSION,
	VERB_COUNT,
};

struct verb {
	const char *name; /* here and on the control socket */
	bool takes_addr;
	unsigned options; /* bit OPTION_x: accepted with this verb, besides those of every verb */
	const char *help;
	enum zonactl_exit (*run)(struct call *call);
};

extern const struct verb verbs[VERB_COUNT];

/* NULL when there is none of that name. */
const struct verb *verb_find(const char *name);

#endif
