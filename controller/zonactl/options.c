/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/options.h"

#include "common/addr.h"
#include "common/cleanup.h"
#include "controller/zonactl/verbs.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

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

/* At most MINUTES_MAX, which is more than the daemon takes of anything. */
static int set_number(unsigned *ret_number, const char *value)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(value, &end, 10);
	if (errno != 0 || value[0] < '0' || value[0] > '9' || *end != '\0')
		return -EINVAL;
	if (number < 1 || number > MINUTES_MAX)
		return -ERANGE;
	*ret_number = (unsigned)number;
	return 0;
}

static int set_minutes(struct options *options, const char *value)
{
	return set_number(&options->minutes, value);
}

static int set_count(struct options *options, const char *value)
{
	return set_number(&options->count, value);
}

static int set_uses(struct options *options, const char *value)
{
	return set_number(&options->uses, value);
}

static int set_class(struct options *options, const char *value)
{
	options->class_name = value;
	return value[0] != '\0' ? 0 : -EINVAL;
}

static int set_expires(struct options *options, const char *value)
{
	struct tm tm;
	const char *end = strptime(value, "%Y-%m-%d", &tm);

	options->expires = value;
	return end != NULL && *end == '\0' ? 0 : -EINVAL;
}

static int set_html(struct options *options, const char *value)
{
	options->html = value;
	return value[0] != '\0' ? 0 : -EINVAL;
}

static int set_watch(struct options *options, const char *value)
{
	(void)value;
	options->watch = true;
	return 0;
}

static int set_text(struct options *options, enum option_id id, const char *value)
{
	options->texts[id - OPTION_TEXT_ES] = value;
	return value[0] != '\0' ? 0 : -EINVAL;
}

static int set_text_es(struct options *options, const char *value)
{
	return set_text(options, OPTION_TEXT_ES, value);
}

static int set_text_en(struct options *options, const char *value)
{
	return set_text(options, OPTION_TEXT_EN, value);
}

static int set_text_fr(struct options *options, const char *value)
{
	return set_text(options, OPTION_TEXT_FR, value);
}

static int set_text_pt(struct options *options, const char *value)
{
	return set_text(options, OPTION_TEXT_PT, value);
}

/* Local time: HH:MM is the next one, else YYYY-MM-DDTHH:MM. */
static int set_until(struct options *options, const char *value)
{
	time_t now = time(NULL), until;
	struct tm tm;
	const char *end;

	(void)localtime_r(&now, &tm);
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	end = strptime(value, "%H:%M", &tm);
	bool is_time = end != NULL && *end == '\0';
	if (!is_time) {
		end = strptime(value, "%Y-%m-%dT%H:%M", &tm);
		if (end == NULL || *end != '\0')
			return -EINVAL;
	}
	until = mktime(&tm);
	if (is_time && until <= now) {
		tm.tm_mday++;
		tm.tm_isdst = -1;
		until = mktime(&tm);
	}
	options->until_s = until;
	return until > now ? 0 : -EINVAL;
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
	[OPTION_MINUTES] = {"--minutes", "N", false, "login, voucher create: for N minutes",
		set_minutes},
	[OPTION_WATCH] = {"--watch", NULL, false, "sessions: live view, q to leave", set_watch},
	[OPTION_TEXT_ES] = {"--text-es", "TEXT", false, "alert set: in Spanish", set_text_es},
	[OPTION_TEXT_EN] = {"--text-en", "TEXT", false, "alert set: in English", set_text_en},
	[OPTION_TEXT_FR] = {"--text-fr", "TEXT", false, "alert set: in French", set_text_fr},
	[OPTION_TEXT_PT] = {"--text-pt", "TEXT", false, "alert set: in Portuguese", set_text_pt},
	[OPTION_UNTIL] = {"--until", "TIME", false,
		"alert set: until HH:MM or YYYY-MM-DDTHH:MM, else until it is cleared", set_until},
	[OPTION_CLASS] = {"--class", "CLASS", false, "voucher create: whose rates it gives",
		set_class},
	[OPTION_COUNT_OF] = {"--count", "N", false, "voucher create: how many, to 1000", set_count},
	[OPTION_EXPIRES] = {"--expires", "DATE", false, "voucher create: the last day, YYYY-MM-DD",
		set_expires},
	[OPTION_USES] = {"--uses", "K", false, "voucher create: devices each serves (1)", set_uses},
	[OPTION_HTML] = {"--html", "FILE", false,
		"voucher create: writes a page to print, with QR codes", set_html},
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

/* Of the alert. */
static const char *const actions[] = {"set", "clear"};

static bool is_action(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (strcmp(actions[i], word) == 0)
			return true;
	return false;
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
	if (options->verb == &verbs[VERB_ALERT] && options->action == NULL && is_action(word)) {
		options->action = word;
		return 0;
	}
	if (options->verb == &verbs[VERB_VOUCHER] && options->action == NULL &&
		strcmp(word, "create") == 0) {
		options->action = word;
		return 0;
	}
	if (options->verb == &verbs[VERB_CERTIFICATE] && options->code == NULL) {
		options->code = word;
		return 0;
	}
	if (!options->verb->takes_addr || options->addr != NULL)
		return refuse(parser->error, "'%s' is one argument too many", word);
	if (!is_address(word))
		return refuse(parser->error, "'%s' is no MAC, IPv4 or IPv6 address", word);
	options->addr = word;
	return 0;
}

static int check_voucher(const struct parser *parser)
{
	const unsigned needed = 1U << OPTION_CLASS | 1U << OPTION_COUNT_OF | 1U << OPTION_EXPIRES;

	if (parser->options.verb != &verbs[VERB_VOUCHER])
		return 0;
	if (parser->options.action == NULL || (parser->given & needed) != needed)
		return refuse(parser->error, "voucher create needs --class, --count and --expires");
	return 0;
}

static int check_alert(const struct parser *parser)
{
	const unsigned texts = 1U << OPTION_TEXT_ES | 1U << OPTION_TEXT_EN | 1U << OPTION_TEXT_FR |
			       1U << OPTION_TEXT_PT;
	const char *action = parser->options.action;
	bool sets = action != NULL && strcmp(action, "set") == 0;

	if (sets && (parser->given & 1U << OPTION_TEXT_ES) == 0)
		return refuse(parser->error, "alert set needs --text-es");
	if (!sets && (parser->given & (texts | 1U << OPTION_UNTIL)) != 0)
		return refuse(parser->error, "--text-… and --until go with alert set");
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
	if (verb == &verbs[VERB_CERTIFICATE] && options->code == NULL)
		return refuse(parser->error, "certificate needs its code");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		unsigned bit = 1U << i;

		if ((parser->given & bit) != 0 && !rows[i].everywhere && (verb->options & bit) == 0)
			return refuse(
				parser->error, "%s does not go with %s", rows[i].name, verb->name);
	}
	if (options->watch && options->json)
		return refuse(parser->error, "--watch does not go with --json");
	return check_voucher(parser) < 0 ? -EINVAL : check_alert(parser);
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

	if (verb == &verbs[VERB_CERTIFICATE])
		used += (size_t)snprintf(synopsis + used, sizeof(synopsis) - used, " CODE");
	if (verb == &verbs[VERB_VOUCHER])
		used += (size_t)snprintf(synopsis + used, sizeof(synopsis) - used, " create");
	if (verb == &verbs[VERB_ALERT])
		used += (size_t)snprintf(synopsis + used, sizeof(synopsis) - used, " [%s|%s]",
			actions[0], actions[1]);
	for (size_t i = 0; verb != &verbs[VERB_ALERT] && verb != &verbs[VERB_VOUCHER] &&
			   i < OPTION_COUNT && used < sizeof(synopsis);
		i++) {
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
