/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys of the kernel: the parents, what is derived from one, and the key of the
 * volume.  Of none of them this program ever has a byte.  What can fail returns a
 * negative errno.
 */
#ifndef DISK_KEY_KEYS_H
#define DISK_KEY_KEYS_H

#include "header.h"

/* The names that dm-crypt finds the volume's key by, and what ends the second one */
#define VOLUME_NAME	"disk-key:"
#define VOLUME_NAME_NEXT	":next"
#define VOLUME_NAME_SIZE	(sizeof(VOLUME_NAME VOLUME_NAME_NEXT) + UUID_TEXT)

/* The key of the disk's label, and the one of the label to come */
enum volume_key {
	KEY_NOW,
	KEY_NEXT,
	KEYS,
};

/*
 * struct family - what is derived from a parent, for one disk
 * @root:	what the volume's key is derived from, if the parent is the first one
 * @keeper:	seals the volume's key
 * @mac:	makes the slot's MAC
 */
struct family {
	int32_t root;
	int32_t keeper;
	int32_t mac;
};

/*
 * struct parent - a key that somebody named, or a slot
 */
struct parent {
	int32_t serial;
	unsigned int type;
	char name[HEADER_PARENT];
};

/* This process finds what is in the user's keyring, as well. */
int keys_begin(void);

int parent_find(struct parent *parent, unsigned int type, const char *name);
/* -EKEYREJECTED if it is of no type that parents are of, or has no fit name. */
int parent_describe(struct parent *parent, int32_t serial);

int family_make(struct family *family, const struct parent *parent,
		const struct header *header);
/* They end at once; the volume's key does not. */
void family_end(struct family *family);

/* Fills in form and MAC of the slot, for which the first parent's root is needed. */
int family_seal(const struct family *family, int32_t root,
		struct header *header, int slot);
/* Only the MAC, which has the form vouched for as it is. */
int family_sign(const struct family *family, struct header *header, int slot);
/* 0 if the slot is the parent's, and -EKEYREJECTED if not. */
int family_check(const struct family *family, const struct header *header,
		 int slot);

/* A key of the volume by a slot, linked to the user's keyring. */
int32_t volume_key_load(const struct family *family,
			const struct header *header, int slot,
			enum volume_key which);
/* In the user's keyring; -EKEYREVOKED or -EKEYEXPIRED if it has ended. */
int32_t volume_key_find(const char *uuid, enum volume_key which);
void volume_key_name(const char *uuid, enum volume_key which,
		     char name[VOLUME_NAME_SIZE]);
/* 0 if no timeout ends it, -ETIME if one does or has. */
int volume_key_lasts(int32_t key);
/* Takes it from whoever has it. */
int volume_key_end(int32_t key);

/*
 * struct volume_keys - all keys of a volume; what is not positive is none
 */
struct volume_keys {
	int32_t key[KEYS];
};

/* All that the header speaks of, or none. */
int volume_keys_load(struct volume_keys *keys, const struct family *family,
		     const struct header *header, int slot);
void volume_keys_find(struct volume_keys *keys, const char *uuid);
void volume_keys_end(struct volume_keys *keys);

#endif /* DISK_KEY_KEYS_H */
