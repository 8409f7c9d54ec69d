/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answer key requests: the calls of a daemon, see key_service(3).
 *
 * Each returns what it says, or -1 (a pointer: NULL) with errno set.
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
 * Return: the request, which is @buffer.  EAGAIN: there is none, and the
 * service is not to wait.  ESHUTDOWN: there will be none any more.  EBADMSG: the
 * record makes no sense.
 *
 * The kernel's header may be shorter than the one of this file: look with
 * key_service_has() before using what a later version has added.
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
 * key_service_next_size - How long a buffer has to be for the next request
 * @fd: The service.
 *
 * Return: bytes, 0 if there is none.
 */
ssize_t key_service_next_size(int fd);

/**
 * key_service_write - Answer a request
 * @fd: The service.
 * @answer: The answer; its size need not be set.
 * @payload: payload_len bytes.
 *
 * Return: 0.  ENOENT: nobody waits for this answer any more.  With every other
 * error the request is still open.
 */
int key_service_write(int fd, const struct key_service_answer *answer,
		      const void *payload);

/**
 * key_service_answer - Make the key
 * @fd: The service.
 * @id: The request.
 * @payload: What the key is to hold.
 * @len: Bytes of it.
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
 * @payload: What the key is to hold.
 * @len: Bytes of it.
 * @lifetime: Seconds until it expires.
 *
 * Return: as with key_service_write().
 */
int key_service_answer_for(int fd, uint64_t id, const void *payload, size_t len,
			   unsigned int lifetime);

/**
 * key_service_reject - Say that there is no such key
 * @fd: The service.
 * @id: The request.
 * @error: The errno that the requester gets, as a positive number.
 * @lifetime: Seconds for which others get it too; 0 for none.
 *
 * Return: 0.  ENOENT: nobody waits for this answer any more.
 */
int key_service_reject(int fd, uint64_t id, int error, unsigned int lifetime);

/**
 * key_service_pass - Let somebody else answer
 * @fd: The service.
 * @id: The request, which takes its next route at once.
 *
 * Return: 0.  ENOENT: nobody waits for this answer any more.
 */
int key_service_pass(int fd, uint64_t id);

/**
 * key_service_release - Put a request back
 * @fd: The service.
 * @id: The request, which this process or another one can read again.
 *
 * Return: 0.  ENOENT: nobody waits for this answer any more.
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
 * Return: the descriptor, which is closed on exec.  ESRCH: there is no such
 * process, or the caller does not see it.  EPERM: the caller may not inspect it.
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
