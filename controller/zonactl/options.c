/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/options.h"

#include "common/addr.h"
#include "common/cleanup.h"
#include "controller/zonactl/verbs.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

/* A year: longer is a slip of the keyboard. */
#define MINUTES_MAX (366 * 24 * 60)

struct option_row {
	const char *name;
	const char *value; /* what the value is called; NULL: a switch */
	bool everywhere;   /* not bound to certain verbs */
	const char *help;
	int (*set)(struct options *options, const char *value);
};

static int set_socket(struct options *options, const char *value)
{
	options->socket = value;
	return value[0] != '\0' ? 0 : -EINVAL;
}

static int set_json(struct options *options, const char *value)
{
	(void)value;
	options->json = true;
	return 0;
}

static int set_minutes(struct options *options, const char *value)
{
	char *end;
	long minutes;

	errno = 0;
	minutes = strtol(value, &end, 10);
	if (errno != 0 || value[0] < '0' || value[0] > '9' || *end != '\0')
		return -EINVAL;
	if (minutes < 1 || minutes > MINUTES_MAX)
		return -ERANGE;
	options->minutes = (unsigned)minutes;
	return 0;
}

static int set_watch(struct options *options, const char *value)
{
	(void)value;
	options->watch = true;
	return 0;
}

static int set_help(struct options *options, const char *value)
{
	(void)value;
	options->help = true;
	return 0;
}

static const struct option_row rows[] = {
	[OPTION_SOCKET] = {"--socket", "PATH", true,
		"the daemon's control socket (" ZONACTL_SOCKET ")", set_socket},
	[OPTION_JSON] = {"--json", NULL, true, "print one JSON document", set_json},
	[OPTION_MINUTES] = {"--minutes", "N", false, "login: for N minutes", set_minutes},
	[OPTION_WATCH] = {"--watch", NULL, false, "sessions: live view, q to leave", set_watch},
	[OPTION_HELP] = {"--help", NULL, true, "print this and exit", set_help},
};
_Static_assert(ARRAY_SIZE(rows) == OPTION_COUNT, "one row an option");

static int refuse(struct options_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct options_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -EINVAL;
}

/* The row that argument names, alone or as "--name=value" (then *ret_value is set). */
static size_t find_row(const char *argument, const char **ret_value)
{
	size_t length = strcspn(argument, "=");

	*ret_value = argument[length] == '=' ? argument + length + 1 : NULL;
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (strlen(rows[i].name) == length && strncmp(rows[i].name, argument, length) == 0)
			return i;
	return OPTION_COUNT;
}

struct parser {
	int argc;
	char *const *argv;
	int at;
	unsigned given; /* bit OPTION_x */
	struct options options;
	struct options_error *error;
};

static int parse_option(struct parser *parser)
{
	const char *argument = parser->argv[parser->at++];
	const char *value;
	size_t id = find_row(argument, &value);
	int rc;

	if (id == OPTION_COUNT)
		return refuse(parser->error, "unknown option '%s'; see zonactl --help", argument);
	if (rows[id].value == NULL && value != NULL)
		return refuse(parser->error, "%s takes no value", rows[id].name);
	if (rows[id].value != NULL && value == NULL && parser->at < parser->argc)
		value = parser->argv[parser->at++];
	if (rows[id].value != NULL && value == NULL)
		return refuse(parser->error, "%s needs %s", rows[id].name, rows[id].value);
	rc = rows[id].set(&parser->options, value);
	if (rc == -ERANGE)
		return refuse(parser->error, "%s must be from 1 to %d", rows[id].name, MINUTES_MAX);
	if (rc < 0)
		return refuse(
			parser->error, "%s: '%s' is no %s", rows[id].name, value, rows[id].value);
	parser->given |= 1U << id;
	return 0;
}

static bool is_address(const char *text)
{
	struct mac_addr mac;
	struct ip_addr ip;

	return mac_parse(text, &mac) == 0 || ip_parse(text, &ip) == 0;
}

static int parse_word(struct parser *parser)
{
	struct options *options = &parser->options;
	const char *word = parser->argv[parser->at++];

	if (options->verb == NULL) {
		options->verb = verb_find(word);
		if (options->verb == NULL)
			return refuse(parser->error, "unknown verb '%s'; see zonactl --help", word);
		return 0;
	}
	if (!options->verb->takes_addr || options->addr != NULL)
		return refuse(parser->error, "'%s' is one argument too many", word);
	if (!is_address(word))
		return refuse(parser->error, "'%s' is no MAC, IPv4 or IPv6 address", word);
	options->addr = word;
	return 0;
}

/* What only the whole line shows: a missing verb or address, options that do not go together. */
static int check_whole(struct parser *parser)
{
	const struct options *options = &parser->options;
	const struct verb *verb = options->verb;

	if (options->help)
		return 0;
	if (verb == NULL)
		return refuse(parser->error, "no verb given; see zonactl --help");
	if (verb->takes_addr && options->addr == NULL)
		return refuse(parser->error, "%s needs a MAC, IPv4 or IPv6 address", verb->name);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		unsigned bit = 1U << i;

		if ((parser->given & bit) != 0 && !rows[i].everywhere && (verb->options & bit) == 0)
			return refuse(
				parser->error, "%s does not go with %s", rows[i].name, verb->name);
	}
	if (options->watch && options->json)
		return refuse(parser->error, "--watch does not go with --json");
	return 0;
}

int options_parse(
	int argc, char *const argv[], struct options *ret_options, struct options_error *error)
{
	struct parser parser = {
		.argc = argc,
		.argv = argv,
		.at = 1,
		.options = {.socket = ZONACTL_SOCKET},
		.error = error,
	};
	bool only_words = false;
	int rc = 0;

	while (rc == 0 && parser.at < argc) {
		const char *argument = argv[parser.at];

		if (!only_words && strcmp(argument, "--") == 0) {
			only_words = true;
			parser.at++;
		} else if (!only_words && argument[0] == '-') {
			rc = parse_option(&parser);
		} else {
			rc = parse_word(&parser);
		}
	}
	if (rc == 0)
		rc = check_whole(&parser);
	if (rc == 0)
		*ret_options = parser.options;
	return rc;
}

static void print_verb(FILE *out, const struct verb *verb)
{
	char synopsis[64];
	size_t used = (size_t)snprintf(
		synopsis, sizeof(synopsis), "%s%s", verb->name, verb->takes_addr ? " ADDR" : "");

	for (size_t i = 0; i < OPTION_COUNT && used < sizeof(synopsis); i++) {
		const char *value = rows[i].value;

		if ((verb->options & 1U << i) == 0)
			continue;
		used += (size_t)snprintf(synopsis + used, sizeof(synopsis) - used, " [%s%s%s]",
			rows[i].name, value != NULL ? " " : "", value != NULL ? value : "");
	}
	(void)fprintf(out, "  %-26s %s\n", synopsis, verb->help);
}

void options_print_help(FILE *out)
{
	(void)fputs("usage: zonactl [--socket PATH] [--json] VERB [ADDR] [OPTION…]\n\n", out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		print_verb(out, &verbs[i]);
	(void)fputs("\nADDR is a MAC, IPv4 or IPv6 address. Options, before or after the verb:\n\n",
		out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		char synopsis[32];

		(void)snprintf(synopsis, sizeof(synopsis), "%s %s", rows[i].name,
			rows[i].value != NULL ? rows[i].value : "");
		(void)fprintf(out, "  %-26s %s\n", synopsis, rows[i].help);
	}
	(void)fputs("\nExit status: 0 done, 1 refused or not found, 2 usage, "
		    "3 cannot reach the daemon.\n",
		out);
}
