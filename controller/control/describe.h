/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the control socket says of devices, sessions and the zone, in JSON (docs/control.md). Each
 * returns a new object that the caller owns. */
#ifndef ZONA_CONTROL_DESCRIBE_H
#define ZONA_CONTROL_DESCRIBE_H

#include "controller/session/engine.h"

#include <jansson.h>

/* What the portal shows to the person. */
json_t *describe_device(struct engine *engine, const struct device *device);
/* What the operator sees: DESIGN.md's session object. */
json_t *describe_session(struct engine *engine, const struct device *device);
/* An operator's view of a voucher, without its code. now_ms: wall clock; 0: without uses and state,
 * as of a new one. */
json_t *describe_voucher(const struct voucher *voucher, int64_t now_ms);
json_t *describe_status(struct engine *engine);

#endif
