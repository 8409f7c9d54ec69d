// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest helper: answers a request and ends.  Built without a C library,
 * from the header that the kernel has for its own tests.
 *
 * With HOLD the program waits first, see hold.h.
 */
#include <linux/keyctl.h>

#include "../hold.h"

#define PAYLOAD	"sixteen bytes..."
#define ARGUMENTS	8

/*
 * Opens and closes the two pipes of hold.h.
 */
static void hold(void)
{
	int ready = open(HOLD_READY, O_WRONLY);

	write(ready, "", 1);
	close(ready);
	close(open(HOLD_GO, O_RDONLY));
}

int main(int argc, char **argv)
{
	int key;

	if (argc != ARGUMENTS)
		return 2;
	if (HOLD)
		hold();
	key = atoi(argv[2]);
	/* The program was started without a request by memory.c */
	if (!key)
		return 0;
	if (my_syscall2(__NR_keyctl, KEYCTL_ASSUME_AUTHORITY, key) < 0)
		return 1;
	return my_syscall5(__NR_keyctl, KEYCTL_INSTANTIATE, key, PAYLOAD,
			   sizeof(PAYLOAD) - 1, 0) < 0;
}
