/* SPDX-License-Identifier: GPL-2.0-only */
/* keyed-tls(1) at work: its files, its processes, and what it said. */
#ifndef SELFTESTS_KEYS_KEYED_TLS_H
#define SELFTESTS_KEYS_KEYED_TLS_H

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "loopback.h"
#include "pkey_openssl.h"
#include "shell.h"
#include "symmetric_tls13.h"

/* In a network namespace of its own, nobody else has a port. */
#define KT_PORT		4433
#define KT_SAID_MAX	4096
#define KT_LIMIT_MS	60000
#define KT_CERT_MAX	4096

/* What keyed-tls(1) ends with */
enum { KT_HERE = 1, KT_USAGE = 2, KT_REFUSED = 3, KT_ENDED = 4, KT_ANSWER = 5 };

/* --- files ---------------------------------------------------------------- */

/*
 * struct kt_cert - what a certificate says
 * @file:	where it goes
 * @name:	name of the host, or NULL
 * @address:	address of the host, or NULL
 * @days:	how long it is good; it begins a day ago, or twice as long if it ended
 */
struct kt_cert {
	const char *file;
	const char *name;
	const char *address;
	int days;
};

static inline bool kt_extend(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool good = extension && X509_add_ext(cert, extension, -1);

	X509_EXTENSION_free(extension);
	return good;
}

/* A certificate that is signed by its own key. */
static inline X509 *kt_new_cert(const struct kt_cert *what, EVP_PKEY *pair)
{
	const long begins = (what->days < 0 ? 2 * what->days : -1) * DAY_SECONDS;
	char names[256];
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	snprintf(names, sizeof(names), "%s%s%s%s%s", what->name ? "DNS:" : "",
		 what->name ?: "", what->name && what->address ? "," : "",
		 what->address ? "IP:" : "", what->address ?: "");
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), begins);
	X509_gmtime_adj(X509_getm_notAfter(cert), what->days * DAY_SECONDS);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const uint8_t *)what->file, -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, pair);
	kt_extend(cert, NID_basic_constraints, "critical,CA:TRUE");
	if (*names)
		kt_extend(cert, NID_subject_alt_name, names);
	X509_sign(cert, pair, EVP_sha256());
	return cert;
}

static inline int kt_write_cert(const struct kt_cert *what, EVP_PKEY *pair)
{
	X509 *cert = kt_new_cert(what, pair);
	FILE *file = fopen(what->file, "we");
	int err = cert && file && PEM_write_X509(file, cert) ? 0 : -EIO;

	if (file)
		fclose(file);
	X509_free(cert);
	return err;
}

/* A certificate in DER; returns its size. */
static inline size_t kt_read_cert(const char *name, uint8_t der[KT_CERT_MAX])
{
	FILE *file = fopen(name, "re");
	X509 *cert = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
	int size = cert ? i2d_X509(cert, NULL) : 0;
	uint8_t *at = der;

	if (size <= 0 || size > KT_CERT_MAX)
		abort();
	i2d_X509(cert, &at);
	X509_free(cert);
	fclose(file);
	return size;
}

static inline int kt_write_key(const char *name, EVP_PKEY *pair)
{
	FILE *file = fopen(name, "we");
	int err = file && PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL,
					       NULL) ? 0 : -EIO;

	if (file)
		fclose(file);
	return err;
}

/*
 * struct kt - where a test of keyed-tls is
 * @folder:	a folder of its own, which is the current one
 * @key:	the RSA key of the server's certificate
 * @pair:	the same for OpenSSL
 */
struct kt {
	char folder[40];
	key_serial_t key;
	EVP_PKEY *pair;
};

/* A certificate for localhost, its key, one of somebody else, and a page. */
static inline int kt_write_files(struct kt *kt)
{
	static const struct kt_cert good = {
		"good.crt", "localhost", "127.0.0.1", 1,
	};
	static const struct kt_cert other = {
		"other.crt", "localhost", "127.0.0.1", 1,
	};

	kt->pair = pair_of_openssl();
	if (!kt->pair || kt_write_cert(&good, kt->pair) ||
	    kt_write_cert(&other, kt->pair) ||
	    kt_write_key("good.key", kt->pair) ||
	    sh("head -c 60000 /dev/urandom | base64 >page"))
		return -EIO;
	return 0;
}

static inline int kt_begin(struct kt *kt)
{
	snprintf(kt->folder, sizeof(kt->folder), "/tmp/keyed-tls.XXXXXX");
	if (sh_finds_own_tools() || !mkdtemp(kt->folder) || chdir(kt->folder))
		return -errno;
	if (unshare(CLONE_NEWNET) || loopback_up())
		return -errno;
	kt->key = pkey_add_rsa("server");
	return kt->key < 0 ? kt->key : kt_write_files(kt);
}

static inline void kt_end(struct kt *kt)
{
	EVP_PKEY_free(kt->pair);
	if (chdir("/") || !kt->folder[0])
		return;
	sh("rm -rf %s", kt->folder);
}

#define REQUIRE_KEYED_TLS(kt) do { \
	REQUIRE_TLS13(); \
	ASSERT_EQ(0, kt_begin(kt)); \
	ASSERT_EQ(0, sh("command -v keyed-tls >/dev/null")); \
} while (0)

/* --- processes ------------------------------------------------------------ */

/* Starts a command whose output goes to "NAME.out" and "NAME.err". */
__attribute__((format(printf, 2, 3)))
static inline pid_t kt_start(const char *name, const char *format, ...)
{
	char command[SHELL_COMMAND_MAX] = "exec ";
	size_t used = strlen(command);
	va_list args;
	pid_t child;

	va_start(args, format);
	vsnprintf(command + used, sizeof(command) - used, format, args);
	va_end(args);
	used = strlen(command);
	snprintf(command + used, sizeof(command) - used,
		 " </dev/null >%s.out 2>%s.err", name, name);
	fflush(NULL);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	return child;
}

/* The exit code of a process, or -1 if it has none or does not end. */
static inline int kt_wait(pid_t child)
{
	int status;

	if (!task_ended(child, KT_LIMIT_MS)) {
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		return -1;
	}
	if (waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void kt_stop(pid_t child)
{
	kill(child, SIGTERM);
	kt_wait(child);
}

/* Whether somebody listens at the port, by the kernel's table. */
static inline bool kt_listens(void)
{
	static const char * const tables[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	unsigned int port, state;
	char line[256];
	bool listens = false;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		FILE *file = fopen(tables[i], "re");

		while (file && fgets(line, sizeof(line), file))
			if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x",
				   &port, &state) == 2 && port == KT_PORT &&
			    state == 0x0a)
				listens = true;
		if (file)
			fclose(file);
	}
	return listens;
}

/* Waits for a server to listen; false if it ends before. */
static inline bool kt_ready(pid_t server)
{
	for (int ms = 0; ms < KT_LIMIT_MS; ms += 10) {
		if (kt_listens())
			return true;
		if (task_ended(server, 10))
			return false;
	}
	return false;
}

/* What a file has, for a message. */
static inline const char *kt_said(const char *name)
{
	static char text[KT_SAID_MAX];
	FILE *file = fopen(name, "re");
	size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[size] = '\0';
	if (file)
		fclose(file);
	return text;
}

static inline bool kt_says(const char *name, const char *text)
{
	return strstr(kt_said(name), text);
}

/* --- sockets -------------------------------------------------------------- */

static inline struct sockaddr_in kt_address(void)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(KT_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static inline int kt_listen(void)
{
	struct sockaddr_in address = kt_address();
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 8))
		return -errno;
	return fd;
}

static inline int kt_connect(void)
{
	struct sockaddr_in address = kt_address();
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, (struct sockaddr *)&address, sizeof(address)) ?
		-errno : fd;
}

#endif /* SELFTESTS_KEYS_KEYED_TLS_H */
