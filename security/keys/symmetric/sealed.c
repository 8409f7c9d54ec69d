// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: the sealed form, in which a key can be stored
 *
 * A sealed form says what its key is, and the key that seals it vouches for that.
 * The program that loads it says, too, what it expects: sealed forms lie on disks, where
 * others may exchange them.
 *
 * Keys that seal are inside.  Otherwise whoever may derive from a key could derive
 * each child again, sealed by a key of known bytes, and open it.
 */

#include <crypto/chacha20poly1305.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../internal.h"
#include "symmetric.h"

static const char sealed_head[] = "key type symmetric sealed 1";

/* The parts of the clear text before the nonce, each after a byte with its length */
enum sealed_part {
	SEALED_HEAD, SEALED_GROUP, SEALED_ALG, SEALED_SIZE, SEALED_UUID,
	SEALED_LABEL, SEALED_USES, SEALED_ORIGIN, SEALED_PARTS
};

#define SEALED_EXTRA	(XCHACHA20POLY1305_NONCE_SIZE + \
			 CHACHA20POLY1305_AUTHTAG_SIZE)

static size_t sealed_add(u8 *at, const void *part, u8 size)
{
	*at++ = size;
	memcpy(at, part, size);
	return size + 1;
}

/* Returns the size.  Uses and origin are not those of the line when one is loaded. */
static size_t sealed_describe(u8 *clear, const struct symmetric_form *form,
			      u32 uses, u32 origin, unsigned int size)
{
	const char *group = form->alg->group->name, *alg = form->alg->name;
	u8 bits[] = { uses >> 24, uses >> 16, uses >> 8, uses };
	u8 inside = origin == SYMMETRIC_ORIGIN_INSIDE;
	u8 sizes[] = { size >> 8, size };
	u8 *at = clear;

	at += sealed_add(at, sealed_head, sizeof(sealed_head) - 1);
	at += sealed_add(at, group, strlen(group));
	at += sealed_add(at, alg, strlen(alg));
	at += sealed_add(at, sizes, sizeof(sizes));
	at += sealed_add(at, form->uuid, form->uuid_size);
	at += sealed_add(at, form->label, form->label_size);
	at += sealed_add(at, bits, sizeof(bits));
	at += sealed_add(at, &inside, sizeof(inside));
	return at - clear;
}

/* Found with the caller's rights; it does nothing but seal, or open, keys. */
static struct symmetric_key *sealed_keeper(key_serial_t serial, u32 use)
{
	key_ref_t ref = lookup_user_key(serial, 0, KEY_NEED_SEARCH);
	struct symmetric_key *keeper;

	if (IS_ERR(ref))
		return ERR_CAST(ref);
	keeper = symmetric_key_get(key_ref_to_ptr(ref));
	key_ref_put(ref);
	if (IS_ERR(keeper))
		return keeper;
	if (keeper->uses & use && keeper->origin == SYMMETRIC_ORIGIN_INSIDE)
		return keeper;
	symmetric_key_put(keeper);
	return ERR_PTR(-EKEYREJECTED);
}

/**
 * symmetric_sealed_make - make the sealed form of a key
 * @form: a line with "sealed-by"
 * @sk: has bytes and origin; receives the sealed form
 *
 * Context: process, under no key's semaphore
 * Return: 0, an error of the look-up, -EKEYREJECTED, -EKEYREVOKED, -EKEYEXPIRED or
 * -ENOMEM
 */
int symmetric_sealed_make(const struct symmetric_form *form,
			  struct symmetric_key *sk)
{
	struct symmetric_key *keeper;
	u8 *blob, *nonce;
	size_t clear;
	int err;

	keeper = sealed_keeper(form->keeper, SYMMETRIC_USE_WRAP);
	if (IS_ERR(keeper))
		return PTR_ERR(keeper);
	err = -ENOMEM;
	blob = kmalloc(SYMMETRIC_SEALED_MAX, GFP_KERNEL);
	if (!blob)
		goto error_put;

	clear = sealed_describe(blob, form, sk->uses, sk->origin, sk->size);
	nonce = blob + clear;
	get_random_bytes(nonce, XCHACHA20POLY1305_NONCE_SIZE);
	err = symmetric_enter(keeper);
	if (err)
		goto error_free;
	xchacha20poly1305_encrypt(nonce + XCHACHA20POLY1305_NONCE_SIZE,
				  sk->bytes, sk->size, blob, clear, nonce,
				  symmetric_bearer(keeper)->bytes);
	symmetric_leave(keeper);
	sk->sealed = blob;
	sk->sealed_size = clear + sk->size + SEALED_EXTRA;
	goto error_put;
error_free:
	kfree(blob);
error_put:
	symmetric_key_put(keeper);
	return err;
}

/**
 * struct sealed_view - a sealed form, taken apart
 * @parts: where each part begins
 * @sizes: and how many bytes it has
 * @clear: size of all of them
 * @size: bytes of the key
 */
struct sealed_view {
	const u8 *parts[SEALED_PARTS];
	u8 sizes[SEALED_PARTS];
	size_t clear;
	unsigned int size;
};

/* The highest byte first */
static u32 sealed_number(const struct sealed_view *view, enum sealed_part part)
{
	u32 number = 0;

	for (int i = 0; i < view->sizes[part]; i++)
		number = number << 8 | view->parts[part][i];
	return number;
}

/* Nothing of it is believed yet; it only has to have the right shape. */
static bool sealed_take_apart(const struct symmetric_form *form,
			      struct sealed_view *view)
{
	const u8 *at = form->blob, *end = at + form->blob_size;

	for (int i = 0; i < SEALED_PARTS; i++) {
		if (at == end || *at > end - at - 1)
			return false;
		view->sizes[i] = *at++;
		view->parts[i] = at;
		at += view->sizes[i];
	}
	view->clear = at - form->blob;
	if (view->sizes[SEALED_SIZE] != sizeof(u16) ||
	    view->sizes[SEALED_USES] != sizeof(u32) ||
	    view->sizes[SEALED_ORIGIN] != sizeof(u8))
		return false;
	view->size = sealed_number(view, SEALED_SIZE);
	return view->size <= SYMMETRIC_SIZE_MAX &&
	       end - at == view->size + SEALED_EXTRA;
}

static int sealed_open(struct symmetric_key *keeper,
		       const struct symmetric_form *form,
		       const struct sealed_view *view, u8 *bytes)
{
	const u8 *nonce = form->blob + view->clear;
	int err = symmetric_enter(keeper);
	bool right;

	if (err)
		return err;
	right = xchacha20poly1305_decrypt(bytes,
					  nonce + XCHACHA20POLY1305_NONCE_SIZE,
					  view->size +
					  CHACHA20POLY1305_AUTHTAG_SIZE,
					  form->blob, view->clear, nonce,
					  symmetric_bearer(keeper)->bytes);
	symmetric_leave(keeper);
	return right ? 0 : -EBADMSG;
}

/* Is it what the line expects?  The uses may be fewer, and never others. */
static int sealed_compare(const struct symmetric_form *form,
			  const struct sealed_view *view,
			  struct symmetric_key *sk)
{
	u32 uses = sealed_number(view, SEALED_USES);
	u8 clear[SYMMETRIC_SEALED_MAX];

	sk->origin = sealed_number(view, SEALED_ORIGIN) ?
		     SYMMETRIC_ORIGIN_INSIDE : SYMMETRIC_ORIGIN_OUTSIDE;
	if (form->uses & ~uses)
		return -EKEYREJECTED;
	if (sealed_describe(clear, form, uses, sk->origin, view->size) !=
	    view->clear || memcmp(clear, form->blob, view->clear) != 0)
		return -EKEYREJECTED;
	return 0;
}

/**
 * symmetric_sealed_load - open a sealed form
 * @form: a "load" line
 * @sk: has room for %SYMMETRIC_SIZE_MAX bytes; receives bytes, size and origin
 *
 * Context: process, under no key's semaphore
 * Return: 0, an error of the look-up, -EKEYREJECTED if the key that is named does
 * not open keys or what was sealed is not what the line expects, -EKEYREVOKED,
 * -EKEYEXPIRED, -EBADMSG
 */
int symmetric_sealed_load(const struct symmetric_form *form,
			  struct symmetric_key *sk)
{
	struct symmetric_key *keeper;
	struct sealed_view view;
	int err;

	BUILD_BUG_ON(sizeof(sealed_head) - 1 + SEALED_PARTS +
		     SYMMETRIC_NAME_MAX * 2 + sizeof(u16) + UUID_SIZE +
		     SYMMETRIC_LABEL_MAX + sizeof(u32) + sizeof(u8) +
		     SYMMETRIC_SIZE_MAX + SEALED_EXTRA > SYMMETRIC_SEALED_MAX);

	keeper = sealed_keeper(form->keeper, SYMMETRIC_USE_UNWRAP);
	if (IS_ERR(keeper))
		return PTR_ERR(keeper);
	err = -EBADMSG;
	if (!sealed_take_apart(form, &view))
		goto out;
	err = sealed_open(keeper, form, &view, sk->bytes);
	if (!err)
		err = sealed_compare(form, &view, sk);
	sk->size = view.size;
out:
	symmetric_key_put(keeper);
	return err;
}

/**
 * symmetric_read - KEYCTL_READ: the sealed form, in hex
 * @key: the key, on which the caller has Read: it is not enough to possess it
 * @buffer: where it goes, or NULL
 * @size: room there
 *
 * Context: process, under the key's semaphore, for reading
 * Return: size of all of it, -EOPNOTSUPP if there is none, -EKEYREVOKED or
 * -EKEYEXPIRED
 */
long symmetric_read(const struct key *key, char *buffer, size_t size)
{
	struct symmetric_key *sk = symmetric_of(key);
	int err = symmetric_dead(sk);
	size_t digits;

	if (err)
		return err;
	if (!sk->sealed)
		return -EOPNOTSUPP;
	digits = 2 * sk->sealed_size;
	if (buffer && size >= digits)
		bin2hex(buffer, sk->sealed, sk->sealed_size);
	return digits;
}
