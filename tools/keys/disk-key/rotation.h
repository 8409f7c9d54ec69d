/* SPDX-License-Identifier: GPL-2.0-only */
/* The device of a rotation, which has all data by both keys. */
#ifndef DISK_KEY_ROTATION_H
#define DISK_KEY_ROTATION_H

#include "map.h"

/* 1 if a process has it open. */
int rotation_runs(const char *uuid);

/* Its table has to be loaded, and resumed hidden. */
int rotation_create(const char *uuid, char name[MAP_NAME_SIZE]);

/* Has it fail, whoever uses it, and go.  That there is none is no error. */
int rotation_end(const char *uuid);

#endif /* DISK_KEY_ROTATION_H */
