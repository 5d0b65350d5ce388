/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_KERNEL_LINUX_H
#define ZONA_KERNEL_LINUX_H

#include "controller/kernel/kernel.h"

struct event_base;

/* The Linux kernel through the helper at the other end of fd (taken over). Waits for the helper's
 * first message. When the helper goes away on_lost is called, once, and nothing works any more.
 * Returns 0 or -errno. */
int kernel_linux_new(struct event_base *base, int fd, void (*on_lost)(void *arg), void *arg,
	struct kernel **ret_kernel);

#endif
