/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/confine.h"

#include "common/cleanup.h"

#include <errno.h>
#include <seccomp.h>
#include <time.h>

static const int allowed[] = {
	/* messages */
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	/* memory */
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* qsort() of a long list asks how much memory there is */
	SCMP_SYS(sysinfo),
	/* the log (standard error), clocks, ends */
	SCMP_SYS(write),
	SCMP_SYS(close),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getpid),
	SCMP_SYS(futex),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* localtime() for log lines looks at /etc/localtime, stdio at what standard error is */
	SCMP_SYS(newfstatat),
	SCMP_SYS(fstat),
	SCMP_SYS(stat),
	SCMP_SYS(lseek),
	SCMP_SYS(getrandom),
#ifdef ZONA_SANITIZE
	/* the sanitizers' run-time */
	SCMP_SYS(mprotect),
	SCMP_SYS(sched_yield),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(openat),
	SCMP_SYS(read),
	SCMP_SYS(readlink),
	SCMP_SYS(ioctl),
	SCMP_SYS(clone),
	SCMP_SYS(prctl),
	SCMP_SYS(ptrace),
	SCMP_SYS(wait4),
	SCMP_SYS(getdents64),
#endif
};

int confine_helper(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = 0;

	if (filter == NULL)
		return -ENOMEM;
	tzset(); /* the log's clock opens /etc/localtime once */
	for (size_t i = 0; i < ARRAY_SIZE(allowed) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}
