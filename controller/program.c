/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/program.h"

#include "common/log.h"
#include "controller/dnsmasq.h"
#include "controller/gateway.h"
#include "controller/process.h"
#include "controller/supervisor.h"
#include "policies/gateway_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define EXIT_USAGE 2

/* Reads gateway.conf and the policies that it names. */
static int load_all(const char *path, struct gateway_conf **ret_conf, struct policy **ret_policy)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	AUTO(policy_free) struct policy *policy = NULL;
	struct conf_error error = {0};
	AUTO_FD dir = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0) {
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -errno;
	}
	r = gateway_conf_read(fd, path, &conf, &error);
	if (r == 0) {
		dir = open(conf->policies, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0) {
			(void)fprintf(stderr, "%s: %s\n", conf->policies, strerror(errno));
			return -errno;
		}
		r = policy_load(dir, conf->policies, &policy, &error);
	}
	if (r == 0)
		r = gateway_policy_check(conf, policy, &error);
	if (r < 0) {
		(void)fprintf(stderr, "%s\n", error.text);
		return r;
	}
	*ret_conf = TAKE(conf);
	*ret_policy = TAKE(policy);
	return 0;
}

static int check(const char *path)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	AUTO(policy_free) struct policy *policy = NULL;

	return load_all(path, &conf, &policy) < 0 ? 1 : 0;
}

static int print_dnsmasq(const char *path)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	AUTO(policy_free) struct policy *policy = NULL;

	if (load_all(path, &conf, &policy) < 0)
		return 1;
	return dnsmasq_print(conf, policy, stdout) < 0 ? 1 : 0;
}

static int print_sample(const char *path)
{
	(void)path;
	conf_print_sample(stdout);
	return 0;
}

static const struct {
	const char *option;
	bool needs_config;
	int (*run)(const char *config_path);
} actions[] = {
	{"--check", true, check},
	{"--close", true, supervisor_close},
	{"--dnsmasq", true, print_dnsmasq},
	{"--print-sample", false, print_sample},
};

static int usage(void)
{
	(void)fprintf(stderr,
		"usage: zona-controller --config FILE [--check | --close | --dnsmasq]\n"
		"       zona-controller --print-sample\n");
	return EXIT_USAGE;
}

/* A re-executed child: it must not outlive the supervisor, and nobody of its user may look into it.
 */
static int role_main(const char *role, const char *config_name)
{
	pid_t parent = getppid();

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || parent == 1)
		return 1;
#ifndef ZONA_SANITIZE
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
	(void)signal(SIGPIPE, SIG_IGN);
	if (strcmp(role, ROLE_ENGINE_ARG) == 0) {
		log_open("engine");
		return gateway_run(config_name);
	}
	log_open("helper");
	(void)prctl(PR_SET_NAME, "zona-helper");
	/* Not exit(): its handlers want system calls that the helper has given up. */
	_exit(gateway_helper(config_name));
}

int program_main(int argc, char **argv)
{
	const char *config = NULL;
	int (*run)(const char *) = supervisor_run;
	bool needs_config = true;

	if (argc == 3 &&
		(strcmp(argv[1], ROLE_ENGINE_ARG) == 0 || strcmp(argv[1], ROLE_HELPER_ARG) == 0))
		return role_main(argv[1], argv[2]);
	for (int i = 1; i < argc; i++) {
		size_t a = 0;

		if (strcmp(argv[i], "--config") == 0 && config == NULL && i + 1 < argc) {
			config = argv[++i];
			continue;
		}
		while (a < ARRAY_SIZE(actions) && strcmp(argv[i], actions[a].option) != 0)
			a++;
		if (a == ARRAY_SIZE(actions) || run != supervisor_run)
			return usage();
		run = actions[a].run;
		needs_config = actions[a].needs_config;
	}
	if (needs_config && config == NULL)
		return usage();
	log_open("zona-controller");
	return run(config);
}
