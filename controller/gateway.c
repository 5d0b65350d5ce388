/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/gateway.h"

#include "common/log.h"
#include "controller/accounting/journal.h"
#include "controller/accounting/keyfile.h"
#include "controller/control/server.h"
#include "controller/control/verbs.h"
#include "controller/kernel/helper.h"
#include "controller/kernel/linux.h"
#include "controller/notify.h"
#include "controller/process.h"
#include "controller/session/engine.h"
#include "controller/uplink.h"
#include "policies/gateway_conf.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

/* Ended sessions stay in the journal for this long, then they are purged (Ley 1581 of 2012: no
 * longer than the purpose needs). */
#define KEEP_SESSIONS_MS (30LL * 24 * 3600 * 1000)
#define PURGE_EVERY_MS (6LL * 3600 * 1000)
/* After a failed commit (a full disk) everything is put again this often. */
#define STORE_RETRY_MS 10000
/* A clean stop waits this long for the kernel to be cleared. */
#define CLEAR_TIMEOUT_S 5

struct gateway {
	struct gateway_conf *conf;
	struct event_base *base;
	struct kernel *kernel;
	struct journal *journal;
	struct engine *engine;
	struct control_server *control;
	struct verbs_context verbs;
	struct notice *notice;
	struct event *timer, *signals[3];
	char journal_path[512], portal_key_path[512];
	char portal_url[300]; /* a host name has at most 253 characters */
	time_t policy_loaded;
	int64_t started_ms, purge_at_ms, store_retry_ms;
	bool journal_failed;
	bool adopted; /* what the engine knows may be written */
	bool stop;
	int status;
};

/* ---- clocks ---------------------------------------------------------------------------------- */

static void read_clocks(struct now *ret_now)
{
	static bool synced;
	static int64_t asked_ms;
	struct timespec mono, wall;

	(void)clock_gettime(CLOCK_BOOTTIME, &mono);
	(void)clock_gettime(CLOCK_REALTIME, &wall);
	ret_now->mono_ms = mono.tv_sec * 1000LL + mono.tv_nsec / 1000000;
	ret_now->wall_ms = wall.tv_sec * 1000LL + wall.tv_nsec / 1000000;
	if (asked_ms == 0 || ret_now->mono_ms - asked_ms > 10000) {
		struct timex tx = {.modes = 0};

		synced = adjtimex(&tx) >= 0 && (tx.status & STA_UNSYNC) == 0;
		asked_ms = ret_now->mono_ms;
	}
	ret_now->synced = synced;
}

/* ---- policies -------------------------------------------------------------------------------- */

static int load_policy(struct gateway *g, struct policy **ret_policy, struct conf_error *error)
{
	AUTO(policy_free) struct policy *policy = NULL;
	int r = policy_load(FD_POLICIES, g->conf->policies, &policy, error);

	if (r < 0)
		return r;
	r = gateway_policy_check(g->conf, policy, error);
	if (r < 0)
		return r;
	g->policy_loaded = time(NULL);
	*ret_policy = TAKE(policy);
	return 0;
}

static int reload(void *arg, unsigned *ret_changed, struct conf_error *error)
{
	struct gateway *g = arg;
	struct policy *policy = NULL;
	int r = load_policy(g, &policy, error);

	if (r < 0) {
		log_warning("policies not reloaded: %s", error->text);
		return r;
	}
	r = engine_set_policy(g->engine, policy, g->conf->zone, ret_changed);
	if (r < 0)
		policy_free(policy);
	else
		log_info("policies reloaded: %u sessions changed", *ret_changed);
	return r;
}

/* ---- status ---------------------------------------------------------------------------------- */

static void add_status(void *arg, json_t *status)
{
	struct gateway *g = arg;
	char loaded[40];
	struct now now;
	struct tm tm;

	read_clocks(&now);
	(void)gmtime_r(&g->policy_loaded, &tm);
	(void)strftime(loaded, sizeof(loaded), "%Y-%m-%dT%H:%M:%SZ", &tm);
	(void)json_object_set_new(status, "gateway", json_string(g->conf->gateway));
	(void)json_object_set_new(status, "version", json_string(ZONA_VERSION));
	(void)json_object_set_new(
		status, "uptime_s", json_integer((now.mono_ms - g->started_ms) / 1000));
	(void)json_object_set_new(status, "uplink",
		json_pack("{s:s, s:I, s:I, s:b}", "interface", g->conf->uplink.interface,
			"down_bps", (json_int_t)g->conf->uplink.down_bps, "up_bps",
			(json_int_t)g->conf->uplink.up_bps, "up",
			uplink_is_up(g->conf->uplink.interface)));
	(void)json_object_set_new(
		status, "lan", json_pack("{s:s}", "interface", g->conf->lan.interface));
	(void)json_object_set_new(
		status, "kernel", json_pack("{s:s}", "leaf", g->kernel->leaf_qdisc));
	(void)json_object_set_new(status, "journal",
		json_pack("{s:s, s:I, s:b}", "path", g->journal_path, "bytes",
			(json_int_t)journal_size(g->journal), "failed", g->journal_failed));
	(void)json_object_set_new(status, "policy", json_pack("{s:s}", "loaded", loaded));
}

static bool is_uplink_up(void *arg)
{
	const struct gateway *g = arg;

	return uplink_is_up(g->conf->uplink.interface);
}

/* ---- the round ------------------------------------------------------------------------------- */

static void set_timer(struct gateway *g, int ms)
{
	const struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	(void)event_add(g->timer, &tv);
}

static void commit(struct gateway *g)
{
	struct now now;
	int r = journal_commit(g->journal);

	if (r == 0 && !g->journal_failed)
		return;
	read_clocks(&now);
	if (r < 0) {
		if (!g->journal_failed)
			log_error("journal: %s; sessions go on, and are written again when it can",
				strerror(-r));
		g->journal_failed = true;
		g->store_retry_ms = now.mono_ms + STORE_RETRY_MS;
	} else if (now.mono_ms >= g->store_retry_ms) {
		engine_store_all(g->engine);
		if (journal_commit(g->journal) == 0) {
			g->journal_failed = false;
			log_info("journal: writes again");
		}
		g->store_retry_ms = now.mono_ms + STORE_RETRY_MS;
	}
}

static void purge(struct gateway *g)
{
	struct now now;
	int r;

	read_clocks(&now);
	if (now.mono_ms < g->purge_at_ms || !now.synced)
		return;
	g->purge_at_ms = now.mono_ms + PURGE_EVERY_MS;
	r = journal_purge(g->journal, now.wall_ms - KEEP_SESSIONS_MS, local_day(&now));
	if (r < 0)
		log_warning("journal: not purged: %s", strerror(-r));
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct gateway *g = arg;

	(void)fd;
	(void)what;
	purge(g); /* the engine runs after each round anyway */
}

/* One round: events, then what is due, then the journal, then the answers that tell of it. */
static void run(struct gateway *g)
{
	while (!g->stop) {
		set_timer(g, engine_run(g->engine));
		commit(g);
		control_flush(g->control);
		if (event_base_loop(g->base, EVLOOP_ONCE) < 0)
			break;
	}
}

/* ---- start and stop -------------------------------------------------------------------------- */

static void on_helper_lost(void *arg)
{
	struct gateway *g = arg;

	log_error("the helper is gone");
	g->stop = true;
	g->status = 1;
}

static void on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct gateway *g = arg;

	(void)what;
	if (signo == SIGHUP) {
		struct conf_error error = {0};
		unsigned changed;

		(void)reload(g, &changed, &error);
		return;
	}
	g->stop = true;
}

static int load_session(void *arg, const struct stored_session *stored)
{
	return engine_load_session(arg, stored);
}

static int load_device(void *arg, const struct stored_device *stored)
{
	return engine_load_device(arg, stored);
}

static int load_pass(void *arg, const struct stored_pass *stored)
{
	return engine_load_pass(arg, stored);
}

static int load_voucher(void *arg, const struct voucher *stored)
{
	return engine_load_voucher(arg, stored);
}

/* Without the key that they were hashed with nobody can enter the vouchers that are out; all else
 * goes on. */
static void load_voucher_key(struct gateway *g)
{
	unsigned char key[VOUCHER_KEY_SIZE];
	char path[sizeof(g->journal_path)];
	int r;

	(void)snprintf(path, sizeof(path), "%s/voucher.key", g->conf->state_dir);
	r = sodium_init() < 0 ? -EIO : keyfile_read(path, key, sizeof(key));
	if (r < 0) {
		log_error("%s: %s; vouchers made until it is mended are lost with the next start",
			path, strerror(-r));
		randombytes_buf(key, sizeof(key));
	}
	engine_set_voucher_key(g->engine, key);
	sodium_memzero(key, sizeof(key));
}

static void load_rates(void *arg, const struct kernel_rates *rates)
{
	engine_load_rates(arg, rates);
}

static void on_neighbour(
	const struct ip_addr *ip, const struct mac_addr *mac, bool present, void *arg)
{
	engine_neighbour(arg, ip, mac, present);
}

static void on_adopted(int error, void *arg)
{
	struct gateway *g = arg;

	if (error != 0) {
		log_error("cannot read what the kernel holds: %s", strerror(-error));
		g->stop = true;
		g->status = 1;
		return;
	}
	g->status = 0;
	g->adopted = true;
}

static int open_journal(struct gateway *g)
{
	bool damaged = false;
	int r;

	(void)snprintf(
		g->journal_path, sizeof(g->journal_path), "%s/journal.db", g->conf->state_dir);
	r = journal_open(g->journal_path, &g->journal, &damaged);
	if (damaged)
		log_error("%s was damaged and is set aside; sessions in the kernel go on",
			g->journal_path);
	if (r < 0)
		log_error("%s: %s%s", g->journal_path, strerror(-r),
			r == -EACCES ? " (its directories must be searchable by the service user)"
				     : "");
	return r;
}

static int open_engine(struct gateway *g)
{
	const struct engine_params params = {
		.kernel = g->kernel,
		.store = journal_store(g->journal),
		.now = read_clocks,
		.uplink_down_bps = g->conf->uplink.down_bps,
		.uplink_up_bps = g->conf->uplink.up_bps,
		.sessions_max = g->conf->limits.devices,
	};
	struct conf_error error = {0};
	struct policy *policy = NULL;
	int r = load_policy(g, &policy, &error);

	if (r < 0) {
		log_error("%s", error.text);
		return r;
	}
	r = engine_new(&params, policy, g->conf->zone, &g->engine);
	if (r < 0) {
		policy_free(policy);
		return r;
	}
	load_voucher_key(g);
	return journal_load(g->journal, &(struct journal_sink){
						.session = load_session,
						.device = load_device,
						.rates = load_rates,
						.pass = load_pass,
						.voucher = load_voucher,
						.arg = g->engine,
					});
}

static gid_t operators_group(const struct gateway *g)
{
	const struct group *group = getgrnam(g->conf->operators);

	return group != NULL ? group->gr_gid : (gid_t)-1;
}

static int watch_signals(struct gateway *g)
{
	static const int signo[] = {SIGTERM, SIGINT, SIGHUP};

	for (size_t i = 0; i < ARRAY_SIZE(signo); i++) {
		g->signals[i] = evsignal_new(g->base, signo[i], on_signal, g);
		if (g->signals[i] == NULL || event_add(g->signals[i], NULL) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Until adoption is done the zone is served by the kernel alone. */
static int adopt(struct gateway *g)
{
	g->kernel->on_neighbour = on_neighbour;
	g->kernel->on_neighbour_arg = g->engine;
	g->status = -1;
	engine_start(g->engine, on_adopted, g);
	while (g->status < 0 && !g->stop) {
		commit(g);
		if (event_base_loop(g->base, EVLOOP_ONCE) < 0)
			return -EIO;
	}
	return g->status == 0 ? 0 : -EIO;
}

static int start(struct gateway *g)
{
	struct now now;
	int r;

	read_clocks(&now);
	g->started_ms = now.mono_ms;
	g->base = event_base_new();
	if (g->base == NULL)
		return -ENOMEM;
	r = watch_signals(g);
	if (r == 0)
		r = kernel_linux_new(g->base, FD_PEER, on_helper_lost, g, &g->kernel);
	if (r == 0)
		r = open_journal(g);
	if (r == 0)
		r = open_engine(g);
	if (r == 0)
		r = adopt(g);
	if (r < 0)
		return r;
	r = notice_new(g->conf->state_dir, &g->notice);
	if (r < 0)
		return r;
	(void)snprintf(g->portal_url, sizeof(g->portal_url), "%s://%s/",
		g->conf->portal.certificate[0] != '\0' ? "https" : "http", g->conf->portal.host);
	(void)snprintf(g->portal_key_path, sizeof(g->portal_key_path), "%s/portal.key",
		g->conf->state_dir);
	g->verbs = (struct verbs_context){
		.engine = g->engine,
		.reload = reload,
		.add_status = add_status,
		.uplink_is_up = is_uplink_up,
		.notice = g->notice,
		.portal_key_path = g->portal_key_path,
		.portal_url = g->portal_url,
		.arg = g,
	};
	r = control_server_new(
		g->base, FD_CONTROL, operators_group(g), verbs_handle, &g->verbs, &g->control);
	g->timer = event_new(g->base, -1, 0, on_timer, g);
	if (r == 0 && g->timer == NULL)
		r = -ENOMEM;
	return r;
}

static void on_cleared(int error, void *arg)
{
	struct gateway *g = arg;

	if (error != 0)
		log_error("the kernel was not cleared: %s", strerror(-error));
	(void)event_base_loopbreak(g->base);
}

static void stop(struct gateway *g)
{
	if (g->adopted) {
		engine_store_all(g->engine);
		commit(g);
	}
	if (g->kernel != NULL && g->status == 0 && g->conf->close_on_stop) {
		const struct timeval limit = {.tv_sec = CLEAR_TIMEOUT_S};

		kernel_clear(g->kernel, on_cleared, g);
		(void)event_base_loopexit(g->base, &limit);
		(void)event_base_dispatch(g->base);
	}
	control_server_free(g->control);
	notice_free(g->notice);
	kernel_free(g->kernel);
	engine_free(g->engine);
	journal_close(g->journal);
	if (g->timer != NULL)
		event_free(g->timer);
	for (size_t i = 0; i < ARRAY_SIZE(g->signals); i++)
		if (g->signals[i] != NULL)
			event_free(g->signals[i]);
	if (g->base != NULL)
		event_base_free(g->base);
	libevent_global_shutdown();
	gateway_conf_free(g->conf);
}

static int read_conf(const char *config_name, struct gateway_conf **ret_conf)
{
	struct conf_error error = {0};
	char path[32];
	int fd, r;

	/* Opened anew: the three processes would share the offset of the one descriptor. */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", FD_CONFIG);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		log_error("%s: %s", path, strerror(errno));
		return -errno;
	}
	r = gateway_conf_read(fd, config_name, ret_conf, &error);
	if (r < 0)
		log_error("%s", error.text);
	return r;
}

int gateway_run(const char *config_name)
{
	struct gateway g = {0};

	if (read_conf(config_name, &g.conf) < 0)
		return EXIT_HOPELESS;
	if (g.conf->timezone[0] != '\0')
		(void)setenv("TZ", g.conf->timezone, 1);
	if (start(&g) == 0) {
		log_info("zone %s is served on %s", g.conf->zone, g.conf->lan.interface);
		notify_ready(FD_READY);
		run(&g);
	} else {
		g.status = 1;
	}
	stop(&g);
	return g.status;
}

int gateway_helper(const char *config_name)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;

	if (read_conf(config_name, &conf) < 0)
		return EXIT_HOPELESS;
	return helper_run(&(struct helper_params){
		.lan = conf->lan.interface,
		.uplink = conf->uplink.interface,
		.down_bps = conf->uplink.down_bps,
		.up_bps = conf->uplink.up_bps,
		.engine_fd = FD_PEER,
	});
}
