// SPDX-License-Identifier: GPL-2.0-only
#include "public_key.h"

/* rsaEncryption with its NULL, see PKCS#1 */
static const uint8_t public_key_algorithm[] = {
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
	0x01, 0x05, 0x00,
};

void public_key_put_algorithm(struct der_out *out)
{
	der_put(out, public_key_algorithm, sizeof(public_key_algorithm));
}

static void public_key_put(struct der_out *out, const struct rsa_public *public)
{
	const struct bytes n = { public->modulus, public->len };
	const struct bytes e = { public->exponent, public->exponent_len };
	const uint8_t *end = out->at;

	der_put_number(out, e);
	der_put_number(out, n);
	der_close(out, DER_SEQUENCE, end);
}

/* RSAPublicKey of PKCS#1 */
struct bytes public_key_der(const struct rsa_public *public, uint8_t *room,
			    size_t size)
{
	struct der_out out;

	der_start(&out, room, size);
	public_key_put(&out, public);
	return (struct bytes){ out.at, out.full ? 0 : room + size - out.at };
}

/* SubjectPublicKeyInfo of X.509 */
struct bytes public_key_info(const struct rsa_public *public, uint8_t *room,
			     size_t size)
{
	static const uint8_t no_unused_bits;
	const uint8_t *end = room + size;
	struct der_out out;

	der_start(&out, room, size);
	public_key_put(&out, public);
	der_put(&out, &no_unused_bits, 1);
	der_close(&out, DER_BIT_STRING, end);
	public_key_put_algorithm(&out);
	der_close(&out, DER_SEQUENCE, end);
	return (struct bytes){ out.at, out.full ? 0 : end - out.at };
}

unsigned long public_key_bits(const struct rsa_public *public)
{
	unsigned long bits = 8 * public->len;
	uint8_t first = public->modulus[0];

	for (; !(first & 0x80); first <<= 1)
		bits--;
	return bits;
}
