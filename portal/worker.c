/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/worker.h"

#include "common/log.h"
#include "portal/clock.h"
#include "portal/control.h"
#include "portal/server.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>

/* Servers with an old certificate whose last connections are still open. */
#define DRAINING_MAX 3
#define DRAINING_S 30 /* longer than any request waits */

struct draining {
	struct server *server;
	int64_t since_ms;
};

struct worker {
	struct worker_config config;
	struct event_base *base;
	struct request_context context;
	struct site *site;
	struct server *http, *https;
	struct draining draining[DRAINING_MAX];
	struct event *tick, *woken;
	bool asking; /* for the alert */
	int wake_fd;
	pthread_t thread;
	bool started;
	/* The mailbox. */
	atomic_bool stop;
	_Atomic(struct site *) new_site;
	_Atomic(struct tls_pair *) new_pair;
};

static void wake(struct worker *worker)
{
	(void)eventfd_write(worker->wake_fd, 1);
}

/* ---- in the worker's thread ---------------------------------------------------------------------
 */

static void take_site(struct worker *worker)
{
	struct site *site = atomic_exchange(&worker->new_site, NULL);

	if (site == NULL)
		return;
	site_free(worker->site);
	worker->site = site;
	worker->context.site = site;
	/* Requests hold no pointer into the site. Without memory for the new redirect the worker
	 * has none, and closes connections until the next reload. */
	if (request_context_prepare(&worker->context) < 0)
		log_error("no memory for the new policies");
}

static void free_draining(struct draining *draining)
{
	server_free(draining->server);
	*draining = (struct draining){0};
}

/* A place for one more server that drains, NULL when all wait for their last connections. */
static struct draining *find_place(struct worker *worker)
{
	for (size_t i = 0; i < DRAINING_MAX; i++)
		if (worker->draining[i].server == NULL)
			return &worker->draining[i];
	return NULL;
}

static void on_resumed(void *arg)
{
	struct worker *worker = arg;

	if (worker->http != NULL)
		server_wake(worker->http);
	if (worker->https != NULL)
		server_wake(worker->https);
	for (size_t i = 0; i < DRAINING_MAX; i++)
		if (worker->draining[i].server != NULL)
			server_wake(worker->draining[i].server);
}

/* Replaces the HTTPS server by one with the new certificate, on the same socket. */
static void take_pair(struct worker *worker)
{
	struct draining *place = find_place(worker);
	AUTO(tls_pair_free) struct tls_pair *pair = NULL;
	struct server *old = worker->https;

	if (place == NULL)
		return; /* the pair stays in the mailbox until on_tick() has made room */
	pair = atomic_exchange(&worker->new_pair, NULL);
	if (pair == NULL || worker->config.https_fd < 0)
		return;
	worker->https = NULL;
	if (old != NULL) {
		server_quiesce(old);
		*place = (struct draining){.server = old, .since_ms = clock_ms()};
	}
	int r = server_new(
		worker->base, worker->config.https_fd, pair, &worker->context, &worker->https);
	if (r < 0)
		log_error("HTTPS stops: the new certificate cannot be used: %s", strerror(-r));
}

static void on_alert(void *arg, int error, const json_t *reply)
{
	struct worker *worker = arg;

	worker->asking = false;
	if (error == 0)
		(void)alert_parse(reply, &worker->context.alert); /* else the last one stays */
}

static void ask_alert(struct worker *worker)
{
	if (!worker->asking)
		worker->asking = control_call(worker->context.control, CONTROL_ALERT, NULL, NULL,
					 on_alert, worker) == 0;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	int64_t now_ms = clock_ms();

	(void)fd;
	(void)what;
	for (size_t i = 0; i < DRAINING_MAX; i++) {
		struct draining *draining = &worker->draining[i];

		if (draining->server != NULL &&
			(server_connections(draining->server) == 0 ||
				now_ms - draining->since_ms >= DRAINING_S * 1000))
			free_draining(draining);
	}
	take_pair(worker);
	ask_alert(worker);
}

static void on_woken(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	eventfd_t count;

	(void)what;
	(void)eventfd_read(fd, &count);
	take_site(worker);
	take_pair(worker);
	if (atomic_load(&worker->stop))
		(void)event_base_loopbreak(worker->base);
}

static void *serve(void *arg)
{
	struct worker *worker = arg;
	pthread_mutex_t *gate = worker->config.gate;

	if (gate != NULL) {
		(void)pthread_mutex_lock(gate);
		(void)pthread_mutex_unlock(gate);
	}
	(void)event_base_dispatch(worker->base);
	return NULL;
}

/* ---- in the main thread -------------------------------------------------------------------------
 */

static int make_events(struct worker *worker)
{
	const struct timeval interval = {.tv_sec = 1};

	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	worker->base = event_base_new();
	if (worker->wake_fd < 0 || worker->base == NULL)
		return -ENOMEM;
	worker->woken =
		event_new(worker->base, worker->wake_fd, EV_READ | EV_PERSIST, on_woken, worker);
	worker->tick = event_new(worker->base, -1, EV_PERSIST, on_tick, worker);
	if (worker->woken == NULL || worker->tick == NULL || event_add(worker->woken, NULL) < 0 ||
		event_add(worker->tick, &interval) < 0)
		return -ENOMEM;
	return 0;
}

static int make_servers(struct worker *worker, const struct tls_pair *pair)
{
	const struct worker_config *config = &worker->config;
	int r = request_context_prepare(&worker->context);

	if (r == 0)
		r = control_new(worker->base, config->control_dir_fd, config->control_socket,
			&worker->context.control);
	if (r == 0)
		r = server_new(
			worker->base, config->http_fd, NULL, &worker->context, &worker->http);
	if (r == 0 && pair != NULL)
		r = server_new(
			worker->base, config->https_fd, pair, &worker->context, &worker->https);
	return r;
}

int worker_new(const struct worker_config *config, struct site *site, struct tls_pair *pair_arg,
	struct worker **ret_worker)
{
	AUTO(tls_pair_free) struct tls_pair *pair = pair_arg;
	AUTO(worker_free) struct worker *worker = calloc(1, sizeof(*worker));

	if (worker == NULL) {
		site_free(site);
		return -ENOMEM;
	}
	worker->config = *config;
	worker->site = site;
	worker->wake_fd = -1;
	worker->context = (struct request_context){
		.site = site,
		.pages = config->pages,
		.key = config->key,
		.limiter = config->limiter,
		.accept_limiter = config->accept_limiter,
		.resumed = on_resumed,
		.resumed_arg = worker,
	};
	int r = make_events(worker);
	if (r == 0)
		r = make_servers(worker, pair);
	if (r < 0)
		return r;
	*ret_worker = TAKE(worker);
	return 0;
}

int worker_start(struct worker *worker)
{
	sigset_t all, before;

	/* Signals are the main thread's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&worker->thread, NULL, serve, worker);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	worker->started = error == 0;
	return -error;
}

/* Everybody who waits for the controller gets an answer before the servers go. */
static void free_servers(struct worker *worker)
{
	control_free(worker->context.control);
	if (worker->http != NULL)
		server_run(worker->http);
	if (worker->https != NULL)
		server_run(worker->https);
	for (size_t i = 0; i < DRAINING_MAX; i++)
		free_draining(&worker->draining[i]);
	server_free(worker->https);
	server_free(worker->http);
	request_context_clear(&worker->context);
}

void worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	if (worker->started) {
		atomic_store(&worker->stop, true);
		wake(worker);
		(void)pthread_join(worker->thread, NULL);
	}
	free_servers(worker);
	if (worker->woken != NULL)
		event_free(worker->woken);
	if (worker->tick != NULL)
		event_free(worker->tick);
	if (worker->base != NULL)
		event_base_free(worker->base);
	if (worker->wake_fd >= 0)
		(void)close(worker->wake_fd);
	site_free(worker->site);
	site_free(atomic_exchange(&worker->new_site, NULL));
	tls_pair_free(atomic_exchange(&worker->new_pair, NULL));
	free(worker);
}

void worker_set_site(struct worker *worker, struct site *site)
{
	site_free(atomic_exchange(&worker->new_site, site));
	wake(worker);
}

void worker_set_pair(struct worker *worker, struct tls_pair *pair)
{
	tls_pair_free(atomic_exchange(&worker->new_pair, pair));
	wake(worker);
}
