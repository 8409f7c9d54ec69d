/* SPDX-License-Identifier: GPL-2.0-only */
/* What the devices of a disk are made of, by its header. */
#ifndef DISK_KEY_TABLE_H
#define DISK_KEY_TABLE_H

#include "map.h"
#include "store.h"

/* The volume; during a rotation each part by the key that it has at that place. */
void table_of_volume(struct map_table *table, const struct header *header,
		     dev_t dev);

/* All data by the old key, and behind them all data by the new one. */
void table_of_rotation(struct map_table *table, const struct header *header,
		       dev_t dev);

#endif /* DISK_KEY_TABLE_H */
