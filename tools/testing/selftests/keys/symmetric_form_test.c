// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys of type "symmetric": the line that makes a key, and the properties of
 * the key.
 */
#include "../kselftest_harness.h"
#include "quota.h"
#include "symmetric.h"
#include "upcall.h"

#define TEST_UID	7301

FIXTURE(form)
{
	key_serial_t parent;
	key_serial_t root;
};

FIXTURE_SETUP(form)
{
	REQUIRE_SYMMETRIC();
	self->parent = sym_add("parent", "new alg=hkdf-sha512 for=derive");
	self->root = sym_add("root", "new alg=hmac-sha256 for=mac,verify");
	ASSERT_LT(0, self->parent);
	ASSERT_LT(0, self->root);
}

FIXTURE_TEARDOWN(form)
{
}

/* Shows: SY-1. A program can learn without a key that the type exists. */
TEST_F(form, type_is_registered)
{
	EXPECT_EQ(-EINVAL, sym_add_line("x", NULL, 0));
	EXPECT_EQ(-ENODEV, key_add("symmetri", "x", "new", 3,
				   KEY_SPEC_SESSION_KEYRING));
}

/* Shows: SY-2, SY-15..18. Every algorithm with every subset of its uses. */
TEST_F(form, algorithms)
{
	static const char * const lines[] = {
		"new alg=hmac-sha256 for=mac",
		"new alg=hmac-sha256 for=verify",
		"new alg=hmac-sha256 for=mac,verify",
		"new alg=hmac-sha384 for=verify,mac",
		"new alg=hmac-sha512 for=mac,verify",
		"new alg=xchacha20-poly1305 for=seal",
		"new alg=xchacha20-poly1305 for=open",
		"new alg=xchacha20-poly1305 for=open,seal",
		"new alg=hkdf-sha256 for=derive",
		"new alg=hkdf-sha512 for=derive",
		"new alg=hkdf-sha256 for=derive size=32",
		"new alg=hkdf-sha256 for=derive size=64",
		"new alg=hkdf-sha512 for=derive size=32",
		"new alg=hkdf-sha512 for=derive size=33",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		EXPECT_LT(0, sym_add("x", "%s", lines[i])) {
			TH_LOG("%s", lines[i]);
		}
	}
}

/* Shows: SY-7, SY-15..18, SY-20. The sizes in the result of a query. */
TEST_F(form, sizes)
{
	static const struct {
		const char *line;
		__u32 bits;
		__u32 alg;
	} made[] = {
		{ "new alg=hmac-sha256 for=mac", 256,
		  SYMMETRIC_ALG_HMAC_SHA256 },
		{ "new alg=hmac-sha384 for=mac", 384,
		  SYMMETRIC_ALG_HMAC_SHA384 },
		{ "new alg=hmac-sha512 for=mac", 512,
		  SYMMETRIC_ALG_HMAC_SHA512 },
		{ "new alg=xchacha20-poly1305 for=seal", 256,
		  SYMMETRIC_ALG_XCHACHA20_POLY1305 },
		{ "new alg=hkdf-sha256 for=derive", 256,
		  SYMMETRIC_ALG_HKDF_SHA256 },
		{ "new alg=hkdf-sha512 for=derive", 512,
		  SYMMETRIC_ALG_HKDF_SHA512 },
		{ "new alg=hkdf-sha512 for=derive size=48", 384,
		  SYMMETRIC_ALG_HKDF_SHA512 },
	};
	struct keyctl_pkey_query query;

	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		EXPECT_EQ(0, sym_query(sym_add("x", "%s", made[i].line),
				       &query));
		EXPECT_EQ(made[i].bits, query.key_size);
		EXPECT_EQ(made[i].alg, query.__spare[SYMMETRIC_QUERY_ALG]);
	}
}

/* Shows: SY-5, SY-6. Every order of the words, and a newline at the end. */
TEST_F(form, order)
{
	EXPECT_LT(0, sym_add("x", "new for=mac alg=hmac-sha256\n"));
	EXPECT_LT(0, sym_add("x", "derive label=a from=%d for=mac alg=hmac-sha256",
			     self->parent));
	EXPECT_LT(0, sym_add("x", "derive alg=hkdf-sha256 size=40 for=derive "
			     "labelhex=00fF from=%d\n",
			     self->parent));
	EXPECT_LT(0, sym_add("x", "view for=mac of=%d", self->root));
}

/*
 * Shows: SY-7, SY-18. The serials are valid, so only the tested part of the
 * line is wrong.
 */
TEST_F(form, refused)
{
	static const char * const lines[] = {
		"", "\n", "new", "New alg=hmac-sha256 for=mac",
		"newalg=hmac-sha256 for=mac", "raw alg=hmac-sha256 for=mac",
		"new  alg=hmac-sha256 for=mac", " new alg=hmac-sha256 for=mac",
		"new alg=hmac-sha256 for=mac ", "new alg=hmac-sha256 for=mac\n\n",
		"new\talg=hmac-sha256 for=mac", "new alg=hmac-sha256\nfor=mac",
		"new alg=hmac-sha256", "new for=mac", "new alg= for=mac",
		"new alg=hmac-sha256 for=", "new alg for=mac",
		"new alg=hmac-sha256 for=mac alg=hmac-sha256",
		"new alg=hmac-sha256 for=mac for=verify",
		"new alg=hmac-sha256 for=mac colour=red",
		"new alg=hmac-sha256 for=mac label=x",
		"new alg=hmac-sha256 for=mac from=1",
		"new alg=hmac-sha1 for=mac", "new alg=hmac(sha256) for=mac",
		"new alg=ghash for=mac", "new alg=hmac-sha256x for=mac",
		"new alg=hmac-sha256 for=mac,", "new alg=hmac-sha256 for=,mac",
		"new alg=hmac-sha256 for=mac,mac",
		"new alg=hmac-sha256 for=mac,seal",
		"new alg=hmac-sha256 for=seal",
		"new alg=hmac-sha256 for=derive",
		"new alg=xchacha20-poly1305 for=mac",
		"new alg=xchacha20-poly1305 for=seal,verify",
		"new alg=hkdf-sha512 for=mac",
		"new alg=hkdf-sha512 for=derive,mac",
		"new alg=hmac-sha256 for=mac size=32",
		"new alg=hmac-sha256 for=mac size=16",
		"new alg=xchacha20-poly1305 for=seal size=32",
		"new alg=hkdf-sha512 for=derive size=31",
		"new alg=hkdf-sha512 for=derive size=65",
		"new alg=hkdf-sha512 for=derive size=0",
		"new alg=hkdf-sha512 for=derive size=-32",
		"new alg=hkdf-sha512 for=derive size=+32",
		"new alg=hkdf-sha512 for=derive size=0x20",
		"new alg=hkdf-sha512 for=derive size=32 size=32",
		"new alg=hkdf-sha512 for=derive size=4294967328",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		EXPECT_EQ(-EINVAL, sym_add("x", "%s", lines[i])) {
			TH_LOG("%s", lines[i]);
		}
	}
	EXPECT_EQ(-EINVAL, sym_add_line("x", NULL, 0));
	EXPECT_EQ(-EINVAL, sym_add_line("x", "new alg=hmac-sha256 for=mac", 28));
	EXPECT_EQ(-EINVAL, sym_add_line("x", "new\0alg=hmac-sha256 for=mac", 27));
}

/* Shows: SY-5, SY-7. "derive" and "view" have words of their own. */
TEST_F(form, refused_serials)
{
	static const char * const tails[] = {
		"", " for=mac", " label=x alg=hmac-sha256",
		" label=x for=mac", " alg=hmac-sha256 for=mac",
		" label= alg=hmac-sha256 for=mac",
		" labelhex= alg=hmac-sha256 for=mac",
		" labelhex=0 alg=hmac-sha256 for=mac",
		" labelhex=0g alg=hmac-sha256 for=mac",
		" label=x labelhex=78 alg=hmac-sha256 for=mac",
		" label=x label=x alg=hmac-sha256 for=mac",
		" label=\x01 alg=hmac-sha256 for=mac",
		" label=\xc3\xa4 alg=hmac-sha256 for=mac",
		" label=x of=1 alg=hmac-sha256 for=mac",
	};
	static const char * const serials[] = {
		"0", "-1", "-3", "+1", "0x1", "1x", "x", "@s", "2147483648",
		"99999999999999999999", "",
	};

	for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
		EXPECT_EQ(-EINVAL, sym_add("x", "derive from=%d%s", self->parent,
					   tails[i])) {
			TH_LOG("%s", tails[i]);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(serials); i++) {
		EXPECT_EQ(-EINVAL, sym_add("x", "derive from=%s label=x alg=hmac-sha256 for=mac",
					   serials[i]));
		EXPECT_EQ(-EINVAL, sym_add("x", "view of=%s for=mac",
					   serials[i]));
	}
	EXPECT_EQ(-EINVAL, sym_add("x", "view of=%d", self->root));
	EXPECT_EQ(-EINVAL, sym_add("x", "view for=mac"));
	EXPECT_EQ(-EINVAL, sym_add("x", "view of=%d for=mac,open", self->root));
	EXPECT_EQ(-EINVAL, sym_add("x", "view of=%d for=mac alg=hmac-sha256",
				   self->root));
}

/* Shows: SY-5, SY-7. Labels and lines at their limits. */
TEST_F(form, limits)
{
	char label[2 * 65 + 1] = "", line[SYM_LINE_MAX + 2];

	memset(label, 'a', 64);
	EXPECT_LT(0, sym_add("x", "derive from=%d label=%s alg=hmac-sha256 for=mac",
			     self->parent, label));
	memset(label, 'a', 65);
	EXPECT_EQ(-EINVAL, sym_add("x", "derive from=%d label=%s alg=hmac-sha256 for=mac",
				   self->parent, label));
	memset(label, 'a', 128);
	EXPECT_LT(0, sym_add("x", "derive from=%d labelhex=%s alg=hmac-sha256 for=mac",
			     self->parent, label));
	memset(label, 'a', 130);
	EXPECT_EQ(-EINVAL, sym_add("x", "derive from=%d labelhex=%s alg=hmac-sha256 for=mac",
				   self->parent, label));

	/* Leading zeros make an otherwise valid line of any length. */
	snprintf(line, sizeof(line), "new alg=hkdf-sha512 for=derive size=%0*d",
		 SYM_LINE_MAX - 36, 32);
	EXPECT_EQ(SYM_LINE_MAX, (int)strlen(line));
	EXPECT_LT(0, sym_add("x", "%s", line));
	snprintf(line, sizeof(line), "new alg=hkdf-sha512 for=derive size=%0*d",
		 SYM_LINE_MAX - 35, 32);
	EXPECT_EQ(-EINVAL, sym_add("x", "%s", line));
}

/* Shows: SY-2. Two random keys differ. */
TEST_F(form, unlike)
{
	key_serial_t other = sym_add("other", "new alg=hmac-sha256 for=mac,verify");

	EXPECT_EQ(0, sym_differ(self->root, self->root));
	EXPECT_EQ(1, sym_differ(self->root, other));
}

/* Shows: SY-8. A second key displaces the first one's link, and no more. */
TEST_F(form, same_description)
{
	key_serial_t other = keyring_new("other", KEY_SPEC_SESSION_KEYRING);
	uint8_t mac[SYM_MAC_MAX], again[SYM_MAC_MAX];
	key_serial_t second;

	ASSERT_EQ(0, key_link(self->root, other));
	ASSERT_EQ(32, sym_mac(self->root, "abc", 3, mac, 32));
	second = sym_add("root", "new alg=hmac-sha256 for=mac,verify");
	ASSERT_LT(0, second);
	EXPECT_NE(self->root, second);
	EXPECT_EQ(second, keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
				 "symmetric", "root", 0));
	EXPECT_EQ(32, sym_mac(self->root, "abc", 3, again, 32));
	EXPECT_EQ(0, memcmp(mac, again, 32));
	EXPECT_EQ(1, sym_differ(self->root, second));
}

/* Shows: SY-8, SY-48. A new key that replaces a dead one does not revive it. */
TEST_F(form, over_dead)
{
	key_serial_t other = keyring_new("other", KEY_SPEC_SESSION_KEYRING);
	key_serial_t expired = sym_add("expired", "new alg=hmac-sha256 for=mac");

	ASSERT_EQ(0, key_link(self->root, other));
	ASSERT_EQ(0, key_link(expired, other));
	ASSERT_EQ(0, key_set_to_expire(expired));
	ASSERT_EQ(0, key_revoke(self->root));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(expired));

	EXPECT_LT(0, sym_add("root", "new alg=hmac-sha256 for=mac"));
	EXPECT_LT(0, sym_add("expired", "new alg=hmac-sha256 for=mac"));
	EXPECT_EQ(-EKEYREVOKED, sym_works(self->root));
	EXPECT_EQ(-EKEYEXPIRED, sym_works(expired));
}

/* Shows: SY-9. The permission is checked before the missing operation. */
TEST_F(form, update)
{
	const char line[] = "new alg=hmac-sha256 for=mac";

	EXPECT_EQ(-EACCES, key_update(self->root, line, strlen(line)));
	ASSERT_EQ(0, key_set_rights(self->root, POSSESSOR(RIGHT_ALL)));
	EXPECT_EQ(-EOPNOTSUPP, key_update(self->root, line, strlen(line)));
}

/* Shows: SY-10. Permissions of a new key. */
TEST_F(form, rights)
{
	char text[128] = "", want[128];

	snprintf(want, sizeof(want), "symmetric;%u;%u;3b010000;root", geteuid(),
		 getegid());
	EXPECT_LT(0, key_describe(self->root, text, sizeof(text)));
	EXPECT_STREQ(want, text);
}

/* Shows: SY-11. No permission makes the key readable. */
TEST_F(form, read)
{
	char bytes[256];

	EXPECT_EQ(-EOPNOTSUPP, key_read(self->root, bytes, sizeof(bytes)));
	ASSERT_EQ(0, key_set_rights(self->root, POSSESSOR(RIGHT_ALL) |
				    OWNER(RIGHT_ALL) | GROUP(RIGHT_ALL) |
				    OTHER(RIGHT_ALL)));
	EXPECT_EQ(-EOPNOTSUPP, key_read(self->root, bytes, sizeof(bytes)));
	EXPECT_EQ(-EOPNOTSUPP, key_read(self->parent, bytes, sizeof(bytes)));
}

static key_serial_t add_mac_key(const char *name)
{
	return sym_add(name, "new alg=hmac-sha512 for=mac");
}

/*
 * Shows: SY-13. A key is charged more than its 64 bytes, since it has a
 * transform as well.
 */
TEST_F(form, quota)
{
	struct quota_fill fill = { .uid = TEST_UID, .add = add_mac_key };

	if (geteuid() != 0)
		SKIP(return, "needs root");
	EXPECT_EQ(-EDQUOT, quota_fill_up(&fill));
	EXPECT_EQ(1, fill.keys);
	EXPECT_LT(64 + 64, fill.bytes);
	EXPECT_GT(4096, fill.bytes);
	EXPECT_TRUE(quota_returns_to(TEST_UID, 0, 0, 60000));
}

/*
 * Shows: SY-13. The transform is charged: of two keys of 64 bytes one is for disks,
 * which have the transforms.  A view is charged with its root, too, which may have no
 * key any more.
 */
TEST_F(form, quota_of_parts)
{
	int bytes = sym_cost("new alg=aes-xts-plain64 for=dm-crypt size=64");
	int mac = sym_cost("new alg=hmac-sha512 for=mac,verify");
	int root = sym_cost("new alg=hmac-sha256 for=mac,verify");
	int view;

	EXPECT_LT(64, bytes);
	EXPECT_LE(bytes + 2 * 64, mac);
	self->root = sym_add("root", "new alg=hmac-sha256 for=mac,verify");
	ASSERT_LT(0, self->root);
	view = sym_cost("view of=%d for=mac", self->root);
	EXPECT_LT(root, view);
}

/* Shows: SY-20. Every field of a query, for a key of each kind. */
TEST_F(form, query)
{
	key_serial_t blob = sym_add("x", "new alg=xchacha20-poly1305 for=open,seal");
	struct keyctl_pkey_query query;

	ASSERT_EQ(0, sym_query(self->root, &query));
	EXPECT_EQ(KEYCTL_SUPPORTS_SIGN | KEYCTL_SUPPORTS_VERIFY,
		  (int)query.supported_ops);
	EXPECT_EQ(SYM_DATA_MAX, query.max_data_size);
	EXPECT_EQ(32, query.max_sig_size);
	EXPECT_EQ(0, query.max_enc_size);
	EXPECT_EQ(0, query.max_dec_size);
	EXPECT_EQ(SYMMETRIC_USE_MAC | SYMMETRIC_USE_VERIFY,
		  (int)query.__spare[SYMMETRIC_QUERY_USES]);
	EXPECT_EQ(SYMMETRIC_ORIGIN_INSIDE,
		  (int)query.__spare[SYMMETRIC_QUERY_ORIGIN]);

	memset(&query, 0xff, sizeof(query));
	ASSERT_EQ(0, sym_query(blob, &query));
	EXPECT_EQ(KEYCTL_SUPPORTS_ENCRYPT | KEYCTL_SUPPORTS_DECRYPT,
		  (int)query.supported_ops);
	EXPECT_EQ(0, query.max_data_size);
	EXPECT_EQ(0, query.max_sig_size);
	EXPECT_EQ(SYM_DATA_MAX, query.max_enc_size);
	EXPECT_EQ(SYM_DATA_MAX, query.max_dec_size);
	for (size_t i = SYMMETRIC_QUERY_ORIGIN + 1;
	     i < ARRAY_SIZE(query.__spare); i++)
		EXPECT_EQ(0, (int)query.__spare[i]);

	ASSERT_EQ(0, sym_query(self->parent, &query));
	EXPECT_EQ(0, (int)query.supported_ops);
	EXPECT_EQ(SYMMETRIC_USE_DERIVE, (int)query.__spare[SYMMETRIC_QUERY_USES]);
}

/* Shows: SY-21, SY-27. /proc/keys shows the properties of a key. */
TEST_F(form, proc_keys)
{
	key_serial_t view = sym_add("view", "view of=%d for=verify", self->root);
	char line[256];

	key_line(self->root, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " symmetric root: hmac-sha256 for=mac,verify inside\n")) {
		TH_LOG("%s", line);
	}
	key_line(view, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " symmetric view: hmac-sha256 for=verify inside\n")) {
		TH_LOG("%s", line);
	}
	key_line(self->parent, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " symmetric parent: hkdf-sha512 for=derive inside\n")) {
		TH_LOG("%s", line);
	}
}

/* Makes a key under construction, or skips the test. */
static int construct(struct upcall *upcall)
{
	return upcall_start_of(upcall, "symmetric", KEY_SPEC_SESSION_KEYRING);
}

static int answer(struct upcall *upcall, const char *line)
{
	return upcall_instantiate(upcall, line, strlen(line));
}

/* Shows: SY-12. A helper's line is parsed like that of any program. */
TEST_F(form, upcall)
{
	struct upcall upcall = {};
	int err = construct(&upcall);

	if (err == -EPERM || err == -EACCES)
		SKIP(return, "needs root");
	ASSERT_EQ(0, err);
	EXPECT_EQ(-EINVAL, answer(&upcall, "new alg=hmac-sha256"));
	EXPECT_EQ(-EINVAL, answer(&upcall, ""));
	EXPECT_EQ(0, answer(&upcall, "new alg=hmac-sha256 for=mac\n"));
	EXPECT_EQ(0, upcall_end(&upcall));
	EXPECT_EQ(0, sym_works(upcall.key));
}

/*
 * Shows: SY-12, SY-47. An expiry that a helper sets before it answers is used.
 */
TEST_F(form, upcall_expires)
{
	struct upcall upcall = {};
	int err = construct(&upcall);
	key_serial_t view;

	if (err == -EPERM || err == -EACCES)
		SKIP(return, "needs root");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, upcall.key, 2));
	EXPECT_EQ(0, answer(&upcall, "new alg=hmac-sha256 for=mac,verify"));
	EXPECT_EQ(0, upcall_end(&upcall));
	view = sym_add("view", "view of=%d for=mac", upcall.key);
	ASSERT_LT(0, view);
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(upcall.key));
	EXPECT_EQ(-EKEYEXPIRED, sym_works(view));
}

/* Longer than the test takes while each of its calls fails first */
#define NEGATIVE_S	3600

/* Shows: SY-8. A negative key is displaced in the same way as a live one. */
TEST_F(form, over_negative)
{
	struct upcall upcall = {};
	int err = construct(&upcall);
	key_serial_t key;

	if (err == -EPERM || err == -EACCES)
		SKIP(return, "needs root");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, upcall_reject(&upcall, NEGATIVE_S, EKEYREJECTED));
	EXPECT_EQ(-EKEYREJECTED, upcall_end(&upcall));
	EXPECT_EQ(-EKEYREJECTED, sym_works(upcall.key));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=mac",
					 upcall.key));
	key = sym_add("slow", "new alg=hmac-sha256 for=mac");
	ASSERT_LT(0, key);
	/* Nothing holds the old one any more, so it may be collected at once. */
	EXPECT_NE(upcall.key, key);
	EXPECT_EQ(0, sym_works(key));
}

int main(int argc, char **argv)
{
	upcall_route_install();
	return test_harness_run(argc, argv);
}
