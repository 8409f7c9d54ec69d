/* SPDX-License-Identifier: GPL-2.0-only */
/* What all of this program says errors with. */
#ifndef DISK_KEY_SAY_H
#define DISK_KEY_SAY_H

#define TOOL_NAME	"disk-key"
#include "../tool.h"

/* It never has a byte of a key. */
static void tool_wipe(void)
{
}

#endif /* DISK_KEY_SAY_H */
