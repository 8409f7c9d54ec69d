/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The key service: answer requests for keys from a file descriptor
 *
 * See Documentation/security/keys/key-service.rst.
 */
#ifndef _UAPI_LINUX_KEY_SERVICE_H
#define _UAPI_LINUX_KEY_SERVICE_H

#include <linux/types.h>

/**
 * DOC: commands of keyctl(2)
 *
 * %KEYCTL_SERVICE_OPEN
 *	keyctl(KEYCTL_SERVICE_OPEN, const struct key_service_params \*params,
 *	size_t size) opens a service and returns its descriptor, which is always
 *	close-on-exec.
 *
 * %KEYCTL_SERVICE_ASSUME
 *	keyctl(KEYCTL_SERVICE_ASSUME, int fd, const __u64 \*id,
 *	key_serial_t keyring) makes the authorisation key of a request that was
 *	read and not answered, links it into the keyring and returns its serial
 *	number.  From then on the request can be answered in either way.
 *
 * KEYCTL_CAPABILITIES tells in the third byte, as %KEYCTL_CAPS2_KEY_SERVICE,
 * whether the kernel has them.
 */
#define KEYCTL_SERVICE_OPEN		33
#define KEYCTL_SERVICE_ASSUME		34

#define KEYCTL_CAPS2_KEY_SERVICE	0x10

/**
 * DOC: flags of a service
 *
 * %KEY_SERVICE_NONBLOCK
 *	read(2) fails with ``EAGAIN`` instead of waiting for a request.
 */
#define KEY_SERVICE_NONBLOCK		0x00000001

/**
 * DOC: scopes
 *
 * %KEY_SERVICE_SCOPE_UID
 *	Requests by request_key(2) of programs that the opener could trace.
 *
 * %KEY_SERVICE_SCOPE_USER_NS
 *	Requests made with credentials of the opener's user namespace, or of one
 *	below it that has no service for them.  Needs CAP_SYS_ADMIN in it.
 *
 * %KEY_SERVICE_SCOPE_NET_NS
 *	Requests for keys that belong to the opener's network namespace, whoever
 *	makes them.  Needs CAP_SYS_ADMIN in the user namespace that owns it.
 */
#define KEY_SERVICE_SCOPE_UID		1
#define KEY_SERVICE_SCOPE_USER_NS	2
#define KEY_SERVICE_SCOPE_NET_NS	3

/**
 * DOC: origins of a request
 *
 * %KEY_SERVICE_ORIGIN_KERNEL
 *	Code of the kernel wants the key, on whoever's behalf.
 *
 * %KEY_SERVICE_ORIGIN_USER
 *	A program wants it, by request_key(2).  It chose description and callout
 *	data itself: believe neither.
 */
#define KEY_SERVICE_ORIGIN_KERNEL	0
#define KEY_SERVICE_ORIGIN_USER		1

/**
 * struct key_service_params - What %KEYCTL_SERVICE_OPEN is to open
 * @flags: zero or KEY_SERVICE_*
 * @scope: one of KEY_SERVICE_SCOPE_*
 * @type: pointer to the name of the key type; zero for every type, which is not
 *	allowed in scope %KEY_SERVICE_SCOPE_UID
 * @prefix: pointer to what descriptions have to start with; zero for any
 * @timeout_ms: milliseconds an answer may take; zero for 30000.  For a request
 *	of the kernel's it is at most 30000, unless the opener has CAP_SYS_ADMIN in
 *	the initial user namespace
 * @max_pending: most requests that may be unanswered at a time; past it they
 *	take their next route; zero for 256
 *
 * Extensible by size: zeros are added to a shorter structure, and a longer one
 * is accepted if what the kernel does not know is zero.
 */
struct key_service_params {
	__u32 flags;
	__u32 scope;
	__aligned_u64 type;
	__aligned_u64 prefix;
	__u32 timeout_ms;
	__u32 max_pending;
};

#define KEY_SERVICE_PARAMS_SIZE_1	32	/* first published */

/**
 * struct key_service_request - What read(2) on a service returns
 * @size: bytes of the whole record: this header and the data behind it
 * @version: %KEY_SERVICE_VERSION; a later one only appends to the header
 * @id: number of the request, never used twice while the system runs
 * @key: serial number of the key to make
 * @origin: one of KEY_SERVICE_ORIGIN_*
 * @uid: file system uid of who asks, as seen from the service's user namespace
 * @gid: file system gid of who asks, seen likewise
 * @pid: process that asks, as seen from the service's pid namespace; zero if it
 *	cannot be seen from there or has ended
 * @thread_keyring: serial number of the thread keyring, or zero
 * @process_keyring: serial number of the process keyring, or zero
 * @session_keyring: serial number of the session keyring, or of the user
 *	session keyring in its place, or zero
 * @deadline: when the request times out, in nanoseconds of CLOCK_MONOTONIC
 * @user_ns: inode number of the user namespace of who asks
 * @net_ns: inode number of the network namespace that the key belongs to, or,
 *	if to none, of the one of who asks; zero if it cannot be told
 * @type_offset: where the type's name starts, from the start of the record
 * @type_len: length of the name
 * @description_offset: where the key's description starts
 * @description_len: length of the description
 * @callout_offset: where the callout data start
 * @callout_len: length of the callout data
 *
 * A NUL that the lengths do not count follows each of name, description and
 * callout data.  No record is longer than %KEY_SERVICE_RECORD_MAX.
 *
 * In scope %KEY_SERVICE_SCOPE_NET_NS the three keyrings are zero if who asks is
 * not in the user namespace that owns the service's network namespace, or below.
 * So they are in any scope but %KEY_SERVICE_SCOPE_UID if who asks is a process
 * that has entered the namespace and not run a program there yet.
 */
struct key_service_request {
	__u32 size;
	__u32 version;
	__aligned_u64 id;
	__s32 key;
	__u32 origin;
	__u32 uid;
	__u32 gid;
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

#define KEY_SERVICE_VERSION		1
#define KEY_SERVICE_RECORD_MAX		(128 * 1024)

/**
 * struct key_service_answer - What write(2) to a service starts with
 * @size: size of this header
 * @error: zero, or the error to reject the key with as a negative number above
 *	-512
 * @id: number of the request
 * @lifetime: seconds after which the key expires, or for which the error is
 *	remembered; zero for no expiry, or for no memory
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
	__u32 lifetime;
	__u32 payload_len;
	__aligned_u64 __reserved;
};

#define KEY_SERVICE_ANSWER_SIZE_1	32	/* first published */

#endif /* _UAPI_LINUX_KEY_SERVICE_H */
