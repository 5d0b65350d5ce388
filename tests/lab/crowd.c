/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A crowd of visitors from one namespace (crowd.py makes it): each has a source address, and by
 * that a MAC, of its own.
 *
 *   crowd login    opens the portal, reads the form, taps Accept, as every phone does
 *   crowd redirect asks for a foreign page again and again and counts the answers
 *
 * Prints one JSON object. Every connection is Connection: close, so the server closes first and
 * no address here runs out of ports. */
#include "common/addr.h"
#include "common/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum {
	RESPONSE_MAX = 65536,	      /* the welcome page is under 14 kB */
	FORM_MAX = 4096,	      /* fields of the form, percent-encoded */
	CLIENTS_MAX = 4096,	      /* connections at once */
	CLIENT_TIMEOUT_US = 10000000, /* a visitor who waits this long has gone */
};

struct options {
	uint32_t first; /* source addresses first … first + count − 1, host order */
	unsigned count;
	unsigned concurrency;
	double seconds;	       /* redirect: how long */
	struct sockaddr_in to; /* portal, or the foreign server */
	const char *host;
	const char *path;
	bool probing; /* login: measure until the first packet passes */
	struct sockaddr_in echo;
	uint64_t every_us;
};

/* Latencies in microseconds, in the order in which they were taken. */
struct samples {
	uint32_t *values;
	size_t count, room;
};

enum step { STEP_IDLE, STEP_GET, STEP_POST, STEP_PROBE };

struct client {
	enum step step;
	int fd;
	uint32_t address;
	uint64_t begun_us;   /* this step */
	uint64_t posted_us;  /* the tap on Accept */
	uint64_t granted_us; /* its answer was here */
	uint64_t sent_us;    /* the last probe */
	bool connecting;
	char request[FORM_MAX + 512];
	size_t request_size, request_sent;
	char response[RESPONSE_MAX + 1];
	size_t response_size;
};

struct crowd {
	struct options options;
	int epoll;
	struct client *clients;
	unsigned next, busy, probing;
	unsigned done, failed;
	char first_failure[200];
	uint64_t started_us, ends_us;
	struct samples get, post, grant_to_echo, post_to_echo;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

__attribute__((noreturn, format(printf, 1, 2))) static void fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	exit(2);
}

/* ---- latencies --------------------------------------------------------------------------------*/
static void samples_add(struct samples *s, uint64_t value_us)
{
	if (s->count == s->room) {
		s->room = s->room == 0 ? 1024 : s->room * 2;
		s->values = reallocarray(s->values, s->room, sizeof(*s->values));
		if (s->values == NULL)
			fatal("out of memory");
	}
	s->values[s->count++] = (uint32_t)value_us;
}

static int compare_values(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double samples_ms(const struct samples *s, double share)
{
	size_t index = (size_t)(share * (double)(s->count - 1) + 0.5);

	return s->values[index] / 1000.0;
}

static void samples_print(const char *name, struct samples *s)
{
	if (s->count == 0)
		return;
	qsort(s->values, s->count, sizeof(*s->values), compare_values);
	printf(", \"%s\": {\"median_ms\": %.3f, \"p95_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": "
	       "%.3f}",
		name, samples_ms(s, 0.5), samples_ms(s, 0.95), samples_ms(s, 0.99),
		samples_ms(s, 1));
}

/* ---- the page and its form --------------------------------------------------------------------*/
/* The value of an attribute of the tag that starts at tag; its length, or -1 without one. */
static ssize_t attribute(const char *tag, const char *name, const char **ret_value)
{
	const char *end = strchr(tag, '>');
	size_t length = strlen(name);

	for (const char *p = tag; end != NULL && p < end; p++) {
		if (p[0] != ' ' || strncmp(p + 1, name, length) != 0 || p[length + 1] != '=')
			continue;
		const char *value = p + length + 2;
		char quote = *value == '"' || *value == '\'' ? *value : 0;
		size_t size = quote != 0 ? strcspn(++value, quote == '"' ? "\"" : "'")
					 : strcspn(value, " >");
		*ret_value = value;
		return (ssize_t)size;
	}
	return -1;
}

static size_t encode(char *out, size_t room, const char *text, size_t length)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	size_t used = 0;

	for (size_t i = 0; i < length && used + 4 < room; i++) {
		if (memchr(plain, text[i], sizeof(plain) - 1) != NULL)
			out[used++] = text[i];
		else
			used += (size_t)snprintf(out + used, 4, "%%%02X", (unsigned char)text[i]);
	}
	out[used] = '\0';
	return used;
}

/* The form whose action is /accept; NULL when the page has none. */
static const char *find_accept_form(const char *page)
{
	const char *action = NULL;

	for (const char *p = page; (p = strstr(p, "<form")) != NULL; p++) {
		ssize_t length = attribute(p, "action", &action);
		if (length == 7 && strncmp(action, "/accept", 7) == 0)
			return p;
	}
	return NULL;
}

/* Fills body with the fields of the form as a browser sends them. */
static int read_form(const char *page, char body[FORM_MAX])
{
	const char *form = find_accept_form(page), *name = NULL, *value = NULL;
	size_t used = 0;

	if (form == NULL)
		return -ENOENT;
	const char *end = strstr(form, "</form>");
	body[0] = '\0';
	for (const char *p = form; (p = strchr(p + 1, '<')) != NULL && (end == NULL || p < end);) {
		if (strncmp(p, "<input", 6) != 0 && strncmp(p, "<button", 7) != 0)
			continue;
		ssize_t name_length = attribute(p, "name", &name);
		ssize_t value_length = attribute(p, "value", &value);
		if (name_length <= 0 || used + 2 >= FORM_MAX)
			continue;
		if (used > 0)
			body[used++] = '&';
		used += encode(body + used, FORM_MAX - used - 1, name, (size_t)name_length);
		body[used++] = '=';
		body[used] = '\0';
		if (value_length > 0)
			used += encode(body + used, FORM_MAX - used, value, (size_t)value_length);
	}
	return used > 0 ? 0 : -ENOENT;
}

/* The status when the whole response is here, 0 while it is not. */
static int response_status(const struct client *c, bool at_end)
{
	const char *body = strstr(c->response, "\r\n\r\n");
	const char *length = strcasestr(c->response, "\r\nContent-Length:");

	if (body == NULL || strncmp(c->response, "HTTP/1.", 7) != 0)
		return 0;
	size_t have = c->response_size - (size_t)(body + 4 - c->response);
	bool known = length != NULL && length < body;
	if (!at_end && (!known || have < strtoul(length + 17, NULL, 10)))
		return 0;
	return atoi(c->response + 9);
}

/* ---- one visitor ------------------------------------------------------------------------------*/
static void client_close(struct crowd *crowd, struct client *c)
{
	if (c->step == STEP_PROBE)
		crowd->probing--;
	if (c->step != STEP_IDLE)
		crowd->busy--;
	(void)close(c->fd);
	c->fd = -1;
	c->step = STEP_IDLE;
}

__attribute__((format(printf, 3, 4))) static void client_fail(
	struct crowd *crowd, struct client *c, const char *format, ...)
{
	char why[128], address[INET_ADDRSTRLEN];
	struct in_addr in = {htonl(c->address)};
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	if (crowd->failed++ == 0)
		(void)snprintf(crowd->first_failure, sizeof(crowd->first_failure), "%s step %d: %s",
			inet_ntop(AF_INET, &in, address, sizeof(address)), (int)c->step, why);
	client_close(crowd, c);
}

static int source_socket(const struct client *c, int kind)
{
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(c->address)};
	int fd = socket(AF_INET, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0)
		fatal("socket: %s", strerror(errno));
	/* The port is chosen at connect(), by the whole four-tuple. */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (kind == SOCK_STREAM)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0)
		fatal("bind to a source address: %s (is the crowd set up?)", strerror(errno));
	return fd;
}

static void watch(struct crowd *crowd, struct client *c, uint32_t events, int operation)
{
	struct epoll_event event = {.events = events, .data.ptr = c};

	if (epoll_ctl(crowd->epoll, operation, c->fd, &event) != 0)
		fatal("epoll_ctl: %s", strerror(errno));
}

/* A new connection that will send c->request. */
static void client_connect(struct crowd *crowd, struct client *c, enum step step)
{
	if (c->step == STEP_IDLE)
		crowd->busy++;
	else
		(void)close(c->fd);
	c->step = step;
	c->fd = source_socket(c, SOCK_STREAM);
	c->begun_us = now_us();
	c->connecting = true;
	c->request_sent = c->response_size = 0;
	c->response[0] = '\0';
	watch(crowd, c, EPOLLOUT, EPOLL_CTL_ADD);
	int rc = connect(c->fd, (struct sockaddr *)&crowd->options.to, sizeof(crowd->options.to));
	if (rc != 0 && errno != EINPROGRESS)
		client_fail(crowd, c, "connect: %s", strerror(errno));
}

static void client_get(struct crowd *crowd, struct client *c)
{
	const struct options *o = &crowd->options;

	c->request_size = (size_t)snprintf(c->request, sizeof(c->request),
		"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: zona-crowd\r\nAccept: text/html\r\n"
		"Connection: close\r\n\r\n",
		o->path, o->host);
	client_connect(crowd, c, STEP_GET);
}

static void client_post(struct crowd *crowd, struct client *c)
{
	char body[FORM_MAX];

	if (read_form(c->response, body) != 0) {
		client_fail(crowd, c, "the page has no form to /accept");
		return;
	}
	c->request_size = (size_t)snprintf(c->request, sizeof(c->request),
		"POST /accept HTTP/1.1\r\nHost: %s\r\nUser-Agent: zona-crowd\r\n"
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n\r\n%s",
		crowd->options.host, strlen(body), body);
	c->posted_us = now_us();
	client_connect(crowd, c, STEP_POST);
}

static void probe_send(struct client *c, uint64_t now)
{
	c->sent_us = now;
	/* Refused (an ICMP error arrived) is what a closed gateway says: go on. */
	(void)!send(c->fd, "zona", 4, MSG_DONTWAIT);
}

static void client_probe(struct crowd *crowd, struct client *c)
{
	(void)close(c->fd);
	c->fd = source_socket(c, SOCK_DGRAM);
	if (connect(c->fd, (struct sockaddr *)&crowd->options.echo, sizeof(crowd->options.echo)) !=
		0)
		fatal("connect to the echo: %s", strerror(errno));
	c->step = STEP_PROBE;
	crowd->probing++;
	c->begun_us = now_us();
	watch(crowd, c, EPOLLIN, EPOLL_CTL_ADD);
	probe_send(c, c->begun_us);
}

static void client_granted(struct crowd *crowd, struct client *c)
{
	c->granted_us = now_us();
	crowd->done++;
	if (crowd->options.probing)
		client_probe(crowd, c);
	else
		client_close(crowd, c);
}

static void client_answered(struct crowd *crowd, struct client *c, int status, bool login)
{
	struct samples *samples = c->step == STEP_GET ? &crowd->get : &crowd->post;
	int wanted = c->step == STEP_POST ? 303 : login ? 200 : 302;

	samples_add(samples, now_us() - c->begun_us);
	if (status != wanted) {
		client_fail(crowd, c, "status %d instead of %d", status, wanted);
	} else if (!login) {
		crowd->done++;
		client_close(crowd, c);
	} else if (c->step == STEP_GET) {
		client_post(crowd, c);
	} else {
		client_granted(crowd, c);
	}
}

static void client_send(struct crowd *crowd, struct client *c)
{
	const char *rest = c->request + c->request_sent;
	ssize_t n = send(c->fd, rest, c->request_size - c->request_sent, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN) {
		client_fail(crowd, c, "send: %s", strerror(errno));
		return;
	}
	c->connecting = false;
	c->request_sent += n > 0 ? (size_t)n : 0;
	if (c->request_sent == c->request_size)
		watch(crowd, c, EPOLLIN, EPOLL_CTL_MOD);
}

static void client_receive(struct crowd *crowd, struct client *c, bool login)
{
	ssize_t n = recv(c->fd, c->response + c->response_size, RESPONSE_MAX - c->response_size, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	c->response_size += n > 0 ? (size_t)n : 0;
	c->response[c->response_size] = '\0';
	int status = response_status(c, n <= 0);
	if (status != 0)
		client_answered(crowd, c, status, login);
	else if (n <= 0)
		client_fail(crowd, c, "no whole answer: %s", n < 0 ? strerror(errno) : "closed");
}

static void client_echoed(struct crowd *crowd, struct client *c)
{
	char data[16];

	if (recv(c->fd, data, sizeof(data), 0) <= 0)
		return;
	uint64_t now = now_us();
	samples_add(&crowd->grant_to_echo, now - c->granted_us);
	samples_add(&crowd->post_to_echo, now - c->posted_us);
	client_close(crowd, c);
}

static void client_event(struct crowd *crowd, struct client *c, bool login)
{
	switch (c->step) {
	case STEP_GET:
	case STEP_POST:
		if (c->request_sent < c->request_size)
			client_send(crowd, c);
		else
			client_receive(crowd, c, login);
		break;
	case STEP_PROBE:
		client_echoed(crowd, c);
		break;
	case STEP_IDLE:
		break;
	}
}

/* ---- the crowd --------------------------------------------------------------------------------*/
static bool more_to_start(const struct crowd *crowd, bool login)
{
	return login ? crowd->next < crowd->options.count : now_us() < crowd->ends_us;
}

static void start_clients(struct crowd *crowd, bool login)
{
	for (unsigned i = 0; i < crowd->options.concurrency && more_to_start(crowd, login); i++) {
		struct client *c = &crowd->clients[i];
		if (c->step != STEP_IDLE)
			continue;
		c->address = crowd->options.first + crowd->next++ % crowd->options.count;
		client_get(crowd, c);
	}
}

static void check_clients(struct crowd *crowd)
{
	uint64_t now = now_us();

	for (unsigned i = 0; i < crowd->options.concurrency; i++) {
		struct client *c = &crowd->clients[i];
		if (c->step != STEP_IDLE && now > c->begun_us + CLIENT_TIMEOUT_US)
			client_fail(crowd, c, "timed out");
		else if (c->step == STEP_PROBE && now >= c->sent_us + crowd->options.every_us)
			probe_send(c, now);
	}
}

static void run(struct crowd *crowd, bool login)
{
	struct epoll_event events[256];
	uint64_t checked_us = 0;

	crowd->started_us = now_us();
	crowd->ends_us = crowd->started_us + (uint64_t)(crowd->options.seconds * 1e6);
	while (more_to_start(crowd, login) || crowd->busy > 0) {
		start_clients(crowd, login);
		int n = epoll_wait(
			crowd->epoll, events, ARRAY_SIZE(events), crowd->probing > 0 ? 0 : 10);
		for (int i = 0; i < n; i++)
			client_event(crowd, events[i].data.ptr, login);
		if (crowd->probing > 0 || now_us() > checked_us + 100000) {
			checked_us = now_us();
			check_clients(crowd);
		}
	}
}

static void report(struct crowd *crowd)
{
	double seconds = (double)(now_us() - crowd->started_us) / 1e6;

	printf("{\"done\": %u, \"failed\": %u, \"seconds\": %.3f, \"per_second\": %.1f",
		crowd->done, crowd->failed, seconds, crowd->done / seconds);
	samples_print("get", &crowd->get);
	samples_print("post", &crowd->post);
	samples_print("accept_to_packet", &crowd->grant_to_echo);
	samples_print("tap_to_packet", &crowd->post_to_echo);
	if (crowd->failed > 0)
		printf(", \"first_failure\": \"%s\"", crowd->first_failure);
	printf("}\n");
}

static void set_address(const char *text, uint32_t *ret_address)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		fatal("not an IPv4 address: %s", text);
	*ret_address = ntohl(in.s_addr);
}

/* "ADDRESS" or "ADDRESS:PORT" */
static void set_target(const char *text, struct sockaddr_in *ret_target, unsigned port)
{
	char address[INET_ADDRSTRLEN] = "";
	uint32_t value = 0;

	if (sscanf(text, "%15[0-9.]:%u", address, &port) < 1)
		fatal("not ADDRESS[:PORT]: %s", text);
	set_address(address, &value);
	ret_target->sin_family = AF_INET;
	ret_target->sin_port = htons((uint16_t)port);
	ret_target->sin_addr.s_addr = htonl(value);
}

static void read_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {{"first", 1, NULL, 'f'}, {"count", 1, NULL, 'n'},
		{"concurrency", 1, NULL, 'c'}, {"seconds", 1, NULL, 's'}, {"to", 1, NULL, 't'},
		{"host", 1, NULL, 'h'}, {"path", 1, NULL, 'p'}, {"echo", 1, NULL, 'e'},
		{"every-us", 1, NULL, 'u'}, {0}};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'f':
			set_address(optarg, &o->first);
			break;
		case 'n':
			o->count = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			o->concurrency = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			o->seconds = strtod(optarg, NULL);
			break;
		case 't':
			set_target(optarg, &o->to, 80);
			break;
		case 'h':
			o->host = optarg;
			break;
		case 'p':
			o->path = optarg;
			break;
		case 'e':
			set_target(optarg, &o->echo, 7);
			o->probing = true;
			break;
		case 'u':
			o->every_us = strtoull(optarg, NULL, 10);
			break;
		default:
			exit(2);
		}
	}
	if (o->first == 0 || o->count == 0 || o->to.sin_family == 0 || o->host == NULL)
		fatal("usage: crowd login|redirect --first IP --count N --to IP[:PORT] --host "
		      "NAME\n"
		      "  [--concurrency N] [--seconds S] [--path PATH] [--echo IP[:PORT] "
		      "--every-us N]");
	if (o->concurrency == 0 || o->concurrency > CLIENTS_MAX)
		fatal("--concurrency is 1 to %d", CLIENTS_MAX);
}

int main(int argc, char **argv)
{
	static struct crowd crowd;
	bool login = argc > 1 && strcmp(argv[1], "login") == 0;

	if (argc < 2 || (!login && strcmp(argv[1], "redirect") != 0))
		fatal("usage: crowd login|redirect OPTIONS");
	crowd.options =
		(struct options){.concurrency = 32, .seconds = 5, .path = "/", .every_us = 100};
	read_options(argc - 1, argv + 1, &crowd.options);
	crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
	crowd.clients = calloc(crowd.options.concurrency, sizeof(*crowd.clients));
	if (crowd.epoll < 0 || crowd.clients == NULL)
		fatal("start: %s", strerror(errno));
	run(&crowd, login);
	report(&crowd);
	free(crowd.clients);
	free(crowd.get.values);
	free(crowd.post.values);
	free(crowd.grant_to_echo.values);
	free(crowd.post_to_echo.values);
	return crowd.failed > 0;
}
