/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/control/verbs.h"

#include "controller/control/certify.h"
#include "controller/control/describe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A login for longer than this is a mistake: a year, in minutes. */
#define MINUTES_MAX (366 * 24 * 60)
/* Sessions in one reply: 45 of at most 1,300 bytes (16 addresses each) stay below the 64 KiB of a
 * message. */
#define PAGE_SESSIONS 45
/* The same of vouchers, 230 bytes each. */
#define PAGE_VOUCHERS 200

/* Which members a verb takes, and must have. */
enum member {
	ADDR = 1,
	TOKEN = 2,
	MINUTES = 4,
	AFTER = 8,
	TEXTS = 16,
	UNTIL = 32,
	CODE = 64,
	CERTIFICATE = 1 << 16,
	CLASS = 128,
	COUNT = 256,
	USES = 512,
	EXPIRES = 1024,
	AFTER_VOUCHER = 2048
};

struct request {
	struct control_call *call;
	struct verbs_context *ctx;
	struct who who;
	int64_t token_us;
	unsigned minutes;
	bool has_after;
	struct mac_addr after;
	const json_t *texts;	 /* the message's */
	const char *certificate; /* the message's */
	int64_t until_s;
	char code[VOUCHER_TEXT_SIZE]; /* "": no code that there could be */
	struct voucher_order order;
	uint32_t after_batch, after_number;
};

/* ---- replies --------------------------------------------------------------------------------- */

static const char *const outcome_text[] = {
	[OUTCOME_DONE] = "done",
	[OUTCOME_NOT_FOUND] = "no device has this address",
	[OUTCOME_BLOCKED] = "the device is blocked",
	[OUTCOME_CLOSED_HOURS] = "the zone is closed at this hour",
	[OUTCOME_DAILY_TIME] = "the device has used its time of today",
	[OUTCOME_DAILY_QUOTA] = "the device has used its volume of today",
	[OUTCOME_FULL] = "the gateway has no room for another session",
	[OUTCOME_STALE_TOKEN] = "this form was used already",
	[OUTCOME_NOT_ACTIVE] = "the device has no session",
	[OUTCOME_ALREADY] = "it is so already",
	[OUTCOME_KERNEL] = "the kernel refused; see the log",
	[OUTCOME_VOUCHER_UNKNOWN] = "there is no voucher with this code",
	[OUTCOME_VOUCHER_EXPIRED] = "the voucher has expired",
	[OUTCOME_VOUCHER_USED] = "the voucher was used already",
	[OUTCOME_WAIT] = "too many wrong codes; wait a minute",
};
_Static_assert(ARRAY_SIZE(outcome_text) == OUTCOME_COUNT, "a text is missing");

static void refuse(struct request *q, enum outcome outcome)
{
	control_refuse(q->call, outcome_name(outcome), "%s", outcome_text[outcome]);
	free(q);
}

static void on_device(enum outcome outcome, const struct device *d, void *arg)
{
	struct request *q = arg;

	if (outcome != OUTCOME_DONE) {
		refuse(q, outcome);
		return;
	}
	json_t *device = describe_device(q->ctx->engine, d);
	(void)json_object_set_new(
		device, "uplink_up", json_boolean(q->ctx->uplink_is_up(q->ctx->arg)));
	control_reply(q->call, device);
	free(q);
}

static void on_session(enum outcome outcome, const struct device *d, void *arg)
{
	struct request *q = arg;

	if (outcome != OUTCOME_DONE) {
		refuse(q, outcome);
		return;
	}
	control_reply(q->call, json_pack("{s:o}", "session", describe_session(q->ctx->engine, d)));
	free(q);
}

/* ---- verbs ----------------------------------------------------------------------------------- */

static void do_lookup(struct request *q)
{
	engine_visit(q->ctx->engine, &q->who, on_device, q);
}

static void do_accept(struct request *q)
{
	engine_accept(q->ctx->engine, &q->who, q->token_us, on_device, q);
}

static void do_leave(struct request *q)
{
	engine_logout(q->ctx->engine, &q->who, CAUSE_LOGOUT, on_device, q);
}

static void do_extend(struct request *q)
{
	engine_extend(q->ctx->engine, &q->who, on_device, q);
}

static void do_session(struct request *q)
{
	engine_look(q->ctx->engine, &q->who, on_session, q);
}

static void do_login(struct request *q)
{
	engine_login(q->ctx->engine, &q->who, q->minutes, on_session, q);
}

static void do_logout(struct request *q)
{
	engine_logout(q->ctx->engine, &q->who, CAUSE_OPERATOR, on_session, q);
}

static void do_block(struct request *q)
{
	engine_block(q->ctx->engine, &q->who, on_session, q);
}

static void do_unblock(struct request *q)
{
	engine_unblock(q->ctx->engine, &q->who, on_session, q);
}

struct page {
	struct engine *engine;
	json_t *list;
	bool more;
	struct mac_addr last;
};

static bool add_to_page(const struct device *d, void *arg)
{
	struct page *page = arg;

	if (json_array_size(page->list) == PAGE_SESSIONS) {
		page->more = true;
		return false;
	}
	(void)json_array_append_new(page->list, describe_session(page->engine, d));
	page->last = d->mac;
	return true;
}

static void reply_page(void *arg)
{
	struct request *q = arg;
	struct page page = {.engine = q->ctx->engine, .list = json_array()};
	json_t *reply;

	engine_sessions(page.engine, q->has_after ? &q->after : NULL, add_to_page, &page);
	reply = json_pack("{s:o}", "sessions", page.list);
	if (page.more) {
		char mac[MAC_TEXT_SIZE];

		(void)json_object_set_new(reply, "next", json_string(mac_format(&page.last, mac)));
	}
	control_reply(q->call, reply);
	free(q);
}

static void do_sessions(struct request *q)
{
	if (q->has_after)
		reply_page(q);
	else
		engine_refresh(q->ctx->engine, reply_page, q);
}

static void reply_status(void *arg)
{
	struct request *q = arg;
	json_t *status = describe_status(q->ctx->engine);

	q->ctx->add_status(q->ctx->arg, status);
	control_reply(q->call, status);
	free(q);
}

static void do_status(struct request *q)
{
	engine_refresh(q->ctx->engine, reply_status, q);
}

static void do_reload(struct request *q)
{
	struct conf_error error = {0};
	unsigned changed = 0;

	if (q->ctx->reload(q->ctx->arg, &changed, &error) < 0)
		control_refuse(q->call, "config", "%s", error.text);
	else
		control_reply(q->call, json_pack("{s:i}", "changed", (int)changed));
	free(q);
}

static void reply_alert(struct request *q, int r)
{
	if (r < 0)
		control_refuse(q->call, "state", "the alert was not written: %s", strerror(-r));
	else
		control_reply(q->call,
			json_pack("{s:o}", "alert", notice_describe(q->ctx->notice, time(NULL))));
	free(q);
}

static void do_alert(struct request *q)
{
	reply_alert(q, 0);
}

static void do_alert_set(struct request *q)
{
	reply_alert(q, notice_set(q->ctx->notice, q->texts, q->until_s));
}

static void do_alert_clear(struct request *q)
{
	reply_alert(q, notice_clear(q->ctx->notice));
}

/* ---- vouchers -------------------------------------------------------------------------------- */

static void do_voucher_redeem(struct request *q)
{
	engine_redeem(q->ctx->engine, &q->who, q->code, on_device, q);
}

static void add_code(const char *code, const struct voucher *voucher, void *arg)
{
	json_t *reply = arg;

	(void)json_array_append_new(json_object_get(reply, "codes"), json_string(code));
	(void)json_object_update_missing_new(reply, describe_voucher(voucher, 0));
}

static void do_voucher_create(struct request *q)
{
	json_t *reply = json_pack("{s:[], s:s}", "codes", "url", q->ctx->portal_url);
	int r;

	q->order.minutes = q->minutes;
	if (q->order.uses == 0)
		q->order.uses = 1;
	r = engine_create_vouchers(q->ctx->engine, &q->order, add_code, reply);
	if (r == 0) {
		control_reply(q->call, json_incref(reply));
	} else if (r == -ENOENT) {
		control_refuse(q->call, "not-found", "there is no class %s", q->order.class_name);
	} else {
		control_refuse(q->call, "full", "no room for so many vouchers");
	}
	json_decref(reply);
	free(q);
}

struct voucher_page {
	json_t *list;
	int64_t now_ms;
	const struct voucher *last;
	bool more;
};

static bool add_voucher(const struct voucher *voucher, void *arg)
{
	struct voucher_page *page = arg;

	if (json_array_size(page->list) == PAGE_VOUCHERS) {
		page->more = true;
		return false;
	}
	(void)json_array_append_new(page->list, describe_voucher(voucher, page->now_ms));
	page->last = voucher;
	return true;
}

static void do_vouchers(struct request *q)
{
	struct voucher_page page = {.list = json_array(), .now_ms = (int64_t)time(NULL) * 1000};
	json_t *reply = json_pack("{s:o}", "vouchers", page.list);

	engine_vouchers(q->ctx->engine, q->after_batch, q->after_number, add_voucher, &page);
	if (page.more)
		(void)json_object_set_new(
			reply, "next", json_sprintf("%u-%u", page.last->batch, page.last->number));
	control_reply(q->call, reply);
	free(q);
}

static void do_certificate(struct request *q)
{
	json_t *certificate = NULL;
	int r = certify(q->ctx->portal_key_path, q->certificate, &certificate);

	if (r == 0)
		control_reply(q->call, json_pack("{s:o}", "certificate", certificate));
	else if (r == -EINVAL)
		control_refuse(q->call, "not-genuine", "no lesson was passed here with this code");
	else
		control_refuse(
			q->call, "state", "the portal's key cannot be read: %s", strerror(-r));
	free(q);
}

static void do_version(struct request *q)
{
	control_reply(q->call, json_pack("{s:s}", "version", ZONA_VERSION));
	free(q);
}

#define PORTAL_TOO (ROLE_PORTAL | ROLE_OPERATOR)
#define EVERYBODY (ROLE_STRANGER | ROLE_PORTAL | ROLE_OPERATOR)

static const struct verb {
	const char *name;
	unsigned roles;
	unsigned needs, takes; /* enum member */
	void (*run)(struct request *q);
} verbs[] = {
	{"lookup", PORTAL_TOO, ADDR, 0, do_lookup},
	{"accept", PORTAL_TOO, ADDR | TOKEN, 0, do_accept},
	{"leave", PORTAL_TOO, ADDR, 0, do_leave},
	{"extend", PORTAL_TOO, ADDR, 0, do_extend},
	{"status", ROLE_OPERATOR, 0, 0, do_status},
	{"sessions", ROLE_OPERATOR, 0, AFTER, do_sessions},
	{"session", ROLE_OPERATOR, ADDR, 0, do_session},
	{"login", ROLE_OPERATOR, ADDR, MINUTES, do_login},
	{"logout", ROLE_OPERATOR, ADDR, 0, do_logout},
	{"block", ROLE_OPERATOR, ADDR, 0, do_block},
	{"unblock", ROLE_OPERATOR, ADDR, 0, do_unblock},
	{"reload", ROLE_OPERATOR, 0, 0, do_reload},
	{"voucher-redeem", PORTAL_TOO, ADDR | CODE, 0, do_voucher_redeem},
	{"voucher-create", ROLE_OPERATOR, CLASS | COUNT | EXPIRES, MINUTES | USES,
		do_voucher_create},
	{"vouchers", ROLE_OPERATOR, 0, AFTER_VOUCHER, do_vouchers},
	{"alert", PORTAL_TOO, 0, 0, do_alert},
	{"alert-set", ROLE_OPERATOR, TEXTS, UNTIL, do_alert_set},
	{"alert-clear", ROLE_OPERATOR, 0, 0, do_alert_clear},
	{"certificate", ROLE_OPERATOR, CERTIFICATE, 0, do_certificate},
	{"version", EVERYBODY, 0, 0, do_version},
};

/* ---- arguments ------------------------------------------------------------------------------- */

static bool read_addr(struct request *q, const json_t *value)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		return false;
	if (mac_parse(text, &q->who.mac) == 0)
		return mac_is_unicast(&q->who.mac);
	return ip_parse(text, &q->who.ip) == 0;
}

static bool read_token(struct request *q, const json_t *value)
{
	q->token_us = json_integer_value(value);
	return q->token_us > 0;
}

static bool read_minutes(struct request *q, const json_t *value)
{
	json_int_t minutes = json_integer_value(value);

	q->minutes = (unsigned)minutes;
	return minutes >= 1 && minutes <= MINUTES_MAX;
}

static bool read_after(struct request *q, const json_t *value)
{
	const char *text = json_string_value(value);

	q->has_after = text != NULL && mac_parse(text, &q->after) == 0;
	return q->has_after;
}

static bool read_texts(struct request *q, const json_t *value)
{
	q->texts = value;
	return notice_texts_are_valid(value);
}

static bool read_until(struct request *q, const json_t *value)
{
	q->until_s = json_integer_value(value);
	return q->until_s > time(NULL);
}

/* Any text will do: a wrong code must be counted, however wrong. */
static bool read_code(struct request *q, const json_t *value)
{
	const char *text = json_string_value(value);

	return text != NULL && (voucher_code_read(text, q->code) == 0 || q->code[0] == '\0');
}

static bool read_class(struct request *q, const json_t *value)
{
	q->order.class_name = json_string_value(value);
	return q->order.class_name != NULL && strlen(q->order.class_name) < CLASS_NAME_SIZE;
}

static bool read_number(const json_t *value, unsigned most, unsigned *ret_number)
{
	json_int_t number = json_integer_value(value);

	*ret_number = (unsigned)number;
	return number >= 1 && number <= most;
}

static bool read_count(struct request *q, const json_t *value)
{
	return read_number(value, VOUCHER_BATCH_MAX, &q->order.count);
}

static bool read_uses(struct request *q, const json_t *value)
{
	return read_number(value, VOUCHER_USES_MAX, &q->order.uses);
}

/* A local day, to its end. */
static bool read_expires(struct request *q, const json_t *value)
{
	const char *text = json_string_value(value);
	struct tm tm = {.tm_isdst = -1};
	const char *rest = text != NULL ? strptime(text, "%Y-%m-%d", &tm) : NULL;
	time_t end;

	if (rest == NULL || *rest != '\0')
		return false;
	tm.tm_mday++;
	end = mktime(&tm);
	q->order.expires_wall_ms = (int64_t)end * 1000;
	return end > time(NULL);
}

static bool read_after_voucher(struct request *q, const json_t *value)
{
	const char *text = json_string_value(value);
	char rest;

	return text != NULL && sscanf(text, "%9" SCNu32 "-%9" SCNu32 "%c", &q->after_batch,
				       &q->after_number, &rest) == 2;
}

static bool read_certificate(struct request *q, const json_t *value)
{
	q->certificate = json_string_value(value);
	return q->certificate != NULL;
}

static const struct {
	const char *name;
	enum member member;
	bool (*read)(struct request *q, const json_t *value);
	const char *expected;
} members[] = {
	{"code", CERTIFICATE, read_certificate, "a text"},
	{"addr", ADDR, read_addr, "a MAC, IPv4 or IPv6 address"},
	{"token_us", TOKEN, read_token, "a time in microseconds"},
	{"minutes", MINUTES, read_minutes, "1 to 527040"},
	{"after", AFTER, read_after, "a MAC address"},
	{"code", CODE, read_code, "a text"},
	{"class", CLASS, read_class, "the name of a class"},
	{"count", COUNT, read_count, "1 to 1000"},
	{"uses", USES, read_uses, "1 to 100000"},
	{"expires", EXPIRES, read_expires, "a day from today on, YYYY-MM-DD"},
	{"after", AFTER_VOUCHER, read_after_voucher, "a voucher's id, as in 3-17"},
	{"texts", TEXTS, read_texts, "an object of language codes and texts of 1 to 480 bytes"},
	{"until", UNTIL, read_until, "a time to come, in seconds since 1970"},
};

/* Reads the members that the verb takes; anything else is refused. Returns false after refusing. */
static bool read_members(struct request *q, const struct verb *verb, const json_t *message)
{
	size_t known = 1 + (json_object_get(message, "id") != NULL);

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const json_t *value = json_object_get(message, members[i].name);

		if ((members[i].member & (verb->needs | verb->takes)) == 0)
			continue;
		if (value == NULL && (members[i].member & verb->needs) == 0)
			continue;
		if (value == NULL || !members[i].read(q, value)) {
			control_refuse(q->call, "bad-argument", "%s: \"%s\" must be %s", verb->name,
				members[i].name, members[i].expected);
			return false;
		}
		known++;
	}
	if (json_object_size(message) != known) {
		control_refuse(
			q->call, "bad-argument", "%s: a member that it does not take", verb->name);
		return false;
	}
	return true;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

void verbs_handle(
	struct control_call *call, enum control_role role, const json_t *message, void *arg)
{
	const char *name = json_string_value(json_object_get(message, "verb"));
	const struct verb *verb;
	struct request *q;

	if (name == NULL) {
		control_refuse(call, "bad-message", "\"verb\" is missing or not a string");
		return;
	}
	verb = find_verb(name);
	if (verb == NULL) {
		control_refuse(call, "unknown-verb", "there is no such verb");
		return;
	}
	if ((verb->roles & role) == 0) {
		control_refuse(call, "forbidden", "%s is not for you", verb->name);
		return;
	}
	q = calloc(1, sizeof(*q));
	if (q == NULL) {
		control_refuse(call, "busy", "out of memory");
		return;
	}
	q->call = call;
	q->ctx = arg;
	if (read_members(q, verb, message))
		verb->run(q);
	else
		free(q);
}
