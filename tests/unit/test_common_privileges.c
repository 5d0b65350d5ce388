/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/cleanup.h"
#include "common/privileges.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SOME_UID 65501 /* no one's on a test machine */

enum { ALL_WELL = 0, DROP_FAILED = 10, STILL_ROOT, CAPABILITY_LEFT, CAPABILITY_LOST, CAN_GAIN };

static bool has_capability(int cap, cap_flag_t set)
{
	cap_t now = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	(void)cap_get_flag(now, cap, set, &value);
	(void)cap_free(now);
	return value == CAP_SET;
}

static int state_after_drop(const int *caps, size_t n)
{
	if (privileges_drop_keeping(SOME_UID, SOME_UID, caps, n) < 0)
		return DROP_FAILED;
	if (getuid() == 0 || geteuid() == 0 || getegid() == 0 || setuid(0) == 0)
		return STILL_ROOT;
	for (int cap = 0; CAP_IS_SUPPORTED(cap); cap++) {
		bool keep = n > 0 && cap == caps[0];

		if (has_capability(cap, CAP_EFFECTIVE) != keep ||
			has_capability(cap, CAP_PERMITTED) != keep ||
			has_capability(cap, CAP_INHERITABLE) != keep ||
			(cap_get_ambient(cap) == CAP_SET) != keep)
			return keep ? CAPABILITY_LOST : CAPABILITY_LEFT;
		if ((cap_get_bound(cap) == CAP_SET) != keep)
			return CAN_GAIN;
	}
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? ALL_WELL : CAN_GAIN;
}

static int in_child(const int *caps, size_t n)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(state_after_drop(caps, n));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void drop_leaves_nothing(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(NULL, 0), ALL_WELL);
}

static void drop_keeps_what_is_asked(void **state)
{
	static const int caps[] = {CAP_NET_ADMIN};

	(void)state;
	if (geteuid() != 0 || !has_capability(CAP_NET_ADMIN, CAP_PERMITTED))
		skip();
	assert_int_equal(in_child(caps, ARRAY_SIZE(caps)), ALL_WELL);
}

static void unknown_user_and_root_are_refused(void **state)
{
	uid_t uid = 77;
	gid_t gid = 78;

	(void)state;
	assert_int_equal(privileges_resolve_user("no-such-user-here", &uid, &gid), -ENOENT);
	assert_int_equal(privileges_resolve_user("root", &uid, &gid), -EPERM);
	assert_int_equal(uid, 77);
	assert_int_equal(gid, 78);
}

static void empty_user_is_zona_or_nobody(void **state)
{
	uid_t uid = 0, named = 0;
	gid_t gid = 0, named_gid = 0;

	(void)state;
	assert_int_equal(privileges_resolve_user("", &uid, &gid), 0);
	if (privileges_resolve_user("zona", &named, &named_gid) < 0)
		assert_int_equal(privileges_resolve_user("nobody", &named, &named_gid), 0);
	assert_int_equal(uid, named);
	assert_int_equal(gid, named_gid);
	assert_int_equal(privileges_resolve_user(NULL, &uid, &gid), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drop_leaves_nothing),
		cmocka_unit_test(drop_keeps_what_is_asked),
		cmocka_unit_test(unknown_user_and_root_are_refused),
		cmocka_unit_test(empty_user_is_zona_or_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
