/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/portal.h"

#include "common/log.h"
#include "common/privileges.h"
#include "policies/gateway_conf.h"
#include "portal/listen.h"
#include "portal/sandbox.h"
#include "portal/server.h"
#include "portal/state_dir.h"
#include "portal/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>

/* More threads than this serve no zone faster: a redirect costs 10 us. */
#define WORKERS_MAX 4
#define CERTIFICATE_CHECK_S 4
/* Of one device to our own pages. A person needs 3 for a login; 20 a second are scripts. */
#define REQUESTS_PER_S 20
#define REQUESTS_BURST 100
#define ACCEPTS_PER_S 2
#define ACCEPTS_BURST 10
/* Every worker has two servers, their connections and a few descriptors more. */
#define DESCRIPTORS (WORKERS_MAX * (2 * SERVER_CONNECTIONS_MAX + 32) + 64)

struct portal {
	struct gateway_conf *conf;
	struct policy *policy;
	uid_t uid;
	gid_t gid;
	int policies_fd, control_dir_fd;
	struct token_key key;
	struct tls_pair *pair;
	struct tls_watch watch;
	struct pages *pages;
	struct limiter *limiter, *accept_limiter;
	int http_fds[WORKERS_MAX], https_fds[WORKERS_MAX];
	struct worker *workers[WORKERS_MAX];
	size_t worker_count;
	pthread_mutex_t gate; /* held until workers may serve */
	struct event_base *base;
	struct event *events[4];
};

int portal_options_parse(int argc, char **argv, struct portal_options *ret_options)
{
	struct portal_options options = {0};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0 && options.config == NULL && i + 1 < argc)
			options.config = argv[++i];
		else if (strcmp(argv[i], "--check") == 0 && !options.check)
			options.check = true;
		else
			return -EINVAL;
	}
	if (options.config == NULL)
		return -EINVAL;
	*ret_options = options;
	return 0;
}

/* ---- reading ------------------------------------------------------------------------------------
 */

static bool has_tls(const struct portal *portal)
{
	return portal->conf->portal.certificate[0] != '\0';
}

static int complain(const char *what, int error)
{
	log_error("%s: %s", what, strerror(-error));
	return error;
}

static int read_policies(
	const struct portal *portal, struct policy **ret_policy, struct conf_error *error)
{
	AUTO(policy_free) struct policy *policy = NULL;
	int r = policy_load(portal->policies_fd, portal->conf->policies, &policy, error);

	if (r == 0)
		r = gateway_policy_check(portal->conf, policy, error);
	if (r == 0)
		*ret_policy = TAKE(policy);
	return r;
}

static int read_pair(struct portal *portal, struct tls_pair **ret_pair, struct conf_error *error)
{
	const char *which = "";
	int r = tls_pair_read(
		portal->conf->portal.certificate, portal->conf->portal.key, ret_pair, &which);

	if (r < 0)
		(void)snprintf(error->text, sizeof(error->text), "%s: %s", which,
			r == -EKEYREJECTED ? "not a certificate and its key" : strerror(-r));
	return r;
}

/* Everything that gateway.conf names. */
static int read_config(struct portal *portal, const char *path, struct conf_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : gateway_conf_read(fd, path, &portal->conf, error);

	if (fd < 0)
		(void)snprintf(error->text, sizeof(error->text), "%s: %s", path, strerror(errno));
	if (r < 0)
		return r;
	portal->policies_fd = open(portal->conf->policies, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (portal->policies_fd < 0) {
		r = -errno;
		(void)snprintf(error->text, sizeof(error->text), "%s: %s", portal->conf->policies,
			strerror(errno));
		return r;
	}
	r = read_policies(portal, &portal->policy, error);
	if (r == 0 && has_tls(portal)) {
		(void)tls_watch_changed(
			&portal->watch, portal->conf->portal.certificate, portal->conf->portal.key);
		r = read_pair(portal, &portal->pair, error);
	}
	return r;
}

/* ---- while root ---------------------------------------------------------------------------------
 */

static int open_state(struct portal *portal)
{
	AUTO_FD dir = state_dir_open(portal->conf->state_dir, portal->uid, portal->gid);

	if (dir < 0)
		return complain(portal->conf->state_dir, dir);
	int r = state_dir_read_key(dir, portal->uid, portal->gid, &portal->key);
	return r < 0 ? complain("portal.key", r) : 0;
}

/* So that the socket can be reached by who may not search the directories above it. Not there yet
 * is no error: the controller makes it, and the path is tried too. */
static void open_control_dir(struct portal *portal)
{
	AUTO_STR path = strdup(portal->conf->control_socket);
	char *slash = path != NULL ? strrchr(path, '/') : NULL;

	if (slash == NULL || slash == path)
		return;
	*slash = '\0';
	portal->control_dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int open_port(uint16_t port, size_t count, int fds[])
{
	char what[32];
	int r = listen_open(port, count, fds);

	(void)snprintf(what, sizeof(what), "port %u", port);
	return r < 0 ? complain(what, r) : 0;
}

static int open_ports(struct portal *portal)
{
	const struct gateway_conf *conf = portal->conf;
	int r = open_port(conf->portal.http_port, portal->worker_count, portal->http_fds);

	if (r == 0 && has_tls(portal))
		r = open_port(conf->portal.https_port, portal->worker_count, portal->https_fds);
	return r;
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = DESCRIPTORS;
	if (limit.rlim_max < DESCRIPTORS && geteuid() == 0)
		limit.rlim_max = DESCRIPTORS;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* with less, fewer are served at once */
}

static int leave_root(struct portal *portal)
{
	int r = privileges_resolve_user(portal->conf->user, &portal->uid, &portal->gid);

	if (r < 0)
		return complain(
			portal->conf->user[0] != '\0' ? portal->conf->user : "zona, nobody", r);
	r = open_state(portal);
	if (r == 0)
		r = open_ports(portal);
	if (r < 0)
		return r;
	open_control_dir(portal);
	raise_descriptor_limit();
	r = privileges_drop(portal->uid, portal->gid);
	return r < 0 ? complain("leaving root", r) : 0;
}

/* ---- serving ------------------------------------------------------------------------------------
 */

static size_t count_workers(void)
{
	cpu_set_t cpus;
	int count = 1;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		count = CPU_COUNT(&cpus);
	return count < 1 ? 1 : count > WORKERS_MAX ? WORKERS_MAX : (size_t)count;
}

static int make_worker(struct portal *portal, size_t i)
{
	const struct worker_config config = {
		.http_fd = portal->http_fds[i],
		.https_fd = portal->https_fds[i],
		.control_dir_fd = portal->control_dir_fd,
		.control_socket = portal->conf->control_socket,
		.pages = portal->pages,
		.key = &portal->key,
		.limiter = portal->limiter,
		.accept_limiter = portal->accept_limiter,
		.gate = &portal->gate,
	};
	struct tls_pair *pair = NULL;
	struct site *site = NULL;
	int r = site_new(portal->conf, portal->policy, &site);

	if (r == 0 && portal->pair != NULL) {
		pair = tls_pair_copy(portal->pair);
		r = pair == NULL ? -ENOMEM : 0;
	}
	if (r < 0) {
		site_free(site);
		return r;
	}
	return worker_new(&config, site, pair, &portal->workers[i]);
}

static int make_shared(struct portal *portal)
{
	struct template_error error = {0};
	int r = pages_new(&portal->pages, &error);

	if (r < 0) {
		log_error("%s", r == -EINVAL ? error.text : strerror(-r));
		return r;
	}
	portal->limiter = limiter_new(REQUESTS_PER_S, REQUESTS_BURST);
	portal->accept_limiter = limiter_new(ACCEPTS_PER_S, ACCEPTS_BURST);
	portal->base = event_base_new();
	if (portal->limiter == NULL || portal->accept_limiter == NULL || portal->base == NULL)
		return complain("starting", -ENOMEM);
	return 0;
}

/* The threads are started before the filter, which lets no thread be made, and wait for it: nobody
 * is answered outside of the sandbox. */
static int start_workers(struct portal *portal)
{
	int r = 0;

	for (size_t i = 0; i < portal->worker_count && r == 0; i++)
		r = make_worker(portal, i);
	(void)pthread_mutex_lock(&portal->gate);
	for (size_t i = 0; i < portal->worker_count && r == 0; i++)
		r = worker_start(portal->workers[i]);
	if (r < 0)
		(void)complain("starting a worker", r);
	else if ((r = sandbox_enter()) < 0)
		(void)complain("seccomp filter", r);
	(void)pthread_mutex_unlock(&portal->gate);
	return r;
}

static void on_stop(evutil_socket_t signal_number, short what, void *arg)
{
	struct portal *portal = arg;

	(void)signal_number;
	(void)what;
	(void)event_base_loopbreak(portal->base);
}

static int renew_sites(struct portal *portal)
{
	struct site *sites[WORKERS_MAX] = {0};
	int r = 0;

	for (size_t i = 0; i < portal->worker_count && r == 0; i++)
		r = site_new(portal->conf, portal->policy, &sites[i]);
	for (size_t i = 0; i < portal->worker_count; i++)
		if (r == 0)
			worker_set_site(portal->workers[i], sites[i]);
		else
			site_free(sites[i]);
	return r;
}

static void on_reload(evutil_socket_t signal_number, short what, void *arg)
{
	struct portal *portal = arg;
	AUTO(policy_free) struct policy *policy = NULL;
	struct policy *before = portal->policy;
	struct conf_error error = {0};
	int r = read_policies(portal, &policy, &error);

	(void)signal_number;
	(void)what;
	if (r < 0) {
		log_error("the policies stay as they were: %s", error.text);
		return;
	}
	portal->policy = policy;
	r = renew_sites(portal);
	if (r < 0) {
		portal->policy = before;
		(void)complain("the policies stay as they were", r);
		return;
	}
	policy = before; /* to be freed */
	log_info("policies read again");
}

static void on_certificate_check(evutil_socket_t fd, short what, void *arg)
{
	struct portal *portal = arg;
	AUTO(tls_pair_free) struct tls_pair *pair = NULL;
	struct conf_error error = {0};

	(void)fd;
	(void)what;
	if (!tls_watch_changed(
		    &portal->watch, portal->conf->portal.certificate, portal->conf->portal.key))
		return;
	if (read_pair(portal, &pair, &error) < 0) {
		log_error("the old certificate stays in use: %s", error.text);
		return;
	}
	for (size_t i = 0; i < portal->worker_count; i++) {
		struct tls_pair *copy = tls_pair_copy(pair);

		if (copy != NULL)
			worker_set_pair(portal->workers[i], copy);
	}
	log_info("certificate read again");
}

static int add_events(struct portal *portal)
{
	const struct timeval interval = {.tv_sec = CERTIFICATE_CHECK_S};
	struct event **events = portal->events;

	events[0] = evsignal_new(portal->base, SIGTERM, on_stop, portal);
	events[1] = evsignal_new(portal->base, SIGINT, on_stop, portal);
	events[2] = evsignal_new(portal->base, SIGHUP, on_reload, portal);
	events[3] = event_new(portal->base, -1, EV_PERSIST, on_certificate_check, portal);
	for (size_t i = 0; i < ARRAY_SIZE(portal->events); i++)
		if (events[i] == NULL)
			return -ENOMEM;
	for (size_t i = 0; i < 3; i++)
		if (event_add(events[i], NULL) < 0)
			return -ENOMEM;
	return has_tls(portal) && event_add(events[3], &interval) < 0 ? -ENOMEM : 0;
}

static int serve(struct portal *portal, const char *path)
{
	struct conf_error error = {0};
	int r = read_config(portal, path, &error);

	if (r < 0) {
		log_error("%s", error.text);
		return r;
	}
	portal->worker_count = count_workers();
	r = leave_root(portal);
	if (r == 0)
		r = make_shared(portal);
	if (r == 0)
		r = add_events(portal);
	if (r == 0)
		r = start_workers(portal);
	if (r < 0)
		return r;
	log_info("%s: http://%s/ on port %u%s", portal->conf->zone, portal->conf->portal.host,
		portal->conf->portal.http_port, has_tls(portal) ? ", and HTTPS" : "");
	(void)event_base_dispatch(portal->base);
	log_info("stopping");
	return 0;
}

static void close_portal(struct portal *portal)
{
	for (size_t i = 0; i < WORKERS_MAX; i++)
		worker_free(portal->workers[i]);
	listen_close(WORKERS_MAX, portal->http_fds);
	listen_close(WORKERS_MAX, portal->https_fds);
	for (size_t i = 0; i < ARRAY_SIZE(portal->events); i++)
		if (portal->events[i] != NULL)
			event_free(portal->events[i]);
	if (portal->base != NULL)
		event_base_free(portal->base);
	limiter_free(portal->limiter);
	limiter_free(portal->accept_limiter);
	pages_free(portal->pages);
	tls_pair_free(portal->pair);
	policy_free(portal->policy);
	gateway_conf_free(portal->conf);
	(void)pthread_mutex_destroy(&portal->gate);
	sodium_memzero(&portal->key, sizeof(portal->key));
	if (portal->policies_fd >= 0)
		(void)close(portal->policies_fd);
	if (portal->control_dir_fd >= 0)
		(void)close(portal->control_dir_fd);
}

static void open_portal(struct portal *portal)
{
	*portal = (struct portal){.policies_fd = -1, .control_dir_fd = -1};
	(void)pthread_mutex_init(&portal->gate, NULL);
	for (size_t i = 0; i < WORKERS_MAX; i++)
		portal->http_fds[i] = portal->https_fds[i] = -1;
}

int portal_run(const char *config)
{
	struct portal portal;
	int r;

	open_portal(&portal);
	(void)signal(SIGPIPE, SIG_IGN);
	r = sodium_init() < 0 ? complain("libsodium", -ENOSYS) : serve(&portal, config);
	close_portal(&portal);
	return r;
}

int portal_check(const char *config)
{
	struct conf_error error = {0};
	struct portal portal;

	open_portal(&portal);
	int r = read_config(&portal, config, &error);
	if (r < 0)
		(void)fprintf(stderr, "%s\n", error.text);
	close_portal(&portal);
	return r;
}
