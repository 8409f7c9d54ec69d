// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data of a disk that is being rotated, chunk by chunk.
 *
 * A chunk is copied to the journal as it is; then the header says so; then it is read
 * by the old key and written by the new one; then the header says that.  So of each
 * sector there is one place at any time that the header names and that nobody writes
 * to.  Between two chunks others have the disk.
 */
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "rotate.h"

/* Others who wait for the disk get it meanwhile. */
#define PAUSE_NS	2000000

/* Another program that had the disk meanwhile may have changed it. */
static int check(struct rotate *rotate, const struct header *known)
{
	const struct header_rotation *rotation = &rotate->store.header.rotation;

	rotate->doing = "go on";
	/* The parents have vouched for each place, and the disk may bring one back. */
	if (rotation->position != known->rotation.position ||
	    rotation->moving != known->rotation.moving)
		return -EKEYREJECTED;
	return rotate_check(rotate, known);
}

/* Puts the chunk into the journal, and says so, unless that has been done. */
static int chunk_keep(struct rotate *rotate, uint64_t start, uint32_t sectors)
{
	struct header_rotation *rotation = &rotate->store.header.rotation;

	if (rotation->moving) {
		rotate->doing = "read the journal back";
		return move_from_journal(&rotate->mover, start, sectors);
	}
	rotate->doing = "write the journal";
	return move_to_journal(&rotate->mover, start, sectors);
}

static int chunk_turn(struct rotate *rotate, uint64_t start, uint32_t sectors)
{
	struct header_rotation *rotation = &rotate->store.header.rotation;
	int err = 0;

	if (!rotation->moving) {
		rotation->moving = htole32(sectors);
		err = rotate_write(rotate);
	}
	if (!err) {
		rotate->doing = "write the data";
		err = move_to_key(&rotate->mover, start, sectors);
	}
	if (err)
		return err;
	rotation->position = htole64(start + sectors);
	rotation->moving = 0;
	return rotate_write(rotate);
}

static int chunk(struct rotate *rotate)
{
	struct header *header = &rotate->store.header, after = *header;
	uint64_t start = le64toh(header->rotation.position);
	uint64_t rest = le64toh(header->sectors) - start;
	uint32_t sectors = le32toh(header->rotation.moving);
	struct map volume;
	int err;

	if (!sectors)
		sectors = rest < HEADER_JOURNAL_SECTORS ? rest :
			  HEADER_JOURNAL_SECTORS;
	after.rotation.position = htole64(start + sectors);
	after.rotation.moving = 0;
	err = volume_hold(rotate, &after, &volume);
	if (err)
		return err;
	err = chunk_keep(rotate, start, sectors);
	if (err) {
		volume_go_back(&volume);
		return err;
	}
	err = chunk_turn(rotate, start, sectors);
	if (!err) {
		rotate->doing = "resume the volume";
		err = volume_go_on(&volume);
	}
	if (err)
		volume_settle(rotate, &volume, start, sectors);
	return err;
}

static bool is_done(const struct rotate *rotate)
{
	const struct header *header = &rotate->store.header;

	return header->rotation.position == header->sectors;
}

/* Each of them would end the program, or a call of it, within a chunk. */
static void signals_that_end(sigset_t *ends)
{
	sigemptyset(ends);
	sigaddset(ends, SIGHUP);
	sigaddset(ends, SIGINT);
	sigaddset(ends, SIGQUIT);
	sigaddset(ends, SIGTERM);
}

void chunks_block_signals(void)
{
	sigset_t ends;

	signals_that_end(&ends);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	/* A program that is stopped could have the volume wait for it. */
	signal(SIGTSTP, SIG_IGN);
}

/* True if a signal asks for an end. */
static bool pause_for_others(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	sigset_t ends;

	signals_that_end(&ends);
	return sigtimedwait(&ends, NULL, &pause) > 0;
}

int chunks_move(struct rotate *rotate)
{
	int err = 0;

	while (!err && !is_done(rotate)) {
		struct header known;
		bool ends;

		err = chunk(rotate);
		if (err)
			break;
		known = rotate->store.header;
		store_unlock(&rotate->store);
		ends = pause_for_others();
		err = store_lock(&rotate->store);
		if (!err)
			err = check(rotate, &known);
		if (ends && !err) {
			rotate->doing = "go on";
			err = -EINTR;
		}
	}
	return err;
}
