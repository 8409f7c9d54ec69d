// SPDX-License-Identifier: GPL-2.0-only
#include "error.h"
#include "transcript.h"

static void must(int good)
{
	if (good <= 0)
		fail("libcrypto cannot hash");
}

static EVP_MD_CTX *new_digest(const struct suite *suite)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	must(digest && EVP_DigestInit_ex(digest, suite->hash(), NULL));
	return digest;
}

void transcript_add(struct transcript *transcript, const void *message,
		    size_t size)
{
	if (transcript->digest) {
		must(EVP_DigestUpdate(transcript->digest, message, size));
		return;
	}
	if (size > sizeof(transcript->kept) - transcript->size)
		fail("the hello is too long to be kept");
	memcpy(transcript->kept + transcript->size, message, size);
	transcript->size += size;
}

void transcript_begin(struct transcript *transcript, const struct suite *suite)
{
	transcript->suite = suite;
	transcript->digest = new_digest(suite);
	must(EVP_DigestUpdate(transcript->digest, transcript->kept,
			      transcript->size));
}

void transcript_retry(struct transcript *transcript)
{
	uint8_t message[MESSAGE_HEADER + HASH_MAX] = { MESSAGE_HASH };
	const size_t size = transcript->suite->size;

	transcript_hash(transcript, message + MESSAGE_HEADER);
	message[3] = size;
	must(EVP_DigestInit_ex(transcript->digest, transcript->suite->hash(),
			       NULL));
	must(EVP_DigestUpdate(transcript->digest, message,
			      MESSAGE_HEADER + size));
}

void transcript_hash_with(const struct transcript *transcript,
			  const struct suite *suite, const void *more,
			  size_t size, uint8_t hash[HASH_MAX])
{
	EVP_MD_CTX *copy;

	if (transcript->digest) {
		copy = EVP_MD_CTX_new();
		must(copy && EVP_MD_CTX_copy_ex(copy, transcript->digest));
	} else {
		copy = new_digest(suite);
		must(EVP_DigestUpdate(copy, transcript->kept,
				      transcript->size));
	}
	must(EVP_DigestUpdate(copy, more, size));
	must(EVP_DigestFinal_ex(copy, hash, NULL));
	EVP_MD_CTX_free(copy);
}

void transcript_hash(const struct transcript *transcript, uint8_t hash[HASH_MAX])
{
	transcript_hash_with(transcript, transcript->suite, "", 0, hash);
}

void transcript_end(struct transcript *transcript)
{
	EVP_MD_CTX_free(transcript->digest);
	transcript->digest = NULL;
}

void hash_sha256(const void *bytes, size_t size, uint8_t hash[32])
{
	must(EVP_Digest(bytes, size, hash, NULL, EVP_sha256(), NULL));
}
