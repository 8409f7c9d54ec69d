/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Keys of type "symmetric": the result of KEYCTL_PKEY_QUERY on one
 *
 * See Documentation/security/keys/symmetric.rst.
 */
#ifndef _UAPI_LINUX_SYMMETRIC_KEY_H
#define _UAPI_LINUX_SYMMETRIC_KEY_H

/**
 * DOC: finding out whether the kernel has such keys
 *
 * add_key("symmetric", "x", NULL, 0, KEY_SPEC_PROCESS_KEYRING) fails with
 * ``EINVAL`` if the kernel has them, since an empty line makes no key, and with
 * ``ENODEV`` if not.
 */

/**
 * DOC: spare words of struct keyctl_pkey_query
 *
 * With a key of this type three of the words in ``__spare`` say what it is.
 * With any other key they are zero.
 *
 * %SYMMETRIC_QUERY_ALG
 *	One of SYMMETRIC_ALG_*.
 *
 * %SYMMETRIC_QUERY_USES
 *	All of SYMMETRIC_USE_* that the key has.
 *
 * %SYMMETRIC_QUERY_ORIGIN
 *	One of SYMMETRIC_ORIGIN_*.
 */
#define SYMMETRIC_QUERY_ALG		0
#define SYMMETRIC_QUERY_USES		1
#define SYMMETRIC_QUERY_ORIGIN		2

/**
 * DOC: spare words for secrets of TLS 1.3
 *
 * %SYMMETRIC_QUERY_TLS13_SUITE
 *	The number of the chain's cipher suite in TLS: 0x1301 to 0x1303; 0 for
 *	all other keys.
 *
 * %SYMMETRIC_QUERY_TLS13_ROLE
 *	1 for a client's key, 2 for a server's, 0 for all other keys.
 */
#define SYMMETRIC_QUERY_TLS13_SUITE	8
#define SYMMETRIC_QUERY_TLS13_ROLE	9

/* Algorithms */
#define SYMMETRIC_ALG_HMAC_SHA256	1
#define SYMMETRIC_ALG_HMAC_SHA384	2
#define SYMMETRIC_ALG_HMAC_SHA512	3
#define SYMMETRIC_ALG_XCHACHA20_POLY1305	4
#define SYMMETRIC_ALG_HKDF_SHA256	5
#define SYMMETRIC_ALG_HKDF_SHA512	6
#define SYMMETRIC_ALG_TLS13_PSK		32
#define SYMMETRIC_ALG_TLS13_EARLY	33
#define SYMMETRIC_ALG_TLS13_BINDER	34
#define SYMMETRIC_ALG_TLS13_SALT	35
#define SYMMETRIC_ALG_TLS13_HANDSHAKE	36
#define SYMMETRIC_ALG_TLS13_TRAFFIC	37
#define SYMMETRIC_ALG_TLS13_MASTER	38
#define SYMMETRIC_ALG_TLS13_EXP		39
#define SYMMETRIC_ALG_TLS13_RES		40
#define SYMMETRIC_ALG_TLS13_FINISHED	41
#define SYMMETRIC_ALG_TLS13_EXPORTER	42
/* Ciphers for disks */
#define SYMMETRIC_ALG_AES_XTS_PLAIN64		0x100
#define SYMMETRIC_ALG_SERPENT_XTS_PLAIN64	0x101
#define SYMMETRIC_ALG_TWOFISH_XTS_PLAIN64	0x102
#define SYMMETRIC_ALG_XCHACHA12_ADIANTUM_PLAIN64	0x103
#define SYMMETRIC_ALG_XCHACHA20_ADIANTUM_PLAIN64	0x104
/* Algorithms of AF_ALG */
#define SYMMETRIC_ALG_AF_ALG_CBC_AES		0x200
#define SYMMETRIC_ALG_AF_ALG_CTR_AES		0x201
#define SYMMETRIC_ALG_AF_ALG_CTS_CBC_AES	0x202
#define SYMMETRIC_ALG_AF_ALG_XTS_AES		0x203
#define SYMMETRIC_ALG_AF_ALG_ADIANTUM_XCHACHA12	0x204
#define SYMMETRIC_ALG_AF_ALG_ADIANTUM_XCHACHA20	0x205
#define SYMMETRIC_ALG_AF_ALG_GCM_AES		0x220
#define SYMMETRIC_ALG_AF_ALG_CCM_AES		0x221
#define SYMMETRIC_ALG_AF_ALG_CHACHA20_POLY1305	0x222
#define SYMMETRIC_ALG_AF_ALG_HMAC_SHA256	0x240
#define SYMMETRIC_ALG_AF_ALG_HMAC_SHA384	0x241
#define SYMMETRIC_ALG_AF_ALG_HMAC_SHA512	0x242
#define SYMMETRIC_ALG_AF_ALG_CMAC_AES		0x243

/* Uses */
#define SYMMETRIC_USE_MAC		0x00000001
#define SYMMETRIC_USE_VERIFY		0x00000002
#define SYMMETRIC_USE_SEAL		0x00000004
#define SYMMETRIC_USE_OPEN		0x00000008
#define SYMMETRIC_USE_DERIVE		0x00000010
#define SYMMETRIC_USE_WRAP		0x00000100
#define SYMMETRIC_USE_UNWRAP		0x00000200
#define SYMMETRIC_USE_DM_CRYPT		0x00010000
#define SYMMETRIC_USE_AF_ALG		0x00020000
#define SYMMETRIC_USE_TLS13		0x00100000	/* derive by labels of TLS */
#define SYMMETRIC_USE_EXPORT		0x00200000	/* export bytes by TLS */

/**
 * DOC: origins
 *
 * %SYMMETRIC_ORIGIN_INSIDE
 *	The kernel generated the key, or derived it from a key that it
 *	generated.
 *
 * %SYMMETRIC_ORIGIN_OUTSIDE
 *	Somebody outside the kernel may know the key's bytes.
 */
#define SYMMETRIC_ORIGIN_INSIDE		1
#define SYMMETRIC_ORIGIN_OUTSIDE	2

#endif /* _UAPI_LINUX_SYMMETRIC_KEY_H */
