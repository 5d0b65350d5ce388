/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's terminal: its size, and the mode of the live view. */
#ifndef ZONA_ZONACTL_TERMINAL_H
#define ZONA_ZONACTL_TERMINAL_H

#include "controller/zonactl/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct terminal_size {
	size_t columns, rows; /* 0: no terminal, no limit */
};

enum terminal_event { TERMINAL_TIME_IS_UP, TERMINAL_RESIZED, TERMINAL_QUIT };

bool terminal_is(FILE *out);
struct terminal_size terminal_size(FILE *out);
/* How to show a table on out: its width, colour unless NO_COLOR or a dumb terminal says no. */
struct table_view terminal_view(FILE *out);

/* Changes to the second screen and reads keys one by one, until terminal_leave(). A signal that
 * ends the process puts the terminal back first. in_fd: where the keys come from, -1 for none.
 * One live view a process. Returns 0 or -errno. */
int terminal_enter(int in_fd, FILE *out);
void terminal_leave(void);

/* Waits for wait_ms, a new window size, or a key that says quit ('q'). */
enum terminal_event terminal_wait(int wait_ms);

#endif
