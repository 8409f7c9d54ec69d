// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shares of request-keyd's slots and queue; the test links the file that
 * decides them.
 */
#include "../kselftest_harness.h"

#include "limits.h"
#include "slots.h"

#define SLOTS		16
#define JOBS		512
#define OWN_NS		7
#define OTHER_NS	8
#define NOBODY		65534

/*
 * struct crowd - jobs in the daemon's form
 * @jobs: the jobs, each of which is linked to the previous one
 * @records:	their requests
 * @count: how many there are
 */
struct crowd {
	struct job jobs[JOBS];
	struct key_service_request records[JOBS];
	int count;
};

FIXTURE(slots)
{
	struct crowd crowd;
};

FIXTURE_SETUP(slots)
{
}

FIXTURE_TEARDOWN(slots)
{
}

/* What asks. */
struct asker {
	uint32_t origin;
	uint32_t payer;
	uint64_t user_ns;
	uint32_t flags;
};

static const struct asker root = {
	KEY_SERVICE_ORIGIN_USER, 0, OWN_NS, 0
};

static const struct asker kernel = {
	KEY_SERVICE_ORIGIN_KERNEL, 0, OWN_NS, 0
};

/*
 * A request with the kernel's own credentials, as seen from another user
 * namespace.
 */
static const struct asker kernel_below = {
	KEY_SERVICE_ORIGIN_KERNEL, NOBODY, OTHER_NS,
	KEY_SERVICE_REQUEST_UNMAPPED
};

static struct asker user_of(uint32_t uid)
{
	return (struct asker){ KEY_SERVICE_ORIGIN_USER, uid, OWN_NS, 0 };
}

static struct asker foreigner_of(uint32_t uid)
{
	return (struct asker){ KEY_SERVICE_ORIGIN_USER, uid, OTHER_NS, 0 };
}

/*
 * A request of the kernel on behalf of a user, with the kernel's own
 * credentials.
 */
static struct asker kernel_for(uint32_t uid)
{
	return (struct asker){ KEY_SERVICE_ORIGIN_KERNEL, uid, OWN_NS, 0 };
}

static struct job *arrive(struct crowd *crowd, struct asker asker,
			  const char *type)
{
	struct key_service_request *record = &crowd->records[crowd->count];
	struct job *job = &crowd->jobs[crowd->count];

	*record = (struct key_service_request){
		.origin = asker.origin, .payer = asker.payer,
		.user_ns = asker.user_ns, .flags = asker.flags,
	};
	*job = (struct job){
		.next = crowd->count ? job - 1 : NULL,
		.record = record, .request.type = type,
		.payer = payer_of(record, OWN_NS),
	};
	crowd->count++;
	return job;
}

static const struct job *all_of(const struct crowd *crowd)
{
	return &crowd->jobs[crowd->count - 1];
}

/* Returns how many of @count jobs get a slot. */
static int started(struct crowd *crowd, struct asker asker, const char *type,
		   int count, unsigned int slots)
{
	int some = 0;

	for (; count; count--) {
		struct job *job = arrive(crowd, asker, type);

		if (!slots_allow(all_of(crowd), job, slots))
			continue;
		job->child.pid = 1;
		some++;
	}
	return some;
}

/* Returns how many of @count jobs may wait in the queue. */
static int queued(struct crowd *crowd, struct asker asker, int count)
{
	int some = 0;

	for (; count; count--) {
		struct job *job = arrive(crowd, asker, "user");

		if (slots_have_room(all_of(crowd), job))
			some++;
		else
			job->done = true;
	}
	return some;
}

/*
 * Shows: KD-29, KD-30. Requests from namespaces, and the kernel's requests on
 * behalf of a user, count as requests of users.
 */
TEST_F(slots, of_user)
{
	struct crowd *crowd = &self->crowd;

	EXPECT_EQ(4, started(crowd, user_of(1000), "user", 3, SLOTS) +
		     started(crowd, kernel_for(1000), "dns", 9, SLOTS));
	EXPECT_EQ(4, started(crowd, foreigner_of(0), "x", 2, SLOTS) +
		     started(crowd, foreigner_of(1000), "y", 9, SLOTS));
}

/* Shows: KD-31. Any number of users, and of key types, leaves room for root. */
TEST_F(slots, of_type)
{
	struct crowd *crowd = &self->crowd;
	int some = 0;

	for (uint32_t uid = 1000; uid < 1040; uid++)
		some += started(crowd, user_of(uid), "user", 3, SLOTS);
	EXPECT_EQ(8, some);
	for (uint32_t uid = 1000; uid < 1040; uid++)
		some += started(crowd, user_of(uid), "logon", 3, SLOTS);
	EXPECT_EQ(12, some);
	EXPECT_EQ(2, started(crowd, kernel, "user", 9, SLOTS));
	EXPECT_EQ(2, started(crowd, root, "user", 9, SLOTS));
}

/*
 * Shows: KD-31. Forty slow look-ups of the kernel leave room for others,
 * whoever has caused them.
 */
TEST_F(slots, of_kernel)
{
	struct crowd *crowd = &self->crowd;

	EXPECT_EQ(8, started(crowd, kernel, "dns_resolver", 40, SLOTS));
	EXPECT_EQ(0, started(crowd, kernel_below, "dns_resolver", 40, SLOTS));
	EXPECT_EQ(6, started(crowd, kernel_below, "cifs.spnego", 40, SLOTS));
	EXPECT_EQ(2, started(crowd, root, "dns_resolver", 40, SLOTS));
}

/* Shows: KD-28, KD-31. Few slots, and only one. */
TEST_F(slots, few)
{
	struct crowd *crowd = &self->crowd;

	EXPECT_EQ(1, started(crowd, user_of(1000), "user", 9, 1));
	EXPECT_EQ(0, started(crowd, root, "user", 9, 1));
	crowd->count = 0;
	EXPECT_EQ(1, started(crowd, user_of(1000), "user", 9, 4));
	EXPECT_EQ(1, started(crowd, user_of(1001), "user", 9, 4));
	EXPECT_EQ(0, started(crowd, user_of(1002), "logon", 9, 4));
	EXPECT_EQ(1, started(crowd, kernel, "dns", 9, 4));
	EXPECT_EQ(1, started(crowd, root, "user", 9, 4));
}

/* Shows: KD-32. */
TEST_F(slots, queue)
{
	struct crowd *crowd = &self->crowd;

	EXPECT_EQ(QUEUE_USER_MAX, queued(crowd, user_of(1000), 90));
	EXPECT_EQ(QUEUE_USER_MAX, queued(crowd, user_of(1001), 90));
	EXPECT_EQ(QUEUE_USERS_MAX - 2 * QUEUE_USER_MAX,
		  queued(crowd, user_of(1002), 40) +
		  queued(crowd, foreigner_of(3), 90));
	EXPECT_EQ(10, queued(crowd, root, 10));
	EXPECT_EQ(10, queued(crowd, kernel, 10));
}

TEST_HARNESS_MAIN
