/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers and how those that hold their answer back are told to give it.
 *
 * Such a helper writes a byte to one pipe, and opens the other for reading,
 * which lasts until somebody opens it for writing.
 */
#ifndef GUEST_BENCH_HOLD_H
#define GUEST_BENCH_HOLD_H

#define HELPER_PROGRAM	"/keys/helper"
#define HOLD_PROGRAM	"/keys/helper-hold"

#define HOLD_READY	"/tmp/hold-ready"
#define HOLD_GO		"/tmp/hold-go"

#endif /* GUEST_BENCH_HOLD_H */
