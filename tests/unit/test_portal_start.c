/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens before the first request: options, state directory and key, listening sockets. */
#include "common/cleanup.h"
#include "portal/listen.h"
#include "portal/portal.h"
#include "portal/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/portal_fixture.h"

#include <netinet/in.h>
#include <sodium.h>
#include <sys/stat.h>

static void options_are_strict(void **state)
{
	static char *const good[] = {"zona-portal", "--config", "f", NULL};
	static char *const check[] = {"zona-portal", "--check", "--config", "f", NULL};
	static char *const bad[][6] = {
		{"zona-portal", NULL},
		{"zona-portal", "--config", NULL},
		{"zona-portal", "--check", NULL},
		{"zona-portal", "--config", "f", "x", NULL},
		{"zona-portal", "--config", "f", "--config", "g", NULL},
		{"zona-portal", "--config", "f", "--check", "--check", NULL},
		{"zona-portal", "-h", NULL},
	};
	struct portal_options options = {0};

	(void)state;
	assert_int_equal(portal_options_parse(3, (char **)good, &options), 0);
	assert_string_equal(options.config, "f");
	assert_false(options.check);
	assert_int_equal(portal_options_parse(4, (char **)check, &options), 0);
	assert_true(options.check);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int count = 0;

		while (bad[i][count] != NULL)
			count++;
		assert_int_equal(portal_options_parse(count, (char **)bad[i], &options), -EINVAL);
	}
}

static void the_key_is_made_once(void **state)
{
	const char *root = *state;
	struct token_key first = {0}, second = {0};
	char path[ROOT_SIZE + 32];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/state", root);
	AUTO_FD dir = state_dir_open(path, getuid(), getgid());
	assert_return_code(dir, -dir);
	assert_int_equal(state_dir_read_key(dir, getuid(), getgid(), &first), 0);
	assert_int_equal(state_dir_read_key(dir, getuid(), getgid(), &second), 0);
	assert_memory_equal(first.bytes, second.bytes, TOKEN_KEY_SIZE);
	assert_false(sodium_is_zero(first.bytes, TOKEN_KEY_SIZE));
	assert_int_equal(fstatat(dir, "portal.key", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, TOKEN_KEY_SIZE);
	/* Another gateway has another key. */
	assert_int_equal(unlinkat(dir, "portal.key", 0), 0);
	assert_int_equal(state_dir_read_key(dir, getuid(), getgid(), &second), 0);
	assert_memory_not_equal(first.bytes, second.bytes, TOKEN_KEY_SIZE);
	(void)unlinkat(dir, "portal.key", 0);
	(void)rmdir(path);
}

static void a_bad_key_is_not_used_and_not_replaced(void **state)
{
	const char *root = *state;
	struct token_key key = {0};
	AUTO_FD dir = state_dir_open(root, getuid(), getgid());
	int fd = openat(dir, "portal.key", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, "short", 5), 5);
	assert_int_equal(state_dir_read_key(dir, getuid(), getgid(), &key), -EINVAL);
	assert_int_equal(write(fd, "123456789012345678901234567", 27), 27);
	assert_int_equal(state_dir_read_key(dir, getuid(), getgid(), &key), 0);
	assert_int_equal(write(fd, "x", 1), 1); /* 33 bytes */
	assert_int_equal(state_dir_read_key(dir, getuid(), getgid(), &key), -EINVAL);
	assert_int_equal(ftruncate(fd, TOKEN_KEY_SIZE), 0);
	assert_int_equal(fchmod(fd, 0644), 0); /* everybody has read it */
	assert_int_equal(state_dir_read_key(dir, getuid(), getgid(), &key), -EINVAL);
	(void)close(fd);
	assert_int_equal(unlinkat(dir, "portal.key", 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", dir, "portal.key"), 0);
	assert_int_equal(state_dir_read_key(dir, getuid(), getgid(), &key), -ELOOP);
	assert_int_equal(unlinkat(dir, "portal.key", 0), 0);
}

static void sockets_share_a_port_only_with_each_other(void **state)
{
	struct sockaddr_in6 address;
	socklen_t size = sizeof(address);
	int fds[3], others[2], one;

	(void)state;
	assert_int_equal(listen_open(0, 1, &one), 0);
	assert_int_equal(getsockname(one, (struct sockaddr *)&address, &size), 0);
	listen_close(1, &one);
	assert_int_equal(one, -1);
	assert_int_equal(listen_open(ntohs(address.sin6_port), 3, fds), 0);
	assert_int_equal(listen_open(ntohs(address.sin6_port), 2, others), -EADDRINUSE);
	listen_close(3, fds);
	assert_int_equal(listen_open(ntohs(address.sin6_port), 2, others), 0);
	listen_close(2, others);
}

static int set_up(void **state)
{
	*state = calloc(1, ROOT_SIZE);
	make_root(*state);
	return 0;
}

static int tear_down(void **state)
{
	(void)rmdir(*state);
	free(*state);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_strict),
		TEST(the_key_is_made_once),
		TEST(a_bad_key_is_not_used_and_not_replaced),
		cmocka_unit_test(sockets_share_a_port_only_with_each_other),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
