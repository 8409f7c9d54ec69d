/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The key service: answer requests for keys from a file descriptor
 *
 * See Documentation/security/keys/key-service.rst.
 */
#ifndef _UAPI_LINUX_KEY_SERVICE_H
#define _UAPI_LINUX_KEY_SERVICE_H

#include <linux/keyctl.h>
#include <linux/types.h>

/**
 * DOC: commands of keyctl(2)
 *
 * They are defined in linux/keyctl.h.  The scope is passed in a register, so
 * that a filter of seccomp(2) can allow some scopes; the upper half of the
 * register must be zero.
 *
 * %KEYCTL_SERVICE_OPEN
 *	keyctl(KEYCTL_SERVICE_OPEN, unsigned long scope,
 *	const struct key_service_params \*params, size_t size) opens a service
 *	and returns its descriptor, which is always close-on-exec.
 *
 * %KEYCTL_SERVICE_ASSUME
 *	keyctl(KEYCTL_SERVICE_ASSUME, int fd, const __u64 \*id,
 *	key_serial_t keyring) makes the authorisation key of a request that was
 *	read and not answered, links it into the keyring and returns its serial
 *	number.  From then on the request can be answered in either way.
 *
 * %KEYCTL_SERVICE_PIDFD
 *	keyctl(KEYCTL_SERVICE_PIDFD, int fd, const __u64 \*id) returns a
 *	descriptor of the process that made a request, if the caller sees that
 *	process and may inspect it.
 *
 * To learn whether the kernel has these commands, call
 * keyctl(KEYCTL_SERVICE_OPEN, 0, 0, 0): the call fails with ``EINVAL`` if the
 * kernel has them, and with ``EOPNOTSUPP`` if not.
 */

/**
 * DOC: scopes
 *
 * %KEY_SERVICE_SCOPE_UID
 *	Requests by request_key(2) of programs that the opener could trace.  The
 *	service ends with the opener's process, so a daemon goes to the background
 *	before it opens one.
 *
 * %KEY_SERVICE_SCOPE_USER_NS
 *	Requests made with credentials of the opener's user namespace, or of one
 *	below it that has no service for them.  Needs CAP_SYS_ADMIN in it.
 *
 * %KEY_SERVICE_SCOPE_NET_NS
 *	Requests for keys that belong to the opener's network namespace, of the
 *	kernel and of programs in the user namespace that owns it or below.  Needs
 *	CAP_SYS_ADMIN in that user namespace.
 */
#define KEY_SERVICE_SCOPE_UID		1
#define KEY_SERVICE_SCOPE_USER_NS	2
#define KEY_SERVICE_SCOPE_NET_NS	3

/**
 * DOC: flags of a service
 *
 * %KEY_SERVICE_NONBLOCK
 *	read(2) fails with ``EAGAIN`` instead of waiting for a request.
 *
 * %KEY_SERVICE_NO_FALLBACK
 *	Requests that are unanswered when the service ends fail with ``EBUSY``,
 *	which is not remembered, and take no other route.
 */
#define KEY_SERVICE_NONBLOCK		0x00000001
#define KEY_SERVICE_NO_FALLBACK		0x00000002

/**
 * struct key_service_filter - Which keys a service is asked for
 * @type: pointer to the name of the key type; zero for every type, which is not
 *	allowed in scope %KEY_SERVICE_SCOPE_UID
 * @prefix: pointer to what descriptions have to start with; zero for any
 */
struct key_service_filter {
	__aligned_u64 type;
	__aligned_u64 prefix;
};

/* The largest number of filters of one service */
#define KEY_SERVICE_FILTERS_MAX		16

/**
 * struct key_service_params - What %KEYCTL_SERVICE_OPEN is to open
 * @flags: zero or KEY_SERVICE_*
 * @filter_count: how many filters there are
 * @filters: pointer to an array of &struct key_service_filter; a key has to
 *	pass one of them.  Zero with a count of zero for any key, which is not
 *	allowed in scope %KEY_SERVICE_SCOPE_UID
 * @timeout_ms: milliseconds an answer may take; zero for 30000.  For a request
 *	of the kernel's it is at most 30000, unless the opener has CAP_SYS_ADMIN in
 *	the initial user namespace
 * @max_pending: most requests that may be unanswered at a time; zero for 256.
 *	Past it a request takes its next route in scope %KEY_SERVICE_SCOPE_UID,
 *	and fails with ``EBUSY`` in the others
 *
 * Extensible by size: zeros are added to a shorter structure, and a longer one
 * is accepted if what the kernel does not know is zero.
 */
struct key_service_params {
	__u32 flags;
	__u32 filter_count;
	__aligned_u64 filters;
	__u32 timeout_ms;
	__u32 max_pending;
};

#define KEY_SERVICE_PARAMS_SIZE_1	24	/* first published */

/**
 * DOC: origins of a request
 *
 * %KEY_SERVICE_ORIGIN_USER
 *	A program requests the key by request_key(2).  The program chose the
 *	description and the callout data itself: trust neither.
 *
 * %KEY_SERVICE_ORIGIN_KERNEL
 *	Kernel code requests the key, on behalf of any process or of none.
 */
#define KEY_SERVICE_ORIGIN_USER		0
#define KEY_SERVICE_ORIGIN_KERNEL	1

/**
 * DOC: flags of a request
 *
 * %KEY_SERVICE_REQUEST_FOREIGN
 *	The requester is outside of what the service's opener controls: not in
 *	its user namespace or the one that owns its network namespace, or below;
 *	or a process that has entered it and not run a program there yet.
 *
 * %KEY_SERVICE_REQUEST_UNMAPPED
 *	@uid, @gid or @payer is the overflow id, because the real one has no
 *	number in the service's user namespace.
 *
 * %KEY_SERVICE_REQUEST_GONE
 *	The process that made the request has ended.
 *
 * %KEY_SERVICE_REQUEST_WITHHELD
 *	The record does not show the requester's keyrings, and the authority
 *	that %KEYCTL_SERVICE_ASSUME gives does not search them.
 *
 * %KEY_SERVICE_REQUEST_AGAIN
 *	The request was read before, but its reader ended or released the
 *	request.
 */
#define KEY_SERVICE_REQUEST_FOREIGN	0x00000001
#define KEY_SERVICE_REQUEST_UNMAPPED	0x00000002
#define KEY_SERVICE_REQUEST_GONE	0x00000004
#define KEY_SERVICE_REQUEST_WITHHELD	0x00000008
#define KEY_SERVICE_REQUEST_AGAIN	0x00000010

/**
 * struct key_service_request - What read(2) on a service returns
 * @size: bytes of the whole record: this header and the data behind it
 * @version: %KEY_SERVICE_VERSION; a later one only appends to the header
 * @id: number of the request, never used twice while the system runs and without
 *	order
 * @flags: KEY_SERVICE_REQUEST_*; ignore those that you do not know
 * @origin: one of KEY_SERVICE_ORIGIN_*
 * @key: serial number of the key to make
 * @uid: file system uid of the requester, as seen from the service's user
 *	namespace
 * @gid: file system gid of the requester, seen likewise
 * @payer: uid of the user whose share of unanswered requests this one takes,
 *	seen likewise: the requester's real uid, even if the kernel overrides
 *	the requester's credentials
 * @pid: process that asks, as seen from the service's pid namespace; zero if it
 *	cannot be seen from there or has ended.  %KEYCTL_SERVICE_PIDFD is safe
 *	against numbers that are used again
 * @thread_keyring: serial number of the thread keyring, or zero
 * @process_keyring: serial number of the process keyring, or zero
 * @session_keyring: serial number of the session keyring, or of the user
 *	session keyring in its place, or zero
 * @deadline: when the request times out, in nanoseconds of CLOCK_MONOTONIC
 * @user_ns: inode number of the user namespace of the requester
 * @net_ns: inode number of the network namespace that the key belongs to, or,
 *	if to none, of the one of the requester; zero if it cannot be told
 * @type_offset: where the type's name starts, from the start of the record: where
 *	the kernel's header ends
 * @type_len: length of the name
 * @description_offset: where the key's description starts
 * @description_len: length of the description
 * @callout_offset: where the callout data start
 * @callout_len: length of the callout data
 *
 * A NUL that the lengths do not count follows each of name, description and
 * callout data.  No record is longer than %KEY_SERVICE_RECORD_MAX.  The kernel's
 * header may be longer or shorter than the one a program was built with, but is
 * never shorter than %KEY_SERVICE_REQUEST_SIZE_1.
 */
struct key_service_request {
	__u32 size;
	__u32 version;
	__aligned_u64 id;
	__u32 flags;
	__u32 origin;
	__s32 key;
	__u32 uid;
	__u32 gid;
	__u32 payer;
	__s32 pid;
	__s32 thread_keyring;
	__s32 process_keyring;
	__s32 session_keyring;
	__aligned_u64 deadline;
	__aligned_u64 user_ns;
	__aligned_u64 net_ns;
	__u32 type_offset;
	__u32 type_len;
	__u32 description_offset;
	__u32 description_len;
	__u32 callout_offset;
	__u32 callout_len;
};

#define KEY_SERVICE_REQUEST_SIZE_1	104	/* first published */
#define KEY_SERVICE_VERSION		1
#define KEY_SERVICE_RECORD_MAX		(128 * 1024)

/**
 * DOC: flags of an answer
 *
 * %KEY_SERVICE_ANSWER_LIFETIME
 *	@lifetime says when the key expires, whether it is made or rejected.
 *
 * %KEY_SERVICE_ANSWER_PASS
 *	The request is not for this service and takes its next route at once.
 *
 * %KEY_SERVICE_ANSWER_RELEASE
 *	The request returns to its place in the queue, for this or another
 *	reader.
 *
 * The last two exclude each other, and go with neither error, lifetime nor
 * payload.
 */
#define KEY_SERVICE_ANSWER_LIFETIME	0x00000001
#define KEY_SERVICE_ANSWER_PASS		0x00000002
#define KEY_SERVICE_ANSWER_RELEASE	0x00000004

/**
 * struct key_service_answer - What write(2) to a service starts with
 * @size: size of this header
 * @error: zero, or the error to reject the key with as a negative number above
 *	-512
 * @id: number of the request
 * @flags: zero or KEY_SERVICE_ANSWER_*
 * @lifetime: with %KEY_SERVICE_ANSWER_LIFETIME seconds after which the key
 *	expires, with a payload as with an error; zero for at once, so that an
 *	error is not remembered.  Without the flag it must be zero: then a payload
 *	does not expire, unless its type says so, and an error is remembered for
 *	kernel.keys.negative_timeout seconds
 * @payload_len: bytes of payload that follow the header; zero with an error
 * @__reserved: must be zero
 *
 * One write is one answer, and is taken whole or not at all.  The header is
 * extensible by size as &struct key_service_params is.
 */
struct key_service_answer {
	__u32 size;
	__s32 error;
	__aligned_u64 id;
	__u32 flags;
	__u32 lifetime;
	__u32 payload_len;
	__u32 __reserved;
};

#define KEY_SERVICE_ANSWER_SIZE_1	32	/* first published */

#endif /* _UAPI_LINUX_KEY_SERVICE_H */
