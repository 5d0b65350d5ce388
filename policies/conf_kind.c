/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/conf_kind.h"

#include "common/addr.h"
#include "policies/policy.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

#define ZONE_FILES "/usr/share/zoneinfo"
#define LABEL_MAX 63 /* RFC 1035 2.3.4 */

typedef int check_fn(const struct conf_row *row, const char *text, uint64_t *ret_number);
typedef int store_fn(void *field, const char *text, uint64_t number);

static bool has_length(const struct conf_row *row, const char *text)
{
	size_t length = strlen(text);

	return length >= row->min && length <= row->max;
}

static bool is_made_of(const char *text, const char *allowed)
{
	return text[strspn(text, allowed)] == '\0';
}

/* ---- text ---------------------------------------------------------------------------------- */

static int check_text(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)ret_number;
	if (!has_length(row, text))
		return -EINVAL;
	/* Blanks alone would be an empty name; other white space is not in a string. */
	return *text == '\0' || text[strspn(text, " ")] != '\0' ? 0 : -EINVAL;
}

static int check_name(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)ret_number;
	if (!has_length(row, text) || !is_made_of(text, LOWER UPPER DIGITS "._-"))
		return -EINVAL;
	return strchr("._-", *text) == NULL ? 0 : -EINVAL;
}

static int check_id(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)ret_number;
	return has_length(row, text) && is_made_of(text, LOWER DIGITS "-") && *text != '-'
		       ? 0
		       : -EINVAL;
}

static int check_account(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)ret_number;
	if (!has_length(row, text) || !is_made_of(text, LOWER UPPER DIGITS "_.-"))
		return -EINVAL;
	return strchr(DIGITS ".-", *text) == NULL || *text == '\0' ? 0 : -EINVAL;
}

static int check_interface(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)ret_number;
	if (!has_length(row, text) || !is_made_of(text, LOWER UPPER DIGITS "._-"))
		return -EINVAL;
	return strcmp(text, ".") != 0 && strcmp(text, "..") != 0 ? 0 : -EINVAL;
}

/* Labels of letters, digits and inner hyphens; the last one is not a number, so an address is no
 * name (RFC 1123 2.1). */
static bool is_host(const char *text)
{
	const char *label = text;

	for (;;) {
		size_t length = strcspn(label, ".");

		if (length == 0 || length > LABEL_MAX || label[0] == '-' ||
			label[length - 1] == '-')
			return false;
		if (strspn(label, LOWER UPPER DIGITS "-") != length)
			return false;
		if (label[length] == '\0')
			return strspn(label, DIGITS) != length;
		label += length + 1;
	}
}

static int check_host(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)ret_number;
	return has_length(row, text) && is_host(text) ? 0 : -EINVAL;
}

static int check_path(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)ret_number;
	if (!has_length(row, text))
		return -EINVAL;
	return *text == '/' || *text == '\0' ? 0 : -EINVAL;
}

static int check_timezone(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	char path[sizeof(ZONE_FILES) + 256];
	struct stat status;

	(void)ret_number;
	if (!has_length(row, text) || !is_made_of(text, LOWER UPPER DIGITS "_+-/"))
		return -EINVAL;
	if (*text == '/')
		return -EINVAL;
	if (*text == '\0')
		return 0;
	/* libc takes a name that it does not know for UTC, and the zone would close at 18:00. */
	if (access(ZONE_FILES, F_OK) != 0)
		return 0;
	(void)snprintf(path, sizeof(path), ZONE_FILES "/%s", text);
	return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* Decimal digits alone: no sign, and no leading zero that might be meant as octal. */
static int parse_digits(const char *text, size_t length, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (length == 0 || (length > 1 && *text == '0'))
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, (uint64_t)(text[i] - '0'), &number))
			return -EINVAL;
	}
	*ret_number = number;
	return 0;
}

static int check_number(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	uint64_t number;

	if (parse_digits(text, strlen(text), &number) < 0 || number < row->min || number > row->max)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

static int check_megabytes(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	uint64_t number;

	if (check_number(row, text, &number) < 0)
		return -EINVAL;
	*ret_number = number * 1000000;
	return 0;
}

static const struct rate_unit {
	const char *name;
	uint64_t bps;
} rate_units[] = {{"gbit", 1000000000}, {"mbit", 1000000}, {"kbit", 1000}, {"bit", 1}};

static int check_rate(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	size_t digits = strspn(text, DIGITS);
	uint64_t number;

	if (parse_digits(text, digits, &number) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(rate_units); i++) {
		if (strcmp(text + digits, rate_units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(number, rate_units[i].bps, &number))
			return -EINVAL;
		if (number < row->min || number > row->max)
			return -EINVAL;
		*ret_number = number;
		return 0;
	}
	return -EINVAL;
}

static int check_bool(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	static const char *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"off", "on"}};

	(void)row;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (unsigned value = 0; value < 2; value++)
			if (strcmp(text, words[i][value]) == 0) {
				*ret_number = value;
				return 0;
			}
	return -EINVAL;
}

static int check_either(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	for (unsigned value = 0; value < 2; value++)
		if (strcmp(text, row->words[value]) == 0) {
			*ret_number = value;
			return 0;
		}
	return -EINVAL;
}

/* ---- lists, and what is built of the above ------------------------------------------------- */

static int check_hours(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	struct hours scratch = {0};

	(void)row;
	(void)ret_number;
	return hours_add(&scratch, text);
}

static int check_domain(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)row;
	(void)ret_number;
	return strlen(text) <= 253 && is_host(text)
		       ? 0
		       : -EINVAL; /* RFC 1035 2.3.4, without dots at the ends */
}

static int check_language(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	size_t length = strlen(text);

	(void)row;
	(void)ret_number;
	return (length == 2 || length == 3) && is_made_of(text, LOWER) ? 0 : -EINVAL;
}

/* HOST, HOST:PORT or [IPv6]:PORT */
static bool is_host_port(const char *text)
{
	char host[256];
	const char *end = *text == '[' ? strchr(text, ']') : strchrnul(text, ':');
	const char *begin = *text == '[' ? text + 1 : text;
	struct ip_addr ip;
	uint64_t port;

	if (end == NULL || (size_t)(end - begin) >= sizeof(host))
		return false;
	(void)snprintf(host, sizeof(host), "%.*s", (int)(end - begin), begin);
	if (*text == '[' && (ip_parse(host, &ip) < 0 || strchr(host, ':') == NULL))
		return false;
	if (*text != '[' && ip_parse(host, &ip) < 0 && !is_host(host))
		return false;
	end += *text == '[' ? 1 : 0;
	if (*end == '\0')
		return true;
	return *end == ':' && parse_digits(end + 1, strlen(end + 1), &port) == 0 && port > 0 &&
	       port <= UINT16_MAX;
}

static int check_redis(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	(void)ret_number;
	if (!has_length(row, text))
		return -EINVAL;
	if (*text == '\0')
		return 0;
	if (strncmp(text, "redis://", 8) == 0)
		return is_host_port(text + 8) ? 0 : -EINVAL;
	return strncmp(text, "unix:/", 6) == 0 && text[6] != '\0' && strchr(text, ' ') == NULL
		       ? 0
		       : -EINVAL;
}

/* ---- fields -------------------------------------------------------------------------------- */

static int store_string(void *field, const char *text, uint64_t number)
{
	char *copy = strdup(text);

	(void)number;
	if (copy == NULL)
		return -ENOMEM;
	free(*(char **)field);
	*(char **)field = copy;
	return 0;
}

static void lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)tolower((unsigned char)*text);
}

static int store_host(void *field, const char *text, uint64_t number)
{
	int r = store_string(field, text, number);

	if (r == 0)
		lower(*(char **)field);
	return r;
}

static int store_bool(void *field, const char *text, uint64_t number)
{
	(void)text;
	*(bool *)field = number != 0;
	return 0;
}

static int store_u16(void *field, const char *text, uint64_t number)
{
	(void)text;
	*(uint16_t *)field = (uint16_t)number;
	return 0;
}

static int store_unsigned(void *field, const char *text, uint64_t number)
{
	(void)text;
	*(unsigned *)field = (unsigned)number;
	return 0;
}

static int store_u64(void *field, const char *text, uint64_t number)
{
	(void)text;
	*(uint64_t *)field = number;
	return 0;
}

static int store_hours(void *field, const char *text, uint64_t number)
{
	(void)number;
	return hours_add(field, text);
}

static int store_item(void *field, const char *text, uint64_t number)
{
	struct str_list *list = field;
	char **items = reallocarray(list->items, list->count + 1, sizeof(*items));

	(void)number;
	if (items == NULL)
		return -ENOMEM;
	list->items = items;
	items[list->count] = strdup(text);
	if (items[list->count] == NULL)
		return -ENOMEM;
	lower(items[list->count++]);
	return 0;
}

static void release_string(void *field)
{
	free(*(char **)field);
	*(char **)field = NULL;
}

static void release_list(void *field)
{
	struct str_list *list = field;

	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct str_list){0};
}

/* ---- the kinds ----------------------------------------------------------------------------- */

enum shape { SHAPE_TEXT, SHAPE_NUMBER, SHAPE_WORD, SHAPE_LIST };

static const struct kind {
	const char *name;
	enum shape shape;
	check_fn *check;
	store_fn *store;
	void (*release)(void *field);
	const char *accepts; /* the rest, bounds and units, comes from the row */
} kinds[] = {
	[CONF_TEXT] = {"text", SHAPE_TEXT, check_text, store_string, release_string, "text"},
	[CONF_NAME] = {"name", SHAPE_TEXT, check_name, store_string, release_string,
		"letters, digits, '.', '_' and '-', a letter or digit first"},
	[CONF_ID] = {"id", SHAPE_TEXT, check_id, store_string, release_string,
		"lower-case letters, digits and '-', no '-' first"},
	[CONF_ACCOUNT] = {"account", SHAPE_TEXT, check_account, store_string, release_string,
		"the name of a user or group of the system"},
	[CONF_INTERFACE] = {"interface", SHAPE_TEXT, check_interface, store_string, release_string,
		"an interface name: letters, digits, '.', '_' and '-'"},
	[CONF_HOST] = {"host", SHAPE_TEXT, check_host, store_host, release_string,
		"a DNS name, not an address"},
	[CONF_PATH] = {"path", SHAPE_TEXT, check_path, store_string, release_string,
		"a path that begins with '/'"},
	[CONF_REDIS] = {"address", SHAPE_TEXT, check_redis, store_string, release_string,
		"redis://HOST, redis://HOST:PORT or unix:/PATH"},
	[CONF_TIMEZONE] = {"timezone", SHAPE_TEXT, check_timezone, store_string, release_string,
		"a name that the tz database knows, such as America/Bogota"},
	[CONF_BOOL] = {"boolean", SHAPE_WORD, check_bool, store_bool, NULL, "true or false"},
	[CONF_EITHER] = {"word", SHAPE_WORD, check_either, store_bool, NULL, NULL},
	[CONF_PORT] = {"port", SHAPE_NUMBER, check_number, store_u16, NULL, "a port"},
	[CONF_COUNT] = {"number", SHAPE_NUMBER, check_number, store_unsigned, NULL,
		"a whole number"},
	[CONF_MINUTES] = {"minutes", SHAPE_NUMBER, check_number, store_unsigned, NULL,
		"a whole number"},
	[CONF_MEGABYTES] = {"megabytes", SHAPE_NUMBER, check_megabytes, store_u64, NULL,
		"a whole number"},
	[CONF_RATE] = {"rate", SHAPE_NUMBER, check_rate, store_u64, NULL,
		"a rate such as 512kbit, 8mbit or 1gbit"},
	[CONF_HOURS] = {"list of hours", SHAPE_LIST, check_hours, store_hours, NULL,
		"opening hours such as \"mon-fri 05:00-23:00\", \"sat,sun 08:00-24:00\" or "
		"\"always\""},
	[CONF_DOMAINS] = {"list of domains", SHAPE_LIST, check_domain, store_item, release_list,
		"a DNS name, without dots at its ends"},
	[CONF_LANGUAGES] = {"list of languages", SHAPE_LIST, check_language, store_item,
		release_list, "a language code of 2 or 3 lower-case letters, such as \"es\""},
};
_Static_assert(ARRAY_SIZE(kinds) == CONF_KINDS, "each kind has its row");

int conf_kind_check(const struct conf_row *row, const char *text, uint64_t *ret_number)
{
	return kinds[row->kind].check(row, text, ret_number);
}

int conf_kind_store(const struct conf_row *row, void *base, const char *text)
{
	uint64_t number = 0;
	int r = conf_kind_check(row, text, &number);

	return r < 0 ? r : kinds[row->kind].store((char *)base + row->offset, text, number);
}

void conf_kind_release(const struct conf_row *row, void *base)
{
	if (kinds[row->kind].release != NULL)
		kinds[row->kind].release((char *)base + row->offset);
}

/* 512000 as "512kbit". */
static const char *format_rate(uint64_t bps, char text[32])
{
	const struct rate_unit *unit = rate_units;

	while (unit->bps > 1 && (bps < unit->bps || bps % unit->bps != 0))
		unit++;
	(void)snprintf(text, 32, "%" PRIu64 "%s", bps / unit->bps, unit->name);
	return text;
}

static void describe_number(const struct conf_row *row, char *text, size_t size)
{
	const char *accepts = kinds[row->kind].accepts;
	char least[32], most[32];

	if (row->kind == CONF_RATE)
		(void)snprintf(text, size, "%s, from %s to %s", accepts,
			format_rate(row->min, least), format_rate(row->max, most));
	else
		(void)snprintf(text, size, "%s%s%s from %" PRIu64 " to %" PRIu64, accepts,
			row->unit != NULL ? " of " : "", row->unit != NULL ? row->unit : "",
			row->min, row->max);
}

const char *conf_kind_describe(const struct conf_row *row, char *text, size_t size)
{
	const struct kind *kind = &kinds[row->kind];

	switch (kind->shape) {
	case SHAPE_NUMBER:
		describe_number(row, text, size);
		break;
	case SHAPE_WORD:
		if (row->kind == CONF_EITHER)
			(void)snprintf(text, size, "%s or %s", row->words[0], row->words[1]);
		else
			(void)snprintf(text, size, "%s", kind->accepts);
		break;
	case SHAPE_LIST:
		(void)snprintf(text, size, "%s", kind->accepts);
		break;
	case SHAPE_TEXT:
		(void)snprintf(text, size, "%s, %" PRIu64 " to %" PRIu64 " bytes%s", kind->accepts,
			row->min > 0 ? row->min : 1, row->max, row->min > 0 ? "" : ", or \"\"");
		break;
	}
	return text;
}

bool conf_kind_is_list(enum conf_kind kind)
{
	return kinds[kind].shape == SHAPE_LIST;
}

bool conf_kind_is_quoted(enum conf_kind kind)
{
	return kinds[kind].shape != SHAPE_NUMBER ? kind != CONF_BOOL : kind == CONF_RATE;
}

const char *conf_kind_name(enum conf_kind kind)
{
	return kinds[kind].name;
}
