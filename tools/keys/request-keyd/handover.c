// SPDX-License-Identifier: GPL-2.0-only
#include "handover.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify.h"

/* The first descriptor that a service manager passes on. */
#define FIRST_PASSED	3
/* Prefix of the names under which the service manager keeps the descriptors. */
#define NAME_PREFIX	"request-keyd-"

/* Names are separated by colons, in the order of the descriptors. */
static int handover_find_name(const char *names, int count, const char *name)
{
	for (int i = 0; names && i < count; i++) {
		size_t len = strcspn(names, ":");

		if (len == strlen(NAME_PREFIX) + strlen(name) &&
		    !strncmp(names, NAME_PREFIX, strlen(NAME_PREFIX)) &&
		    !strncmp(names + strlen(NAME_PREFIX), name, strlen(name)))
			return FIRST_PASSED + i;
		names = names[len] ? names + len + 1 : NULL;
	}
	return -1;
}

int handover_take(const char *name)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int fd;

	if (!pid || !count || atoi(pid) != getpid())
		return -1;
	fd = handover_find_name(getenv("LISTEN_FDNAMES"), atoi(count), name);
	if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return -1;
	return fd;
}

void handover_leave(const char *name, int service)
{
	char state[64];

	snprintf(state, sizeof(state), "FDSTORE=1\nFDNAME=" NAME_PREFIX "%s",
		 name);
	notify_with(state, service);
}
