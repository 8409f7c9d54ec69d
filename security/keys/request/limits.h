/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits of the request-key service, and the knobs that set them.
 */

#ifndef _SECURITY_KEYS_REQUEST_LIMITS_H
#define _SECURITY_KEYS_REQUEST_LIMITS_H

#include <linux/jiffies.h>
#include <linux/keyctl.h>
#include <linux/limits.h>
#include <linux/time64.h>

/* Seconds for which a failed request keeps its error, unless somebody sets another */
#define KEY_NEGATIVE_TIMEOUT_DEFAULT	60

/*
 * Most seconds for which a request that ran out of time keeps ETIMEDOUT: the
 * service may be back any moment, so ask again soon.
 */
#define KEY_TIMED_OUT_LIFETIME		10

/* Most seconds that a time limit may name; in jiffies it must fit a long */
#define KEY_REQUEST_TIMEOUT_MAX		(INT_MAX / HZ / 2)

/* Jiffies until a request past its time is looked at again while it is answered */
#define KEY_REQUEST_ANSWER_CHECK	(HZ / 10)

/*
 * Most helper programs that run at a time, and most requests with a helper whose
 * tasks have left them.  Beyond that a helper waits for its turn, and the requester
 * waits with it, so that a limit on a user's tasks limits its helpers, too.  Of each
 * kind there are that many for everybody, which is how many programs mainline runs.
 */
#define KEY_PLACES_COMMON		512

/*
 * Places of either kind that each payer may have when those are taken: for its own
 * requests, and as many again for requests from user namespaces that it made.
 */
#define KEY_PLACES_OWN			32

/* Jiffies that requests have to end in before the system goes to sleep */
#define KEY_REQUEST_SLEEP_LIMIT		(5 * HZ)

/* Jiffies until a killed task looks again whether it can leave its request */
#define KEY_REQUEST_LEAVE_CHECK		(HZ / 10)

/* Most bytes that can be written into /proc/key-requests at a time */
#define KEY_REQUEST_COMMAND_MAX		(PAGE_SIZE + 64)

/*
 * Keys that the kernel may have requested for one network namespace, but for the
 * initial one.  All of them are root's, and in root's quota, while somebody else
 * decides how many names a server or a service makes up.
 */
#define KEY_NETWORK_KEYS_MAX		4096

/* How many unlike keys can be put under construction at one moment */
#define KEY_CREATION_LOCK_BITS		6

/* From here on errors are the kernel's own and never reach a program */
#define KEY_FIRST_INTERNAL_ERROR	512

/* Room for a 32-bit number in decimal, its sign and the NUL */
#define KEY_REQUEST_DECIMAL_SIZE	12

/* Room for a key's serial number in hexadecimal and the NUL */
#define KEY_REQUEST_HEX_SIZE		9

/* Milliseconds that a service has for an answer: if it does not say; at most */
#define KEY_SERVICE_TIMEOUT_DEFAULT	(30 * MSEC_PER_SEC)
#define KEY_SERVICE_TIMEOUT_MAX		(24 * 60 * 60 * MSEC_PER_SEC)

/*
 * How long after it was made a request of the kernel's may still be with one,
 * unless the host's root opened it: the task that waits may hold locks that others
 * need.
 */
#define KEY_SERVICE_TIMEOUT_KERNEL	(30 * MSEC_PER_SEC)

/*
 * Seconds that an answer to a request of the kernel's lasts at most, unless the
 * host's root opened the service: the key is in the quota of root.
 */
#define KEY_SERVICE_LIFETIME_KERNEL	600

/* Unanswered requests of a service: if it does not say; at most */
#define KEY_SERVICE_PENDING_DEFAULT	256
#define KEY_SERVICE_PENDING_MAX		65536

/*
 * Unanswered requests that tasks of one user may have with services, if nobody
 * says else; root's may have more.  One user alone does not fill the default of a
 * service.
 */
#define KEY_SERVICE_PENDING_PER_USER	128

/*
 * Services that one user may have open, its user namespaces' included, if nobody
 * says else; root may have more
 */
#define KEY_SERVICES_PER_USER		64

/* Longest prefix of descriptions, and its NUL */
#define KEY_SERVICE_PREFIX_SIZE		1024

/* Longest name of a key type, and its NUL */
#define KEY_SERVICE_TYPE_SIZE		32

/* Most bytes of payload, as with KEYCTL_INSTANTIATE */
#define KEY_SERVICE_PAYLOAD_MAX		(1024 * 1024 - 1)

/* Payloads this long are answered without allocating for them */
#define KEY_SERVICE_SHORT_PAYLOAD	128

/* How many lists the open services are kept in */
#define KEY_SERVICE_HASH_BITS		6

extern unsigned int key_request_timeout;
extern unsigned int key_request_timeout_max;
extern unsigned int key_negative_timeout;
extern unsigned int key_services_per_user;
extern unsigned int key_service_pending_per_user;

#endif /* _SECURITY_KEYS_REQUEST_LIMITS_H */
