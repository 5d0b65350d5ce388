/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/sandbox.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/socket.h>

#ifdef ZONA_SANITIZE

int sandbox_enter(void)
{
	return 0;
}

#else

/* Names that an architecture does not have (x86's old ones on arm64) resolve to an error and are
 * passed over. */
static const char *const allowed[] = {
	/* the event loops and connections */
	"accept4",
	"bind",
	"close",
	"connect",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"eventfd2",
	"fcntl",
	"fcntl64",
	"getpeername",
	"getsockname",
	"getsockopt",
	"ioctl",
	"listen",
	"pipe2",
	"poll",
	"ppoll",
	"read",
	"readv",
	"recv",
	"recvfrom",
	"recvmsg",
	"send",
	"sendfile",
	"sendfile64",
	"sendmsg",
	"sendto",
	"setsockopt",
	"shutdown",
	"write",
	"writev",
	/* policies and certificate, read again */
	"_llseek",
	"dup",
	"fstat",
	"fstat64",
	"fstatat64",
	"getdents64",
	"lseek",
	"lstat",
	"newfstatat",
	"pread64",
	"readlink",
	"readlinkat",
	"stat",
	"statx",
	/* memory, threads, time, signals, the end */
	"brk",
	"clock_gettime",
	"clock_gettime64",
	"clock_nanosleep",
	"exit",
	"exit_group",
	"futex",
	"futex_time64",
	"getegid",
	"geteuid",
	"getgid",
	"getpid",
	"getrandom",
	"getrlimit",
	"gettid",
	"gettimeofday",
	"getuid",
	"madvise",
	"mmap",
	"mmap2",
	"mprotect",
	"mremap",
	"munmap",
	"nanosleep",
	"prlimit64",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sched_getaffinity",
	"sched_yield",
	"set_robust_list",
	"sigreturn",
	"socketpair",
	"sysinfo",
	"tgkill",
	"time",
	"timerfd_create",
	"timerfd_settime",
	"uname",
};

static int allow_reading(scmp_filter_ctx filter, const char *name, unsigned flags_argument)
{
	const struct scmp_arg_cmp read_only = SCMP_CMP(flags_argument, SCMP_CMP_MASKED_EQ,
		O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, O_RDONLY);
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &read_only);
}

static int add_rules(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp unix_only = SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0);
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(allowed) && r == 0; i++) {
		int number = seccomp_syscall_resolve_name(allowed[i]);

		if (number != __NR_SCMP_ERROR)
			r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 0, NULL);
	}
	if (r == 0)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, &unix_only);
	if (r == 0)
		r = allow_reading(filter, "openat", 2);
	if (r == 0)
		r = allow_reading(filter, "open", 1);
	return r;
}

int sandbox_enter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (filter == NULL)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r == 0) /* a tree of comparisons, where the kernel does not remember the answers */
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = add_rules(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

#endif
