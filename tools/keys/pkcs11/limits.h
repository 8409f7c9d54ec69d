/* SPDX-License-Identifier: GPL-2.0-only */
/* How much of everything there may be. */
#ifndef KEYS_PKCS11_LIMITS_H
#define KEYS_PKCS11_LIMITS_H

#define SLOTS_MAX		32
/* CK_TOKEN_INFO has so much room for a serial number. */
#define SLOT_NAME_MAX		16
#define SESSIONS_MAX		65536
/* Of the configuration, and of each file with certificates */
#define FILE_SIZE_MAX		65536
#define FOLDER_FILES_MAX	256
#define CERTIFICATES_MAX	1024
/* A modulus of 8192 bits; the kernel takes half of that. */
#define RSA_BYTES_MAX		1024
#define RSA_BYTES_MIN		64
#define LABEL_MAX		1024
#define ID_MAX			64
#define DIGEST_MAX		64
/* What KEYCTL_PKEY_SIGN takes for a MAC, see contract/symmetric.rst */
#define MAC_DATA_MAX		32768
/* Type, owner, rights and a description of 4095 bytes */
#define DESCRIBED_MAX		4352

#endif /* KEYS_PKCS11_LIMITS_H */
