/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ZONA_PROGRAM_H
#define ZONA_PROGRAM_H

/* zona-controller's command line. Returns the exit status. */
int program_main(int argc, char **argv);

#endif
