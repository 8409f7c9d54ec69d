// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <libcryptsetup.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "passphrase.h"

#define TERMINAL	"/dev/tty"
/* The kernel returns no longer line. */
#define LINE_SIZE	4096
#define FILE_STEP	4096

/* Moves the bytes to a larger buffer, and wipes the old one. */
static int passphrase_grow(struct passphrase *passphrase, size_t *size)
{
	size_t larger = *size ? 2 * *size : FILE_STEP;
	char *bytes = crypt_safe_alloc(larger);

	if (!bytes)
		return -ENOMEM;
	if (passphrase->len)
		memcpy(bytes, passphrase->bytes, passphrase->len);
	crypt_safe_free(passphrase->bytes);
	passphrase->bytes = bytes;
	*size = larger;
	return 0;
}

static int passphrase_read_all(int fd, struct passphrase *passphrase)
{
	size_t size = 0;
	ssize_t len;
	int err;

	for (;;) {
		if (passphrase->len == size) {
			err = passphrase_grow(passphrase, &size);
			if (err)
				return err;
		}
		len = read(fd, passphrase->bytes + passphrase->len,
			   size - passphrase->len);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len < 0 ? -errno : 0;
		passphrase->len += len;
		if (passphrase->len > PASSPHRASE_MAX)
			return -EFBIG;
	}
}

int passphrase_from_file(const char *path, struct passphrase *passphrase)
{
	int fd = STDIN_FILENO, err;

	if (strcmp(path, "-"))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = passphrase_read_all(fd, passphrase);
	if (fd != STDIN_FILENO)
		close(fd);
	return err;
}

static int passphrase_ask(int tty, const char *prompt, struct passphrase *passphrase)
{
	ssize_t len;

	passphrase->bytes = crypt_safe_alloc(LINE_SIZE);
	if (!passphrase->bytes)
		return -ENOMEM;
	if (write(tty, prompt, strlen(prompt)) < 0)
		return -errno;
	len = read(tty, passphrase->bytes, LINE_SIZE);
	if (len < 0)
		return -errno;
	if (len && passphrase->bytes[len - 1] == '\n')
		len--;
	passphrase->len = len;
	return len ? 0 : -ENODATA;
}

int passphrase_from_terminal(const char *prompt, struct passphrase *passphrase)
{
	struct termios shown, hidden;
	int tty = open(TERMINAL, O_RDWR | O_CLOEXEC | O_NOCTTY), err;

	if (tty < 0)
		return -errno;
	if (tcgetattr(tty, &shown)) {
		err = -errno;
		goto out;
	}
	hidden = shown;
	hidden.c_lflag &= ~(ECHO | ECHONL);
	/* A signal that ends the program must not leave a terminal without echo. */
	hidden.c_lflag &= ~ISIG;
	if (tcsetattr(tty, TCSAFLUSH, &hidden)) {
		err = -errno;
		goto out;
	}
	err = passphrase_ask(tty, prompt, passphrase);
	tcsetattr(tty, TCSAFLUSH, &shown);
	if (write(tty, "\n", 1) < 0)
		err = err ?: -errno;
out:
	close(tty);
	return err;
}

void passphrase_end(struct passphrase *passphrase)
{
	crypt_safe_free(passphrase->bytes);
	*passphrase = (struct passphrase){};
}
