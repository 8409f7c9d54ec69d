// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handshakes of TLS 1.3 by keyed-tls(1), and by the same program with its secrets in its
 * own memory.  What is measured is the processor's time of the process at one end.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bench.h"
#include "loopback.h"

#define ROUNDS	5
#define FOLDER	"/tmp/handshake"
#define PORT	4433
#define SUITE	"--ciphersuite aes-128-gcm --group x25519"

/* The same names as in scripts/bench */
#define IN_KERNEL	"/keys/keyed-tls"
#define IN_MEMORY	"/keys/keyed-tls-memory"

#define CERTIFICATE \
	"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost " \
	"-addext subjectAltName=DNS:localhost -keyout good.key -out good.crt 2>made"
#define ADD_KEY \
	"openssl pkcs8 -topk8 -nocrypt -in good.key -outform DER | " \
	"keyctl padd asymmetric server @s"

static pid_t start(const char *command)
{
	pid_t child;

	fflush(NULL);
	child = must(fork(), "fork");
	if (!child) {
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	return child;
}

/* The time that a command and its children had, in nanoseconds */
static double finish(pid_t child, const char *command)
{
	struct rusage used;
	int status;

	must(wait4(child, &status, 0, &used), "wait4");
	if (status) {
		fprintf(stderr, "bench: %s: failed\n", command);
		exit(1);
	}
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e9 +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e3;
}

/* The server tells its port when it listens. */
static void wait_for_server(void)
{
	while (system("grep -q port said"))
		sleep_ms(10);
}

static void shake_hands(const char *server, const char *client, long key,
			double spent[2])
{
	char serve[256], get[256];
	pid_t child;

	unlink("said");
	snprintf(serve, sizeof(serve), "exec %s serve " SUITE
		 " --once --no-tickets --port %d good.crt %ld page >said", server,
		 PORT, key);
	snprintf(get, sizeof(get), "exec %s get " SUITE " --ca good.crt "
		 "--connect 127.0.0.1 https://localhost:%d/ >got", client, PORT);
	child = start(serve);
	wait_for_server();
	spent[1] += finish(start(get), get);
	spent[0] += finish(child, serve);
}

/* The peer of the end that is measured has its secrets in memory. */
static void measure_ends(const char *program, long key, const char *how)
{
	double servers[2] = {}, clients[2] = {};

	for (int i = 0; i < ROUNDS; i++) {
		shake_hands(program, IN_MEMORY, key, servers);
		shake_hands(IN_MEMORY, program, key, clients);
	}
	report("time", servers[0] / ROUNDS, "handshake/server/%s", how);
	report("time", clients[1] / ROUNDS, "handshake/client/%s", how);
}

static long add_private_key(void)
{
	long key = 0;
	FILE *said = popen(ADD_KEY, "re");

	if (!said || fscanf(said, "%ld", &key) != 1)
		key = 0;
	if (said)
		pclose(said);
	return key;
}

void bench_handshake(void)
{
	if (mkdir(FOLDER, 0700) && errno != EEXIST)
		must(-1, FOLDER);
	must(chdir(FOLDER), FOLDER);
	must(loopback_up(), "loopback");
	must(system("echo page >page; " CERTIFICATE) ? -EIO : 0, "certificate");
	measure_ends(IN_MEMORY, 1, "memory");
	/* The base has no such type. */
	if (key_add("symmetric", "none", "", 0, KEY_SPEC_SESSION_KEYRING) == -ENODEV)
		return;
	measure_ends(IN_KERNEL, must(add_private_key() ?: -EIO, "key"), "kernel");
}
