// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: places that there is only a number of.
 *
 * Most places are everybody's, first come, first served.  When they are all taken,
 * each payer still has some of its own, so nobody can keep others waiting by
 * taking all there are.
 */

#include <linux/lockdep.h>
#include <linux/spinlock.h>
#include "request.h"

static DEFINE_SPINLOCK(key_places_lock);

/* How many of everybody's are taken; under key_places_lock */
static unsigned int common_taken[KEY_PLACE_KINDS];

/* A payer's count of its own requests, or of those from namespaces it made */
static unsigned int *key_place_own_taken(const struct key_payers *payers, unsigned int i,
					 enum key_place_kind kind)
{
	struct key_user *user = payers->users[i];

	return i ? &user->nplaces_below[kind] : &user->nplaces[kind];
}

static bool key_place_take_own(const struct key_payers *payers, enum key_place_kind kind)
	__must_hold(&key_places_lock)
{
	unsigned int i;

	lockdep_assert_held(&key_places_lock);
	for (i = 0; i < payers->count; i++)
		if (*key_place_own_taken(payers, i, kind) >= KEY_PLACES_OWN)
			return false;
	for (i = 0; i < payers->count; i++)
		++*key_place_own_taken(payers, i, kind);
	return true;
}

/*
 * Take a place for a request, if there is one and it has none.
 *
 * @place says which one the request has, and changes here alone.  To take a place
 * and to give it back order what comes before and after, as with a lock.
 *
 * Return: whether the request has one now.
 */
bool key_place_take(enum key_place *place, const struct key_payers *payers,
		    enum key_place_kind kind)
{
	bool taken = true;

	spin_lock(&key_places_lock);
	if (*place != KEY_PLACE_NONE) {
		/* A request is charged once */
	} else if (common_taken[kind] < KEY_PLACES_COMMON) {
		common_taken[kind]++;
		*place = KEY_PLACE_COMMON;
	} else if (key_place_take_own(payers, kind)) {
		*place = KEY_PLACE_OWN;
	} else {
		taken = false;
	}
	spin_unlock(&key_places_lock);
	return taken;
}

/*
 * Give a place back.
 *
 * Return: whether there was one.
 */
bool key_place_give(enum key_place *place, const struct key_payers *payers,
		    enum key_place_kind kind)
{
	enum key_place had;
	unsigned int i;

	spin_lock(&key_places_lock);
	had = *place;
	*place = KEY_PLACE_NONE;
	if (had == KEY_PLACE_COMMON)
		common_taken[kind]--;
	for (i = 0; had == KEY_PLACE_OWN && i < payers->count; i++)
		--*key_place_own_taken(payers, i, kind);
	spin_unlock(&key_places_lock);
	return had != KEY_PLACE_NONE;
}
