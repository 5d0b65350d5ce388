/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/call.h"

#include "controller/zonactl/text.h"
#include "controller/zonactl/verbs.h"

#include <errno.h>
#include <string.h>

/* A healthy daemon answers in milliseconds; an operator does not wait longer than this. */
#define DEADLINE_MS 5000

enum zonactl_exit call_fail(
	const struct call *call, enum zonactl_exit status, const char *code, const char *message)
{
	AUTO_STR clean_code = text_clean(code);
	AUTO_STR clean = text_clean(message);

	if (call->options->json) {
		json_auto_t *document = json_pack("{s:s, s:s}", "error", code, "message", message);

		(void)text_print_json(call->io->out, document);
	}
	(void)fprintf(call->io->err, "zonactl: %s (%s)\n", clean != NULL ? clean : "?",
		clean_code != NULL ? clean_code : "?");
	return status;
}

static const char *reason_of(int rc)
{
	switch (rc) {
	case -ENOENT:
		return "no such socket; is the daemon running?";
	case -ECONNREFUSED:
		return "nobody listens; is the daemon running?";
	case -EACCES:
		return "permission denied; operators are members of the group zona-operators";
	case -ETIMEDOUT:
		return "no answer in 5 seconds";
	case -ECONNRESET:
	case -EPIPE:
		return "the daemon hung up";
	case -EBADMSG:
		return "the answer is not a JSON object";
	case -ENAMETOOLONG:
		return "the path is too long for a socket";
	default:
		return strerror(-rc);
	}
}

static enum zonactl_exit fail_unreachable(const struct call *call, int rc)
{
	char message[512];

	(void)snprintf(message, sizeof(message), "cannot reach the daemon at %s: %s",
		call->options->socket, reason_of(rc));
	return call_fail(call, ZONACTL_UNREACHABLE, "unreachable", message);
}

static enum zonactl_exit fail_refused(const struct call *call, const json_t *reply)
{
	const char *code = json_string_value(json_object_get(reply, "error"));
	const char *message = json_string_value(json_object_get(reply, "message"));

	if (code == NULL)
		code = "refused";
	return call_fail(call, ZONACTL_REFUSED, code, message != NULL ? message : "refused");
}

static int exchange(struct call *call, const json_t *request, json_t **ret_reply)
{
	int rc = 0;

	if (call->client == NULL)
		rc = control_client_open(call->options->socket, DEADLINE_MS, &call->client);
	if (rc == 0)
		rc = control_client_call(call->client, request, ret_reply);
	/* After a failure a late reply could be taken for that of the next request. */
	if (rc < 0) {
		control_client_close(call->client);
		call->client = NULL;
	}
	return rc;
}

enum zonactl_exit call_ask(
	struct call *call, const char *verb, json_t *arguments, json_t **ret_reply)
{
	json_auto_t *request = arguments != NULL ? arguments : json_object();
	json_auto_t *reply = NULL;
	int rc = json_object_set_new(request, "verb", json_string(verb)) < 0 ? -ENOMEM : 0;

	if (rc == 0)
		rc = exchange(call, request, &reply);
	if (rc < 0)
		return fail_unreachable(call, rc);
	if (!json_is_true(json_object_get(reply, "ok")))
		return fail_refused(call, reply);
	(void)json_object_del(reply, "ok");
	*ret_reply = TAKE(reply);
	return ZONACTL_DONE;
}

enum zonactl_exit call_ask_own(struct call *call, json_t **ret_reply)
{
	const struct options *options = call->options;
	json_t *arguments = json_object();

	if (options->addr != NULL)
		(void)json_object_set_new(arguments, "addr", json_string(options->addr));
	if (options->minutes > 0)
		(void)json_object_set_new(arguments, "minutes", json_integer(options->minutes));
	return call_ask(call, options->verb->name, arguments, ret_reply);
}

enum zonactl_exit call_printed(const struct call *call, int rc)
{
	if (rc == 0 && fflush(call->io->out) == 0)
		return ZONACTL_DONE;
	(void)fprintf(call->io->err, "zonactl: cannot write the output: %s\n",
		strerror(rc < 0 ? -rc : errno));
	return ZONACTL_REFUSED;
}

enum zonactl_exit call_print_json(const struct call *call, const json_t *value)
{
	return call_printed(call, text_print_json(call->io->out, value));
}
