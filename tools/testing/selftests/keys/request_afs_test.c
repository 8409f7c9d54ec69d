// SPDX-License-Identifier: GPL-2.0-only
/* AFS: a name in its dynamic root is a cell that the resolver has to find. */
#include "request_afs.h"
#include "request_asked.h"

#include "../kselftest_harness.h"

FIXTURE(afs)
{
	char root[32];
	bool mounted;
	int listener;
	int link;
	struct asked asked;
	char cell[64];
};

FIXTURE_SETUP(afs)
{
	static unsigned int count;

	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	snprintf(self->root, sizeof(self->root), "/tmp/afs.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->root));
	if (mount("none", self->root, "afs", 0, "dyn")) {
		rmdir(self->root);
		if (errno == ENODEV)
			SKIP(return, "needs CONFIG_AFS_FS");
		ASSERT_EQ(0, errno);
	}
	self->mounted = true;
	self->link = -1;
	self->listener = asked_open();
	ASSERT_LE(0, self->listener);
	/* The kernel remembers cells, so each test uses another name. */
	snprintf(self->cell, sizeof(self->cell), "cell%d-%u.example", getpid(),
		 count++);
}

FIXTURE_TEARDOWN(afs)
{
	close(self->link);
	close(self->listener);
	if (self->mounted)
		umount2(self->root, MNT_DETACH);
	rmdir(self->root);
}

/* lstat() as a child's call. */
static int stat_cell(const void *path)
{
	struct stat stat;

	return result(lstat(path, &stat));
}

/*
 * Looks the cell up in a child, and waits for the helper that is asked for it.
 */
static pid_t want_cell(FIXTURE_DATA(afs) *self)
{
	static char path[128];
	const struct asked_key key = { "dns_resolver", self->cell };
	pid_t child;

	snprintf(path, sizeof(path), "%s/%s", self->root, self->cell);
	child = task_start(stat_cell, path);
	self->link = asked_next(self->listener, &self->asked, &key);
	return child;
}

/*
 * Shows: RK-15, RK-18, RK-D17. The arguments of the resolver, and the use of
 * its answer.
 */
TEST_F(afs, answered)
{
	pid_t child = want_cell(self);
	const struct asked_key key = { "dns_resolver", self->cell };
	char description[96], path[128];

	ASSERT_LE(0, self->link);
	snprintf(description, sizeof(description), "afsdb:%s", self->cell);
	EXPECT_STREQ("dns_resolver", self->asked.type);
	EXPECT_STREQ(description, self->asked.description);
	EXPECT_STREQ("srv=1", self->asked.callout);
	EXPECT_EQ(0, self->asked.uid);
	EXPECT_STREQ(request_ours ? "kernel" : "", self->asked.origin);
	EXPECT_EQ(0, asked_answer(self->link, &cell_record, sizeof(cell_record)));
	close(self->link);
	EXPECT_EQ(0, task_result(child));

	/* The resolver is not asked again for a known cell. */
	snprintf(path, sizeof(path), "%s/%s", self->root, self->cell);
	EXPECT_EQ(0, task_run(stat_cell, path));
	EXPECT_FALSE(asked_at_all(self->listener, &key));
}

/*
 * Shows: RK-15, RK-120. A cell that the resolver does not know does not exist.
 */
TEST_F(afs, unknown)
{
	pid_t child = want_cell(self);

	ASSERT_LE(0, self->link);
	EXPECT_EQ(0, asked_reject(self->link, ENODATA));
	close(self->link);
	EXPECT_EQ(-ENOENT, task_result(child));
}

/* Shows: RK-15, RK-117. A helper that ends without an answer. */
TEST_F(afs, no_answer)
{
	pid_t child = want_cell(self);

	ASSERT_LE(0, self->link);
	close(self->link);
	EXPECT_GT(0, task_result(child));
}

ASKED_TEST_MAIN
