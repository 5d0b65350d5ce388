/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker on a real socket, before a stand-in for the controller. */
#include "portal/listen.h"
#include "portal/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/portal_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sodium.h>

#define HOST "wifi.cartagena.example"
#define ANSWER_SIZE 32768
#define FORM_LARGE 8192
#define NO_LIMITER_RATE 1000000
#define EOL "\r\n"

struct setting {
	char root[ROOT_SIZE];
	struct stand_in controller;
	struct worker *worker;
	struct pages *pages;
	struct limiter *limiter, *accept_limiter;
	int listen_fd;
	uint16_t port;
	/* The device of 127.0.0.1, as the stand-in has it. */
	const char *device_state, *refusal, *accept_error, *lookup_error;
	json_int_t used_token_us;
};

static const struct token_key key = {.bytes = {42}};
static char answer[ANSWER_SIZE];

/* ---- the stand-in -------------------------------------------------------------------------------
 */

static void put_device(const struct setting *s, json_t *reply)
{
	(void)json_object_set_new(reply, "ok", json_true());
	(void)json_object_set_new(reply, "mac", json_string("02:00:00:ab:cd:ef"));
	(void)json_object_set_new(reply, "state", json_string(s->device_state));
	(void)json_object_set_new(reply, "zone_name", json_string("El <Pozón>"));
	(void)json_object_set_new(reply, "minutes", json_integer(60));
	if (s->refusal != NULL)
		(void)json_object_set_new(reply, "refusal", json_string(s->refusal));
	if (strcmp(s->device_state, "active") == 0) {
		(void)json_object_set_new(reply, "seconds_left", json_integer(1500));
		(void)json_object_set_new(reply, "bytes_left", json_integer(2500000));
	}
}

static void put_error(json_t *reply, const char *code)
{
	(void)json_object_set_new(reply, "ok", json_false());
	(void)json_object_set_new(reply, "error", json_string(code));
}

static bool control(void *context, const json_t *request, json_t *reply)
{
	struct setting *s = context;
	const char *verb = json_string_value(json_object_get(request, "verb"));
	const json_t *token_us = json_object_get(request, "token_us");

	if (strcmp(verb, "accept") == 0 && s->accept_error != NULL) {
		put_error(reply, s->accept_error);
	} else if (strcmp(verb, "accept") == 0 &&
		   json_integer_value(token_us) == s->used_token_us) {
		put_error(reply, "stale-token");
	} else if (strcmp(verb, "lookup") == 0 && s->lookup_error != NULL) {
		put_error(reply, s->lookup_error);
	} else {
		if (strcmp(verb, "accept") == 0) {
			s->used_token_us = json_integer_value(token_us);
			s->device_state = "active";
		} else if (strcmp(verb, "leave") == 0) {
			s->device_state = "ended";
		}
		put_device(s, reply);
	}
	return true;
}

/* ---- the client ---------------------------------------------------------------------------------
 */

static int connect_to(uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval limit = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_return_code(connect(fd, (const struct sockaddr *)&address, sizeof(address)), errno);
	return fd;
}

static void send_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* answered and closed before all was sent */
		bytes += n;
		size -= (size_t)n;
	}
}

static size_t read_answer(int fd)
{
	size_t used = 0;
	ssize_t n;

	while (used + 1 < sizeof(answer) &&
		(n = recv(fd, answer + used, sizeof(answer) - used - 1, 0)) > 0)
		used += (size_t)n;
	answer[used] = '\0';
	return used;
}

/* Sends the bytes, reads the answer to its end. Returns the status, 0 for none. */
static int exchange(const struct setting *s, const char *bytes, size_t size)
{
	int fd = connect_to(s->port), status = 0;

	send_all(fd, bytes, size);
	(void)shutdown(fd, SHUT_WR);
	if (read_answer(fd) > 0)
		assert_int_equal(sscanf(answer, "HTTP/1.%*d %d", &status), 1);
	(void)close(fd);
	return status;
}

static int ask(const struct setting *s, const char *text)
{
	return exchange(s, text, strlen(text));
}

static int get(const struct setting *s, const char *target)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "GET %s HTTP/1.1" EOL "Host: " HOST EOL EOL, target);
	return ask(s, text);
}

static int post(const struct setting *s, const char *target, const char *body)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		"POST %s HTTP/1.1" EOL "Host: " HOST EOL
		"Content-Type: application/x-www-form-urlencoded" EOL "Content-Length: %zu" EOL EOL
		"%s",
		target, strlen(body), body);
	return ask(s, text);
}

static void assert_has(const char *wanted)
{
	if (strstr(answer, wanted) == NULL)
		fail_msg("\"%s\" is not in:\n%.1500s", wanted, answer);
}

static void assert_hasnt(const char *unwanted)
{
	if (strstr(answer, unwanted) != NULL)
		fail_msg("\"%s\" is in:\n%.1500s", unwanted, answer);
}

/* The form body with the token of the page that was read last. */
static const char *form_of_page(const char *more)
{
	static char body[256];
	const char *token = strstr(answer, "name=\"token\" value=\"");

	assert_non_null(token);
	token += strlen("name=\"token\" value=\"");
	(void)snprintf(body, sizeof(body), "token=%.*s%s", (int)strcspn(token, "\""), token, more);
	return body;
}

/* ---- tests --------------------------------------------------------------------------------------
 */

static void every_foreign_request_is_redirected(void **state)
{
	static const char *const requests[] = {
		"GET /generate_204 HTTP/1.1" EOL "Host: connectivitycheck.gstatic.com" EOL EOL,
		"GET /hotspot-detect.html HTTP/1.0" EOL "Host: captive.apple.com" EOL EOL,
		"GET / HTTP/1.0" EOL EOL,
		"GET / HTTP/1.1" EOL EOL,
		"HEAD /canonical.html HTTP/1.1" EOL "Host: detectportal.firefox.com" EOL EOL,
		"POST / HTTP/1.1" EOL "Host: x.example" EOL "Content-Length: 5" EOL EOL "hello",
		"PUT /x HTTP/1.1" EOL "Host: x.example" EOL "Transfer-Encoding: chunked" EOL EOL
		"5" EOL "hello" EOL "0" EOL EOL,
		"POST / HTTP/1.1" EOL "Host: x.example" EOL "Content-Length: 99999999999" EOL EOL
		"hello",
		"OPTIONS * HTTP/1.1" EOL "Host: x.example" EOL EOL,
		"BREW /coffee HTTP/1.1" EOL "Host: x.example" EOL EOL,
		"CONNECT example.com:443 HTTP/1.1" EOL "Host: example.com:443" EOL EOL,
		"GET http://example.com/x HTTP/1.1" EOL "Host: " HOST EOL EOL,
		"GET garbage HTTP/1.1" EOL "Host: " HOST EOL EOL,
		"GET /a?b=%zz&c=%00#d HTTP/1.1" EOL "Host: x.example" EOL EOL,
		"GET / HTTP/1.1" EOL "Host:" EOL EOL,
	};
	struct setting *s = *state;

	s->lookup_error = "kernel"; /* nobody needs to be asked */
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		if (ask(s, requests[i]) != 302)
			fail_msg("%s\n%s", requests[i], answer);
		assert_has(EOL "Location: http://" HOST "/" EOL);
		assert_has(EOL "Cache-Control: no-store" EOL);
		assert_has(EOL "Connection: close" EOL);
		if (strncmp(requests[i], "HEAD", 4) == 0)
			assert_hasnt("<a href");
		else
			assert_has("<a href=\"http://" HOST "/\">");
	}
}

static void one_tap_and_online(void **state)
{
	struct setting *s = *state;

	assert_int_equal(get(s, "/"), 200);
	assert_has("<h1>El &lt;Pozón&gt;</h1>");
	assert_has("Content-Security-Policy: default-src 'none'; style-src 'sha256-");
	assert_has("X-Frame-Options: DENY");
	assert_has("X-Content-Type-Options: nosniff");
	assert_has("Referrer-Policy: no-referrer");
	assert_has("Cache-Control: no-store");
	assert_hasnt("Strict-Transport-Security");
	assert_hasnt("Set-Cookie");
	const char *form = form_of_page("");
	assert_int_equal(post(s, "/accept", form), 303);
	assert_has(EOL "Location: /status" EOL);
	assert_int_equal(post(s, "/accept", form), 303); /* the second tap */
	assert_has(EOL "Location: /status" EOL);
	assert_int_equal(get(s, "/status"), 200);
	assert_has(">25 min</dd>");
	assert_int_equal(post(s, "/leave", form_of_page("&lang=en")), 303);
	assert_has(EOL "Location: /?lang=en" EOL);
	assert_string_equal(s->device_state, "ended");
	assert_int_equal(get(s, "/status"), 302);
	assert_has(EOL "Location: /" EOL);
}

static void an_old_form_gets_a_fresh_one(void **state)
{
	static const char *const bodies[] = {
		"", "token=", "token=forged", "token", "nothing=here", "lang=es"};
	struct setting *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		assert_int_equal(post(s, "/accept", bodies[i]), 303);
		assert_has(EOL "Location: /?e=stale");
	}
	assert_int_equal(get(s, "/?e=stale"), 200);
	assert_has("Esa página ya había vencido");
	/* A used token of a device that is not active any more. */
	const char *form = form_of_page("&lang=en");
	assert_int_equal(post(s, "/accept", form), 303);
	assert_has(EOL "Location: /status?lang=en" EOL);
	s->device_state = "ended";
	assert_int_equal(post(s, "/accept", form), 303);
	assert_has(EOL "Location: /?e=stale&lang=en" EOL);
	/* A token of the other form is no token. */
	assert_int_equal(get(s, "/"), 200);
	form = form_of_page("");
	s->device_state = "active";
	assert_int_equal(post(s, "/leave", form), 303);
	assert_has(EOL "Location: /status" EOL);
	assert_string_equal(s->device_state, "active");
}

static void refusals_are_told_honestly(void **state)
{
	static const char *const codes[] = {
		"closed-hours", "daily-quota", "daily-time", "blocked", "full"};
	struct setting *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		s->refusal = s->accept_error = NULL;
		assert_int_equal(get(s, "/"), 200);
		s->refusal = s->accept_error = codes[i];
		assert_int_equal(post(s, "/accept", form_of_page("")), 303);
		assert_has(EOL "Location: /" EOL);
		assert_int_equal(get(s, "/"), 200);
		assert_has("class=\"sorry\"");
		assert_hasnt("<form");
	}
}

static void a_controller_in_trouble_is_a_page_that_comes_back(void **state)
{
	struct setting *s = *state;

	assert_int_equal(get(s, "/"), 200);
	s->accept_error = "kernel";
	assert_int_equal(post(s, "/accept", form_of_page("")), 503);
	assert_has(EOL "Retry-After: 5" EOL);
	assert_has("http-equiv=\"refresh\" content=\"5;url=/\"");
	s->lookup_error = "busy";
	assert_int_equal(get(s, "/"), 503);
	assert_has("Un momento, por favor");
	s->lookup_error = "not-found";
	assert_int_equal(get(s, "/"), 503);
	assert_has("Buscando tu dispositivo");
	assert_int_equal(get(s, "/api/captive"), 200);
	assert_has("{\"captive\":true");
}

static void languages_follow_the_browser_and_the_choice(void **state)
{
	struct setting *s = *state;

	assert_int_equal(get(s, "/terms"), 200);
	assert_has("<html lang=\"es\">");
	assert_has(EOL "Content-Language: es" EOL);
	assert_int_equal(get(s, "/terms?lang=en"), 200);
	assert_has("<html lang=\"en\">");
	assert_has("href=\"/privacy?lang=en\"");
	assert_int_equal(get(s, "/terms?lang=xx&lang"), 200);
	assert_has("<html lang=\"es\">");
	assert_int_equal(ask(s, "GET / HTTP/1.1" EOL "Host: " HOST EOL
				"Accept-Language: en-US,es;q=0.5" EOL EOL),
		200);
	assert_has("<html lang=\"en\">");
	assert_hasnt("?lang=en\">T");
}

static void the_api_is_rfc_8908(void **state)
{
	static const char query[] =
		"GET /api/captive HTTP/1.1" EOL "Host: " HOST EOL "Accept: %s" EOL EOL;
	struct setting *s = *state;
	char text[256];

	assert_int_equal(get(s, "/api/captive"), 200);
	assert_has(EOL "Content-Type: application/captive+json" EOL);
	assert_has(EOL "Cache-Control: no-store" EOL);
	assert_has("{\"captive\":true,\"user-portal-url\":\"http://" HOST "/\","
		   "\"can-extend-session\":false}");
	s->device_state = "active";
	(void)snprintf(text, sizeof(text), query, "text/html, application/captive+json");
	assert_int_equal(ask(s, text), 200);
	assert_has("{\"captive\":false,");
	assert_has("\"seconds-remaining\":1500,\"bytes-remaining\":2500000}");
	(void)snprintf(text, sizeof(text), query, "text/html,*/*;q=0.8");
	assert_int_equal(ask(s, text), 302);
	assert_has(EOL "Vary: Accept" EOL);
	(void)snprintf(text, sizeof(text), query, "*/*");
	assert_int_equal(ask(s, text), 200);
	assert_int_equal(post(s, "/api/captive", ""), 405);
	assert_has(EOL "Allow: GET, HEAD" EOL);
}

static void other_urls_depend_on_the_device(void **state)
{
	struct setting *s = *state;

	assert_int_equal(get(s, "/lessons/nothing"), 302);
	assert_has(EOL "Location: http://" HOST "/" EOL);
	s->device_state = "active";
	assert_int_equal(get(s, "/lessons/nothing"), 404);
	assert_has("Aquí no hay nada");
	assert_int_equal(get(s, "/"), 200);
	assert_has("Ver mi conexión");
	assert_hasnt("<form");
	assert_int_equal(get(s, "/accept"), 302);
	assert_has(EOL "Location: /" EOL);
	assert_int_equal(post(s, "/", ""), 405);
	assert_int_equal(ask(s, "DELETE /accept HTTP/1.1" EOL "Host: " HOST EOL EOL), 405);
	assert_has(EOL "Allow: POST" EOL);
}

static void one_device_cannot_ask_without_end(void **state)
{
	struct setting *s = *state;
	int ok = 0, status = 0;

	for (int i = 0; i < 400 && (status = get(s, "/terms")) == 200; i++)
		ok++;
	assert_in_range(ok, 100, 300);
	assert_int_equal(status, 429);
	assert_has(EOL "Retry-After: 5" EOL);
	assert_has("Más despacio");
	/* Redirects go on. */
	assert_int_equal(ask(s, "GET / HTTP/1.1" EOL "Host: x.example" EOL EOL), 302);
}

static void health_needs_the_controller(void **state)
{
	struct setting *s = *state;

	assert_int_equal(get(s, "/healthz"), 200);
	assert_has("{\"status\":\"ok\"}");
	stand_in_stop(&s->controller);
	assert_int_equal(get(s, "/healthz"), 503);
	stand_in_start(&s->controller, s->root);
	assert_int_equal(get(s, "/healthz"), 200);
}

/* The stop of the worker answers who waits for the controller. */
static void stopping_leaves_nobody_hanging(void **state)
{
	static const char request[] = "GET / HTTP/1.1" EOL "Host: " HOST EOL EOL;
	struct setting *s = *state;

	stand_in_stop(&s->controller);
	int fd = connect_to(s->port);
	send_all(fd, request, strlen(request));
	(void)usleep(300 * 1000);
	worker_free(s->worker);
	s->worker = NULL;
	assert_true(read_answer(fd) > 0);
	assert_has("HTTP/1.1 503");
	(void)close(fd);
	stand_in_start(&s->controller, s->root);
}

#define OWN "Host: " HOST EOL
#define FORM "POST /accept HTTP/1.1" EOL OWN "Content-Type: application/x-www-form-urlencoded" EOL

/* Each gets one clear answer, 3xx or 4xx (505 for another HTTP), or the end of the connection where
 * there is no telling what was asked; and the next one is served. */
static void bad_requests_do_no_harm(void **state)
{
	static const struct {
		const char *text;
		size_t size; /* 0: up to the NUL */
	} requests[] = {
		{"\r\n\r\n", 0},
		{"\n", 0},
		{"GET\r\n\r\n", 0},
		{"GET /\r\n\r\n", 0},
		{"GET / HTTP/9.9" EOL OWN EOL, 0},
		{"GET / HTTX/1.1" EOL OWN EOL, 0},
		{"GET  /  HTTP/1.1" EOL OWN EOL, 0},
		{" GET / HTTP/1.1" EOL OWN EOL, 0},
		{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11}, /* TLS on the HTTP port */
		{"\0\0\0\0\0\0\0\0\r\n\r\n", 12},
		{"GET /\0x HTTP/1.1" EOL OWN EOL, sizeof("GET /\0x HTTP/1.1" EOL OWN EOL) - 1},
		{"GET / HTTP/1.1" EOL "Host: wifi\0.x" EOL EOL,
			sizeof("GET / HTTP/1.1" EOL "Host: wifi\0.x" EOL EOL) - 1},
		{"GET / HTTP/1.1" EOL OWN "Host: other.example" EOL EOL, 0},
		{"GET / HTTP/1.1" EOL OWN "no colon here" EOL EOL, 0},
		{"GET / HTTP/1.1" EOL OWN " folded: x" EOL EOL, 0},
		{"GET / HTTP/1.1" EOL ": x" EOL EOL, 0},
		{"GET /%zz HTTP/1.1" EOL OWN EOL, 0},
		{"GET /% HTTP/1.1" EOL OWN EOL, 0},
		{"GET /%00 HTTP/1.1" EOL OWN EOL, 0},
		{"GET /?lang=%zz&e=%00&=&&?? HTTP/1.1" EOL OWN EOL, 0},
		{"GET /?lang HTTP/1.1" EOL OWN EOL, 0},
		{"GET /status HTTP/1.1" EOL OWN "Content-Length: -1" EOL EOL, 0},
		{"GET /status HTTP/1.1" EOL OWN "Content-Length: x" EOL EOL, 0},
		{"GET /status HTTP/1.1" EOL OWN "Content-Length: 18446744073709551617" EOL EOL, 0},
		{"POST / HTTP/1.1" EOL OWN "Content-Length: 10" EOL EOL "short", 0},
		{FORM "Content-Length: 13" EOL EOL "token=%zzzzzz", 0},
		{FORM "Content-Length: 9" EOL EOL "token=%00", 0},
		{FORM "Content-Length: 15" EOL EOL "token=1&token=2", 0},
		{FORM "Content-Length: 15" EOL EOL "lang=en&lang=es", 0},
		{FORM "Content-Length: 0" EOL EOL, 0},
		{FORM EOL, 0},
		{FORM "Content-Length: 5000" EOL EOL, 0},
		{FORM "Content-Length: 1" EOL "Content-Length: 2" EOL EOL "ab", 0},
		{FORM "Transfer-Encoding: chunked" EOL EOL "zz" EOL "x" EOL, 0},
		{FORM "Transfer-Encoding: chunked" EOL EOL "ffffffffffffffffff" EOL, 0},
		{FORM "Transfer-Encoding: chunked" EOL EOL "-1" EOL, 0},
		{FORM "Transfer-Encoding: chunked" EOL "Content-Length: 3" EOL EOL "0" EOL EOL, 0},
		{FORM "Transfer-Encoding: gzip" EOL EOL "x", 0},
		{FORM "Expect: 100-continue" EOL "Content-Length: 70000" EOL EOL, 0},
		{"POST /accept HTTP/1.1" EOL OWN "Content-Type: multipart/form-data; boundary=x" EOL
		 "Content-Length: 3" EOL EOL "--x",
			0},
		{"POST /accept HTTP/1.1" EOL OWN "Content-Type:" EOL "Content-Length: 1" EOL EOL
		 "x",
			0},
		{"GET / HTTP/1.1" EOL OWN "Accept-Language: ;;;q=q=,,\xff\xfe;q=9999999999" EOL EOL,
			0},
		{"GET /api/captive HTTP/1.1" EOL OWN "Accept:" EOL EOL, 0},
		{"GET / HTTP/1.1" EOL OWN EOL "GARBAGE PIPELINED\0\xff" EOL EOL, 0},
		{"GET / HTTP/1.1" EOL OWN EOL "GET / HTTP/1.1" EOL OWN EOL, 0},
		{"GET / HTTP/1.1" EOL OWN "Connection: keep-alive, Upgrade" EOL
		 "Upgrade: h2c" EOL EOL,
			0},
		{"GET / HTTP/1.1" EOL OWN "Cookie: \x01\x02\x03=\xff;;;;===" EOL EOL, 0},
		{"GET / HTTP/1.1" EOL OWN "Authorization: Digest ,,,=\"" EOL EOL, 0},
		{"GET / HTTP/1.1" EOL OWN "Range: bytes=-1-2,,99999999999999999999-" EOL EOL, 0},
		{"GET http:// HTTP/1.1" EOL OWN EOL, 0},
		{"GET http://[::1 HTTP/1.1" EOL OWN EOL, 0},
		{"GET //// HTTP/1.1" EOL OWN EOL, 0},
		{"GET /../../../../etc/passwd HTTP/1.1" EOL OWN EOL, 0},
		{"GET /<script>alert(1)</script>?e=<script> HTTP/1.1" EOL OWN EOL, 0},
	};
	struct setting *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		size_t size = requests[i].size > 0 ? requests[i].size : strlen(requests[i].text);
		int status = exchange(s, requests[i].text, size);

		if (status == 100 || (status > 200 && status < 300) ||
			(status >= 500 && status != 505))
			fail_msg("%zu: %d\n%s\n%.300s", i, status, requests[i].text, answer);
		assert_hasnt("<script");
	}
	assert_int_equal(get(s, "/"), 200);
}

static void form_mistakes_have_their_status(void **state)
{
	struct setting *s = *state;
	char large[FORM_LARGE];

	assert_int_equal(post(s, "/accept", "token=1&token=2"), 400);
	assert_int_equal(post(s, "/accept", "token=%zz"), 400);
	assert_int_equal(ask(s, "POST /accept HTTP/1.1" EOL OWN "Content-Type: text/plain" EOL
				"Content-Length: 1" EOL EOL "x"),
		400);
	assert_int_equal(ask(s, "GET / HTTP/1.1" EOL OWN "Host: x.example" EOL EOL), 400);
	assert_int_equal(ask(s, FORM "Content-Length: 70000" EOL EOL), 413);
	(void)snprintf(large, sizeof(large), FORM "Content-Length: 5000" EOL EOL);
	size_t head = strlen(large);
	memset(large + head, 'a', 5000);
	assert_int_equal(exchange(s, large, head + 5000), 413);
	/* 3 kB of target are too many for us, and 64 kB of head for anybody. */
	(void)snprintf(large, sizeof(large), "GET /");
	memset(large + 5, 'a', 3000);
	(void)snprintf(large + 3005, sizeof(large) - 3005, " HTTP/1.1" EOL OWN EOL);
	assert_int_equal(ask(s, large), 414);
}

static void huge_heads_are_refused(void **state)
{
	struct setting *s = *state;
	const size_t size = 64 * 1024;
	char *large = malloc(size + 256);

	(void)snprintf(large, 256, "GET / HTTP/1.1" EOL OWN "X: ");
	size_t head = strlen(large);
	memset(large + head, 'a', size);
	memcpy(large + head + size, EOL EOL, 5);
	int status = ask(s, large);
	assert_true(status == 0 || status == 400 || status == 413 || status == 431);
	(void)snprintf(large, 256, "GET /");
	memset(large + 5, 'a', size);
	memcpy(large + 5 + size, EOL EOL, 5);
	status = ask(s, large);
	assert_true(status == 0 || status == 400 || status == 414 || status == 431);
	free(large);
	assert_int_equal(get(s, "/"), 200);
}

static struct site *a_site(const char *zone_name)
{
	struct site *site = calloc(1, sizeof(*site));

	site->host = strdup(HOST);
	site->url = strdup("http://" HOST "/");
	site->zone_name = strdup(zone_name);
	site->languages[1] = 1;
	site->codes[0] = asset_language(0);
	site->codes[1] = asset_language(1);
	site->language_count = 2;
	return site;
}

static void new_policies_are_taken_over(void **state)
{
	struct setting *s = *state;

	assert_int_equal(get(s, "/terms"), 200);
	assert_has("· Plaza</title>");
	worker_set_site(s->worker, a_site("Bocagrande"));
	(void)usleep(100 * 1000);
	assert_int_equal(get(s, "/terms"), 200);
	assert_has("· Bocagrande</title>");
	assert_int_equal(ask(s, "GET / HTTP/1.1" EOL "Host: x.example" EOL EOL), 302);
}

static int start_with(struct setting *s, unsigned rate, unsigned burst)
{
	struct sockaddr_in6 address;
	socklen_t size = sizeof(address);
	struct template_error error;

	make_root(s->root);
	s->device_state = "unknown";
	s->controller = (struct stand_in){.answer = control, .context = s};
	stand_in_start(&s->controller, s->root);
	if (pages_new(&s->pages, &error) < 0 || listen_open(0, 1, &s->listen_fd) < 0 ||
		getsockname(s->listen_fd, (struct sockaddr *)&address, &size) < 0)
		return -1;
	s->port = ntohs(address.sin6_port);
	s->limiter = limiter_new(rate, burst);
	s->accept_limiter = limiter_new(NO_LIMITER_RATE, NO_LIMITER_RATE);
	const struct worker_config config = {
		.http_fd = s->listen_fd,
		.https_fd = -1,
		.control_dir_fd = -1,
		.control_socket = s->controller.path,
		.pages = s->pages,
		.key = &key,
		.limiter = s->limiter,
		.accept_limiter = s->accept_limiter,
	};
	if (worker_new(&config, a_site("Plaza"), NULL, &s->worker) < 0)
		return -1;
	return worker_start(s->worker);
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct setting));
	return start_with(*state, NO_LIMITER_RATE, NO_LIMITER_RATE);
}

static int set_up_limited(void **state)
{
	*state = calloc(1, sizeof(struct setting));
	return start_with(*state, 20, 100);
}

static int tear_down(void **state)
{
	struct setting *s = *state;

	worker_free(s->worker);
	stand_in_stop(&s->controller);
	pages_free(s->pages);
	limiter_free(s->limiter);
	limiter_free(s->accept_limiter);
	listen_close(1, &s->listen_fd);
	(void)rmdir(s->root);
	free(s);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_foreign_request_is_redirected),
		TEST(one_tap_and_online),
		TEST(an_old_form_gets_a_fresh_one),
		TEST(refusals_are_told_honestly),
		TEST(a_controller_in_trouble_is_a_page_that_comes_back),
		TEST(languages_follow_the_browser_and_the_choice),
		TEST(the_api_is_rfc_8908),
		TEST(other_urls_depend_on_the_device),
		cmocka_unit_test_setup_teardown(
			one_device_cannot_ask_without_end, set_up_limited, tear_down),
		TEST(health_needs_the_controller),
		TEST(stopping_leaves_nobody_hanging),
		TEST(bad_requests_do_no_harm),
		TEST(form_mistakes_have_their_status),
		TEST(huge_heads_are_refused),
		TEST(new_policies_are_taken_over),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
