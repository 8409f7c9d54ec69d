// SPDX-License-Identifier: GPL-2.0-only
/* Keys of type "symmetric": their ends, and tasks that use them meanwhile. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

#include "../kselftest_harness.h"
#include "symmetric.h"
#include "task.h"

#define DAY		(24 * 60 * 60)
#define USERS		2
#define ROUNDS		40
#define TEXT_SIZE	16384
/* Number of successful uses before the key is ended */
#define USES_BEFORE	3

FIXTURE(life)
{
	key_serial_t root;
	key_serial_t view;
	struct timespec before;
};

FIXTURE_SETUP(life)
{
	REQUIRE_SYMMETRIC();
	self->root = sym_add("root", "new alg=hmac-sha256 for=mac,verify");
	self->view = sym_add("view", "view of=%d for=mac", self->root);
	ASSERT_LT(0, self->root);
	ASSERT_LT(0, self->view);
}

FIXTURE_TEARDOWN(life)
{
}

/*
 * Shows: SY-46, SY-50. After one revocation every call returns the error of a
 * revoked key.
 */
TEST_F(life, revoke)
{
	struct keyctl_pkey_query query;

	ASSERT_EQ(0, key_revoke(self->root));
	EXPECT_EQ(-EKEYREVOKED, key_revoke(self->root));
	EXPECT_EQ(-EKEYREVOKED, sym_query(self->root, &query));
	EXPECT_EQ(-EKEYREVOKED, sym_works(self->root));
}

/* Shows: SY-46. A key is dead before it is collected. */
TEST_F(life, invalidate)
{
	ASSERT_EQ(0, key_invalidate(self->root));
	EXPECT_EQ(-ENOKEY, sym_works(self->root));
	/* The view shows the end of the shared object, which comes at once. */
	EXPECT_EQ(-EKEYREVOKED, sym_works(self->view));
}

/* Shows: SY-30. The views of a root end with it. */
TEST_F(life, root_ends_views)
{
	ASSERT_EQ(0, sym_works(self->view));
	ASSERT_EQ(0, key_revoke(self->root));
	EXPECT_EQ(-EKEYREVOKED, sym_works(self->view));
	EXPECT_EQ(-EKEYREVOKED, key_state(self->root));
	EXPECT_LT(0, key_state(self->view));
}

/* Shows: SY-30. Views also end when the root expires. */
TEST_F(life, root_expires_views)
{
	ASSERT_EQ(0, key_set_to_expire(self->root));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(self->root));
	EXPECT_EQ(-EKEYEXPIRED, sym_works(self->view));
}

/*
 * Shows: SY-31. The end of a view does not end its root: Search permission does
 * not suffice for that.
 */
TEST_F(life, view_ends_alone)
{
	key_serial_t other = sym_add("other", "view of=%d for=mac", self->root);

	ASSERT_EQ(0, key_revoke(self->view));
	EXPECT_EQ(-EKEYREVOKED, sym_works(self->view));
	EXPECT_EQ(0, sym_works(self->root));
	EXPECT_EQ(0, sym_works(other));
	ASSERT_EQ(0, key_invalidate(other));
	EXPECT_EQ(0, sym_works(self->root));
}

/* Shows: SY-32, SY-51. The shared object stays as long as the view exists. */
TEST_F(life, view_outlives_link)
{
	ASSERT_EQ(0, key_unlink(self->root, KEY_SPEC_SESSION_KEYRING));
	ASSERT_EQ(-ENOKEY, key_wait_state(self->root, -ENOKEY));
	EXPECT_EQ(0, sym_works(self->view));
}

/* Shows: SY-47, SY-32. The object's own timer ends it when no key is left. */
TEST_F(life, expires_unlinked)
{
	long ret = 0;

	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, self->root, 3));
	ASSERT_EQ(0, key_unlink(self->root, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, sym_works(self->view));
	for (int ms = 0; !ret && ms < 10000; ms += 20) {
		sleep_ms(20);
		ret = sym_works(self->view);
	}
	EXPECT_EQ(-EKEYEXPIRED, ret);
}

/* Shows: SY-49. An expiry in the future can be changed. */
TEST_F(life, timeout_moved)
{
	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, self->root, 2));
	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, self->root, 0));
	ASSERT_EQ(0, key_set_to_expire(self->view));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(self->view));
	sleep_ms(2000);
	EXPECT_EQ(0, sym_works(self->root));
}

/* Shows: SY-48. The expiry of a dead key cannot be changed. */
TEST_F(life, timeout_too_late)
{
	ASSERT_EQ(0, key_set_to_expire(self->root));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(self->root));
	EXPECT_EQ(-EKEYEXPIRED, keyctl(KEYCTL_SET_TIMEOUT, self->root, 0));
	EXPECT_EQ(-EKEYEXPIRED, sym_works(self->root));
	EXPECT_EQ(-EKEYEXPIRED, sym_works(self->view));
	EXPECT_EQ(-EKEYEXPIRED, sym_add("x", "view of=%d for=mac", self->root));
}

/* Shows: SY-50. The error is that of the first end. */
TEST_F(life, first_reason)
{
	key_serial_t other = sym_add("other", "new alg=hmac-sha256 for=mac");

	ASSERT_EQ(0, key_set_to_expire(self->root));
	ASSERT_EQ(0, key_set_to_expire(other));
	ASSERT_EQ(0, key_revoke(self->root));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(other));
	EXPECT_EQ(-EKEYREVOKED, sym_works(self->view));
}

static int clock_step(int seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += seconds;
	return result(clock_settime(CLOCK_REALTIME, &now));
}

/*
 * Shows: SY-48. A clock that is set forward ends the key, and setting it back
 * does not revive the key.
 */
TEST_F(life, clock_jumps)
{
	long used;

	if (geteuid() != 0)
		SKIP(return, "needs root");
	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, self->root, DAY / 2));
	ASSERT_EQ(0, clock_step(DAY));
	/*
	 * Nobody uses the key until the clock is set back: its own timer has
	 * fired.
	 */
	used = key_state(self->root);
	sleep_ms(50);
	ASSERT_EQ(0, clock_step(-DAY));
	EXPECT_EQ(-EKEYEXPIRED, used);
	EXPECT_LT(0, key_state(self->root));
	EXPECT_EQ(-EKEYEXPIRED, sym_works(self->root));
	EXPECT_EQ(-EKEYEXPIRED, sym_works(self->view));
}

/* Shows: SY-48. A clock that is set back only prolongs the key's life. */
TEST_F(life, clock_back)
{
	if (geteuid() != 0)
		SKIP(return, "needs root");
	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, self->root, DAY / 2));
	ASSERT_EQ(0, clock_step(-DAY));
	EXPECT_EQ(0, sym_works(self->root));
	ASSERT_EQ(0, clock_step(DAY));
	EXPECT_EQ(0, sym_works(self->root));
}

/* Shows: SY-51, SY-13. The quota of freed keys is given back. */
TEST_F(life, destroyed)
{
	int keys, bytes;

	quota_settled(geteuid(), &keys, &bytes);
	for (int i = 0; i < 50; i++) {
		key_serial_t key = sym_add("x", "new alg=hmac-sha512 for=mac,verify");

		ASSERT_LT(0, sym_add("y", "view of=%d for=mac", key));
	}
	ASSERT_LT(0, key_add("symmetric", "z", "new alg=hmac-sha256 for=mac",
			     27, KEY_SPEC_SESSION_KEYRING));
	for (const char *name = "xyz"; *name; name++) {
		char text[2] = { *name };
		key_serial_t key = keyctl(KEYCTL_SEARCH,
					  KEY_SPEC_SESSION_KEYRING, "symmetric",
					  text, 0);

		EXPECT_EQ(0, key_unlink(key, KEY_SPEC_SESSION_KEYRING));
	}
	EXPECT_TRUE(quota_returns_to(geteuid(), keys, bytes, 60000));
}

/* Shows: SY-54. The thousandth key works and ends like the first. */
TEST_F(life, many)
{
	key_serial_t ring = keyring_new("many", KEY_SPEC_SESSION_KEYRING);
	key_serial_t first = 0, last = 0;
	char name[16];

	if (geteuid() != 0)
		SKIP(return, "needs root");
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		last = key_add("symmetric", name, "new alg=hmac-sha256 for=mac",
			       27, ring);
		ASSERT_LT(0, last);
		first = first ?: last;
	}
	EXPECT_EQ(0, sym_works(first));
	EXPECT_EQ(0, sym_works(last));
	EXPECT_EQ(0, keyctl(KEYCTL_CLEAR, ring));
}

/*
 * struct race - threads that use a key while another ends it
 * @key: the key
 * @seals: whether the threads seal instead of making MACs
 * @uses:	uses that have returned
 * @ended: whether the call that ends the key has returned
 * @late:	uses that began after @ended and still worked
 * @wrong: a result that is neither success nor the error of the end
 */
struct race {
	key_serial_t key;
	bool seals;
	atomic_int uses;
	atomic_bool ended;
	atomic_int late;
	atomic_long wrong;
};

static long race_use(const struct race *race, uint8_t *text, uint8_t *out)
{
	if (race->seals)
		return sym_seal(race->key, "", text, TEXT_SIZE, out,
				TEXT_SIZE + SYM_BLOB_EXTRA);
	return sym_mac(race->key, text, TEXT_SIZE, out, 32);
}

static void *race_user(void *arg)
{
	uint8_t *text = calloc(1, TEXT_SIZE);
	uint8_t *out = calloc(1, TEXT_SIZE + SYM_BLOB_EXTRA);
	struct race *race = arg;
	bool ended;
	long ret;

	do {
		ended = atomic_load(&race->ended);
		ret = race_use(race, text, out);
		if (ret >= 0 && ended)
			atomic_fetch_add(&race->late, 1);
		if (ret < 0 && ret != -EKEYREVOKED && ret != -EKEYEXPIRED &&
		    ret != -ENOKEY)
			atomic_store(&race->wrong, ret);
		atomic_fetch_add(&race->uses, 1);
	} while (ret >= 0 && !ended);
	free(text);
	free(out);
	return NULL;
}

static long race_run(struct race *race, long (*end)(key_serial_t key),
		     key_serial_t victim)
{
	pthread_t users[USERS];
	long ret;

	for (int i = 0; i < USERS; i++)
		if (pthread_create(&users[i], NULL, race_user, race))
			return -EAGAIN;
	while (atomic_load(&race->uses) < USES_BEFORE)
		sched_yield();
	ret = end(victim);
	atomic_store(&race->ended, true);
	for (int i = 0; i < USERS; i++)
		pthread_join(users[i], NULL);
	return ret ?: atomic_load(&race->wrong);
}

/* Or by the faster one of two tasks. */
static long end_by_time(key_serial_t key)
{
	const int step_ms = 5, limit_ms = 10000;
	long ret = key_set_to_expire(key);

	for (int ms = 0; !ret && ms < limit_ms; ms += step_ms) {
		if (key_state(key) < 0)
			return 0;
		sleep_ms(step_ms);
	}
	return ret ?: -ETIME;
}

FIXTURE(race)
{
};

FIXTURE_VARIANT(race)
{
	const char *line;
	bool of_view;
	long (*end)(key_serial_t key);
	int rounds;
};

#define MAC	"new alg=hmac-sha256 for=mac,verify"
#define SEAL	"new alg=xchacha20-poly1305 for=seal,open"

FIXTURE_VARIANT_ADD(race, revoke_mac) { MAC, false, key_revoke, ROUNDS };
FIXTURE_VARIANT_ADD(race, revoke_seal) { SEAL, false, key_revoke, ROUNDS };
FIXTURE_VARIANT_ADD(race, revoke_root) { SEAL, true, key_revoke, ROUNDS };
FIXTURE_VARIANT_ADD(race, invalidate) { MAC, false, key_invalidate, ROUNDS };
FIXTURE_VARIANT_ADD(race, invalidate_root) { MAC, true, key_invalidate, ROUNDS };
FIXTURE_VARIANT_ADD(race, expiry) { MAC, false, end_by_time, 2 };
FIXTURE_VARIANT_ADD(race, expiry_root) { SEAL, true, end_by_time, 2 };

FIXTURE_SETUP(race)
{
	REQUIRE_SYMMETRIC();
}

FIXTURE_TEARDOWN(race)
{
}

/* Shows: SY-46, SY-47, SY-30. No use that begins after the end works. */
TEST_F(race, ended)
{
	for (int i = 0; i < variant->rounds; i++) {
		key_serial_t key = sym_add("key", "%s", variant->line);
		struct race race = { .seals = variant->line[8] == 'x' };

		ASSERT_LT(0, key);
		race.key = key;
		if (variant->of_view)
			race.key = sym_add("view", "view of=%d for=%s", key,
					   race.seals ? "seal" : "mac");
		ASSERT_LT(0, race.key);
		ASSERT_EQ(0, race_run(&race, variant->end, key));
		EXPECT_EQ(0, atomic_load(&race.late));
		EXPECT_GT(0, sym_works(race.key));
	}
}

static void *second_revoker(void *arg)
{
	struct race *race = arg;

	while (atomic_load(&race->uses) < USES_BEFORE)
		sched_yield();
	key_revoke(race->key);
	return NULL;
}

/*
 * Shows: SY-46, SY-50. Two tasks revoke the key, and the promise holds for
 * both.
 */
TEST_F(race, second)
{
	for (int i = 0; i < variant->rounds; i++) {
		key_serial_t key = sym_add("key", "%s", variant->line);
		struct race race = {
			.key = key, .seals = variant->line[8] == 'x',
		};
		pthread_t other;
		long ret;

		ASSERT_LT(0, key);
		ASSERT_EQ(0, pthread_create(&other, NULL, second_revoker,
					    &race));
		ret = race_run(&race, variant->end, key);
		EXPECT_TRUE(ret == 0 || ret == -EKEYREVOKED || ret == -ENOKEY) {
			TH_LOG("%ld", ret);
		}
		pthread_join(other, NULL);
		EXPECT_EQ(0, atomic_load(&race.late));
	}
}

TEST_HARNESS_MAIN
