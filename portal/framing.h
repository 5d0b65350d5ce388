/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the header of a request says about its frame: its body, and whether that is beyond doubt. */
#ifndef ZONA_PORTAL_FRAMING_H
#define ZONA_PORTAL_FRAMING_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/* Of a body that is of no use to us; reading it keeps the answer from being lost in a reset. */
#define DISCARD_MAX ((size_t)64 * 1024)

enum body { BODY_NONE, BODY_READABLE, BODY_TOO_LARGE };

enum body framing_body(struct MHD_Connection *connection);
/* RFC 9112 3.2: with two Host or Content-Length fields nobody knows what was meant. */
bool framing_is_ambiguous(struct MHD_Connection *connection);

#endif
