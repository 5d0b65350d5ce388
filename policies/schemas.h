/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schemas of the files that Zona reads, for whoever prints or documents them. */
#ifndef ZONA_SCHEMAS_H
#define ZONA_SCHEMAS_H

#include "policies/conf.h"

extern const struct conf_schema gateway_schema; /* gateway.conf */
extern const struct conf_schema class_schema;	/* policies/classes */
extern const struct conf_schema zone_schema;	/* policies/zones */

#endif
