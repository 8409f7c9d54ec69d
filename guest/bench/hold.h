/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers that hold their answer back, and the command to give it.
 *
 * Such a helper writes a byte to one pipe and opens the other one for reading.
 * open() returns once the bench opens that pipe for writing.
 */
#ifndef GUEST_BENCH_HOLD_H
#define GUEST_BENCH_HOLD_H

#define HELPER_PROGRAM	"/keys/helper"
#define HOLD_PROGRAM	"/keys/helper-hold"

#define HOLD_READY	"/tmp/hold-ready"
#define HOLD_GO		"/tmp/hold-go"

#endif /* GUEST_BENCH_HOLD_H */
