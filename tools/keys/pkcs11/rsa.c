// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel encrypts any number with a key, but does not return the key's
 * modulus and exponent.  The modulus can be computed from that: as E(a) E(b)
 * and E(ab) are equal modulo n, their difference is a multiple of n, and the
 * greatest common divisor of a few such differences is n or a small multiple.
 */
#include "rsa.h"

#include <errno.h>
#include <gmp.h>
#include <string.h>

#include "kernel.h"

#define ROUNDS_MAX	24
/*
 * After only one relation the greatest common divisor is practically never n.
 */
#define ROUNDS_MIN	2
/*
 * After this many relations it is n; the search goes on only for an unusual
 * exponent.
 */
#define ROUNDS_SURE	8
#define PROOFS		4
#define EXPONENT_USUAL	65537
#define EXPONENT_END	0x20000
#define WORDS_FIRST	1

/**
 * struct rsa_finder - state of a search for the public numbers
 * @serial: The key.
 * @size: Bytes of its modulus.
 * @n: The greatest common divisor so far.
 * @two: Result of encrypting 2 with the key.
 */
struct rsa_finder {
	int32_t	serial;
	size_t	size;
	mpz_t	n;
	mpz_t	two;
};

static void rsa_import(mpz_t number, const uint8_t *bytes, size_t len)
{
	mpz_import(number, len, WORDS_FIRST, 1, WORDS_FIRST, 0, bytes);
}

/* Writes a number in @len bytes, the first of which may be 0. */
static bool rsa_export(uint8_t *bytes, size_t len, const mpz_t number)
{
	size_t needs = (mpz_sizeinbase(number, 2) + 7) / 8;

	if (needs > len)
		return false;
	memset(bytes, 0, len);
	if (mpz_sgn(number))
		mpz_export(bytes + len - needs, NULL, WORDS_FIRST, 1,
			   WORDS_FIRST, 0, number);
	return true;
}

/* Encrypts a number with the key. */
static bool rsa_raise(const struct rsa_finder *finder, mpz_t out,
		      const mpz_t in)
{
	uint8_t text[RSA_BYTES_MAX], cipher[RSA_BYTES_MAX] = { 0 };

	if (!rsa_export(text, finder->size, in) ||
	    kernel_pkey(KEYCTL_PKEY_ENCRYPT, finder->serial, RSA_RAW, text,
			finder->size, cipher, finder->size) !=
	    (long)finder->size)
		return false;
	rsa_import(out, cipher, finder->size);
	return true;
}

static bool rsa_draw(mpz_t number, size_t len)
{
	uint8_t bytes[RSA_BYTES_MAX];

	if (kernel_random(bytes, len) < 0)
		return false;
	/* A random number that is neither short nor 0 */
	bytes[0] |= 1;
	rsa_import(number, bytes, len);
	return true;
}

/* Adds one relation. */
static bool rsa_relate(struct rsa_finder *finder)
{
	/* The product has to be below the modulus. */
	size_t half = finder->size / 2 - 1;
	mpz_t a, b, product;
	bool good;

	mpz_inits(a, b, product, NULL);
	good = rsa_draw(a, half) && rsa_draw(b, half);
	if (good) {
		mpz_mul(product, a, b);
		good = rsa_raise(finder, a, a) && rsa_raise(finder, b, b) &&
			rsa_raise(finder, product, product);
	}
	if (good) {
		mpz_mul(a, a, b);
		mpz_sub(a, a, product);
		mpz_gcd(finder->n, finder->n, a);
		/* A modulus is odd. */
		if (mpz_sgn(finder->n))
			mpz_tdiv_q_2exp(finder->n, finder->n,
					mpz_scan1(finder->n, 0));
	}
	mpz_clears(a, b, product, NULL);
	return good;
}

/*
 * Does the kernel's encryption agree with the public numbers?  -ERANGE if it does
 * not, -EIO if the kernel did not encrypt.
 */
static int rsa_prove(const struct rsa_finder *finder, unsigned long exponent)
{
	mpz_t text, kernels, ours;
	int ret = 0, i;

	mpz_inits(text, kernels, ours, NULL);
	for (i = 0; !ret && i < PROOFS; i++) {
		if (!rsa_draw(text, finder->size - 1) ||
		    !rsa_raise(finder, kernels, text)) {
			ret = -EIO;
			break;
		}
		mpz_powm_ui(ours, text, exponent, finder->n);
		if (mpz_cmp(ours, kernels))
			ret = -ERANGE;
	}
	mpz_clears(text, kernels, ours, NULL);
	return ret;
}

/* Returns the exponent with which 2 encrypts to the kernel's result, or 0. */
static unsigned long rsa_exponent(const struct rsa_finder *finder, bool all)
{
	unsigned long exponent;
	mpz_t power;

	mpz_init_set_ui(power, 2);
	mpz_powm_ui(power, power, EXPONENT_USUAL, finder->n);
	if (!mpz_cmp(power, finder->two)) {
		exponent = EXPONENT_USUAL;
		goto out;
	}
	exponent = 0;
	if (!all)
		goto out;
	mpz_set_ui(power, 8);
	for (exponent = 3; mpz_cmp(power, finder->two); exponent += 2) {
		if (exponent > EXPONENT_END) {
			exponent = 0;
			break;
		}
		mpz_mul_2exp(power, power, 2);
		mpz_mod(power, power, finder->n);
	}
out:
	mpz_clear(power);
	return exponent;
}

static int rsa_search(struct rsa_finder *finder, unsigned long *exponent)
{
	int round, ret;

	mpz_set_ui(finder->two, 2);
	if (!rsa_raise(finder, finder->two, finder->two))
		return -EIO;
	for (round = 1; round <= ROUNDS_MAX; round++) {
		if (!rsa_relate(finder))
			return -EIO;
		if (round < ROUNDS_MIN ||
		    (mpz_sizeinbase(finder->n, 2) + 7) / 8 != finder->size)
			continue;
		*exponent = rsa_exponent(finder, round >= ROUNDS_SURE);
		ret = *exponent ? rsa_prove(finder, *exponent) : -ERANGE;
		if (ret != -ERANGE)
			return ret;
		if (round >= ROUNDS_SURE)
			break;
	}
	return -ERANGE;
}

/**
 * rsa_find_public - find the public numbers of a key
 * @serial: The key, with which the caller may encrypt.
 * @size: Bytes of its modulus.
 * @public: Gets the numbers.
 *
 * Return: 0, -ERANGE if the key has no numbers that are tried, or -EIO if the
 * kernel did not encrypt.
 */
int rsa_find_public(int32_t serial, size_t size, struct rsa_public *public)
{
	struct rsa_finder finder = { .serial = serial, .size = size };
	unsigned long exponent;
	int ret;

	*public = (struct rsa_public){ .len = size };
	mpz_inits(finder.n, finder.two, NULL);
	ret = rsa_search(&finder, &exponent);
	if (ret)
		goto out;
	if (!rsa_export(public->modulus, size, finder.n)) {
		ret = -ERANGE;
		goto out;
	}
	for (; exponent; exponent >>= 8) {
		memmove(public->exponent + 1, public->exponent,
			public->exponent_len++);
		public->exponent[0] = exponent;
	}
out:
	mpz_clears(finder.n, finder.two, NULL);
	return ret;
}

/* Are these numbers, which DER gives without leading zeros, the public ones? */
bool rsa_is_key_of(const struct rsa_public *public, struct bytes modulus,
		   struct bytes exponent)
{
	const struct bytes n = { public->modulus, public->len };
	const struct bytes e = { public->exponent, public->exponent_len };

	return der_same(modulus, n) && der_same(exponent, e);
}

/*
 * Is @signature, raised to the public exponent, equal to @text?  Both have
 * @size bytes.
 */
bool rsa_inverts(struct bytes modulus, struct bytes exponent,
		 const uint8_t *signature, const uint8_t *text, size_t size)
{
	mpz_t n, e, raised, wanted;
	bool good = false;

	mpz_inits(n, e, raised, wanted, NULL);
	rsa_import(n, modulus.at, modulus.len);
	rsa_import(e, exponent.at, exponent.len);
	rsa_import(raised, signature, size);
	rsa_import(wanted, text, size);
	if (mpz_sgn(n)) {
		mpz_powm(raised, raised, e, n);
		good = !mpz_cmp(raised, wanted);
	}
	mpz_clears(n, e, raised, wanted, NULL);
	return good;
}
