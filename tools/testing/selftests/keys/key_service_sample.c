// SPDX-License-Identifier: GPL-2.0-only
/* The smallest daemon: makes user keys whose names start with "greet:". */
#include <linux/key_service.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static union {
	struct key_service_request head;
	char data[KEY_SERVICE_RECORD_MAX];
} record;

int main(void)
{
	const struct key_service_filter filter = {
		.type = (uintptr_t)"user",
		.prefix = (uintptr_t)"greet:",
	};
	const struct key_service_params params = {
		.filter_count = 1,
		.filters = (uintptr_t)&filter,
	};
	int fd = syscall(__NR_keyctl, KEYCTL_SERVICE_OPEN,
			 KEY_SERVICE_SCOPE_UID, &params, sizeof(params));

	while (fd >= 0 && read(fd, &record, sizeof(record)) > 0) {
		char *name = record.data + record.head.description_offset +
			     strlen("greet:");
		struct key_service_answer answer = {
			.size = sizeof(answer),
			.id = record.head.id,
			.flags = KEY_SERVICE_ANSWER_LIFETIME,
			.lifetime = 60,
			.payload_len = strlen(name),
		};
		const struct iovec parts[] = {
			{ &answer, sizeof(answer) },
			{ name, answer.payload_len },
		};

		writev(fd, parts, 2);
	}
	return 1;
}
