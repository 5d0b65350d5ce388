/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: options before or after the verb, in one table with their help. */
#ifndef ZONA_ZONACTL_OPTIONS_H
#define ZONA_ZONACTL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define ZONACTL_SOCKET "/run/zona/control.sock"

enum option_id {
	OPTION_SOCKET,
	OPTION_JSON,
	OPTION_MINUTES,
	OPTION_WATCH,
	OPTION_TEXT_ES,
	OPTION_TEXT_EN,
	OPTION_TEXT_FR,
	OPTION_TEXT_PT,
	OPTION_UNTIL,
	OPTION_CLASS,
	OPTION_COUNT_OF,
	OPTION_EXPIRES,
	OPTION_USES,
	OPTION_HTML,
	OPTION_HELP,
	OPTION_COUNT,
};

struct verb;

/* Pointers are into argv or constant. */
struct options {
	const struct verb *verb; /* NULL only with help */
	const char *socket;
	const char *addr;   /* NULL when the verb takes none */
	const char *code;   /* of a certificate, NULL: none given */
	const char *action; /* of the verb's own, NULL: none given */
	unsigned minutes;   /* 0: not given */
	const char *texts[OPTION_TEXT_PT - OPTION_TEXT_ES + 1]; /* NULL: not given */
	int64_t until_s;					/* since 1970; 0: not given */
	const char *class_name, *expires, *html;		/* of vouchers; NULL: not given */
	unsigned count, uses;					/* 0: not given */
	bool json, watch, help;
};

/* Why a command line was refused, in one line. */
struct options_error {
	char text[256];
};

/* Returns 0, or -EINVAL with error filled and ret_options untouched. */
int options_parse(
	int argc, char *const argv[], struct options *ret_options, struct options_error *error);

/* The usage text, made from the tables of verbs and options. */
void options_print_help(FILE *out);

#endif
