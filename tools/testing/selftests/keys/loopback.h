/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SELFTESTS_KEYS_LOOPBACK_H
#define SELFTESTS_KEYS_LOOPBACK_H

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "keys.h"

/* Brings up the loopback device, which is down in a new network namespace. */
static inline int loopback_up(void)
{
	struct ifreq device = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	err = result(ioctl(fd, SIOCGIFFLAGS, &device));
	device.ifr_flags |= IFF_UP;
	if (!err)
		err = result(ioctl(fd, SIOCSIFFLAGS, &device));
	close(fd);
	return err;
}

#endif /* SELFTESTS_KEYS_LOOPBACK_H */
