// SPDX-License-Identifier: GPL-2.0-only
/* The smallest daemon: makes user keys whose names start with "greet:". */
#include <linux/key_service.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char record[KEY_SERVICE_RECORD_MAX] __attribute__((aligned(8)));

int main(void)
{
	const struct key_service_params params = {
		.scope = KEY_SERVICE_SCOPE_UID,
		.type = (uintptr_t)"user",
		.prefix = (uintptr_t)"greet:",
	};
	const struct key_service_request *request = (void *)record;
	int fd = syscall(__NR_keyctl, KEYCTL_SERVICE_OPEN, &params,
			 sizeof(params));

	if (fd < 0)
		return 1;
	while (read(fd, record, sizeof(record)) > 0) {
		const char *name = record + request->description_offset +
				   strlen("greet:");
		struct key_service_answer answer = {
			.size = sizeof(answer),
			.id = request->id,
			.lifetime = 60,
			.payload_len = strlen(name),
		};
		const struct iovec parts[] = {
			{ &answer, sizeof(answer) },
			{ (void *)name, answer.payload_len },
		};

		if (writev(fd, parts, 2) < 0)
			perror(name);
	}
	return 1;
}
