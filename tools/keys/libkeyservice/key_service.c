// SPDX-License-Identifier: GPL-2.0-only
#include "key_service.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

int key_service_open(unsigned int scope,
		     const struct key_service_params *params)
{
	return syscall(__NR_keyctl, KEYCTL_SERVICE_OPEN, (unsigned long)scope,
		       params, sizeof(*params), 0);
}

/*
 * Checks that each text lies in the record and ends with a 0, which its length
 * does not count.  The kernel's header may be shorter or longer than this
 * library's, but not shorter than the first version's.
 */
static bool is_string_at(const struct key_service_request *request,
			 uint32_t offset, uint32_t len)
{
	uint64_t end = (uint64_t)offset + len;

	return offset >= KEY_SERVICE_REQUEST_SIZE_1 && end < request->size &&
	       !((const char *)request)[end];
}

static bool makes_sense(const struct key_service_request *request, size_t len)
{
	return len >= KEY_SERVICE_REQUEST_SIZE_1 && request->size == len &&
	       is_string_at(request, request->type_offset,
			    request->type_len) &&
	       is_string_at(request, request->description_offset,
			    request->description_len) &&
	       is_string_at(request, request->callout_offset,
			    request->callout_len);
}

const struct key_service_request *key_service_next(int fd, void *buffer,
						   size_t size)
{
	ssize_t len = read(fd, buffer, size);

	if (len < 0)
		return NULL;
	if (makes_sense(buffer, len))
		return buffer;
	errno = len ? EBADMSG : ESHUTDOWN;
	return NULL;
}

ssize_t key_service_next_size(int fd)
{
	int size;

	return ioctl(fd, FIONREAD, &size) ? -1 : size;
}

int key_service_write(int fd, const struct key_service_answer *answer,
		      const void *payload)
{
	struct key_service_answer head = *answer;
	/* The kernel only reads the bytes behind the pointer. */
	const struct iovec parts[] = {
		{ &head, sizeof(head) },
		{ (void *)payload, answer->payload_len },
	};

	head.size = sizeof(head);
	return writev(fd, parts, ARRAY_SIZE(parts)) < 0 ? -1 : 0;
}

static int write_payload(int fd, struct key_service_answer *answer,
			 const void *payload, size_t len)
{
	answer->payload_len = len;
	if (answer->payload_len != len) {
		errno = EMSGSIZE;
		return -1;
	}
	return key_service_write(fd, answer, payload);
}

int key_service_answer(int fd, uint64_t id, const void *payload, size_t len)
{
	struct key_service_answer answer = { .id = id };

	return write_payload(fd, &answer, payload, len);
}

int key_service_answer_for(int fd, uint64_t id, const void *payload, size_t len,
			   unsigned int lifetime)
{
	struct key_service_answer answer = {
		.id = id, .lifetime = lifetime,
		.flags = KEY_SERVICE_ANSWER_LIFETIME,
	};

	return write_payload(fd, &answer, payload, len);
}

int key_service_reject(int fd, uint64_t id, int error, unsigned int lifetime)
{
	const struct key_service_answer answer = {
		.id = id, .error = -error, .lifetime = lifetime,
		.flags = KEY_SERVICE_ANSWER_LIFETIME,
	};

	if (error <= 0) {
		errno = EINVAL;
		return -1;
	}
	return key_service_write(fd, &answer, NULL);
}

int key_service_pass(int fd, uint64_t id)
{
	const struct key_service_answer answer = {
		.id = id, .flags = KEY_SERVICE_ANSWER_PASS,
	};

	return key_service_write(fd, &answer, NULL);
}

int key_service_release(int fd, uint64_t id)
{
	const struct key_service_answer answer = {
		.id = id, .flags = KEY_SERVICE_ANSWER_RELEASE,
	};

	return key_service_write(fd, &answer, NULL);
}

int32_t key_service_assume(int fd, uint64_t id, int32_t keyring)
{
	return syscall(__NR_keyctl, KEYCTL_SERVICE_ASSUME, fd, &id, keyring, 0);
}

int key_service_pidfd(int fd, uint64_t id)
{
	return syscall(__NR_keyctl, KEYCTL_SERVICE_PIDFD, fd, &id, 0, 0);
}
