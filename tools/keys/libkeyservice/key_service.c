// SPDX-License-Identifier: GPL-2.0-only
#include "key_service.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

int key_service_open(const struct key_service_params *params)
{
	return syscall(__NR_keyctl, KEYCTL_SERVICE_OPEN, params,
		       sizeof(*params), 0, 0);
}

/* A 0 that the length does not count ends each of them. */
static bool is_string_at(const struct key_service_request *request,
			 uint32_t offset, uint32_t len)
{
	uint64_t end = (uint64_t)offset + len;

	return offset >= sizeof(*request) && end < request->size &&
	       !((const char *)request)[end];
}

static bool makes_sense(const struct key_service_request *request, size_t len)
{
	return len >= sizeof(*request) && request->size == len &&
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

static int write_answer(int fd, const struct key_service_answer *answer,
			const void *payload)
{
	/* What is pointed to is only read. */
	const struct iovec parts[] = {
		{ (void *)answer, sizeof(*answer) },
		{ (void *)payload, answer->payload_len },
	};

	return writev(fd, parts, ARRAY_SIZE(parts)) < 0 ? -1 : 0;
}

int key_service_answer(int fd, uint64_t id, const void *payload, size_t len)
{
	struct key_service_answer answer = {
		.size = sizeof(answer), .id = id, .payload_len = len,
	};

	if (answer.payload_len != len) {
		errno = EMSGSIZE;
		return -1;
	}
	return write_answer(fd, &answer, payload);
}

int key_service_reject(int fd, uint64_t id, int error, unsigned int lifetime)
{
	const struct key_service_answer answer = {
		.size = sizeof(answer), .id = id, .error = -error,
		.lifetime = lifetime,
	};

	if (error <= 0) {
		errno = EINVAL;
		return -1;
	}
	return write_answer(fd, &answer, NULL);
}

int32_t key_service_assume(int fd, uint64_t id, int32_t keyring)
{
	return syscall(__NR_keyctl, KEYCTL_SERVICE_ASSUME, fd, &id, keyring, 0);
}
