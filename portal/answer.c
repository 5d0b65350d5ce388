/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/answer.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

void answer_add(struct answer *answer, const char *field, const char *value)
{
	if (answer->response != NULL)
		(void)MHD_add_response_header(answer->response, field, value);
}

/* Takes the buffer's data over. Nothing that the portal says may be kept (an old page's token is
 * worthless), and no connection may live on: its flow would outlast the grant. */
static struct answer make(unsigned status, const char *type, struct buffer *body)
{
	struct answer answer = {.status = status};

	answer.response =
		MHD_create_response_from_buffer(body->size, body->data, MHD_RESPMEM_MUST_FREE);
	if (answer.response != NULL)
		*body = (struct buffer){0};
	answer_add(&answer, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	answer_add(&answer, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	answer_add(&answer, MHD_HTTP_HEADER_CONNECTION, "close");
	return answer;
}

static struct answer make_from_text(unsigned status, const char *type, const char *text)
{
	AUTO(buffer_free) struct buffer body = {0};

	if (buffer_append(&body, text, strlen(text)) < 0)
		return (struct answer){0};
	return make(status, type, &body);
}

struct answer answer_redirect(const struct pages *pages, unsigned status, const char *location)
{
	AUTO(buffer_free) struct buffer body = {0};
	struct answer answer;

	if (pages_render_redirect(pages, location, &body) < 0)
		return (struct answer){0};
	answer = make(status, "text/html; charset=utf-8", &body);
	answer_add(&answer, MHD_HTTP_HEADER_LOCATION, location);
	return answer;
}

struct answer answer_page(
	const struct pages *pages, const struct page_view *view, const char *csp, const char *allow)
{
	AUTO(buffer_free) struct buffer body = {0};
	unsigned retry_s = pages_retry_s(view->page);
	struct answer answer;

	if (pages_render(pages, view, &body) < 0)
		return (struct answer){0};
	answer = make(pages_status(view->page), "text/html; charset=utf-8", &body);
	answer_add(&answer, MHD_HTTP_HEADER_CONTENT_LANGUAGE, asset_language(view->language));
	answer_add(&answer, MHD_HTTP_HEADER_CONTENT_SECURITY_POLICY, csp);
	answer_add(&answer, "Referrer-Policy", "no-referrer");
	answer_add(&answer, "X-Content-Type-Options", "nosniff");
	answer_add(&answer, "X-Frame-Options", "DENY");
	if (allow != NULL)
		answer_add(&answer, MHD_HTTP_HEADER_ALLOW, allow);
	if (retry_s > 0) {
		char text[12];

		(void)snprintf(text, sizeof(text), "%u", retry_s);
		answer_add(&answer, MHD_HTTP_HEADER_RETRY_AFTER, text);
	}
	return answer;
}

static struct answer make_from_json(unsigned status, const char *type, json_t *json)
{
	AUTO_STR text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return text != NULL ? make_from_text(status, type, text) : (struct answer){0};
}

struct answer answer_captive_api(const char *portal_url, const struct device *device)
{
	bool captive = device == NULL || device->state != DEVICE_ACTIVE;
	/* Only when the page has something that gives time: else phones would send people there for
	 * nothing (RFC 8908 section 5). */
	json_t *json = json_pack("{s:b, s:s, s:b}", "captive", captive, "user-portal-url",
		portal_url, "can-extend-session", !captive && device->can_extend);

	if (!captive && device->seconds_left != NO_LIMIT)
		(void)json_object_set_new(
			json, "seconds-remaining", json_integer(device->seconds_left));
	if (!captive && device->bytes_left != NO_LIMIT)
		(void)json_object_set_new(
			json, "bytes-remaining", json_integer(device->bytes_left));
	struct answer answer = make_from_json(MHD_HTTP_OK, "application/captive+json", json);
	answer_add(&answer, MHD_HTTP_HEADER_VARY, "Accept");
	return answer;
}

struct answer answer_health(bool healthy)
{
	return make_from_json(healthy ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
		"application/json",
		json_pack("{s:s}", "status", healthy ? "ok" : "controller-away"));
}
