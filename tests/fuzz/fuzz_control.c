/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to the control socket, through the real server and verbs, with an engine on a fake
 * kernel behind. The input is lines: a message each, or
 *
 *   +N  device N appears on the LAN     ~N  the next N verbs of the kernel are refused
 *   .N  N seconds pass                  ^N  N kB pass through the first leaves
 *
 * What must hold: each message has one answer, a JSON object with "ok" and, if that is false, with
 * a known error; and engine and kernel agree. */
#include "tests/fuzz/fuzz_engine.h"

#include "controller/control/server.h"
#include "controller/control/verbs.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#define MESSAGES_MAX 64
#define ROUNDS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[64]; /* for the alert */

struct desk {
	struct kernel *kernel;
	struct engine *engine;
	struct event_base *base;
	struct control_server *server;
	struct verbs_context verbs;
	int client;
};

static void put_session(void *ctx, const struct stored_session *session)
{
	(void)ctx;
	if (session->session.id == 0 || !mac_is_unicast(&session->mac))
		abort();
}

static void put_device(void *ctx, const struct stored_device *device)
{
	(void)ctx;
	if (!mac_is_unicast(&device->mac))
		abort();
}

static void put_rates(void *ctx, const struct kernel_rates *rates)
{
	(void)ctx;
	(void)rates;
}

static void put_pass(void *ctx, const struct stored_pass *pass)
{
	(void)ctx;
	if (!mac_is_unicast(&pass->mac) || pass->pass.class_name == NULL)
		abort();
}

static void put_voucher(void *ctx, const struct voucher *voucher)
{
	(void)ctx;
	if (voucher->batch == 0 || voucher->uses > voucher->uses_max)
		abort();
}

static int reload(void *arg, unsigned *ret_changed, struct conf_error *error)
{
	struct desk *desk = arg;

	(void)error;
	return engine_set_policy(desk->engine, fuzz_policy(), ZONE, ret_changed);
}

static void add_status(void *arg, json_t *status)
{
	(void)arg;
	(void)json_object_set_new(status, "gateway", json_string("fuzz"));
}

static bool uplink_is_up(void *arg)
{
	return ((struct desk *)arg)->engine != NULL;
}

/* An abstract address: nothing is left in the file system. */
static void open_socket(struct desk *desk)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(sa_family_t); /* the kernel chooses a name */

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0)
		abort();
	size = sizeof(address);
	if (getsockname(listener, (struct sockaddr *)&address, &size) < 0 ||
		listen(listener, 1) < 0)
		abort();
	desk->client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (desk->client < 0 || connect(desk->client, (struct sockaddr *)&address, size) < 0)
		abort();
	/* Whoever runs this is in the operators' group. */
	if (control_server_new(
		    desk->base, listener, getegid(), verbs_handle, &desk->verbs, &desk->server) < 0)
		abort();
}

static void desk_open(struct desk *desk)
{
	*desk = (struct desk){.client = -1};
	fuzz_now = (struct now){.mono_ms = 3600000, .wall_ms = 1772643600000, .synced = true};
	desk->base = event_base_new();
	if (desk->base == NULL || kernel_fake_new(&desk->kernel) < 0)
		abort();
	desk->engine = fuzz_engine(desk->kernel, (struct store){.put_session = put_session,
							 .put_device = put_device,
							 .put_rates = put_rates,
							 .put_pass = put_pass,
							 .put_voucher = put_voucher});
	fuzz_start(desk->engine, desk->kernel);
	desk->verbs = (struct verbs_context){.engine = desk->engine,
		.reload = reload,
		.add_status = add_status,
		.portal_url = "http://wifi.example/",
		.uplink_is_up = uplink_is_up,
		.arg = desk};
	if (notice_new(directory, &desk->verbs.notice) < 0)
		abort();
	open_socket(desk);
}

static void desk_close(struct desk *desk)
{
	control_server_free(desk->server);
	(void)kernel_fake_run(desk->kernel);
	engine_free(desk->engine);
	kernel_free(desk->kernel);
	(void)notice_clear(desk->verbs.notice);
	notice_free(desk->verbs.notice);
	event_base_free(desk->base);
	(void)close(desk->client);
}

static void serve(struct desk *desk)
{
	for (int i = 0; i < ROUNDS; i++) {
		(void)event_base_loop(desk->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		fuzz_round(desk->engine, desk->kernel);
		control_flush(desk->server);
	}
}

static void check_answer(const char *text, size_t size)
{
	static const char *const codes[] = {"bad-message", "unknown-verb", "bad-argument",
		"forbidden", "not-found", "closed-hours", "daily-quota", "daily-time", "blocked",
		"stale-token", "full", "not-active", "already", "config", "kernel", "busy",
		"state"};
	json_t *reply = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	const char *code = json_string_value(json_object_get(reply, "error"));
	bool known = json_is_true(json_object_get(reply, "ok")) && code == NULL;

	for (size_t i = 0; code != NULL && i < ARRAY_SIZE(codes); i++)
		known |= strcmp(code, codes[i]) == 0;
	if (!json_is_boolean(json_object_get(reply, "ok")) || !known)
		abort();
	if (code != NULL && json_string_length(json_object_get(reply, "message")) == 0)
		abort();
	json_decref(reply);
}

static void ask(struct desk *desk, const uint8_t *line, size_t size)
{
	static char text[65537];
	ssize_t n;

	if (size == 0 || send(desk->client, line, size, MSG_NOSIGNAL) != (ssize_t)size)
		return;
	serve(desk);
	n = recv(desk->client, text, sizeof(text), 0);
	/* An end that the kernel refuses is answered only when it is done. */
	for (int i = 0; i < 100 && n < 0; i++) {
		fuzz_now.mono_ms += 1000;
		fuzz_now.wall_ms += 1000;
		serve(desk);
		n = recv(desk->client, text, sizeof(text), 0);
	}
	if (n <= 0)
		abort();
	check_answer(text, (size_t)n);
	if (recv(desk->client, text, sizeof(text), 0) >= 0 || errno != EAGAIN)
		abort();
}

static void appear(struct desk *desk, unsigned n)
{
	const struct mac_addr mac = {{2, 0, 0, 0, 0, (uint8_t)(n + 1)}};
	const struct ip_addr ip = {AF_INET, {10, 20, 0, (uint8_t)n}};

	engine_neighbour(desk->engine, &ip, &mac, n % 2 == 0);
	kernel_fake_neighbour(desk->kernel, &ip, &mac, true);
}

/* Returns whether the line was an instruction. */
static bool instruct(struct desk *desk, const uint8_t *line, size_t size)
{
	unsigned n = size > 1 ? line[1] : 0;

	if (size == 0)
		return false;
	switch (line[0]) {
	case '+':
		appear(desk, n);
		return true;
	case '~':
		kernel_fake_refuse(
			desk->kernel, (enum wire_verb)(n % WIRE_VERB_COUNT), -EIO, n % 7);
		return true;
	case '.':
		fuzz_now.mono_ms += n * 1000;
		fuzz_now.wall_ms += n * 1000;
		return true;
	case '^':
		for (uint16_t leaf = LEAF_FIRST; leaf < LEAF_FIRST + 8; leaf++)
			kernel_fake_traffic(desk->kernel, leaf, n * 1000, n * 100);
		return true;
	}
	return false;
}

static void remove_directory(void)
{
	(void)rmdir(directory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct desk desk;

	if (directory[0] == '\0') {
		(void)snprintf(directory, sizeof(directory), "/tmp/zona-fuzz-XXXXXX");
		if (mkdtemp(directory) == NULL || atexit(remove_directory) != 0)
			abort();
	}
	desk_open(&desk);
	for (int i = 0; i < MESSAGES_MAX && size > 0; i++) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t length = end != NULL ? (size_t)(end - data) : size;

		if (!instruct(&desk, data, length))
			ask(&desk, data, length);
		size -= end != NULL ? length + 1 : length;
		data += end != NULL ? length + 1 : length;
	}
	serve(&desk);
	fuzz_check(desk.engine, desk.kernel);
	desk_close(&desk);
	return 0;
}
