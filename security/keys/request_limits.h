/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits of the request-key service, and the knobs that set them.
 */

#ifndef _SECURITY_KEYS_REQUEST_LIMITS_H
#define _SECURITY_KEYS_REQUEST_LIMITS_H

#include <linux/jiffies.h>
#include <linux/keyctl.h>
#include <linux/limits.h>

/* Seconds for which a failed request keeps its error, if nobody says else */
#define KEY_NEGATIVE_TIMEOUT_DEFAULT	60

/*
 * Most seconds for which a request that ran out of time keeps ETIMEDOUT: the
 * service may be back any moment, so ask again soon.
 */
#define KEY_TIMED_OUT_LIFETIME		10

/* Most seconds that a time limit may name; in jiffies it must fit a long */
#define KEY_REQUEST_TIMEOUT_MAX		(INT_MAX / HZ / 2)

/* How many unlike keys can be put under construction at one moment */
#define KEY_CREATION_LOCK_BITS		6

/* From here on errors are the kernel's own and never reach a program */
#define KEY_FIRST_INTERNAL_ERROR	512

/* Room for a 32-bit number in decimal, its sign and the NUL */
#define KEY_REQUEST_DECIMAL_SIZE	12

/* Room for a key's serial number in hexadecimal and the NUL */
#define KEY_REQUEST_HEX_SIZE		9

extern unsigned int key_request_timeout;
extern unsigned int key_request_timeout_max;
extern unsigned int key_negative_timeout;

#endif /* _SECURITY_KEYS_REQUEST_LIMITS_H */
