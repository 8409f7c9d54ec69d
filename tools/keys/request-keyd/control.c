// SPDX-License-Identifier: GPL-2.0-only
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "limits.h"
#include "log.h"

static int control_set_path(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address->sun_path, path, strlen(path) + 1);
	return 0;
}

/* A file that is no socket is there by mistake, and is not removed. */
static void control_remove_old(const char *path)
{
	struct stat about;

	if (!lstat(path, &about) && S_ISSOCK(about.st_mode))
		unlink(path);
}

int control_open(const char *path)
{
	struct sockaddr_un address;
	mode_t mask;
	int fd, bad;

	if (control_set_path(&address, path))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	control_remove_old(path);
	mask = umask(0177);
	bad = bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (bad || listen(fd, TURN_CONTROL_MAX)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

void control_answer(int control, void (*print)(FILE *file, const void *arg),
		    const void *arg)
{
	const int room = STATUS_MAX;

	for (int i = 0; i < TURN_CONTROL_MAX; i++) {
		int fd = accept4(control, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		char *text = NULL;
		size_t len = 0;
		FILE *file;

		if (fd < 0)
			return;
		file = open_memstream(&text, &len);
		if (file) {
			print(file, arg);
			fclose(file);
		}
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
		if (text)
			send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		free(text);
		close(fd);
	}
}

int control_ask(const char *path)
{
	struct sockaddr_un address;
	char text[4096];
	ssize_t n = 0;
	int fd;

	if (control_set_path(&address, path))
		goto fail;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)))
		goto fail;
	while ((n = read(fd, text, sizeof(text))) > 0)
		fwrite(text, 1, n, stdout);
	close(fd);
	if (n < 0 || fflush(stdout))
		goto fail;
	return EXIT_SUCCESS;

fail:
	log_say(LOG_ERR, "no answer from %s: %s", path, strerror(errno));
	return EXIT_FAILURE;
}
