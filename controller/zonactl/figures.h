/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people read them. All decimal (1 MB is 10^6 bytes), three significant digits. */
#ifndef ZONA_ZONACTL_FIGURES_H
#define ZONA_ZONACTL_FIGURES_H

#include <stdint.h>

/* The longest is "18.4 EB" or "213503982334601 d 07 h". */
#define FIGURE_SIZE 32

/* "0 B", "999 B", "1.50 kB", "35.2 MB". Returns text. */
const char *figure_bytes(uint64_t bytes, char text[FIGURE_SIZE]);
/* "0 bit/s", "512 kbit/s", "8.00 Mbit/s". Returns text. */
const char *figure_rate(uint64_t bps, char text[FIGURE_SIZE]);
/* "45 s", "42 min", "3 h 05 min", "2 d 07 h". Returns text. */
const char *figure_duration(uint64_t seconds, char text[FIGURE_SIZE]);

#endif
