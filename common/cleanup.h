/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ownership at the end of a scope: AUTO(free) frees a local, TAKE(p) hands it on. */
#ifndef ZONA_CLEANUP_H
#define ZONA_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* AUTO(thing_free) struct thing *t = NULL;  calls thing_free(t) when t leaves its scope.
 * DEFINE_AUTO(struct thing, thing_free) goes once into the header of thing. */
#define AUTO(fn) __attribute__((cleanup(fn##_auto)))
#define DEFINE_AUTO(type, fn)                                                                      \
	static inline void fn##_auto(type **p)                                                     \
	{                                                                                          \
		fn(*p);                                                                            \
	}                                                                                          \
	struct zona_swallow_semicolon

/* The value of an owning pointer, which is NULL afterwards. */
#define TAKE(p)                                                                                    \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void fclose_auto(FILE **f)
{
	if (*f != NULL)
		(void)fclose(*f);
}

static inline void free_str_auto(char **p)
{
	free(*p);
}
#define AUTO_STR __attribute__((cleanup(free_str_auto))) char *

static inline void close_fd_auto(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#define AUTO_FD __attribute__((cleanup(close_fd_auto))) int

#endif
