// SPDX-License-Identifier: GPL-2.0-only
/* How request-keyd shares slots and its queue, by the file that decides it. */
#include "../kselftest_harness.h"

#include "limits.h"
#include "slots.h"

#define SLOTS		16
#define JOBS		512
#define OWN_NS		7
#define OTHER_NS	8
#define NOBODY		65534

/*
 * struct crowd - jobs as the daemon has them
 * @jobs:	the jobs, each of which is linked to the one before
 * @records:	their requests
 * @count:	how many
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

/* The kernel's own credentials, seen from a namespace of its own. */
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

/* The kernel asks on behalf of a user, with its own credentials. */
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

/* How many of that many that ask are given a slot. */
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

/* How many are let into the queue. */
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

/* Shows: KD-29, KD-30. Namespaces and what the kernel asks for a user count. */
TEST_F(slots, of_user)
{
	struct crowd *crowd = &self->crowd;

	EXPECT_EQ(4, started(crowd, user_of(1000), "user", 3, SLOTS) +
		     started(crowd, kernel_for(1000), "dns", 9, SLOTS));
	EXPECT_EQ(4, started(crowd, foreigner_of(0), "x", 2, SLOTS) +
		     started(crowd, foreigner_of(1000), "y", 9, SLOTS));
}

/* Shows: KD-31. Any number of users leave room for root, and of types. */
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

/* Shows: KD-31. Forty slow look-ups of the kernel, whoever caused them. */
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
