/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The portal's end of the control socket (docs/control.md): asynchronous calls with deadlines.
 * A controller that restarts is not noticed: calls wait, and are sent again on the next
 * connection, for CONTROL_AWAY_MS. One per worker; not for use by several threads. */
#ifndef ZONA_PORTAL_CONTROL_H
#define ZONA_PORTAL_CONTROL_H

#include "common/addr.h"
#include "common/cleanup.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdint.h>

#define CONTROL_REPLY_MS 2000 /* a connected controller answers in under a millisecond */
#define CONTROL_AWAY_MS 5000  /* longer than a controller's restart, shorter than people wait */

enum control_verb {
	CONTROL_LOOKUP,
	CONTROL_ACCEPT,
	CONTROL_LEAVE,
	CONTROL_EXTEND,
	CONTROL_REDEEM,
	CONTROL_VERSION,
	CONTROL_ALERT,
	CONTROL_VERB_COUNT
};

struct control;

/* Called exactly once for each call that was taken. error is 0 with the controller's reply (which
 * may say "ok": false and is the caller's only during the call), -ETIMEDOUT, or -ECANCELED when
 * the control is freed. */
typedef void control_callback(void *arg, int error, const json_t *reply);

/* dir_fd: the directory of the socket, opened while it could be searched, -1 for none; stays the
 * caller's. path: of the socket, used when dir_fd does not lead there. Connects with the first
 * call. Returns 0 or -ENOMEM. */
int control_new(
	struct event_base *base, int dir_fd, const char *path, struct control **ret_control);
/* Ends all calls with -ECANCELED. */
void control_free(struct control *control);
DEFINE_AUTO(struct control, control_free);

/* What goes with a call besides the device. */
struct control_arguments {
	int64_t token_us; /* CONTROL_ACCEPT: when the form was made */
	const char *code; /* CONTROL_REDEEM: as a person typed it, under CONTROL_CODE_MAX bytes */
};
#define CONTROL_CODE_MAX 64

/* ip is the device, NULL for CONTROL_VERSION and CONTROL_ALERT; arguments may be NULL where the
 * verb has none. Returns 0, or -EBUSY when too many calls wait; then callback is not called. */
int control_call(struct control *control, enum control_verb verb, const struct ip_addr *ip,
	const struct control_arguments *arguments, control_callback *callback, void *arg);

#endif
