/* SPDX-License-Identifier: GPL-2.0-only */
/* The module, loaded as a program loads it, and keys to use it with. */
#ifndef SELFTESTS_KEYS_PKCS11_TOKEN_H
#define SELFTESTS_KEYS_PKCS11_TOKEN_H

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "../../kselftest_harness.h"
#include "cryptoki.h"
#include "pkey.h"

#define TOKEN_MODULE	"/keys/pkcs11/libkeys-pkcs11.so"
#define TOKEN_VARIABLE	"KEYS_PKCS11_CONF"
#define TOKEN_CONFIG	"/tmp/keys-pkcs11-test.conf"
#define SLOT_SESSION	0
#define FOUND_MAX	64
#define CERTIFICATE_MAX	2048
#define SERIAL_WAY	CKF_SERIAL_SESSION
#define WRITING		(CKF_SERIAL_SESSION | CKF_RW_SESSION)

static struct ck_function_list *p11;
static void *token_library;

#define TOKEN_SYMBOL(name) ((__typeof__(&(name)))dlsym(token_library, #name))

/* The test does not depend on the environment. */
static inline bool token_load(void)
{
	const char *path = getenv("KEYS_PKCS11_MODULE") ?: TOKEN_MODULE;

	unsetenv(TOKEN_VARIABLE);
	token_library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!token_library) {
		printf("# %s\n", dlerror());
		return false;
	}
	return TOKEN_SYMBOL(C_GetFunctionList)(&p11) == CKR_OK;
}

/* Makes @text the module's configuration from now on. */
static inline bool token_config(const char *text)
{
	FILE *file = fopen(TOKEN_CONFIG, "w");
	bool good = file && fputs(text, file) >= 0;

	return file && !fclose(file) && good &&
		!setenv(TOKEN_VARIABLE, TOKEN_CONFIG, 1);
}

static inline ck_session_handle_t token_open(ck_slot_id_t slot, ck_flags_t flags)
{
	ck_session_handle_t session = 0;

	p11->C_OpenSession(slot, flags, NULL, NULL, &session);
	return session;
}

/* Returns how many objects match. */
static inline long token_find(ck_session_handle_t session,
			      struct ck_attribute *wanted, unsigned long count,
			      ck_object_handle_t *found)
{
	unsigned long n = 0;

	if (p11->C_FindObjectsInit(session, wanted, count))
		return -1;
	if (p11->C_FindObjects(session, found, FOUND_MAX, &n))
		return -1;
	return p11->C_FindObjectsFinal(session) ? -1 : (long)n;
}

static inline long token_find_class(ck_session_handle_t session,
				    ck_object_class_t class,
				    ck_object_handle_t *found)
{
	struct ck_attribute wanted = { CKA_CLASS, &class, sizeof(class) };

	return token_find(session, &wanted, 1, found);
}

/* Returns the one object of a class, or 0 if there is not exactly one. */
static inline ck_object_handle_t token_only(ck_session_handle_t session,
					    ck_object_class_t class)
{
	ck_object_handle_t found[FOUND_MAX];

	return token_find_class(session, class, found) == 1 ? found[0] : 0;
}

/* Returns the length of an attribute, or -CKR_*. */
static inline long token_get(ck_session_handle_t session,
			     ck_object_handle_t object,
			     ck_attribute_type_t type, void *value, size_t size)
{
	struct ck_attribute attribute = { type, value, size };
	ck_rv_t rv = p11->C_GetAttributeValue(session, object, &attribute, 1);

	return rv ? -(long)rv : (long)attribute.value_len;
}

/* Returns 0, 1, or -CKR_*. */
static inline long token_flag(ck_session_handle_t session,
			      ck_object_handle_t object,
			      ck_attribute_type_t type)
{
	unsigned char value = 2;
	long len = token_get(session, object, type, &value, 1);

	return len == 1 ? value : len;
}

static inline EVP_PKEY *token_pair_of_openssl(void)
{
	const uint8_t *at = pkey_rsa_pkcs8;

	return d2i_AutoPrivateKey(NULL, &at, sizeof(pkey_rsa_pkcs8));
}

static inline X509 *token_make_certificate(EVP_PKEY *pair, const char *subject)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 24L * 60 * 60);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const uint8_t *)subject, -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, pair);
	X509_sign(cert, pair, EVP_sha256());
	return cert;
}

/* Makes a certificate for @pair, as DER; returns its length. */
static inline int token_certificate(EVP_PKEY *pair, const char *subject,
				    uint8_t der[CERTIFICATE_MAX])
{
	X509 *cert = token_make_certificate(pair, subject);
	int len = i2d_X509(cert, NULL);
	uint8_t *at = der;

	if (len > CERTIFICATE_MAX)
		len = 0;
	else
		i2d_X509(cert, &at);
	X509_free(cert);
	return len;
}

static inline key_serial_t token_add_certificate(EVP_PKEY *pair,
						 const char *description)
{
	uint8_t der[CERTIFICATE_MAX];
	int len = token_certificate(pair, description, der);

	return key_add("user", description, der, len,
		       KEY_SPEC_SESSION_KEYRING);
}

static inline key_serial_t token_add_mac(const char *description,
					 const char *line)
{
	return key_add("symmetric", description, line, strlen(line),
		       KEY_SPEC_SESSION_KEYRING);
}

/*
 * Sets up the module with its defaults, a new session keyring and an open
 * session.
 */
#define TOKEN_SETUP(session) do { \
	ASSERT_TRUE(token_load()); \
	ASSERT_LT(0, session_new()); \
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL)); \
	(session) = token_open(SLOT_SESSION, WRITING); \
	ASSERT_NE(0, session); \
} while (0)

#endif /* SELFTESTS_KEYS_PKCS11_TOKEN_H */
