/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/verbs.h"

#include "common/cleanup.h"
#include "controller/zonactl/call.h"
#include "controller/zonactl/member.h"
#include "controller/zonactl/sessions.h"
#include "controller/zonactl/terminal.h"
#include "controller/zonactl/text.h"
#include "controller/zonactl/view.h"
#include "controller/zonactl/vouchers.h"
#include "controller/zonactl/watch.h"

#include <inttypes.h>
#include <string.h>

static enum zonactl_exit run_status(struct call *call)
{
	const struct table_view view = terminal_view(call->io->out);
	json_auto_t *reply = NULL;
	enum zonactl_exit status = call_ask_own(call, &reply);

	if (status != ZONACTL_DONE)
		return status;
	if (call->options->json)
		return call_print_json(call, reply);
	return call_printed(call, view_status(call->io->out, reply, &view));
}

static enum zonactl_exit print_sessions(struct call *call, const struct session_list *list)
{
	const struct table_view view = terminal_view(call->io->out);

	if (call->options->json) {
		json_auto_t *document = json_pack("{s:O}", "sessions", list->array);

		return call_print_json(call, document);
	}
	return call_printed(call, view_sessions(call->io->out, list, &view));
}

static enum zonactl_exit run_sessions(struct call *call)
{
	AUTO(session_list_free) struct session_list *list = NULL;
	enum zonactl_exit status;

	if (call->options->watch)
		return watch_run(call);
	status = sessions_fetch(call, &list);
	return status == ZONACTL_DONE ? print_sessions(call, list) : status;
}

/* The session that the verb answers with, owned by the reply. */
static enum zonactl_exit ask_session(
	struct call *call, json_t **ret_reply, const json_t **ret_session)
{
	json_auto_t *reply = NULL;
	enum zonactl_exit status = call_ask_own(call, &reply);
	const json_t *session;

	if (status != ZONACTL_DONE)
		return status;
	session = json_object_get(reply, "session");
	if (!json_is_object(session))
		return call_fail(call, ZONACTL_UNREACHABLE, "unreachable",
			"the daemon's answer holds no session");
	*ret_session = session;
	*ret_reply = TAKE(reply);
	return ZONACTL_DONE;
}

static enum zonactl_exit run_session(struct call *call)
{
	const struct table_view view = terminal_view(call->io->out);
	json_auto_t *reply = NULL;
	const json_t *session = NULL;
	enum zonactl_exit status = ask_session(call, &reply, &session);

	if (status != ZONACTL_DONE)
		return status;
	if (call->options->json)
		return call_print_json(call, session);
	return call_printed(call, view_session(call->io->out, session, &view));
}

static enum zonactl_exit run_change(struct call *call)
{
	json_auto_t *reply = NULL;
	const json_t *session = NULL;
	enum zonactl_exit status = ask_session(call, &reply, &session);

	if (status != ZONACTL_DONE)
		return status;
	if (call->options->json)
		return call_print_json(call, session);
	return call_printed(call, view_outcome(call->io->out, session));
}

static enum zonactl_exit run_reload(struct call *call)
{
	json_auto_t *reply = NULL;
	enum zonactl_exit status = call_ask_own(call, &reply);

	if (status != ZONACTL_DONE)
		return status;
	if (call->options->json)
		return call_print_json(call, reply);
	(void)fprintf(call->io->out, "reloaded, %" PRIu64 " sessions changed\n",
		member_number(reply, "changed"));
	return call_printed(call, 0);
}

static enum zonactl_exit ask_alert(struct call *call, json_t **ret_reply)
{
	static const char *const codes[] = {"es", "en", "fr", "pt"};
	const struct options *options = call->options;
	json_t *arguments, *texts;

	if (options->action == NULL)
		return call_ask(call, "alert", NULL, ret_reply);
	if (strcmp(options->action, "clear") == 0)
		return call_ask(call, "alert-clear", NULL, ret_reply);
	texts = json_object();
	for (size_t i = 0; i < ARRAY_SIZE(options->texts); i++)
		if (options->texts[i] != NULL)
			(void)json_object_set_new(texts, codes[i], json_string(options->texts[i]));
	arguments = json_pack("{s:o}", "texts", texts);
	if (options->until_s > 0)
		(void)json_object_set_new(arguments, "until", json_integer(options->until_s));
	return call_ask(call, "alert-set", arguments, ret_reply);
}

static enum zonactl_exit run_alert(struct call *call)
{
	json_auto_t *reply = NULL;
	enum zonactl_exit status = ask_alert(call, &reply);

	if (status != ZONACTL_DONE)
		return status;
	if (call->options->json)
		return call_print_json(call, reply);
	return call_printed(call, view_alert(call->io->out, json_object_get(reply, "alert")));
}

static enum zonactl_exit run_certificate(struct call *call)
{
	json_auto_t *reply = NULL;
	enum zonactl_exit status = call_ask(
		call, "certificate", json_pack("{s:s}", "code", call->options->code), &reply);

	if (status != ZONACTL_DONE)
		return status;
	const json_t *certificate = json_object_get(reply, "certificate");
	if (call->options->json)
		return call_print_json(call, certificate);
	return call_printed(call, view_certificate(call->io->out, certificate));
}

/* The program's own version is known without the daemon, and told even when the other is not. */
static enum zonactl_exit run_version(struct call *call)
{
	struct options quiet = *call->options;
	struct call ask = {.options = &quiet, .io = call->io};
	json_auto_t *reply = NULL;
	const char *daemon = NULL;
	enum zonactl_exit status, written;

	if (!call->options->json)
		(void)fprintf(call->io->out, "zonactl %s\n", ZONA_VERSION);
	/* One document is all that --json prints: a failure's own would be a second one. */
	quiet.json = false;
	status = call_ask(&ask, "version", NULL, &reply);
	control_client_close(ask.client);
	if (status == ZONACTL_DONE)
		daemon = member_text(reply, "version", "");
	if (call->options->json) {
		json_auto_t *document =
			json_pack("{s:s, s:s?}", "client", ZONA_VERSION, "daemon", daemon);

		written = call_print_json(call, document);
		return status != ZONACTL_DONE ? status : written;
	}
	if (daemon != NULL) {
		AUTO_STR clean = text_clean(daemon);

		(void)fprintf(call->io->out, "daemon %s\n", clean != NULL ? clean : "?");
	}
	written = call_printed(call, 0);
	return status != ZONACTL_DONE ? status : written;
}

const struct verb verbs[] = {
	[VERB_STATUS] = {"status", false, 0, "the gateway: zone, load, devices, uplink",
		run_status},
	[VERB_SESSIONS] = {"sessions", false, 1U << OPTION_WATCH, "all sessions", run_sessions},
	[VERB_SESSION] = {"session", true, 0, "one session", run_session},
	[VERB_LOGIN] = {"login", true, 1U << OPTION_MINUTES, "admit a device", run_change},
	[VERB_LOGOUT] = {"logout", true, 0, "end a session", run_change},
	[VERB_BLOCK] = {"block", true, 0, "end it and admit the device no more", run_change},
	[VERB_UNBLOCK] = {"unblock", true, 0, "let a blocked device log in again", run_change},
	[VERB_RELOAD] = {"reload", false, 0, "apply changed policies to live sessions", run_reload},
	[VERB_ALERT] = {"alert", false,
		1U << OPTION_TEXT_ES | 1U << OPTION_TEXT_EN | 1U << OPTION_TEXT_FR |
			1U << OPTION_TEXT_PT | 1U << OPTION_UNTIL,
		"the emergency notice on every page", run_alert},
	[VERB_CERTIFICATE] = {"certificate", false, 0, "whether a lesson's certificate is genuine",
		run_certificate},
	[VERB_VOUCHER] = {"voucher", false,
		1U << OPTION_CLASS | 1U << OPTION_COUNT_OF | 1U << OPTION_EXPIRES |
			1U << OPTION_USES | 1U << OPTION_HTML | 1U << OPTION_MINUTES,
		"codes that give a class and minutes", voucher_run},
	[VERB_VOUCHERS] = {"vouchers", false, 0, "all vouchers, with their uses", vouchers_run},
	[VERB_VERSION] = {"version", false, 0, "version of zonactl and of the daemon", run_version},
};
_Static_assert(ARRAY_SIZE(verbs) == VERB_COUNT, "one row a verb");

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}
