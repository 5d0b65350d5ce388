/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration texts that must be refused, each with the line and a part of the reason. */
#ifndef ZONA_TEST_BAD_CONF_H
#define ZONA_TEST_BAD_CONF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/policy.h"

#include <string.h>

struct bad_conf {
	const char *text;
	unsigned line;
	const char *reason;
};

/* Exactly "FILE:LINE: reason" on one line of valid text. */
static inline void assert_refusal(
	const struct bad_conf *bad, const char *file, int r, const struct conf_error *error)
{
	char start[512];
	size_t length = (size_t)snprintf(start, sizeof(start), "%s:%u: ", file, bad->line);

	if (r == 0 || strncmp(error->text, start, length) != 0 ||
		strstr(error->text + length, bad->reason) == NULL)
		fail_msg("for:\n%s\nexpected %d, \"%s...%s\", got %d, \"%s\"", bad->text, -1, start,
			bad->reason, r, error->text);
	for (const char *c = error->text; *c != '\0'; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
}

static inline void assert_distinct(const struct bad_conf *bad, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(bad[i].text, bad[j].text) == 0)
				fail_msg("twice in the table:\n%s", bad[i].text);
}

#endif
