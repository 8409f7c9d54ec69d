/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AF_ALG: keying a socket from the kernel's keyrings
 */

#ifndef _CRYPTO_AF_ALG_KEY_H
#define _CRYPTO_AF_ALG_KEY_H

#include <linux/if_alg.h>
#include <linux/kconfig.h>
#include <linux/socket.h>
#include <linux/sockptr.h>
#include <linux/types.h>

struct socket;

/**
 * af_alg_names_key - Does this socket option name a key by its serial?
 * @level: the level given to setsockopt(2)
 * @optname: the option given to setsockopt(2)
 *
 * Without CONFIG_KEYS the answer is always no, and the option takes the way
 * of every option AF_ALG does not know.
 *
 * Context: Any context.
 * Return: true if af_alg_set_key_by_serial() answers this option.
 */
static inline bool af_alg_names_key(int level, int optname)
{
	return IS_ENABLED(CONFIG_CRYPTO_USER_API_KEY_SERIAL) &&
	       level == SOL_ALG && optname == ALG_SET_KEY_BY_KEY_SERIAL;
}

int af_alg_set_key_by_serial(struct socket *sock, sockptr_t optval,
			     unsigned int optlen);

#endif /* _CRYPTO_AF_ALG_KEY_H */
