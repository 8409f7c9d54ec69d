// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "certificate.h"
#include "error.h"
#include "transcript.h"

#define RSA_BITS_MIN	2048
/* 112 bits of security, for each key and hash of a chain */
#define AUTH_LEVEL	2

static void __attribute__((noreturn)) no_memory(void)
{
	fail("libcrypto has no memory");
}

/* --- authorities ---------------------------------------------------------- */

/* All certificates of the store, in its order */
static void digest_store(struct trust *trust)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(trust->store);
	uint8_t both[64] = {};

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		X509 *x509 = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects,
									i));

		if (!x509 || !X509_digest(x509, EVP_sha256(), both + 32, NULL))
			continue;
		hash_sha256(both, sizeof(both), both);
	}
	memcpy(trust->digest, both, sizeof(trust->digest));
}

void trust_load(struct trust *trust, const char *file)
{
	trust->store = X509_STORE_new();
	if (!trust->store)
		no_memory();
	if (file ? X509_STORE_load_file(trust->store, file) != 1 :
		   X509_STORE_set_default_paths(trust->store) != 1)
		fail("cannot read the certificates of authorities in %s",
		     file ?: "the system's place");
	digest_store(trust);
}

/* --- the server's chain --------------------------------------------------- */

static X509 *certificate_of(const struct reader *der)
{
	const unsigned char *at = der->at;
	X509 *x509 = d2i_X509(NULL, &at, der->left);

	if (x509 && at != der->at + der->left) {
		X509_free(x509);
		x509 = NULL;
	}
	return x509;
}

/* All but the first one, which need not be of any use */
static STACK_OF(X509) *others_of(const struct chain *chain)
{
	STACK_OF(X509) *others = sk_X509_new_null();

	for (size_t i = 1; others && i < chain->count; i++) {
		X509 *x509 = certificate_of(&chain->der[i]);

		if (x509 && !sk_X509_push(others, x509))
			no_memory();
	}
	return others;
}

static struct verdict verdict_on(int error)
{
	static const struct {
		int error, alert;
	} alerts[] = {
		{ X509_V_ERR_CERT_HAS_EXPIRED, ALERT_CERTIFICATE_EXPIRED },
		{ X509_V_ERR_CERT_NOT_YET_VALID, ALERT_CERTIFICATE_EXPIRED },
		{ X509_V_ERR_CERT_REVOKED, ALERT_CERTIFICATE_REVOKED },
		{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, ALERT_UNKNOWN_CA },
		{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
		  ALERT_UNKNOWN_CA },
		{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, ALERT_UNKNOWN_CA },
		{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, ALERT_UNKNOWN_CA },
		{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, ALERT_UNKNOWN_CA },
		{ X509_V_ERR_CERT_CHAIN_TOO_LONG, ALERT_UNKNOWN_CA },
		{ X509_V_ERR_INVALID_PURPOSE, ALERT_UNSUPPORTED_CERTIFICATE },
	};
	static char why[160];

	snprintf(why, sizeof(why), "has a certificate that is not good here: %s",
		 X509_verify_cert_error_string(error));
	for (size_t i = 0; i < ARRAY_SIZE(alerts); i++)
		if (alerts[i].error == error)
			return (struct verdict){ alerts[i].alert, why };
	return (struct verdict){ ALERT_BAD_CERTIFICATE, why };
}

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 ||
	       inet_pton(AF_INET6, host, address) == 1;
}

static bool want(X509_VERIFY_PARAM *param, const char *host)
{
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER) &&
	       (is_address(host) ?
		X509_VERIFY_PARAM_set1_ip_asc(param, host) :
		X509_VERIFY_PARAM_set1_host(param, host, 0));
}

static struct verdict check_key(X509 *x509, EVP_PKEY **key)
{
	*key = X509_get_pubkey(x509);
	if (!*key || EVP_PKEY_get_base_id(*key) != EVP_PKEY_RSA ||
	    EVP_PKEY_get_bits(*key) < RSA_BITS_MIN)
		return (struct verdict){
			ALERT_UNSUPPORTED_CERTIFICATE,
			"has a certificate that is none of RSA with 2048 bits",
		};
	return (struct verdict){};
}

struct verdict trust_check(const struct trust *trust, const struct chain *chain,
			   const char *host, EVP_PKEY **key)
{
	X509 *own = certificate_of(&chain->der[0]);
	STACK_OF(X509) *others = others_of(chain);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	struct verdict verdict = {
		ALERT_BAD_CERTIFICATE, "sent something for a certificate",
	};

	if (!others || !ctx)
		no_memory();
	if (own) {
		if (!X509_STORE_CTX_init(ctx, trust->store, own, others) ||
		    !want(X509_STORE_CTX_get0_param(ctx), host))
			no_memory();
		verdict = X509_verify_cert(ctx) == 1 ?
			  check_key(own, key) :
			  verdict_on(X509_STORE_CTX_get_error(ctx));
	}
	X509_STORE_CTX_free(ctx);
	sk_X509_pop_free(others, X509_free);
	X509_free(own);
	return verdict;
}

bool is_signature(EVP_PKEY *key, const void *text, size_t size,
		  const struct reader *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;
	bool right;

	if (!ctx)
		no_memory();
	right = EVP_DigestVerifyInit(ctx, &how, EVP_sha256(), NULL, key) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(how,
						 RSA_PSS_SALTLEN_DIGEST) == 1 &&
		EVP_DigestVerify(ctx, signature->at, signature->left, text,
				 size) == 1;
	EVP_MD_CTX_free(ctx);
	return right;
}

/* --- our own -------------------------------------------------------------- */

static void write_entry(struct writer *to, X509 *x509)
{
	unsigned char *der = NULL;
	int size = i2d_X509(x509, &der);

	if (size < 0)
		no_memory();
	write_number(to, size, 3);
	write_bytes(to, der, size);
	write_number(to, 0, 2);
	OPENSSL_free(der);
}

EVP_PKEY *certificate_load(const char *file, struct writer *to)
{
	BIO *in = BIO_new_file(file, "r");
	EVP_PKEY *key = NULL;
	X509 *x509;
	size_t at;

	if (!in)
		fail("cannot read %s: %s", file, strerror(errno));
	write_number(to, 0, 1);
	at = write_later(to, 3);
	while ((x509 = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
		if (!key && check_key(x509, &key).alert)
			fail("the certificate in %s is none of RSA with %d bits",
			     file, RSA_BITS_MIN);
		write_entry(to, x509);
		X509_free(x509);
	}
	BIO_free(in);
	if (!key)
		fail("there is no certificate in %s", file);
	write_length(to, at, 3);
	if (to->bad)
		fail("the certificates in %s are too long", file);
	return key;
}
