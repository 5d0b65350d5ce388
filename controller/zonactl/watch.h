/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sessions --watch: the live view. */
#ifndef ZONA_ZONACTL_WATCH_H
#define ZONA_ZONACTL_WATCH_H

#include "controller/zonactl/call.h"

/* Shows the sessions each second until q or a signal; on a pipe, one table after the other.
 * A daemon that goes away later is waited for: its restart is what an operator wants to see. */
enum zonactl_exit watch_run(struct call *call);

#endif
