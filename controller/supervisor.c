/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/supervisor.h"

#include "common/directory.h"
#include "common/log.h"
#include "common/privileges.h"
#include "controller/kernel/base.h"
#include "controller/process.h"
#include "controller/sysctl.h"
#include "policies/gateway_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

/* Between two starts of a pair that dies young, doubling. */
#define BACKOFF_FIRST_MS 50
#define BACKOFF_MAX_MS 1000
#define LIVED_LONG_MS 10000
/* A clean stop of the engine takes longer than this only if it hangs. */
#define STOP_TIMEOUT_MS 10000
#define LISTEN_BACKLOG 64
#define CONFIG_MAX (1 << 20)

struct supervisor {
	const char *config_path;
	struct gateway_conf *conf;
	uid_t uid;
	gid_t gid;
	int fds[FD_COUNT]; /* to be given to the children, except FD_PEER */
	int exe;	   /* this program: it may lie where the service user cannot go */
	int ready;	   /* the reading end of FD_READY's pipe */
	pid_t engine, helper;
	bool was_ready;
	sigset_t signals;
};

static const int kept_caps[] = {CAP_NET_ADMIN, CAP_NET_RAW};

/* ---- what the children are given ------------------------------------------------------------- */

/* gateway.conf as it is now: after leaving root it might not be readable. */
static int copy_config(const char *path, int *ret_fd)
{
	AUTO_FD from = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_FD to = -1;
	char buffer[4096];
	size_t total = 0;
	ssize_t n;

	if (from < 0)
		return -errno;
	to = memfd_create("gateway.conf", MFD_CLOEXEC);
	if (to < 0)
		return -errno;
	while ((n = read(from, buffer, sizeof(buffer))) > 0) {
		total += (size_t)n;
		if (total > CONFIG_MAX)
			return -EFBIG;
		if (write(to, buffer, (size_t)n) != n)
			return -EIO;
	}
	if (n < 0)
		return -errno;
	*ret_fd = to;
	to = -1;
	return 0;
}

static int read_config(struct supervisor *s)
{
	struct conf_error error = {0};
	int fd, r = copy_config(s->config_path, &s->fds[FD_CONFIG]);

	if (r < 0) {
		log_error("%s: %s", s->config_path, strerror(-r));
		return r;
	}
	fd = dup(s->fds[FD_CONFIG]);
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = gateway_conf_read(fd, s->config_path, &s->conf, &error);
	if (r < 0)
		log_error("%s", error.text);
	return r;
}

/* The state directory belongs to the service user, and so does what a run as root left in it. */
static int make_state_dir(const struct supervisor *s)
{
	static const char *const files[] = {"journal.db", "journal.db-wal", "journal.db-shm"};
	const char *path = s->conf->state_dir;
	AUTO_FD dir = -1;
	int r = directory_make(path, 0750);

	if (r < 0)
		return r;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	if (geteuid() != 0)
		return 0;
	if (fchown(dir, s->uid, s->gid) < 0 || fchmod(dir, 0750) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (fchownat(dir, files[i], s->uid, s->gid, AT_SYMLINK_NOFOLLOW) < 0 &&
			errno != ENOENT)
			return -errno;
	return 0;
}

/* Is somebody answering at the socket? A file alone may be left from a crash. */
static bool socket_is_alive(const struct sockaddr_un *address)
{
	AUTO_FD fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
				  errno == EAGAIN);
}

static int bind_control(const struct supervisor *s, const struct sockaddr_un *address, int *ret_fd)
{
	const struct group *operators = getgrnam(s->conf->operators);
	AUTO_FD fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	/* Whoever may connect: the portal (our user) and the operators' group. */
	if (geteuid() == 0 && chown(address->sun_path, s->uid,
				      operators != NULL ? operators->gr_gid : s->gid) < 0)
		return -errno;
	if (chmod(address->sun_path, 0660) < 0 || listen(fd, LISTEN_BACKLOG) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int open_control(struct supervisor *s)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO_STR parent = strdup(s->conf->control_socket);
	char *slash = parent != NULL ? strrchr(parent, '/') : NULL;
	int r = 0;

	if (slash != NULL && slash != parent) {
		*slash = '\0';
		r = directory_make(parent, 0755);
	}
	if (r < 0)
		return r;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", s->conf->control_socket);
	if (socket_is_alive(&address))
		return -EADDRINUSE;
	if (unlink(address.sun_path) < 0 && errno != ENOENT)
		return -errno;
	return bind_control(s, &address, &s->fds[FD_CONTROL]);
}

static int open_rest(struct supervisor *s)
{
	int ready[2];

	s->fds[FD_POLICIES] = open(s->conf->policies, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fds[FD_POLICIES] < 0) {
		log_error("%s: %s", s->conf->policies, strerror(errno));
		return -errno;
	}
	s->exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (s->exe < 0 || pipe2(ready, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	s->ready = ready[0];
	s->fds[FD_READY] = ready[1];
	return 0;
}

/* Refuses at once what the engine would refuse again and again. */
static int check_policies(const struct supervisor *s)
{
	AUTO(policy_free) struct policy *policy = NULL;
	struct conf_error error = {0};
	int r = policy_load(s->fds[FD_POLICIES], s->conf->policies, &policy, &error);

	if (r == 0)
		r = gateway_policy_check(s->conf, policy, &error);
	if (r < 0)
		log_error("%s", error.text);
	return r;
}

/* ---- the base table -------------------------------------------------------------------------- */

static int apply_base(const struct gateway_conf *conf)
{
	const struct base_params params = {
		.lan = conf->lan.interface,
		.uplink = conf->uplink.interface,
		.http_port = conf->portal.http_port,
		.https_port = conf->portal.https_port,
		.tls = conf->portal.certificate[0] != '\0',
		.masquerade4 = conf->uplink.masquerade,
		.masquerade6 = conf->uplink.masquerade && conf->uplink.ipv6_masquerade,
		.connections_per_second = conf->limits.connections_per_second,
		.dns_per_second = conf->limits.dns_per_second,
	};
	AUTO_STR message = NULL;
	bool replaced = false;
	int r = base_apply(&params, &replaced, &message);

	if (r < 0)
		log_error("cannot put the base table in force: %s",
			message != NULL ? message : strerror(-r));
	else if (replaced)
		log_warning("the table inet zona had another shape and was replaced");
	return r;
}

/* In a process of its own, because libnftables needs much memory for a moment. */
static int apply_base_apart(const struct gateway_conf *conf)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(apply_base(conf) == 0 ? 0 : 1);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* ---- children -------------------------------------------------------------------------------- */

/* In the child: places the descriptors at their numbers and becomes the role. */
static void become(const struct supervisor *s, int peer, const char *role)
{
	char *const argv[] = {
		(char *)"zona-controller", (char *)role, (char *)s->config_path, NULL};
	int exe = fcntl(s->exe, F_DUPFD_CLOEXEC, FD_COUNT);
	int given[FD_COUNT];

	memcpy(given, s->fds, sizeof(given));
	given[FD_PEER] = peer;
	/* First out of the way of the numbers, then onto them (dup2 clears close-on-exec). */
	for (int n = FD_PEER; n < FD_COUNT; n++)
		given[n] = fcntl(given[n], F_DUPFD_CLOEXEC, FD_COUNT);
	for (int n = FD_PEER; n < FD_COUNT; n++)
		if (given[n] < 0 || dup2(given[n], n) < 0)
			_exit(1);
	(void)sigprocmask(SIG_UNBLOCK, &s->signals, NULL);
	(void)umask(0077); /* the journal holds MAC addresses */
	if (strcmp(role, ROLE_ENGINE_ARG) == 0 && privileges_drop(s->uid, s->gid) < 0)
		_exit(1);
	(void)fexecve(exe, argv, environ);
	_exit(1);
}

static pid_t start_child(const struct supervisor *s, int peer, const char *role)
{
	pid_t pid = fork();

	if (pid == 0)
		become(s, peer, role);
	return pid;
}

static int start_pair(struct supervisor *s)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	s->helper = start_child(s, pair[0], ROLE_HELPER_ARG);
	s->engine = start_child(s, pair[1], ROLE_ENGINE_ARG);
	(void)close(pair[0]);
	(void)close(pair[1]);
	return s->helper > 0 && s->engine > 0 ? 0 : -EAGAIN;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void note_ready(struct supervisor *s)
{
	char byte;

	while (read(s->ready, &byte, 1) == 1)
		s->was_ready = true;
}

static void log_end(const char *who, int status)
{
	if (WIFSIGNALED(status))
		log_error("the %s was killed by signal %d (%s)", who, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_error("the %s exited with status %d", who, WEXITSTATUS(status));
}

/* Takes the remains of dead children. Returns true when one of the pair died; ret_hopeless when it
 * said that starting again is no use. */
static bool reap(struct supervisor *s, bool *ret_hopeless)
{
	bool died = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != s->engine && pid != s->helper)
			continue;
		log_end(pid == s->engine ? "engine" : "helper", status);
		*(pid == s->engine ? &s->engine : &s->helper) = 0;
		if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_HOPELESS)
			*ret_hopeless = true;
		died = true;
	}
	return died;
}

/* Waits for one of our signals, at most ms (-1: for ever). Returns its number, 0 on time-out. */
static int wait_signal(const struct supervisor *s, int64_t ms)
{
	const struct timespec limit = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	int signo;

	do
		signo = sigtimedwait(&s->signals, NULL, ms < 0 ? NULL : &limit);
	while (signo < 0 && errno == EINTR);
	return signo < 0 ? 0 : signo;
}

static void kill_pair(struct supervisor *s)
{
	const pid_t pids[] = {s->engine, s->helper};

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		if (pids[i] <= 0)
			continue;
		(void)kill(pids[i], SIGKILL);
		(void)waitpid(pids[i], NULL, 0);
	}
	s->engine = s->helper = 0;
}

/* A clean stop: the engine writes its journal, the helper ends when the engine is gone. */
static void stop_pair(struct supervisor *s)
{
	int64_t limit = now_ms() + STOP_TIMEOUT_MS;
	bool unused;

	if (s->engine > 0)
		(void)kill(s->engine, SIGTERM);
	while (s->engine > 0 && now_ms() < limit) {
		(void)wait_signal(s, 100);
		(void)reap(s, &unused);
	}
	kill_pair(s);
}

enum verdict { RUN_AGAIN, RUN_STOPPED, RUN_FAILED };

/* Watches one pair until it dies or the service manager stops it. */
static enum verdict watch_pair(struct supervisor *s)
{
	for (;;) {
		int signo = wait_signal(s, -1);
		bool hopeless = false;

		if (signo == SIGTERM || signo == SIGINT) {
			stop_pair(s);
			return RUN_STOPPED;
		}
		if (signo == SIGHUP && s->engine > 0)
			(void)kill(s->engine, SIGHUP);
		if (signo != SIGCHLD || !reap(s, &hopeless))
			continue;
		kill_pair(s);
		note_ready(s);
		return hopeless || !s->was_ready ? RUN_FAILED : RUN_AGAIN;
	}
}

/* Returns false when the service manager stops us meanwhile. */
static bool pause_for(struct supervisor *s, int64_t ms)
{
	int64_t until = now_ms() + ms;

	for (int64_t left = ms; left > 0; left = until - now_ms()) {
		int signo = wait_signal(s, left);

		if (signo == SIGTERM || signo == SIGINT)
			return false;
	}
	return true;
}

static int supervise(struct supervisor *s)
{
	int64_t backoff = BACKOFF_FIRST_MS;

	for (;;) {
		int64_t started = now_ms();
		enum verdict verdict = RUN_AGAIN;

		if (start_pair(s) < 0)
			kill_pair(s);
		else
			verdict = watch_pair(s);
		if (verdict != RUN_AGAIN)
			return verdict == RUN_STOPPED ? 0 : 1;
		/* Whatever happened, never go on without the base table. */
		(void)apply_base_apart(s->conf);
		if (now_ms() - started > LIVED_LONG_MS)
			backoff = BACKOFF_FIRST_MS;
		log_warning(
			"starting engine and helper again in %lld ms; the kernel goes on as it is",
			(long long)backoff);
		if (!pause_for(s, backoff))
			return 0;
		backoff = backoff * 2 < BACKOFF_MAX_MS ? backoff * 2 : BACKOFF_MAX_MS;
	}
}

/* ---- start ----------------------------------------------------------------------------------- */

static void block_signals(struct supervisor *s)
{
	(void)sigemptyset(&s->signals);
	(void)sigaddset(&s->signals, SIGTERM);
	(void)sigaddset(&s->signals, SIGINT);
	(void)sigaddset(&s->signals, SIGHUP);
	(void)sigaddset(&s->signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &s->signals, NULL);
}

static int failed(const char *what, int error)
{
	log_error("%s: %s", what, strerror(-error));
	return error;
}

static int set_up(struct supervisor *s)
{
	int r = privileges_resolve_user(s->conf->user, &s->uid, &s->gid);

	if (r < 0)
		return failed(s->conf->user, r);
	r = open_rest(s);
	if (r == 0)
		r = check_policies(s);
	if (r < 0)
		return r;
	r = make_state_dir(s);
	if (r < 0)
		return failed(s->conf->state_dir, r);
	r = open_control(s);
	if (r < 0)
		return failed(s->conf->control_socket, r);
	r = apply_base_apart(s->conf);
	if (r < 0)
		return r;
	/* Only now, with the base table in force, may anything be forwarded. */
	r = sysctl_forwarding_on(s->conf->uplink.interface);
	if (r < 0)
		return failed("cannot turn forwarding on", r);
	r = privileges_drop_keeping(s->uid, s->gid, kept_caps, ARRAY_SIZE(kept_caps));
	if (r < 0)
		return failed("cannot leave root", r);
	return 0;
}

static void clean_up(struct supervisor *s)
{
	for (int n = FD_CONFIG; n < FD_COUNT; n++)
		if (s->fds[n] >= 0)
			(void)close(s->fds[n]);
	if (s->exe >= 0)
		(void)close(s->exe);
	if (s->ready >= 0)
		(void)close(s->ready);
	gateway_conf_free(s->conf);
}

int supervisor_run(const char *config_path)
{
	struct supervisor s = {.config_path = config_path, .exe = -1, .ready = -1};
	int status = 1;

	for (int n = 0; n < FD_COUNT; n++)
		s.fds[n] = -1;
	block_signals(&s);
	if (read_config(&s) == 0 && set_up(&s) == 0)
		status = supervise(&s);
	clean_up(&s);
	return status;
}

int supervisor_close(const char *config_path)
{
	struct supervisor s = {.config_path = config_path, .exe = -1, .ready = -1};
	int status = 1;

	for (int n = 0; n < FD_COUNT; n++)
		s.fds[n] = -1;
	if (read_config(&s) == 0 && apply_base(s.conf) == 0)
		status = 0;
	clean_up(&s);
	return status;
}
