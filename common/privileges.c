/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/privileges.h"

#include "common/cleanup.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>

/* Who we are when gateway.conf names nobody, in this order. */
static const char *const default_users[] = {"zona", "nobody"};

#define PASSWD_BUFFER                                                                              \
	16384 /* sysconf(_SC_GETPW_R_SIZE_MAX) is 1024; entries from LDAP are longer */

static int find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid)
{
	AUTO_STR buffer = malloc(PASSWD_BUFFER);
	struct passwd entry, *found = NULL;

	if (buffer == NULL)
		return -ENOMEM;
	int error = getpwnam_r(name, &entry, buffer, PASSWD_BUFFER, &found);
	if (found == NULL) /* "not found" has several spellings, see getpwnam(3) */
		return error == ENOMEM || error == EIO || error == EMFILE ? -error : -ENOENT;
	if (found->pw_uid == 0)
		return -EPERM;
	*ret_uid = found->pw_uid;
	*ret_gid = found->pw_gid;
	return 0;
}

int privileges_resolve_user(const char *user, uid_t *ret_uid, gid_t *ret_gid)
{
	int r = -ENOENT;

	if (user != NULL && user[0] != '\0')
		return find_user(user, ret_uid, ret_gid);
	for (size_t i = 0; i < ARRAY_SIZE(default_users) && r == -ENOENT; i++)
		r = find_user(default_users[i], ret_uid, ret_gid);
	return r;
}

static bool is_kept(int cap, const int *caps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (caps[i] == cap)
			return true;
	return false;
}

/* What no later execve() may bring back. Needs CAP_SETPCAP, so it comes first. */
static void drop_bounding_set(const int *caps, size_t n)
{
	for (int cap = 0; CAP_IS_SUPPORTED(cap); cap++)
		if (!is_kept(cap, caps, n))
			(void)cap_drop_bound(cap);
}

static int change_identity(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	/* Trust, but check: a uid of -1 would have meant "unchanged". */
	if (getuid() != uid || geteuid() != uid || getgid() != gid || setuid(0) == 0)
		return -EPERM;
	return 0;
}

static int set_capabilities(const int *caps, size_t n)
{
	cap_t wanted = cap_init(); /* nothing in any set */
	int r = 0;

	if (wanted == NULL)
		return -errno;
	for (size_t i = 0; i < n && r == 0; i++) {
		const cap_value_t value = caps[i];

		if (cap_set_flag(wanted, CAP_PERMITTED, 1, &value, CAP_SET) < 0 ||
			cap_set_flag(wanted, CAP_EFFECTIVE, 1, &value, CAP_SET) < 0 ||
			cap_set_flag(wanted, CAP_INHERITABLE, 1, &value, CAP_SET) < 0)
			r = -errno;
	}
	if (r == 0 && cap_set_proc(wanted) < 0)
		r = -errno;
	(void)cap_free(wanted);
	return r;
}

/* Ambient capabilities must be permitted and inheritable before they can be raised. */
static int set_ambient(const int *caps, size_t n)
{
	if (cap_reset_ambient() < 0)
		return -errno;
	for (size_t i = 0; i < n; i++)
		if (cap_set_ambient(caps[i], CAP_SET) < 0)
			return -errno;
	return 0;
}

static int close_doors(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
#ifndef ZONA_SANITIZE /* LeakSanitizer attaches to its own process */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
#else
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return -errno;
#endif
	return 0;
}

int privileges_drop_keeping(uid_t uid, gid_t gid, const int *caps, size_t n)
{
	int r = 0;

	drop_bounding_set(caps, n);
	/* Without this, leaving uid 0 empties the permitted set. */
	if (n > 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	if (geteuid() == 0)
		r = change_identity(uid, gid);
	if (r == 0)
		r = set_capabilities(caps, n);
	if (r == 0)
		r = set_ambient(caps, n);
	if (r == 0 && n > 0 && prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		r = -errno;
	return r < 0 ? r : close_doors();
}

int privileges_drop(uid_t uid, gid_t gid)
{
	return privileges_drop_keeping(uid, gid, NULL, 0);
}
