/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_GATEWAY_H
#define ZONA_GATEWAY_H

/* The engine process: puts engine, kernel, journal and control socket together and runs them until
 * SIGTERM or until the helper is lost. config_name is what messages call gateway.conf; descriptors
 * are those of process.h. Returns the exit status. */
int gateway_run(const char *config_name);

/* The helper process. */
int gateway_helper(const char *config_name);

#endif
