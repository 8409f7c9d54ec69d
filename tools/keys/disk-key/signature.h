/* SPDX-License-Identifier: GPL-2.0-only */
/* What others have on a device, by the word of libblkid. */
#ifndef DISK_KEY_SIGNATURE_H
#define DISK_KEY_SIGNATURE_H

#include <stddef.h>

/* 1 and its name if there is something, 0 if not, or a negative errno. */
int signature_find(int fd, char *name, size_t size);

/* Has libblkid find nothing any more. */
int signature_wipe(int fd);

#endif /* DISK_KEY_SIGNATURE_H */
