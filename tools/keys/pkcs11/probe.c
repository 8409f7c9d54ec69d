// SPDX-License-Identifier: GPL-2.0-only
/*
 * KEYCTL_PKEY_QUERY shows what the kernel computes with RSA, but needs a key.
 * The kernel makes a public key only from a certificate.  It does not verify
 * the signature of this one, as issuer and subject differ, and there is no
 * private key.
 */
#include "probe.h"

#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "public_key.h"

#define PROBE_BYTES	256
#define PROBE_MAX	1024
#define PROBE_NAME	"keys-pkcs11-probe"
#define DER_UTC_TIME	0x17
#define DER_SET		0x31
#define DER_UTF8	0x0c

static const uint8_t probe_exponent[] = { 1, 0, 1 };
/* sha256WithRSAEncryption with its NULL */
static const uint8_t probe_algorithm[] = {
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
	0x0b, 0x05, 0x00,
};

/* commonName, 2.5.4.3 */
static const uint8_t probe_common_name[] = { 0x06, 0x03, 0x55, 0x04, 0x03 };
static const uint8_t probe_time[] = {
	DER_UTC_TIME, 13, '0', '0', '0', '1', '0', '1', '0', '0', '0', '0',
	'0', '0', 'Z',
};

static void probe_put_name(struct der_out *out, char name)
{
	const uint8_t *end = out->at;

	der_put(out, &name, 1);
	der_close(out, DER_UTF8, end);
	der_put(out, probe_common_name, sizeof(probe_common_name));
	der_close(out, DER_SEQUENCE, end);
	der_close(out, DER_SET, end);
	der_close(out, DER_SEQUENCE, end);
}

static void probe_put_times(struct der_out *out)
{
	const uint8_t *end = out->at;

	der_put(out, probe_time, sizeof(probe_time));
	der_put(out, probe_time, sizeof(probe_time));
	der_close(out, DER_SEQUENCE, end);
}

static void probe_put_public(struct der_out *out,
			     const struct rsa_public *public)
{
	uint8_t room[PROBE_MAX];
	struct bytes info = public_key_info(public, room, sizeof(room));

	der_put(out, info.at, info.len);
}

/*
 * The certificate is written from the end to the beginning, as the length of a
 * part comes before it.
 */
static struct bytes probe_certificate(const struct rsa_public *public,
				      uint8_t *room, size_t size)
{
	static const uint8_t serial = 1;
	const uint8_t *end, *body;
	struct der_out out;

	der_start(&out, room, size);
	end = out.at;
	/* A signature of zeros, and no unused bits */
	memset(out.at - PROBE_BYTES - 1, 0, PROBE_BYTES + 1);
	out.at -= PROBE_BYTES + 1;
	der_close(&out, DER_BIT_STRING, end);
	der_put(&out, probe_algorithm, sizeof(probe_algorithm));
	body = out.at;
	probe_put_public(&out, public);
	probe_put_name(&out, 's');
	probe_put_times(&out);
	probe_put_name(&out, 'i');
	der_put(&out, probe_algorithm, sizeof(probe_algorithm));
	der_put_number(&out, (struct bytes){ &serial, 1 });
	der_close(&out, DER_SEQUENCE, body);
	der_close(&out, DER_SEQUENCE, end);
	return (struct bytes){ out.at, out.full ? 0 : end - out.at };
}

/**
 * probe_open - make a key that shows what the kernel can compute
 *
 * Return: the key, for probe_close(), or a negative errno.
 */
int32_t probe_open(void)
{
	struct rsa_public public = { .len = PROBE_BYTES };
	uint8_t room[PROBE_MAX];
	struct bytes der;
	int ret;

	ret = kernel_random(public.modulus, public.len);
	if (ret < 0)
		return ret;
	/* A modulus of this length, and odd */
	public.modulus[0] |= 0x80;
	public.modulus[PROBE_BYTES - 1] |= 1;
	memcpy(public.exponent, probe_exponent, sizeof(probe_exponent));
	public.exponent_len = sizeof(probe_exponent);
	der = probe_certificate(&public, room, sizeof(room));
	return kernel_add("asymmetric", PROBE_NAME, der.at, der.len,
			  KEY_SPEC_THREAD_KEYRING);
}

bool probe_rsa(int32_t probe, const char *info)
{
	struct keyctl_pkey_query query;

	return probe > 0 && !kernel_query(probe, info, &query);
}

void probe_close(int32_t probe)
{
	if (probe > 0)
		kernel_unlink(probe, KEY_SPEC_THREAD_KEYRING);
}

/* A kernel that has the type refuses an empty line with EINVAL. */
bool probe_symmetric(void)
{
	return kernel_add("symmetric", PROBE_NAME, NULL, 0,
			  KEY_SPEC_THREAD_KEYRING) == -EINVAL;
}
