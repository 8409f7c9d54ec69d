/* SPDX-License-Identifier: GPL-2.0-only */
/* The passphrase of a keyslot: a MAC that the kernel computes. */
#ifndef CRYPTSETUP_TOKEN_MAC_H
#define CRYPTSETUP_TOKEN_MAC_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of an HMAC-SHA256, and so of the passphrase */
#define MAC_SIZE	32
#define SALT_SIZE	32

/**
 * mac_of_slot() - compute the passphrase of a keyslot
 * @description: of a key of type "symmetric" and algorithm hmac-sha256, which
 *	is searched for in the caller's keyrings; nobody is asked to make it
 * @uuid: of the volume, as its header has it
 * @salt: SALT_SIZE bytes of the token
 * @passphrase: gets MAC_SIZE bytes, which the caller has to wipe
 *
 * The MAC is that of "linux-keys LUKS2 token 1", @uuid, each with the zero byte at
 * its end, and @salt.
 *
 * Return: 0; -ENOKEY, -EKEYREVOKED, -EKEYEXPIRED, -EKEYREJECTED or -EACCES if
 * the key cannot be used; -EMEDIUMTYPE if the key has another algorithm or may
 * not make MACs; -EINVAL if @uuid has no sensible length.
 */
int mac_of_slot(const char *description, const char *uuid, const uint8_t *salt,
		uint8_t *passphrase);

#endif /* CRYPTSETUP_TOKEN_MAC_H */
