// SPDX-License-Identifier: GPL-2.0-only
#include "hash.h"

#include <stddef.h>

const struct hash hash_sha1 = {
	"sha1", CKM_SHA_1, CKG_MGF1_SHA1, &nettle_sha1,
};

const struct hash hash_sha224 = {
	"sha224", CKM_SHA224, CKG_MGF1_SHA224, &nettle_sha224,
};

const struct hash hash_sha256 = {
	"sha256", CKM_SHA256, CKG_MGF1_SHA256, &nettle_sha256,
};

const struct hash hash_sha384 = {
	"sha384", CKM_SHA384, CKG_MGF1_SHA384, &nettle_sha384,
};

const struct hash hash_sha512 = {
	"sha512", CKM_SHA512, CKG_MGF1_SHA512, &nettle_sha512,
};

const struct hash *hash_of(ck_mechanism_type_t mechanism)
{
	static const struct hash *const all[] = {
		&hash_sha1, &hash_sha224, &hash_sha256, &hash_sha384,
		&hash_sha512,
	};
	unsigned int i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i]->mechanism == mechanism)
			return all[i];
	return NULL;
}
