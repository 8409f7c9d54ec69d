// SPDX-License-Identifier: GPL-2.0-only
/* The extended payload: refused values, and binding to one filesystem. */
#include "../kselftest_harness.h"
#include "fscrypt_form.h"
#include "volume.h"

/* ext4 and f2fs keep the UUID at these places of their superblocks. */
#define EXT4_UUID_AT	(1024 + 0x68)
#define F2FS_UUID_AT	(1024 + 0x6c)

static const __u8 some_uuid[FSCRYPT_PROVISIONING_UUID_SIZE] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
};

FIXTURE(form)
{
	struct form good;
	size_t size;
};

FIXTURE_SETUP(form)
{
	ASSERT_LT(0, session_new());
	self->good = form_raw(V2, 1, 32, some_uuid);
	self->size = FORM_HEAD + 32;
}

FIXTURE_TEARDOWN(form)
{
}

/* Shows: FP-2..5. a kernel that does not know the form refuses it */
TEST_F(form, unknown_elsewhere)
{
	enum fscrypt_kernel which = fscrypt_kernel();
	struct form sealed = form_sealed(V2, 32, 1, "");

	REQUIRE_KALLSYMS(which);
	if (which == FSCRYPT_OURS) {
		EXPECT_LT(0, prov_add("test", &self->good, self->size));
	} else {
		EXPECT_EQ(-EINVAL, prov_add("test", &self->good, self->size));
		EXPECT_EQ(-EINVAL, prov_add("test", &sealed, FORM_HEAD));
	}
}

/*
 * Shows: FP-2..5. no payload has both forms; a truncated or longer one is
 * refused
 */
TEST_F(form, size)
{
	REQUIRE_OUR_FSCRYPT("the extended payload");
	for (size_t size = 1; size <= sizeof(self->good); size++) {
		key_serial_t key = prov_add("test", &self->good, size);

		if (size == self->size) {
			EXPECT_LT(0, key);
		} else {
			EXPECT_EQ(-EINVAL, key) TH_LOG("size %zu", size);
		}
	}
}

/* Shows: FP-3, FP-4. every bit of the header matters, except in UUID and key */
TEST_F(form, every_bit)
{
	const size_t free_from = offsetof(struct fscrypt_provisioning_form,
					  fs_uuid);
	const size_t free_to = free_from + sizeof(some_uuid);

	REQUIRE_OUR_FSCRYPT("the extended payload");
	for (size_t bit = 0; bit < FORM_HEAD * 8; bit++) {
		struct form form = self->good;
		size_t at = bit / 8;
		key_serial_t key;

		((__u8 *)&form)[at] ^= 1 << bit % 8;
		/*
		 * type 2 with one of its two lowest bits inverted is type 3 or
		 * 0
		 */
		key = prov_add("test", &form, self->size);
		if (at >= free_from && at < free_to) {
			EXPECT_LT(0, key) TH_LOG("bit %zu", bit);
		} else {
			EXPECT_EQ(-EINVAL, key) TH_LOG("bit %zu", bit);
		}
	}
}

/*
 * Shows: FP-3, FP-4. each key has one form: a key that the plain form can
 * express is refused
 */
TEST_F(form, ambiguous)
{
	struct form form = self->good;

	REQUIRE_OUR_FSCRYPT("the extended payload");

	/* raw bytes without a binding */
	form.head.flags = 0;
	EXPECT_EQ(-EINVAL, prov_add("test", &form, self->size));
	memset(form.head.fs_uuid, 0, sizeof(form.head.fs_uuid));
	EXPECT_EQ(-EINVAL, prov_add("test", &form, self->size));
	/* bound to filesystems without a UUID */
	form.head.flags = FSCRYPT_PROVISIONING_FLAG_BOUND;
	EXPECT_EQ(-EINVAL, prov_add("test", &form, self->size));
	/* raw bytes and a label, or a parent */
	form = self->good;
	form.head.label_size = 1;
	EXPECT_EQ(-EINVAL, prov_add("test", &form, self->size));
	form = self->good;
	form.head.parent = prov_new(V2, 1, 32);
	EXPECT_EQ(-EINVAL, prov_add("test", &form, self->size));
	/* no source at all */
	form = self->good;
	form.head.source = 0;
	EXPECT_EQ(-EINVAL, prov_add("test", &form, self->size));
}

/* Shows: FP-2, FP-22. a derived key: size, label and parent at their limits */
TEST_F(form, derived_fields)
{
	struct form form = form_sealed(V2, 32, 1, "");

	REQUIRE_OUR_FSCRYPT("the extended payload");

	form.head.raw_size = 15;
	EXPECT_EQ(-EINVAL, form_add(&form));
	form.head.raw_size = 65;
	EXPECT_EQ(-EINVAL, form_add(&form));
	form.head.raw_size = 32;
	form.head.label_size = FSCRYPT_PROVISIONING_LABEL_MAX + 1;
	EXPECT_EQ(-EINVAL, form_add(&form));
	form.head.label_size = ~0u;
	EXPECT_EQ(-EINVAL, form_add(&form));
	form.head.label_size = 0;
	form.head.label[63] = 1;
	EXPECT_EQ(-EINVAL, form_add(&form));
	form.head.label[63] = 0;
	/* nothing may follow */
	EXPECT_EQ(-EINVAL, prov_add("test", &form, FORM_HEAD + 1));
	EXPECT_EQ(-EINVAL, prov_add("test", &form, FORM_HEAD + 32));

	/* a special serial names another key for every caller */
	for (key_serial_t serial = -9; serial <= 0; serial++) {
		form.head.parent = serial;
		EXPECT_EQ(-EINVAL, form_add(&form));
	}
	form.head.parent = -0x7fffffff - 1;
	EXPECT_EQ(-EINVAL, form_add(&form));
}

FIXTURE(bound)
{
	struct volume v;
	__u8 uuid[FSCRYPT_PROVISIONING_UUID_SIZE];
};

FIXTURE_VARIANT(bound)
{
	const char *fs;
	off_t uuid_at;
};

FIXTURE_VARIANT_ADD(bound, ext4) { .fs = "ext4", .uuid_at = EXT4_UUID_AT };
FIXTURE_VARIANT_ADD(bound, f2fs) { .fs = "f2fs", .uuid_at = F2FS_UUID_AT };

FIXTURE_SETUP(bound)
{
	int fd;

	VOLUME_SETUP(self, variant->fs);
	fd = open(self->v.image, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(self->uuid), pread(fd, self->uuid, sizeof(self->uuid),
					    variant->uuid_at));
	close(fd);
}

FIXTURE_TEARDOWN(bound)
{
	volume_end(&self->v);
}

/*
 * Shows: FP-42, FP-33. a bound key has the same bytes, and can be added only to
 * this filesystem
 */
TEST_F(bound, right_and_wrong_filesystem)
{
	struct form form = form_raw(V2, 1, 32, self->uuid);
	struct fscrypt_key_specifier bound, plain;
	key_serial_t key;

	REQUIRE_OUR_FSCRYPT("keys bound to a filesystem");
	key = form_add(&form);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, &bound));
	ASSERT_EQ(0, fs_add_serial(self->v.root, V2, 0, prov_new(V2, 1, 32),
				   &plain));
	EXPECT_EQ(0, memcmp(&bound, &plain, sizeof(bound)));

	form.head.fs_uuid[15] ^= 1;
	key = form_add(&form);
	ASSERT_LT(0, key);
	EXPECT_EQ(-EXDEV, fs_add_serial(self->v.root, V2, 0, key, NULL));
	/* the version is checked first */
	EXPECT_EQ(-EKEYREJECTED, fs_add_serial(self->v.root, V1, 0, key, NULL));
	/* the state is checked before the binding */
	EXPECT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, fs_add_serial(self->v.root, V2, 0, key, NULL));
}

/*
 * Shows: FP-7, FP-12. a bound key is charged and shown like a plain key, with
 * its UUID
 */
TEST_F(bound, description)
{
	struct form form = form_raw(V1, 1, 32, some_uuid);
	char line[256];
	key_serial_t key;

	REQUIRE_OUR_FSCRYPT("keys bound to a filesystem");
	key = form_add_as("here", &form);
	ASSERT_LT(0, key);
	key_line(key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " fscrypt-p here: 40 [1] ")) {
		TH_LOG("%s", line);
	}
	EXPECT_NE(NULL, strstr(line, "01020304-0506-0708-090a-0b0c0d0e0f10\n"));
}

TEST_HARNESS_MAIN
