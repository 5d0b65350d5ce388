/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls that a serving portal may still make. */
#ifndef ZONA_PORTAL_SANDBOX_H
#define ZONA_PORTAL_SANDBOX_H

/* For all threads of the process, for good: no program, no process, no file opened for writing, no
 * socket but Unix ones. Anything else fails with EPERM. Needs no_new_privs. Returns 0 or -errno;
 * does nothing in a sanitizer build, whose run time needs more. */
int sandbox_enter(void);

#endif
