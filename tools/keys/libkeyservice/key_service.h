/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answer key requests: the calls of a daemon, see key_service(3).
 *
 * On an error each function returns -1 (NULL if it returns a pointer) and sets
 * errno.
 */
#ifndef KEY_SERVICE_H
#define KEY_SERVICE_H

#include <linux/key_service.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * key_service_open - Open a service
 * @scope: One of KEY_SERVICE_SCOPE_*.
 * @params: Filters and limits.
 *
 * Return: a descriptor that is closed on exec.
 */
int key_service_open(unsigned int scope,
		     const struct key_service_params *params);

/**
 * key_service_next - Take the next request
 * @fd: The service.
 * @buffer: Where it is put; aligned like malloc() does it.
 * @size: Its size; KEY_SERVICE_RECORD_MAX is enough for every request.
 *
 * Return: the request, which is @buffer.  EAGAIN: there is no request, and the
 * service was opened with KEY_SERVICE_NONBLOCK.  ESHUTDOWN: the service gets no
 * more requests.  EBADMSG: the record is malformed.
 *
 * The kernel's header may be shorter than the one of this file: call
 * key_service_has() before you use a field that a later version has added.
 */
const struct key_service_request *key_service_next(int fd, void *buffer,
						   size_t size);

/**
 * key_service_has - Whether the kernel has filled in a field of the header
 * @request: The request.
 * @field: Name of the field.
 */
#define key_service_has(request, field)					\
	((request)->type_offset >=					\
	 (size_t)(&((struct key_service_request *)0)->field + 1))

/**
 * key_service_next_size - Return the size of the next request
 * @fd: The service.
 *
 * Return: its bytes, or 0 if there is no request.
 */
ssize_t key_service_next_size(int fd);

/**
 * key_service_write - Answer a request
 * @fd: The service.
 * @answer: The answer; its size need not be set.
 * @payload: payload_len bytes.
 *
 * Return: 0.  ENOENT: the request has ended.  With every other error the
 * request is still open.
 */
int key_service_write(int fd, const struct key_service_answer *answer,
		      const void *payload);

/**
 * key_service_answer - Make the key
 * @fd: The service.
 * @id: The request.
 * @payload: The content of the key.
 * @len: Its length in bytes.
 *
 * The key does not expire, unless its type says so.
 *
 * Return: as with key_service_write().
 */
int key_service_answer(int fd, uint64_t id, const void *payload, size_t len);

/**
 * key_service_answer_for - Make a key that expires
 * @fd: The service.
 * @id: The request.
 * @payload: The content of the key.
 * @len: Its length in bytes.
 * @lifetime: Seconds until it expires.
 *
 * Return: as with key_service_write().
 */
int key_service_answer_for(int fd, uint64_t id, const void *payload, size_t len,
			   unsigned int lifetime);

/**
 * key_service_reject - Reject the key
 * @fd: The service.
 * @id: The request.
 * @error: The errno that the requester gets, as a positive number.
 * @lifetime: Seconds for which later requests get the same error; 0 for none.
 *
 * Return: 0.  ENOENT: the request has ended.
 */
int key_service_reject(int fd, uint64_t id, int error, unsigned int lifetime);

/**
 * key_service_pass - Pass a request on to its next route
 * @fd: The service.
 * @id: The request, which takes its next route at once.
 *
 * Return: 0.  ENOENT: the request has ended.
 */
int key_service_pass(int fd, uint64_t id);

/**
 * key_service_release - Put a request back
 * @fd: The service.
 * @id: The request, which this process or another one can read again.
 *
 * Return: 0.  ENOENT: the request has ended.
 */
int key_service_release(int fd, uint64_t id);

/**
 * key_service_assume - Get the authorisation key of a request
 * @fd: The service.
 * @id: The request.
 * @keyring: Keyring of the caller, where the key is linked.
 *
 * Return: the key's serial number.
 */
int32_t key_service_assume(int fd, uint64_t id, int32_t keyring);

/**
 * key_service_pidfd - Get a descriptor of the process that made a request
 * @fd: The service.
 * @id: The request.
 *
 * Return: the descriptor, which is closed on exec.  ESRCH: the process has
 * ended, or the caller does not see it.  EPERM: the caller may not inspect the
 * process.
 */
int key_service_pidfd(int fd, uint64_t id);

/**
 * key_service_type - The type of the key that a request is for
 * @request: The request.
 */
static inline const char *
key_service_type(const struct key_service_request *request)
{
	return (const char *)request + request->type_offset;
}

/**
 * key_service_description - Its description
 * @request: The request.
 */
static inline const char *
key_service_description(const struct key_service_request *request)
{
	return (const char *)request + request->description_offset;
}

/**
 * key_service_callout - Callout data: callout_len bytes, and a 0 behind them
 * @request: The request.
 */
static inline const char *
key_service_callout(const struct key_service_request *request)
{
	return (const char *)request + request->callout_offset;
}

#ifdef __cplusplus
}
#endif

#endif /* KEY_SERVICE_H */
