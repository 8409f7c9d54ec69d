// SPDX-License-Identifier: GPL-2.0-only
#include "signature.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* More than one device ever had */
#define SIGNATURES_MAX	64

static blkid_probe probe_of(int fd)
{
	blkid_probe probe = blkid_new_probe();

	if (!probe)
		return NULL;
	if (blkid_probe_set_device(probe, fd, 0, 0) ||
	    blkid_probe_enable_superblocks(probe, 1) ||
	    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_MAGIC |
						     BLKID_SUBLKS_TYPE) ||
	    blkid_probe_enable_partitions(probe, 1) ||
	    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_MAGIC)) {
		blkid_free_probe(probe);
		return NULL;
	}
	return probe;
}

int signature_find(int fd, char *name, size_t size)
{
	blkid_probe probe = probe_of(fd);
	const char *found = NULL;
	int ret;

	if (!probe)
		return -ENOMEM;
	ret = blkid_do_probe(probe);
	if (ret == 0) {
		if (blkid_probe_lookup_value(probe, "TYPE", &found, NULL))
			blkid_probe_lookup_value(probe, "PTTYPE", &found, NULL);
		snprintf(name, size, "%s", found ?: "unknown");
	}
	blkid_free_probe(probe);
	return ret == 0 ? 1 : ret == 1 ? 0 : -EIO;
}

int signature_wipe(int fd)
{
	blkid_probe probe = probe_of(fd);
	int ret = 0;

	if (!probe)
		return -ENOMEM;
	for (int i = 0; ret == 0 && i < SIGNATURES_MAX; i++) {
		ret = blkid_do_probe(probe);
		if (ret == 0)
			ret = blkid_do_wipe(probe, 0) ? -EIO : 0;
	}
	blkid_free_probe(probe);
	if (ret != 1)
		return -EIO;
	return fsync(fd) ? -errno : 0;
}
