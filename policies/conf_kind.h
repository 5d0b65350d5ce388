/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds of values in configuration files: what is accepted, and how it is kept in a struct. */
#ifndef ZONA_CONF_KIND_H
#define ZONA_CONF_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Between the items of a list in a row; not in any item. */
#define CONF_SEPARATOR "|"

enum conf_kind {
	CONF_TEXT,	/* char *: any text a person reads */
	CONF_NAME,	/* char *: letters, digits, '.', '_', '-' */
	CONF_ID,	/* char *: lower-case letters, digits, '-' */
	CONF_ACCOUNT,	/* char *: a user or group of the system */
	CONF_INTERFACE, /* char *: name of a network interface */
	CONF_HOST,	/* char *: DNS name, kept in lower case */
	CONF_PATH,	/* char *: absolute path */
	CONF_REDIS,	/* char *: address of a Redis server */
	CONF_TIMEZONE,	/* char *: name in the tz database */
	CONF_BOOL,	/* bool */
	CONF_EITHER,	/* bool: two words, the second is true */
	CONF_PORT,	/* uint16_t */
	CONF_COUNT,	/* unsigned */
	CONF_MINUTES,	/* unsigned */
	CONF_MEGABYTES, /* uint64_t, in bytes: x 10^6 */
	CONF_RATE,	/* uint64_t, in bits a second */
	CONF_HOURS,	/* struct hours, a list */
	CONF_DOMAINS,	/* struct str_list of DNS suffixes, in lower case */
	CONF_LANGUAGES, /* struct str_list of ISO 639 codes */
	CONF_KINDS
};

struct conf_row {
	const char *section; /* NULL: outside of sections */
	const char *key;
	enum conf_kind kind;
	bool required;
	/* Numbers: least and most, in the unit of the file. Text: bytes; least 0 allows "". Lists:
	 * items. */
	uint64_t min, max;
	const char *standard; /* default as text, CONF_SEPARATOR between items; NULL: see help */
	const char *example;  /* for samples, where there is no default or it says little */
	const char *unit;     /* of a number */
	const char *words[2]; /* of CONF_EITHER */
	const char *help;     /* what it does, one sentence */
	size_t offset;	      /* in the struct that the schema describes */
};

/* Accepts text as the row's value (as one item for a list). Returns 0 with the value of a number
 * in ret_number (unchanged for other kinds), or -EINVAL. */
int conf_kind_check(const struct conf_row *row, const char *text, uint64_t *ret_number);
/* What the row accepts, to stand behind "expected"; returns text. */
const char *conf_kind_describe(const struct conf_row *row, char *text, size_t size);

/* Sets the row's field to text, which conf_kind_check() accepted, or adds it to the list there.
 * Returns 0 or -ENOMEM. */
int conf_kind_store(const struct conf_row *row, void *base, const char *text);
/* Frees the field and leaves it zeroed. */
void conf_kind_release(const struct conf_row *row, void *base);

bool conf_kind_is_list(enum conf_kind kind);
bool conf_kind_is_quoted(enum conf_kind kind);	 /* in samples */
const char *conf_kind_name(enum conf_kind kind); /* in the manual's table */

#endif
