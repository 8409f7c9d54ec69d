/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few TPM 2.0 commands that make a parent for a trusted key and unseal the
 * key without the kernel's help.  "TPM 2.0 Library, Part 3: Commands" has the
 * layout of each.
 */
#ifndef SELFTESTS_KEYS_TPM2_H
#define SELFTESTS_KEYS_TPM2_H

#include <endian.h>
#include <fcntl.h>

#include "keys.h"

#define TPM2_DEVICE	"/dev/tpm0"
#define TPM2_BUFFER	4096

#define TPM2_ST_NO_SESSIONS	0x8001
#define TPM2_ST_SESSIONS	0x8002
#define TPM2_CC_CREATE_PRIMARY	0x131
#define TPM2_CC_CREATE		0x153
#define TPM2_CC_LOAD		0x157
#define TPM2_CC_UNSEAL		0x15e
#define TPM2_CC_FLUSH_CONTEXT	0x165
#define TPM2_CC_START_AUTH_SESSION	0x176
#define TPM2_CC_GET_CAPABILITY	0x17a
#define TPM2_CC_POLICY_PCR	0x17f
#define TPM2_CC_PCR_EXTEND	0x182
#define TPM2_CC_POLICY_GET_DIGEST	0x189
#define TPM2_RH_NULL		0x40000007
#define TPM2_RH_OWNER		0x40000001
#define TPM2_RS_PASSWORD	0x40000009
#define TPM2_CAP_TPM_PROPERTIES	6
#define TPM2_PT_FAMILY_INDICATOR	0x100

#define TPM2_ALG_KEYEDHASH	0x0008
#define TPM2_ALG_AES		0x0006
#define TPM2_ALG_SHA256		0x000b
#define TPM2_ALG_NULL		0x0010
#define TPM2_ALG_ECC		0x0023
#define TPM2_ALG_CFB		0x0043
#define TPM2_ECC_NIST_P256	0x0003

#define TPM2_SE_POLICY		0x01
#define TPM2_SE_TRIAL		0x03
#define TPM2_DIGEST		32
#define TPM2_NONCE		16
/* The PCR for trials */
#define TPM2_PCR_DEBUG		16

/* A storage key: fixed to TPM and parent, made there, restricted decryption. */
#define TPM2_STORAGE_KEY	0x00030472

/*
 * struct tpm2_message - a command being written, or a response being read
 * @len:	bytes that are valid
 * @at:		next byte to read
 * @bytes:	the message
 */
struct tpm2_message {
	size_t len;
	size_t at;
	uint8_t bytes[TPM2_BUFFER];
};

static inline void tpm2_put(struct tpm2_message *message, const void *in,
			    size_t len)
{
	memcpy(message->bytes + message->len, in, len);
	message->len += len;
}

static inline void tpm2_put16(struct tpm2_message *message, uint16_t value)
{
	value = htobe16(value);
	tpm2_put(message, &value, sizeof(value));
}

static inline void tpm2_put32(struct tpm2_message *message, uint32_t value)
{
	value = htobe32(value);
	tpm2_put(message, &value, sizeof(value));
}

static inline uint16_t tpm2_get16(struct tpm2_message *message)
{
	uint16_t value;

	memcpy(&value, message->bytes + message->at, sizeof(value));
	message->at += sizeof(value);
	return be16toh(value);
}

static inline uint32_t tpm2_get32(struct tpm2_message *message)
{
	uint32_t value;

	memcpy(&value, message->bytes + message->at, sizeof(value));
	message->at += sizeof(value);
	return be32toh(value);
}

static inline void tpm2_begin(struct tpm2_message *message, uint16_t tag,
			      uint32_t command)
{
	message->len = 0;
	message->at = 0;
	tpm2_put16(message, tag);
	tpm2_put32(message, 0);
	tpm2_put32(message, command);
}

/* The authorisation area: an empty password. */
static inline void tpm2_put_password(struct tpm2_message *message)
{
	const uint8_t attributes = 0;

	tpm2_put32(message, sizeof(uint32_t) + 2 * sizeof(uint16_t) +
			    sizeof(attributes));
	tpm2_put32(message, TPM2_RS_PASSWORD);
	tpm2_put16(message, 0);
	tpm2_put(message, &attributes, sizeof(attributes));
	tpm2_put16(message, 0);
}

/*
 * Sends the command and replaces it by the response, read up to behind the
 * response code.  Returns 0, a negative errno, or a TPM's response code.
 */
static inline long tpm2_run(int tpm, struct tpm2_message *message)
{
	uint32_t size = htobe32(message->len);
	ssize_t got;

	memcpy(message->bytes + sizeof(uint16_t), &size, sizeof(size));
	if (write(tpm, message->bytes, message->len) < 0)
		return -errno;
	got = read(tpm, message->bytes, sizeof(message->bytes));
	if (got < 0)
		return -errno;
	message->len = got;
	message->at = sizeof(uint16_t) + sizeof(uint32_t);
	return tpm2_get32(message);
}

/* True if the device is a TPM, and speaks version 2.0. */
static inline bool tpm2_is_2_0(int tpm)
{
	struct tpm2_message message;

	tpm2_begin(&message, TPM2_ST_NO_SESSIONS, TPM2_CC_GET_CAPABILITY);
	tpm2_put32(&message, TPM2_CAP_TPM_PROPERTIES);
	tpm2_put32(&message, TPM2_PT_FAMILY_INDICATOR);
	tpm2_put32(&message, 1);
	return tpm2_run(tpm, &message) == 0;
}

/* Template of an ECC storage root key. */
static inline void tpm2_put_template(struct tpm2_message *message)
{
	struct tpm2_message public = {};

	tpm2_put16(&public, TPM2_ALG_ECC);
	tpm2_put16(&public, TPM2_ALG_SHA256);
	tpm2_put32(&public, TPM2_STORAGE_KEY);
	tpm2_put16(&public, 0);
	tpm2_put16(&public, TPM2_ALG_AES);
	tpm2_put16(&public, 128);
	tpm2_put16(&public, TPM2_ALG_CFB);
	tpm2_put16(&public, TPM2_ALG_NULL);
	tpm2_put16(&public, TPM2_ECC_NIST_P256);
	tpm2_put16(&public, TPM2_ALG_NULL);
	tpm2_put16(&public, 0);
	tpm2_put16(&public, 0);

	tpm2_put16(message, public.len);
	tpm2_put(message, public.bytes, public.len);
}

/* Makes a storage key that lives until it is flushed. */
static inline long tpm2_create_primary(int tpm, uint32_t *handle)
{
	struct tpm2_message message;
	long err;

	tpm2_begin(&message, TPM2_ST_SESSIONS, TPM2_CC_CREATE_PRIMARY);
	tpm2_put32(&message, TPM2_RH_OWNER);
	tpm2_put_password(&message);
	/* The sensitive part has no authorisation and no data. */
	tpm2_put16(&message, 2 * sizeof(uint16_t));
	tpm2_put16(&message, 0);
	tpm2_put16(&message, 0);
	tpm2_put_template(&message);
	tpm2_put16(&message, 0);
	tpm2_put32(&message, 0);

	err = tpm2_run(tpm, &message);
	if (!err)
		*handle = tpm2_get32(&message);
	return err;
}

static inline long tpm2_flush(int tpm, uint32_t handle)
{
	struct tpm2_message message;

	tpm2_begin(&message, TPM2_ST_NO_SESSIONS, TPM2_CC_FLUSH_CONTEXT);
	tpm2_put32(&message, handle);
	return tpm2_run(tpm, &message);
}

/*
 * struct tpm2_sealed - the two parts of a sealed object, with their lengths
 * @public:	TPM2B_PUBLIC
 * @public_len:	its length
 * @private:	TPM2B_PRIVATE
 * @private_len: its length
 */
struct tpm2_sealed {
	const uint8_t *public;
	size_t public_len;
	const uint8_t *private;
	size_t private_len;
};

#define ASN1_INTEGER		0x02
#define ASN1_OCTET_STRING	0x04
#define ASN1_OBJECT_ID		0x06
#define ASN1_EMPTY_AUTH		0xa0
#define ASN1_SEQUENCE		0x30

/* Enters the element at *@at if it has @tag; returns its length or 0. */
static inline size_t asn1_enter(const uint8_t **at, const uint8_t *end,
				uint8_t tag)
{
	const uint8_t *in = *at;
	size_t len, bytes;

	if (end - in < 2 || in[0] != tag)
		return 0;
	len = in[1];
	in += 2;
	if (len & 0x80) {
		bytes = len & 0x7f;
		for (len = 0; bytes && in < end; bytes--)
			len = len << 8 | *in++;
	}
	if (len > (size_t)(end - in))
		return 0;
	*at = in;
	return len;
}

static inline void asn1_skip(const uint8_t **at, const uint8_t *end,
			     uint8_t tag)
{
	size_t len = asn1_enter(at, end, tag);

	*at += len;
}

/* Parses the ASN.1 of a trusted key's blob around a sealed object. */
static inline bool tpm2_parse_blob(const uint8_t *blob, size_t len,
				   struct tpm2_sealed *sealed)
{
	const uint8_t *at = blob, *end = blob + len;

	if (!asn1_enter(&at, end, ASN1_SEQUENCE))
		return false;
	asn1_skip(&at, end, ASN1_OBJECT_ID);
	asn1_skip(&at, end, ASN1_EMPTY_AUTH);
	asn1_skip(&at, end, ASN1_INTEGER);
	sealed->public_len = asn1_enter(&at, end, ASN1_OCTET_STRING);
	sealed->public = at;
	at += sealed->public_len;
	sealed->private_len = asn1_enter(&at, end, ASN1_OCTET_STRING);
	sealed->private = at;
	return sealed->public_len && sealed->private_len;
}

/* Attributes of a sealed object with an empty password. */
#define TPM2_SEALED_OBJECT	0x00000440

/*
 * Seals @secret under @parent, so that the test knows the sealed secret.  The
 * blob is private and public part, each with its length.  Returns its size, or
 * a negative number.  The function wipes its copies of the secret.
 */
static inline ssize_t tpm2_seal(int tpm, uint32_t parent, const uint8_t *secret,
				size_t size, uint8_t *blob, size_t room)
{
	struct tpm2_message message;
	size_t private, public;
	ssize_t len = -EIO;

	tpm2_begin(&message, TPM2_ST_SESSIONS, TPM2_CC_CREATE);
	tpm2_put32(&message, parent);
	tpm2_put_password(&message);
	/* sensitive part: no authorisation, the secret */
	tpm2_put16(&message, 2 * sizeof(uint16_t) + size);
	tpm2_put16(&message, 0);
	tpm2_put16(&message, size);
	tpm2_put(&message, secret, size);
	/* public part: type, no policy, no scheme, nothing unique */
	tpm2_put16(&message, 5 * sizeof(uint16_t) + sizeof(uint32_t));
	tpm2_put16(&message, TPM2_ALG_KEYEDHASH);
	tpm2_put16(&message, TPM2_ALG_SHA256);
	tpm2_put32(&message, TPM2_SEALED_OBJECT);
	tpm2_put16(&message, 0);
	tpm2_put16(&message, TPM2_ALG_NULL);
	tpm2_put16(&message, 0);
	/* no additional data, no PCRs */
	tpm2_put16(&message, 0);
	tpm2_put32(&message, 0);
	if (tpm2_run(tpm, &message))
		goto out;

	tpm2_get32(&message);
	private = message.at;
	message.at += tpm2_get16(&message);
	public = message.at;
	message.at += tpm2_get16(&message);
	len = message.at - private;
	if (public > message.len || message.at > message.len ||
	    (size_t)len > room) {
		len = -EPROTO;
		goto out;
	}
	memcpy(blob, message.bytes + private, len);
out:
	explicit_bzero(&message, sizeof(message));
	return len;
}

static inline long tpm2_load(int tpm, uint32_t parent,
			     const struct tpm2_sealed *sealed, uint32_t *handle)
{
	struct tpm2_message message;
	long err;

	tpm2_begin(&message, TPM2_ST_SESSIONS, TPM2_CC_LOAD);
	tpm2_put32(&message, parent);
	tpm2_put_password(&message);
	tpm2_put(&message, sealed->private, sealed->private_len);
	tpm2_put(&message, sealed->public, sealed->public_len);

	err = tpm2_run(tpm, &message);
	if (!err)
		*handle = tpm2_get32(&message);
	return err;
}

/* Returns the number of bytes, or a negative number. */
static inline ssize_t tpm2_unseal(int tpm, uint32_t handle, uint8_t *out,
				  size_t size)
{
	struct tpm2_message message;
	size_t len;

	tpm2_begin(&message, TPM2_ST_SESSIONS, TPM2_CC_UNSEAL);
	tpm2_put32(&message, handle);
	tpm2_put_password(&message);
	if (tpm2_run(tpm, &message))
		return -EIO;
	/* Length of the only parameter. */
	tpm2_get32(&message);
	len = tpm2_get16(&message);
	if (len > size)
		return -E2BIG;
	memcpy(out, message.bytes + message.at, len);
	return len;
}

/*
 * Starts a session for the policy "PCR 16 is as it is now".  A TPM2_SE_TRIAL
 * session only computes the policy's digest.
 */
static inline long tpm2_start_policy(int tpm, uint8_t kind, uint32_t *session)
{
	static const uint8_t nonce[TPM2_NONCE];
	const uint8_t pcrs[] = { 3, 0, 0, 1 };	/* bytes of the map, the map */
	struct tpm2_message message;
	long err;

	tpm2_begin(&message, TPM2_ST_NO_SESSIONS, TPM2_CC_START_AUTH_SESSION);
	tpm2_put32(&message, TPM2_RH_NULL);
	tpm2_put32(&message, TPM2_RH_NULL);
	tpm2_put16(&message, sizeof(nonce));
	tpm2_put(&message, nonce, sizeof(nonce));
	tpm2_put16(&message, 0);
	tpm2_put(&message, &kind, sizeof(kind));
	tpm2_put16(&message, TPM2_ALG_NULL);
	tpm2_put16(&message, TPM2_ALG_SHA256);
	err = tpm2_run(tpm, &message);
	if (err)
		return err;
	*session = tpm2_get32(&message);

	tpm2_begin(&message, TPM2_ST_NO_SESSIONS, TPM2_CC_POLICY_PCR);
	tpm2_put32(&message, *session);
	tpm2_put16(&message, 0);
	tpm2_put32(&message, 1);
	tpm2_put16(&message, TPM2_ALG_SHA256);
	tpm2_put(&message, pcrs, sizeof(pcrs));
	return tpm2_run(tpm, &message);
}

/* The digest of that policy */
static inline long tpm2_policy_digest(int tpm, uint8_t digest[TPM2_DIGEST])
{
	struct tpm2_message message;
	uint32_t session;
	long err = tpm2_start_policy(tpm, TPM2_SE_TRIAL, &session);

	if (err)
		return err;
	tpm2_begin(&message, TPM2_ST_NO_SESSIONS, TPM2_CC_POLICY_GET_DIGEST);
	tpm2_put32(&message, session);
	err = tpm2_run(tpm, &message);
	if (!err && tpm2_get16(&message) != TPM2_DIGEST)
		err = -EPROTO;
	if (!err)
		memcpy(digest, message.bytes + message.at, TPM2_DIGEST);
	return tpm2_flush(tpm, session) ?: err;
}

/* Extends the PCR, as if the machine had booted in another way. */
static inline long tpm2_pcr_extend(int tpm)
{
	static const uint8_t what[TPM2_DIGEST] = { 1 };
	struct tpm2_message message;

	tpm2_begin(&message, TPM2_ST_SESSIONS, TPM2_CC_PCR_EXTEND);
	tpm2_put32(&message, TPM2_PCR_DEBUG);
	tpm2_put_password(&message);
	tpm2_put32(&message, 1);
	tpm2_put16(&message, TPM2_ALG_SHA256);
	tpm2_put(&message, what, sizeof(what));
	return tpm2_run(tpm, &message);
}

#endif /* SELFTESTS_KEYS_TPM2_H */
