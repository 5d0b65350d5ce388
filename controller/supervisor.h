/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_SUPERVISOR_H
#define ZONA_SUPERVISOR_H

/* Reads the configuration, makes the state directory and the control socket, puts the base table in
 * force, turns forwarding on, leaves root, and runs engine and helper until SIGTERM. Returns the
 * exit status. */
int supervisor_run(const char *config_path);

/* Puts only the base table in force: the zone is closed. Returns the exit status. */
int supervisor_close(const char *config_path);

#endif
