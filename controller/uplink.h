/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_UPLINK_H
#define ZONA_UPLINK_H

#include <stdbool.h>

/* Whether the interface can carry packets (IFF_RUNNING: it is up and has a carrier, RFC 2863's
 * operational state). False when there is no such interface; true when nobody can say. Costs two
 * microseconds, so it is asked when somebody wants to know. */
bool uplink_is_up(const char *interface);

#endif
