/* SPDX-License-Identifier: GPL-2.0-only */
/* Filters of system calls, as those of containers. */
#ifndef SELFTESTS_KEYS_FILTER_H
#define SELFTESTS_KEYS_FILTER_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

/* The task and its children have the filter for good; 0 or a negative errno. */
static inline int filter_install(struct sock_filter *filter, unsigned short len)
{
	struct sock_fprog program = { len, filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return -errno;
	return 0;
}

#endif /* SELFTESTS_KEYS_FILTER_H */
