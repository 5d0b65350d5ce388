/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/request.h"

#include "common/log.h"
#include "portal/clock.h"
#include "portal/form.h"
#include "portal/framing.h"
#include "portal/language.h"
#include "portal/lesson_visit.h"
#include "portal/route.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define TARGET_MAX 2048 /* our own URLs have under 40 characters */
#define LOCATION_SIZE 96

#define FORM_TYPE "application/x-www-form-urlencoded"
#define API_TYPE "application/captive+json"

struct request {
	struct request_context *context;
	struct MHD_Connection *connection;
	enum route route;
	struct ip_addr peer;
	size_t language;
	bool language_chosen;
	char voucher_code[FORM_VALUE_SIZE];
	enum voucher_note voucher_note;
	bool stale; /* ?e=stale: comes from a form that had expired */
	bool is_post;
	struct lesson_view lesson;
	bool has_passed; /* comes from a lesson's result: the accept gives its time too */
	struct device device;
	int64_t token_us;
	bool asked; /* the controller: the connection is or was suspended */
	struct answer answer;
	size_t received; /* bytes of the body, also of those that were not kept */
	size_t body_size;
	char body[]; /* FORM_BODY_MAX of a POST to a form's URL, else none */
};

/* ---- context ------------------------------------------------------------------------------------
 */

void request_context_clear(struct request_context *context)
{
	if (context->elsewhere.response != NULL)
		MHD_destroy_response(context->elsewhere.response);
	context->elsewhere.response = NULL;
}

int request_context_prepare(struct request_context *context)
{
	request_context_clear(context);
	context->elsewhere = answer_redirect(context->pages, MHD_HTTP_FOUND, context->site->url);
	/* Nothing but the page itself, its style sheet and script (by hash) and the empty icon. */
	(void)snprintf(context->csp, sizeof(context->csp),
		"default-src 'none'; style-src %s %s; script-src %s; img-src data:; "
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		pages_style_source(context->pages), pages_lesson_style_source(context->pages),
		pages_script_source(context->pages));
	return context->elsewhere.response != NULL ? 0 : -ENOMEM;
}

/* ---- what the client sent -----------------------------------------------------------------------
 */

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static const char *query(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

static bool is_local_address(void *connection, const struct ip_addr *ip)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	struct ip_addr local;

	return info != NULL &&
	       getsockname(info->connect_fd, (struct sockaddr *)&address, &size) == 0 &&
	       ip_from_sockaddr((struct sockaddr *)&address, &local) == 0 && ip_equal(&local, ip);
}

static enum route find_route(const struct request_context *context,
	struct MHD_Connection *connection, const char *target)
{
	const struct route_request request = {
		.target = target,
		.host = header(connection, MHD_HTTP_HEADER_HOST),
		.own_name = context->site->host,
		.is_local = is_local_address,
		.context = connection,
	};

	return route_find(&request);
}

static void choose_language(struct request *request, const char *chosen)
{
	const struct site *site = request->context->site;
	size_t i = language_find(chosen, site->codes, site->language_count);

	request->language_chosen = i < site->language_count;
	if (!request->language_chosen)
		i = language_choose(header(request->connection, MHD_HTTP_HEADER_ACCEPT_LANGUAGE),
			site->codes, site->language_count);
	request->language = site->languages[i];
}

static void read_query(struct request *request)
{
	const char *e = query(request->connection, "e");
	const char *code = query(request->connection, "code");

	choose_language(request, query(request->connection, "lang"));
	request->stale = e != NULL && strcmp(e, "stale") == 0;
	if (code != NULL && strlen(code) < sizeof(request->voucher_code))
		(void)snprintf(request->voucher_code, sizeof(request->voucher_code), "%s", code);
}

/* RFC 8908 section 4.1: a browser that does not know the API's type is shown the portal. */
static bool wants_page(struct MHD_Connection *connection)
{
	const char *accept = header(connection, MHD_HTTP_HEADER_ACCEPT);

	return accept != NULL && strcasestr(accept, API_TYPE) == NULL &&
	       strcasestr(accept, "text/html") != NULL;
}

/* ---- answers ------------------------------------------------------------------------------------
 */

static void answer_with_page(struct request *request, enum page page, const char *token)
{
	const struct request_context *context = request->context;
	const struct site *site = context->site;
	bool is_lesson = page == PAGE_LESSONS || page == PAGE_LESSON;
	bool is_known = page == PAGE_WELCOME || page == PAGE_STATUS || is_lesson;
	const struct page_view view = {
		.page = page,
		.language = request->language,
		.language_chosen = request->language_chosen,
		.offered = site->languages,
		.offered_count = site->language_count,
		.zone_name = is_known && request->device.zone_name[0] != '\0'
				     ? request->device.zone_name
				     : site->zone_name,
		.device = is_known ? &request->device : NULL,
		.token = token,
		.stale = request->stale,
		.lesson = is_lesson || page == PAGE_CERTIFICATE ? &request->lesson : NULL,
		.alert = alert_is_shown(&context->alert, clock_wall_us() / 1000000)
				 ? &context->alert
				 : NULL,
		.help = site->help[request->language],
		.voucher_code = request->voucher_code,
		.voucher_note = request->voucher_note,
	};

	request->answer = answer_page(context->pages, &view, context->csp,
		page == PAGE_NOT_ALLOWED ? route_allowed(request->route) : NULL);
}

static void answer_with_form(struct request *request, enum page page, enum token_action action)
{
	char token[TOKEN_TEXT_SIZE];

	answer_with_page(request, page,
		token_make(request->context->key, action, &request->device.mac, clock_wall_us(),
			token));
}

/* To a page of this host, in the language that was chosen. path has no query but "?e=stale". */
static void answer_see(struct request *request, unsigned status, const char *path)
{
	char location[LOCATION_SIZE];

	if (request->language_chosen)
		(void)snprintf(location, sizeof(location), "%s%clang=%s", path,
			strchr(path, '?') != NULL ? '&' : '?', asset_language(request->language));
	else
		(void)snprintf(location, sizeof(location), "%s", path);
	request->answer = answer_redirect(request->context->pages, status, location);
}

static void answer_elsewhere(struct request *request)
{
	request->answer = answer_redirect(
		request->context->pages, MHD_HTTP_FOUND, request->context->site->url);
}

/* ---- with the controller ------------------------------------------------------------------------
 */

static void finish(struct request *request)
{
	MHD_resume_connection(request->connection);
	if (request->context->resumed != NULL)
		request->context->resumed(request->context->resumed_arg);
}

static void note_controller(struct request_context *context, int error)
{
	bool away = error == -ETIMEDOUT;

	if (away == context->controller_away || error == -ECANCELED)
		return;
	context->controller_away = away;
	if (away)
		log_warning("the controller does not answer");
	else
		log_info("the controller answers again");
}

/* Whether the reply is "ok" or this error code; code NULL asks for "ok". */
static bool reply_is(const json_t *reply, const char *code)
{
	const char *error = json_string_value(json_object_get(reply, "error"));

	if (code == NULL)
		return json_is_true(json_object_get(reply, "ok"));
	return error != NULL && strcmp(error, code) == 0;
}

typedef void after_lookup(struct request *request);

static void call_verb(struct request *request, enum control_verb verb, control_callback *callback)
{
	const struct ip_addr *about = verb == CONTROL_VERSION ? NULL : &request->peer;
	const struct control_arguments arguments = {request->token_us, request->voucher_code};
	int r = control_call(request->context->control, verb, about, &arguments, callback, request);

	if (r == 0)
		return;
	answer_with_page(request, PAGE_UNAVAILABLE, NULL);
	finish(request);
}

static void show_welcome(struct request *request)
{
	const struct device *device = &request->device;

	/* Time that runs without internet is nobody's gain. */
	if (device->state == DEVICE_ACTIVE || device->refusal != REFUSAL_NONE ||
		device->uplink_down)
		answer_with_page(request, PAGE_WELCOME, NULL);
	else
		answer_with_form(request, PAGE_WELCOME, TOKEN_ACCEPT);
	finish(request);
}

static void show_status(struct request *request)
{
	if (request->device.state == DEVICE_ACTIVE)
		answer_with_form(request, PAGE_STATUS, TOKEN_LEAVE);
	else
		answer_see(request, MHD_HTTP_FOUND, "/");
	finish(request);
}

static void show_api(struct request *request)
{
	request->answer = answer_captive_api(request->context->site->url, &request->device);
	finish(request);
}

static void show_other(struct request *request)
{
	if (request->device.state == DEVICE_ACTIVE)
		answer_with_page(request, PAGE_NOT_FOUND, NULL);
	else
		answer_elsewhere(request);
	finish(request);
}

static void see_after_post(struct request *request, const char *path)
{
	answer_see(request, MHD_HTTP_SEE_OTHER, path);
	finish(request);
}

/* The token had been used: by a second tap, which finds the device active, or by an old page. */
static void after_used_token(void *arg, int error, const json_t *reply)
{
	struct request *request = arg;
	bool is_active = error == 0 && device_parse(reply, &request->device) == 0 &&
			 request->device.state == DEVICE_ACTIVE;

	see_after_post(request, is_active ? "/status" : "/?e=stale");
}

static struct lesson_visit visit_of(const struct request *request)
{
	return (struct lesson_visit){
		.key = request->context->key,
		.mac = &request->device.mac,
		.now_us = clock_wall_us(),
		.body = request->body,
		.body_size = request->body_size,
	};
}

/* The time of the lesson was added, or this device had it today. */
static void after_online_extend(void *arg, int error, const json_t *reply)
{
	struct request *request = arg;

	(void)reply;
	note_controller(request->context, error);
	see_after_post(request, "/status");
}

/* The device is active; what it earned before is added now. */
static void go_online(struct request *request)
{
	if (request->has_passed)
		call_verb(request, CONTROL_EXTEND, after_online_extend);
	else
		see_after_post(request, "/status");
}

static void after_accept(void *arg, int error, const json_t *reply)
{
	static const char *const refusals[] = {
		"closed-hours", "daily-quota", "daily-time", "blocked", "full"};
	struct request *request = arg;

	note_controller(request->context, error);
	if (error == 0 && (reply_is(reply, NULL) || reply_is(reply, "already"))) {
		go_online(request);
		return;
	}
	if (error == 0 && reply_is(reply, "stale-token")) {
		call_verb(request, CONTROL_LOOKUP, after_used_token);
		return;
	}
	for (size_t i = 0; error == 0 && i < ARRAY_SIZE(refusals); i++)
		if (reply_is(reply, refusals[i])) {
			see_after_post(request, "/"); /* says why */
			return;
		}
	answer_with_page(request, PAGE_UNAVAILABLE, NULL);
	finish(request);
}

static void after_leave(void *arg, int error, const json_t *reply)
{
	struct request *request = arg;

	note_controller(request->context, error);
	if (error == 0 && (reply_is(reply, NULL) || reply_is(reply, "not-active") ||
				  reply_is(reply, "not-found"))) {
		see_after_post(request, "/");
		return;
	}
	answer_with_page(request, PAGE_UNAVAILABLE, NULL);
	finish(request);
}

/* Checks the form's token; a device that is where the form leads needs none. */
static int check_form(struct request *request, enum token_action action)
{
	char token[FORM_VALUE_SIZE];
	int r = form_get(request->body, request->body_size, "token", token);

	if (r == 0)
		r = token_check(request->context->key, action, &request->device.mac, token,
			clock_wall_us(), &request->token_us);
	return r;
}

static void do_accept(struct request *request)
{
	const struct lesson_visit visit = visit_of(request);

	request->has_passed = lesson_visit_is_passed(&visit, request->lesson.set);
	if (request->device.state == DEVICE_ACTIVE)
		go_online(request);
	else if (check_form(request, TOKEN_ACCEPT) < 0)
		see_after_post(request, "/?e=stale");
	else
		call_verb(request, CONTROL_ACCEPT, after_accept);
}

static void do_leave(struct request *request)
{
	if (request->device.state != DEVICE_ACTIVE)
		see_after_post(request, "/");
	else if (check_form(request, TOKEN_LEAVE) < 0)
		see_after_post(request, "/status");
	else
		call_verb(request, CONTROL_LEAVE, after_leave);
}

/* ---- vouchers -----------------------------------------------------------------------------------
 */

static void show_voucher(struct request *request)
{
	answer_with_form(request, PAGE_VOUCHER, TOKEN_VOUCHER);
	finish(request);
}

static void after_redeem(void *arg, int error, const json_t *reply)
{
	struct request *request = arg;

	if (error == 0)
		request->voucher_note =
			voucher_note_find(json_string_value(json_object_get(reply, "error")));
	if (request->voucher_note != VOUCHER_NOTE_NONE) {
		note_controller(request->context, error);
		show_voucher(request);
	} else {
		after_accept(request, error, reply);
	}
}

static void do_voucher(struct request *request)
{
	int r = request->is_post ? check_form(request, TOKEN_VOUCHER) : -ENOENT;

	if (request->is_post)
		(void)form_get(request->body, request->body_size, "code", request->voucher_code);
	request->stale = request->stale || (request->is_post && r < 0);
	if (r < 0)
		show_voucher(request);
	else
		call_verb(request, CONTROL_REDEEM, after_redeem);
}

/* ---- lessons ------------------------------------------------------------------------------------
 */

/* An accept would succeed: the lesson's time can come with it. */
static bool may_connect(const struct device *device)
{
	return device->state != DEVICE_ACTIVE && device->refusal == REFUSAL_NONE &&
	       !device->uplink_down;
}

static void show_lessons(struct request *request)
{
	struct lesson_view *view = &request->lesson;

	view->index = lesson_set_count(view->set);
	view->more_minutes =
		request->device.can_extend ? request->context->site->extend_minutes : 0;
	answer_with_page(request, PAGE_LESSONS, NULL);
	finish(request);
}

static void after_extend(void *arg, int error, const json_t *reply)
{
	struct request *request = arg;

	note_controller(request->context, error);
	if (error == 0 && reply_is(reply, "already"))
		request->lesson.time = LESSON_TIME_ALREADY;
	else if (error == 0 && reply_is(reply, NULL) && device_parse(reply, &request->device) == 0)
		request->lesson.time = LESSON_TIME_GIVEN;
	answer_with_page(request, PAGE_LESSON, NULL);
	finish(request);
}

static void show_passed(struct request *request)
{
	const struct device *device = &request->device;

	if (device->state == DEVICE_ACTIVE && request->context->site->extend_minutes > 0) {
		call_verb(request, CONTROL_EXTEND, after_extend);
		return;
	}
	if (may_connect(device) && device->can_extend) {
		request->lesson.time = LESSON_TIME_OFFER;
		answer_with_form(request, PAGE_LESSON, TOKEN_ACCEPT);
	} else {
		answer_with_page(request, PAGE_LESSON, NULL);
	}
	finish(request);
}

static void see_lesson_again(struct request *request)
{
	char path[LOCATION_SIZE];
	const struct lesson *lesson = lesson_set_get(
		request->lesson.set, request->lesson.index, asset_language(request->language));

	(void)snprintf(path, sizeof(path), "/lessons/%s?e=stale", lesson->id);
	see_after_post(request, path);
}

static void show_lesson(struct request *request)
{
	const struct lesson_visit visit = visit_of(request);
	struct lesson_view *view = &request->lesson;

	view->more_minutes = request->context->site->extend_minutes;
	if (!request->is_post) {
		lesson_visit_open(&visit, view);
	} else if (lesson_visit_step(&visit, view) < 0) {
		see_lesson_again(request);
		return;
	}
	if (view->certificate[0] != '\0') {
		show_passed(request);
		return;
	}
	answer_with_page(request, PAGE_LESSON, NULL);
	finish(request);
}

static after_lookup *const lookup_routes[ROUTE_COUNT] = {
	[ROUTE_WELCOME] = show_welcome,
	[ROUTE_ACCEPT] = do_accept,
	[ROUTE_STATUS] = show_status,
	[ROUTE_LEAVE] = do_leave,
	[ROUTE_LESSONS] = show_lessons,
	[ROUTE_LESSON] = show_lesson,
	[ROUTE_VOUCHER] = do_voucher,
	[ROUTE_API] = show_api,
	[ROUTE_OTHER] = show_other,
};

/* A device that the controller has not seen: captive to the API, elsewhere asked to wait. */
static void answer_unseen(struct request *request)
{
	if (request->route == ROUTE_API)
		request->answer = answer_captive_api(request->context->site->url, NULL);
	else if (request->route == ROUTE_OTHER)
		answer_elsewhere(request);
	else
		answer_with_page(request, PAGE_UNSEEN, NULL);
	finish(request);
}

static void after_lookup_reply(void *arg, int error, const json_t *reply)
{
	struct request *request = arg;

	note_controller(request->context, error);
	if (error == 0 && reply_is(reply, "not-found")) {
		answer_unseen(request);
	} else if (error < 0 || !reply_is(reply, NULL) ||
		   device_parse(reply, &request->device) < 0) {
		answer_with_page(request, PAGE_UNAVAILABLE, NULL);
		finish(request);
	} else {
		lookup_routes[request->route](request);
	}
}

static void after_version(void *arg, int error, const json_t *reply)
{
	struct request *request = arg;

	note_controller(request->context, error);
	request->answer = answer_health(error == 0 && reply_is(reply, NULL));
	finish(request);
}

/* ---- without the controller ---------------------------------------------------------------------
 */

/* What can be said before anybody is asked. Returns true when there is an answer. */
static bool answer_at_once(struct request *request)
{
	if (request->route == ROUTE_FOREIGN)
		answer_elsewhere(request);
	else if (request->route == ROUTE_TERMS)
		answer_with_page(request, PAGE_TERMS, NULL);
	else if (request->route == ROUTE_PRIVACY)
		answer_with_page(request, PAGE_PRIVACY, NULL);
	else if (request->route == ROUTE_HELP)
		answer_with_page(request, PAGE_HELP, NULL);
	else if (request->route == ROUTE_CERTIFICATE)
		answer_with_page(request, PAGE_CERTIFICATE, NULL);
	else if (request->route == ROUTE_API && wants_page(request->connection)) {
		answer_elsewhere(request);
		answer_add(&request->answer, MHD_HTTP_HEADER_VARY, "Accept");
	}
	return request->answer.response != NULL;
}

/* 0, or the page that refuses the form: fields twice or badly escaped, too long, another type. */
static enum page check_body(struct request *request)
{
	const char *type = header(request->connection, MHD_HTTP_HEADER_CONTENT_TYPE);
	char value[FORM_VALUE_SIZE];

	if (request->received > FORM_BODY_MAX)
		return PAGE_TOO_LARGE;
	if (type != NULL && strncasecmp(type, FORM_TYPE, strlen(FORM_TYPE)) != 0)
		return PAGE_BAD_REQUEST;
	int lang = form_get(request->body, request->body_size, "lang", value);
	if (lang == 0)
		choose_language(request, value);
	int token = form_get(request->body, request->body_size, "token", value);
	bool is_bad = lang == -EEXIST || lang == -EINVAL || token == -EEXIST || token == -EINVAL;
	return is_bad ? PAGE_BAD_REQUEST : PAGE_WELCOME;
}

static bool is_form(enum route route)
{
	return route == ROUTE_ACCEPT || route == ROUTE_LEAVE || route == ROUTE_LESSON ||
	       route == ROUTE_VOUCHER;
}

/* The request is complete: makes its answer, or suspends it and asks the controller. */
static void start(struct request *request)
{
	enum page refusal = is_form(request->route) ? check_body(request) : PAGE_WELCOME;

	if (refusal != PAGE_WELCOME)
		answer_with_page(request, refusal, NULL);
	if (refusal != PAGE_WELCOME || answer_at_once(request))
		return;
	/* Suspended first: the answer may be there before control_call() is back. */
	request->asked = true;
	MHD_suspend_connection(request->connection);
	if (request->route == ROUTE_HEALTH)
		call_verb(request, CONTROL_VERSION, after_version);
	else
		call_verb(request, CONTROL_LOOKUP, after_lookup_reply);
}

/* ---- libmicrohttpd's side -----------------------------------------------------------------------
 */

static enum MHD_Result queue(struct MHD_Connection *connection, struct answer *answer)
{
	enum MHD_Result result;

	if (answer->response == NULL)
		return MHD_NO;
	result = MHD_queue_response(connection, answer->status, answer->response);
	MHD_destroy_response(answer->response);
	answer->response = NULL;
	return result;
}

static int read_peer(struct MHD_Connection *connection, struct ip_addr *ret_peer)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info != NULL ? ip_from_sockaddr(info->client_addr, ret_peer) : -EINVAL;
}

/* Which lesson or certificate the path names; one that there is not is any other URL. */
static enum route find_lesson(struct request_context *context, enum route route, const char *target,
	struct lesson_view *view)
{
	view->set = pages_lessons(context->pages);
	if (route == ROUTE_LESSON) {
		view->index = lesson_set_find(view->set, route_rest(route, target));
		return view->index < lesson_set_count(view->set) ? route : ROUTE_OTHER;
	}
	if (route == ROUTE_CERTIFICATE &&
		lesson_visit_certificate(context->key, route_rest(route, target), view) < 0)
		return ROUTE_OTHER;
	return route;
}

static struct request *request_new(struct request_context *context,
	struct MHD_Connection *connection, enum route route, const char *target)
{
	struct lesson_view lesson = {0};

	route = find_lesson(context, route, target, &lesson);
	struct request *request =
		calloc(1, sizeof(*request) + (is_form(route) ? FORM_BODY_MAX : 0));

	if (request == NULL)
		return NULL;
	request->context = context;
	request->connection = connection;
	request->route = route;
	request->lesson = lesson;
	if (read_peer(connection, &request->peer) < 0) {
		free(request);
		return NULL;
	}
	read_query(request);
	return request;
}

/* The page that refuses a request by its first lines, PAGE_WELCOME when there is none. */
static enum page check_start(struct request *request, const char *target, unsigned method)
{
	struct request_context *context = request->context;
	int64_t now_ms = clock_ms();

	if (!limiter_allows(context->limiter, &request->peer, now_ms))
		return PAGE_TOO_MANY;
	if ((request->route == ROUTE_ACCEPT || request->route == ROUTE_VOUCHER) &&
		method == METHOD_POST &&
		!limiter_allows(context->accept_limiter, &request->peer, now_ms))
		return PAGE_TOO_MANY;
	if (strlen(target) > TARGET_MAX)
		return PAGE_URI_TOO_LONG;
	if (framing_is_ambiguous(request->connection))
		return PAGE_BAD_REQUEST;
	return route_allows(request->route, method) ? PAGE_WELCOME : PAGE_NOT_ALLOWED;
}

/* The first call for a request to our own host. */
static void begin(struct request *request, const char *target, const char *method_name)
{
	unsigned method = route_method(method_name);
	enum body body = framing_body(request->connection);
	enum page refusal = check_start(request, target, method);

	request->is_post = method == METHOD_POST;

	if (refusal == PAGE_WELCOME && body == BODY_TOO_LARGE)
		refusal = PAGE_TOO_LARGE;
	/* Who reloads a form's URL, or opens it from the history, wants the page. */
	if (is_form(request->route) && method == METHOD_GET && refusal == PAGE_NOT_ALLOWED)
		answer_see(request, MHD_HTTP_FOUND, "/");
	else if (refusal != PAGE_WELCOME)
		answer_with_page(request, refusal, NULL);
	else if (body == BODY_NONE)
		start(request);
}

static enum MHD_Result receive(struct request *request, const char *upload, size_t *upload_size)
{
	size_t room = is_form(request->route) ? FORM_BODY_MAX - request->body_size : 0;
	size_t kept = *upload_size < room ? *upload_size : room;

	memcpy(request->body + request->body_size, upload, kept);
	request->body_size += kept;
	request->received += *upload_size;
	*upload_size = 0;
	return request->received <= DISCARD_MAX ? MHD_YES : MHD_NO;
}

enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *target,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **state)
{
	struct request_context *context = cls;
	struct request *request = *state;
	bool is_first = request == NULL;

	(void)version;
	if (is_first) {
		enum route route = find_route(context, connection, target);

		if (route == ROUTE_FOREIGN && framing_body(connection) != BODY_READABLE)
			return MHD_queue_response(
				connection, context->elsewhere.status, context->elsewhere.response);
		*state = request = request_new(context, connection, route, target);
		if (request == NULL)
			return MHD_NO;
		if (route != ROUTE_FOREIGN)
			begin(request, target, method);
	} else if (*upload_size > 0) {
		return receive(request, upload, upload_size);
	} else if (request->asked) { /* and resumed with the answer */
		return queue(connection, &request->answer);
	} else {
		start(request);
	}
	if (request->asked || (is_first && request->answer.response == NULL))
		return MHD_YES; /* suspended, or the body comes first */
	return queue(connection, &request->answer);
}

void request_completed(void *cls, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode code)
{
	struct request *request = *state;

	(void)cls;
	(void)connection;
	(void)code;
	if (request != NULL && request->answer.response != NULL)
		MHD_destroy_response(request->answer.response);
	free(request);
	*state = NULL;
}
