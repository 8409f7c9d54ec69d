/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AF_ALG: keying a socket from the kernel's keyrings
 */

#ifndef _CRYPTO_AF_ALG_KEY_H
#define _CRYPTO_AF_ALG_KEY_H

#include <crypto/if_alg.h>
#include <linux/atomic.h>
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

/**
 * af_alg_key_is_used - tell whether an accepted socket works with the key
 * @ask: the socket that was bound, locked
 *
 * An accepted socket that closes takes itself from @nokey_refcnt first and then
 * from @refcnt, without the lock.  If they were read in that order, they could be
 * equal although another accepted socket works.
 *
 * Return: true if the key must stay
 */
static inline bool af_alg_key_is_used(const struct alg_sock *ask)
{
	/* Pairs with atomic_dec_and_test() in af_alg_release_parent() */
	int accepted = atomic_read_acquire(&ask->refcnt);

	return accepted != atomic_read(&ask->nokey_refcnt);
}

int af_alg_set_key_by_serial(struct socket *sock, sockptr_t optval,
			     unsigned int optlen);

#endif /* _CRYPTO_AF_ALG_KEY_H */
