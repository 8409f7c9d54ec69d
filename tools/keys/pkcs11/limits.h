/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits of sizes and numbers. */
#ifndef KEYS_PKCS11_LIMITS_H
#define KEYS_PKCS11_LIMITS_H

#define SLOTS_MAX		32
/* Room for a serial number in CK_TOKEN_INFO. */
#define SLOT_NAME_MAX		16
#define SESSIONS_MAX		65536
/* Size of the configuration, and of each file with certificates */
#define FILE_SIZE_MAX		65536
#define FOLDER_FILES_MAX	256
#define CERTIFICATES_MAX	1024
/* Bytes of a modulus of 8192 bits; the kernel takes half of that. */
#define RSA_BYTES_MAX		1024
#define RSA_BYTES_MIN		64
#define LABEL_MAX		1024
#define ID_MAX			64
#define DIGEST_MAX		64
/*
 * The most bytes that KEYCTL_PKEY_SIGN takes for a MAC, see
 * contract/symmetric.rst
 */
#define MAC_DATA_MAX		32768
/* Type, owner, rights and a description of 4095 bytes */
#define DESCRIBED_MAX		4352

#endif /* KEYS_PKCS11_LIMITS_H */
