/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_NOTIFY_H
#define ZONA_NOTIFY_H

/* Tells the supervisor (a byte into its pipe) and the service manager (sd_notify(3), READY=1; not
 * without NOTIFY_SOCKET in the environment) that the zone is served. */
void notify_ready(int supervisor_fd);

#endif
