/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the request-key service: the stations of one request.
 */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM key_request

#if !defined(_TRACE_KEY_REQUEST_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_KEY_REQUEST_H

#include <linux/ctype.h>
#include <linux/key-type.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#ifndef KEY_REQUEST_TRACE_SIZES
#define KEY_REQUEST_TRACE_SIZES
#define KEY_REQUEST_TRACE_TYPE		32
#define KEY_REQUEST_TRACE_DESCRIPTION	64
#define KEY_REQUEST_TRACE_ROUTE		16

/* A program chooses the description, which must not look like another line */
static inline void key_request_trace_text(char *to, const char *from,
					  size_t size)
{
	strscpy(to, from, size);
	for (; *to; to++)
		if (!isascii(*to) || !isprint(*to))
			*to = '?';
}
#endif

/* enum key_request_cause stands in security/keys/request/request.h */
TRACE_DEFINE_ENUM(KEY_CAUSE_ANSWER);
TRACE_DEFINE_ENUM(KEY_CAUSE_SETUP);
TRACE_DEFINE_ENUM(KEY_CAUSE_NO_HELPER);
TRACE_DEFINE_ENUM(KEY_CAUSE_NO_ANSWER);
TRACE_DEFINE_ENUM(KEY_CAUSE_ACTOR);
TRACE_DEFINE_ENUM(KEY_CAUSE_TIMEOUT);
TRACE_DEFINE_ENUM(KEY_CAUSE_LOST);
TRACE_DEFINE_ENUM(KEY_CAUSE_TYPE_GONE);
TRACE_DEFINE_ENUM(KEY_CAUSE_CLOSED);

#define show_key_request_cause(cause)					\
	__print_symbolic(cause,						\
			 { KEY_CAUSE_ANSWER, "answer" },		\
			 { KEY_CAUSE_SETUP, "setup" },			\
			 { KEY_CAUSE_NO_HELPER, "no-helper" },		\
			 { KEY_CAUSE_NO_ANSWER, "no-answer" },		\
			 { KEY_CAUSE_ACTOR, "actor" },			\
			 { KEY_CAUSE_TIMEOUT, "timeout" },		\
			 { KEY_CAUSE_LOST, "lost" },			\
			 { KEY_CAUSE_TYPE_GONE, "type-gone" },		\
			 { KEY_CAUSE_CLOSED, "closed" })

/**
 * key_request_start - A key was put under construction
 * @id: number of the request
 * @key: the key
 * @kernel: whether code of the kernel asks, or a program by request_key(2)
 * @uid: file system uid of the requester, in the initial user namespace
 */
TRACE_EVENT(key_request_start,
	TP_PROTO(u64 id, const struct key *key, bool kernel, uid_t uid),
	TP_ARGS(id, key, kernel, uid),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(key_serial_t, key)
		__field(bool, kernel)
		__field(uid_t, uid)
		__array(char, type, KEY_REQUEST_TRACE_TYPE)
		__array(char, description, KEY_REQUEST_TRACE_DESCRIPTION)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->key = key_serial(key);
		__entry->kernel = kernel;
		__entry->uid = uid;
		strscpy(__entry->type, key->type->name,
			KEY_REQUEST_TRACE_TYPE);
		key_request_trace_text(__entry->description, key->description,
				       KEY_REQUEST_TRACE_DESCRIPTION);
	),
	TP_printk("id=%llu key=%08x origin=%s uid=%u type=%s description=%s",
		  __entry->id, __entry->key,
		  __entry->kernel ? "kernel" : "user", __entry->uid,
		  __entry->type, __entry->description)
);

/**
 * key_request_route - the kernel has chosen a route for a request
 * @id: number of the request
 * @key: the key
 * @route: name of the route
 */
TRACE_EVENT(key_request_route,
	TP_PROTO(u64 id, const struct key *key, const char *route),
	TP_ARGS(id, key, route),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(key_serial_t, key)
		__array(char, route, KEY_REQUEST_TRACE_ROUTE)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->key = key_serial(key);
		strscpy(__entry->route, route, KEY_REQUEST_TRACE_ROUTE);
	),
	TP_printk("id=%llu key=%08x route=%s",
		  __entry->id, __entry->key, __entry->route)
);

/**
 * key_request_deliver - a service or helper has got a request
 * @id: number of the request
 * @key: the key
 * @pid: process that has the request, in the initial pid namespace
 */
TRACE_EVENT(key_request_deliver,
	TP_PROTO(u64 id, const struct key *key, pid_t pid),
	TP_ARGS(id, key, pid),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(key_serial_t, key)
		__field(pid_t, pid)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->key = key_serial(key);
		__entry->pid = pid;
	),
	TP_printk("id=%llu key=%08x pid=%d",
		  __entry->id, __entry->key, __entry->pid)
);

/**
 * key_request_done - A request is over
 * @id: number of the request
 * @key: the key; if it was rejected, that error is shown
 * @result: 0, or the error that the requester gets
 * @cause: enum key_request_cause
 * @status: exit status of the helper, in the form of wait(2)
 * @usecs: microseconds since the start
 */
TRACE_EVENT(key_request_done,
	TP_PROTO(u64 id, const struct key *key, int result, int cause,
		 int status, s64 usecs),
	TP_ARGS(id, key, result, cause, status, usecs),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(key_serial_t, key)
		__field(int, error)
		__field(int, cause)
		__field(int, status)
		__field(s64, usecs)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->key = key_serial(key);
		__entry->error = result ?: min_t(int, key_read_state(key), 0);
		__entry->cause = cause;
		__entry->status = status;
		__entry->usecs = usecs;
	),
	TP_printk("id=%llu key=%08x error=%d cause=%s status=%#x usecs=%lld",
		  __entry->id, __entry->key, __entry->error,
		  show_key_request_cause(__entry->cause), __entry->status,
		  __entry->usecs)
);

#endif /* _TRACE_KEY_REQUEST_H */

#include <trace/define_trace.h>
