/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's command line and its start: what is refused, with which words, and what is left
 * behind. Each run is a process of its own in a network of its own, so that no rule, setting or
 * socket of the machine is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "controller/program.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#define OUTPUT_MAX 65536
#define NO_NETWORK 77

struct place {
	char directory[64], config[128], state_dir[128], socket[128], user[32];
	char output[OUTPUT_MAX]; /* of the last run */
};

/* ---- files ----------------------------------------------------------------------------------- */

static void write_file(const struct place *p, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", p->directory, name);
	f = fopen(path, "we");
	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void make_directory(const struct place *p, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", p->directory, name);
	assert_return_code(mkdir(path, 0755), errno);
}

/* extra comes before the closing line of a configuration that is right. */
static void write_config(const struct place *p, const char *extra)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		"gateway = \"gw\"\nzone = \"park\"\npolicies = \"%s/policies\"\n"
		"state-dir = \"%s\"\ncontrol-socket = \"%s\"\nuser = \"%s\"\n"
		"lan { interface = \"zona-no-lan\" }\n"
		"uplink { interface = \"zona-no-up\" down = \"100mbit\" up = \"50mbit\" }\n"
		"portal { host = \"wifi.example\" }\n%s",
		p->directory, p->state_dir, p->socket, p->user, extra);
	write_file(p, "gateway.conf", text);
}

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	(void)snprintf(p->directory, sizeof(p->directory), "/tmp/zona-unit-XXXXXX");
	if (mkdtemp(p->directory) == NULL || chmod(p->directory, 0755) < 0)
		return -1;
	(void)snprintf(p->config, sizeof(p->config), "%s/gateway.conf", p->directory);
	(void)snprintf(p->state_dir, sizeof(p->state_dir), "%s/a/b/state", p->directory);
	(void)snprintf(p->socket, sizeof(p->socket), "%s/run/control.sock", p->directory);
	(void)snprintf(p->user, sizeof(p->user), "nobody");
	make_directory(p, "policies");
	make_directory(p, "policies/classes");
	make_directory(p, "policies/zones");
	write_file(p, "policies/classes/c.conf",
		"class \"c\" {\n bandwidth { down = \"8mbit\" up = \"2mbit\" }\n}\n");
	write_file(p, "policies/zones/z.conf", "zone \"park\" { class = \"c\" name = \"P\" }\n");
	write_config(p, "");
	*state = p;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *p = *state;

	(void)nftw(p->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static void read_all(int fd, char *text)
{
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, text + size, OUTPUT_MAX - 1 - size)) > 0)
		size += (size_t)n;
	text[size] = '\0';
}

static void run_in_child(int output, const char *option, const char *config)
{
	char *argv[] = {(char *)"zona-controller", (char *)"--config", (char *)config,
		(char *)option, NULL};

	if (unshare(CLONE_NEWNET) < 0)
		_exit(NO_NETWORK);
	(void)dup2(output, STDERR_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	(void)close(output);
	exit(program_main(option != NULL ? 4 : 3, argv));
}

/* Returns the exit status. */
static int run(struct place *p, const char *option)
{
	int output[2], status = 0;
	pid_t pid;

	assert_return_code(pipe2(output, O_CLOEXEC), errno);
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_in_child(output[1], option, p->config);
	(void)close(output[1]);
	read_all(output[0], p->output);
	(void)close(output[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_NETWORK)
		skip();
	return WEXITSTATUS(status);
}

static void assert_said(const struct place *p, const char *part)
{
	if (strstr(p->output, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, p->output);
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static void assert_refused(struct place *p, const char *part)
{
	assert_int_equal(run(p, NULL), 1);
	assert_said(p, part);
	assert_false(exists(p->socket)); /* nothing was begun */
}

/* ---- refused --------------------------------------------------------------------------------- */

static void test_no_configuration(void **state)
{
	struct place *p = *state;

	assert_int_equal(unlink(p->config), 0);
	assert_refused(p, "gateway.conf: No such file");
}

static void test_bad_configuration(void **state)
{
	struct place *p = *state;

	write_config(p, "gatewaay = \"x\"\n");
	assert_refused(p, "gateway.conf:10: ");
	assert_int_equal(run(p, "--check"), 1);
	assert_said(p, "gateway.conf:10: ");
}

static void test_huge_configuration(void **state)
{
	struct place *p = *state;

	assert_return_code(truncate(p->config, 2 << 20), errno);
	assert_refused(p, "gateway.conf: ");
}

static void test_no_policies(void **state)
{
	struct place *p = *state;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/policies", p->directory);
	(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	assert_refused(p, "policies: No such file");
}

static void test_bad_policy(void **state)
{
	struct place *p = *state;

	write_file(p, "policies/zones/z.conf", "zone \"park\" {\n class = \"d\" name = \"P\"\n}\n");
	assert_refused(p, "z.conf:2: ");
}

static void test_zone_is_unknown(void **state)
{
	struct place *p = *state;

	write_file(p, "policies/zones/z.conf", "zone \"other\" { class = \"c\" name = \"P\" }\n");
	assert_refused(p, "gateway.conf:2: ");
}

static void test_user_is_unknown(void **state)
{
	struct place *p = *state;

	(void)snprintf(p->user, sizeof(p->user), "%s", "zona-no-user");
	write_config(p, "");
	assert_refused(p, "zona-no-user");
}

/* Another one is at work: it is left alone. */
static void test_socket_is_in_use(void **state)
{
	struct place *p = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO_FD fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	AUTO_FD client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	make_directory(p, "run");
	memcpy(address.sun_path, p->socket, strlen(p->socket) + 1);
	assert_return_code(bind(fd, (struct sockaddr *)&address, sizeof(address)), errno);
	assert_return_code(listen(fd, 8), errno);
	assert_int_equal(run(p, NULL), 1);
	assert_said(p, "Address already in use");
	assert_return_code(connect(client, (struct sockaddr *)&address, sizeof(address)), errno);
}

static void test_state_directory_is_a_file(void **state)
{
	struct place *p = *state;

	write_file(p, "a", "x");
	assert_refused(p, "/a/b/state: ");
}

/* ---- begun ----------------------------------------------------------------------------------- */

static void test_check(void **state)
{
	struct place *p = *state;

	assert_int_equal(run(p, "--check"), 0);
	assert_false(exists(p->state_dir));
	assert_false(exists(p->socket));
}

static void test_usage(void **state)
{
	struct place *p = *state;

	assert_int_equal(run(p, "--nothing"), 2);
	assert_said(p, "usage: ");
}

/* Needs no interface: at boot the zone is closed before there is one. */
static void test_close(void **state)
{
	struct place *p = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(run(p, "--close"), 0);
	assert_string_equal(p->output, "");
	assert_false(exists(p->socket));
}

/* All of the start with the real processes: the helper finds no interface, says so, and starting
 * again is not tried. A socket that a crash left behind is no hindrance. */
static void test_no_interface(void **state)
{
	struct place *p = *state;
	struct stat st;

	if (geteuid() != 0)
		skip();
	make_directory(p, "run");
	write_file(p, "run/control.sock", "");
	assert_int_equal(run(p, NULL), 1);
	assert_said(p, "there is no interface zona-no-lan");
	assert_return_code(stat(p->state_dir, &st), errno);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_true(st.st_uid != 0);
	assert_return_code(stat(p->socket, &st), errno);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_no_configuration),
		TEST(test_bad_configuration),
		TEST(test_huge_configuration),
		TEST(test_no_policies),
		TEST(test_bad_policy),
		TEST(test_zone_is_unknown),
		TEST(test_user_is_unknown),
		TEST(test_socket_is_in_use),
		TEST(test_state_directory_is_a_file),
		TEST(test_check),
		TEST(test_usage),
		TEST(test_close),
		TEST(test_no_interface),
	};

	/* The supervisor executes this program again for engine and helper. */
	if (argc == 3 && strncmp(argv[1], "--role-", strlen("--role-")) == 0)
		return program_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
