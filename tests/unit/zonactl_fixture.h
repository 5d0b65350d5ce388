/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway's answers for the tests of zonactl, and its command line with what it wrote. */
#ifndef ZONA_TESTS_ZONACTL_FIXTURE_H
#define ZONA_TESTS_ZONACTL_FIXTURE_H

#include "tests/unit/control_fixture.h"

#include "controller/zonactl/zonactl.h"

#define FIXTURE_PAGE 100

struct gateway_fixture {
	unsigned sessions;   /* how many there are */
	uint64_t step_bytes; /* session i moves i + 1 times this between two samples */
	unsigned samples;    /* how often the list was begun */
	bool refuse;	     /* every verb: not-found */
	bool hostile;	     /* texts hold escape sequences */
	bool down;	     /* hang up */
};

static inline json_t *fixture_session(const struct gateway_fixture *gateway, unsigned i)
{
	char mac[18], ipv4[16];
	uint64_t moved = (i + 1) * gateway->step_bytes * gateway->samples;

	(void)snprintf(mac, sizeof(mac), "02:00:00:00:%02x:%02x", i >> 8 & 0xff, i & 0xff);
	(void)snprintf(ipv4, sizeof(ipv4), "10.0.%u.%u", i >> 8 & 0xff, i & 0xff);
	return json_pack("{s:s, s:s, s:s, s:s, s:[s], s:[s, s], s:s, s:i, s:i, s:I, s:I, s:i, s:i}",
		"mac", mac, "zone", "san-francisco", "class", "community", "state",
		gateway->hostile ? "act\033[2Jive\xc2\x9b" : "active", "ipv4", ipv4, "ipv6",
		"fe80::1", "2001:db8::1", "started", "2026-03-01T10:00:00-05:00", "seconds_left",
		3000, "idle_seconds", 3, "bytes_down", (json_int_t)(1500000 + moved), "bytes_up",
		(json_int_t)250000, "rate_down_bps", 800000, "rate_up_bps", 0);
}

static inline json_t *fixture_sessions(struct gateway_fixture *gateway, const json_t *request)
{
	const char *after = json_string_value(json_object_get(request, "after"));
	json_t *page = json_array();
	unsigned first = 0, i;
	json_t *reply;

	if (after != NULL) {
		unsigned high, low;

		/* Not an assertion: those belong to the test's own thread. */
		if (sscanf(after, "02:00:00:00:%2x:%2x", &high, &low) != 2)
			abort();
		first = (high << 8 | low) + 1;
	} else {
		gateway->samples++;
	}
	for (i = first; i < gateway->sessions && i < first + FIXTURE_PAGE; i++)
		json_array_append_new(page, fixture_session(gateway, i));
	reply = json_pack("{s:b, s:o}", "ok", 1, "sessions", page);
	if (i < gateway->sessions)
		json_object_set(reply, "next",
			json_object_get(json_array_get(page, json_array_size(page) - 1), "mac"));
	return reply;
}

static inline json_t *fixture_status(const struct gateway_fixture *gateway)
{
	return json_pack(
		"{s:b, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:i, s:i, s:i, s:b,"
		" s:{s:s, s:i, s:i}, s:{s:s}, s:{s:s}, s:{s:s, s:i, s:b}, s:{s:s}}",
		"ok", 1, "gateway", gateway->hostile ? "gw\033]0;owned\a" : "gw-1", "zone",
		"ciudadela-2000", "zone_name", "Ciudadela ñandú", "class", "community", "version",
		"9.9.9", "uptime_s", 11520, "sessions", (int)gateway->sessions, "peak_sessions", 41,
		"devices_seen", 310, "bytes_down", (json_int_t)1234567890, "bytes_up", 230000000,
		"rate_down_bps", 12300000, "rate_up_bps", 512000, "open", 1, "uplink", "interface",
		"wan0", "down_bps", 100000000, "up_bps", 50000000, "lan", "interface", "lan0",
		"kernel", "leaf", "fq_codel", "journal", "path", "/var/lib/zona/journal.db",
		"bytes", 1200000, "failed", 1, "policy", "loaded", "2026-03-01T09:00:00-05:00");
}

static inline json_t *fixture_reply(struct gateway_fixture *gateway, const json_t *request)
{
	const char *verb = json_string_value(json_object_get(request, "verb"));

	if (gateway->refuse)
		return json_pack("{s:b, s:s, s:s}", "ok", 0, "error", "not-found", "message",
			gateway->hostile ? "no\033[31m such\ndevice" : "no such device");
	if (strcmp(verb, "status") == 0)
		return fixture_status(gateway);
	if (strcmp(verb, "sessions") == 0)
		return fixture_sessions(gateway, request);
	if (strcmp(verb, "reload") == 0)
		return json_pack("{s:b, s:i}", "ok", 1, "changed", 12);
	if (strcmp(verb, "version") == 0)
		return json_pack("{s:b, s:s}", "ok", 1, "version", "9.9.9");
	return json_pack("{s:b, s:o}", "ok", 1, "session", fixture_session(gateway, 7));
}

static inline char *fixture_gateway(const json_t *request, void *data)
{
	struct gateway_fixture *gateway = data;
	json_t *reply;
	char *text;

	if (gateway->down)
		return NULL;
	reply = fixture_reply(gateway, request);
	text = json_dumps(reply, JSON_COMPACT);
	json_decref(reply);
	return text;
}

/* What one command line wrote. */
struct written {
	enum zonactl_exit status;
	char *out, *err;
};

#define ARGUMENTS_MAX 12

/* Runs "zonactl WORD…"; words end with NULL. */
static inline struct written run_words(const char *const words[])
{
	char *argv[ARGUMENTS_MAX + 2] = {strdup("zonactl")};
	struct written written = {0};
	size_t out_size, err_size;
	struct zonactl_io io = {.in_fd = -1};
	int argc = 1;

	io.out = open_memstream(&written.out, &out_size);
	io.err = open_memstream(&written.err, &err_size);
	for (; words[argc - 1] != NULL; argc++) {
		assert_true(argc <= ARGUMENTS_MAX);
		argv[argc] = strdup(words[argc - 1]);
	}
	written.status = zonactl_run(argc, argv, &io);
	(void)fclose(io.out);
	(void)fclose(io.err);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return written;
}

/* Runs "zonactl --socket PATH WORD…" against the gateway. */
static inline struct written run_on(struct gateway_fixture *gateway, const char *const words[])
{
	struct control_fixture *fixture = fixture_start(fixture_gateway, gateway);
	const char *all[ARGUMENTS_MAX + 1] = {"--socket", fixture->path};
	struct written written;

	for (size_t i = 0; words[i] != NULL; i++) {
		assert_true(i + 2 < ARGUMENTS_MAX);
		all[i + 2] = words[i];
	}
	written = run_words(all);
	fixture_stop(fixture);
	return written;
}

#define RUN(...) run_words((const char *const[]){__VA_ARGS__, NULL})
#define RUN_ON(gateway, ...) run_on(gateway, (const char *const[]){__VA_ARGS__, NULL})

static inline void written_free(struct written *written)
{
	free(written->out);
	free(written->err);
}

/* Nothing but printable text and line ends. */
static inline void assert_harmless(const char *text)
{
	for (; *text != '\0'; text++) {
		assert_true((unsigned char)*text >= ' ' || *text == '\n');
		assert_int_not_equal(*text, 0x7f);
		assert_false((unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0);
	}
}

static inline void assert_lines(const char *text, size_t lines)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	assert_int_equal(count, lines);
}

#endif
