// SPDX-License-Identifier: GPL-2.0-only
/*
 * Throw system calls at key requests, key services, AF_ALG keys, provisioning keys,
 * keys for one use and sockets that take them, with allocations and copies that fail at
 * times.
 *
 *	fuzz SECONDS SEED CORPUS
 *
 * An input is a string of bytes.  The fuzzer reads it as a program: each step
 * takes the bytes that it needs, so every string is a valid program, and
 * structures are nearly right most of the time.  An input that reaches a new
 * path in our files is kept and varied.
 *
 * The kernel itself is the judge: it stops at its first complaint.  The last
 * line of the output is then the input that was being run.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/key_service.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "alg.h"
#include "fault.h"
#include "fscrypt_form.h"
#include "reach.h"
#include "symmetric_ktls.h"

#define MOUNT		"/tmp/mnt"
#define HELPER_ARGC	8
#define INPUT_MAX	192
#define STEPS_MAX	24
#define CORPUS_MAX	4096
#define KEYS_MAX	8
#define SERVICES_MAX	4
#define ASKERS_MAX	6
#define RECORD_WAIT_MS	20
#define FAULTS_AHEAD	32
#define PATIENCE_MS	2000
#define HANG_S		30
#define FIRST_UID	10000
#define PAGE		4096
/* Bytes from this one on are steps with keys for one use */
#define USES_FROM	176

/*
 * struct input - one program
 * @len:	bytes that count
 * @bytes:	it
 */
struct input {
	unsigned int len;
	unsigned char bytes[INPUT_MAX];
};

static struct input corpus[CORPUS_MAX];
static unsigned int corpus_size;

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return below ? (random_state >> 16) % below : 0;
}

/* --- running an input ----------------------------------------------------- */

/*
 * struct run - a program at work
 * @at:		next byte
 * @left:	bytes that are left
 * @keys:	serial numbers that calls returned
 * @key_count: how many of them there are
 * @target:	key under construction, for a helper
 * @services:	descriptors of key services
 * @service_count: how many of them there are
 * @id:		number of the request that was read last
 * @read:	key that it is for
 * @askers:	how many children were sent to ask
 */
struct run {
	const unsigned char *at;
	unsigned int left;
	key_serial_t keys[KEYS_MAX];
	unsigned int key_count;
	key_serial_t target;
	int services[SERVICES_MAX];
	unsigned int service_count;
	uint64_t id;
	key_serial_t read;
	unsigned int askers;
};

/* Opened by root: an ordinary user's task cannot open its own fail-nth */
static int fail_nth = -1;

static unsigned int byte(struct run *run)
{
	if (!run->left)
		return 0;
	run->left--;
	return *run->at++;
}

static uint32_t word(struct run *run)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 8 | byte(run);
	return value;
}

/* Numbers at limits */
static uint32_t number(struct run *run)
{
	static const uint32_t edges[] = {
		0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 72, 127, 128, 255,
		256, 1023, 4095, 4096, 4097, 32767, 32768, 65535, INT_MAX,
		INT_MIN, -1, -2, 511, 512, 513, 0x46505631,
	};
	unsigned int choice = byte(run);

	if (choice < 2 * sizeof(edges) / sizeof(*edges))
		return edges[choice / 2];
	return choice < 250 ? choice % 48 : word(run);
}

static key_serial_t serial(struct run *run)
{
	unsigned int choice = byte(run);

	if (choice < 160 && run->key_count)
		return run->keys[choice % run->key_count];
	if (choice < 200)
		return -(key_serial_t)(choice % 10);
	return choice < 220 ? run->target : (key_serial_t)number(run);
}

static void keep(struct run *run, long ret)
{
	if (ret <= 0 || ret > INT_MAX)
		return;
	run->keys[run->key_count % KEYS_MAX] = ret;
	if (run->key_count < KEYS_MAX)
		run->key_count++;
}

static const char *type_name(struct run *run)
{
	static const char *const types[] = {
		"user", "logon", "keyring", "fscrypt-provisioning", "encrypted",
		"dns_resolver", "asymmetric", "big_key", "trusted", "rxrpc",
		".request_key_auth", ".dead", "no such type", "", "symmetric",
	};

	return types[byte(run) % (sizeof(types) / sizeof(*types))];
}

static const char *description(struct run *run)
{
	static char text[PAGE + 16];
	static const char *const some[] = {
		"a", "b", "c:d", "fscrypt:0123456789abcdef", "", ".a", "%a",
		"a b\n", "0",
	};
	unsigned int choice = byte(run);

	if (choice < 230)
		return some[choice % (sizeof(some) / sizeof(*some))];
	memset(text, 'x', sizeof(text));
	text[number(run) % sizeof(text)] = '\0';
	return text;
}

/* A readable page, behind which no memory can be read */
static unsigned char *edge_of_memory(void)
{
	static unsigned char *end;

	if (end)
		return end;
	end = mmap(NULL, 17 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(end + 16 * PAGE, PAGE);
	end += 16 * PAGE;
	return end;
}

static unsigned char *bytes(struct run *run, size_t *size)
{
	unsigned char *at;

	*size = number(run);
	if (*size > 16 * PAGE)
		return byte(run) & 1 ? NULL : edge_of_memory();
	at = edge_of_memory() - *size;
	memset(at, byte(run), *size);
	for (size_t i = 0; i < *size && i < 12; i++)
		at[i] = byte(run);
	return at;
}

/* A nearly right structure; at times one field is wrong */
static unsigned char *provisioning(struct run *run, size_t *size)
{
	size_t raw = byte(run) & 1 ? 64 : number(run) % 80, head;
	struct plain plain = plain_of(1 + byte(run) % 3, byte(run));
	struct form form = form_raw(1 + byte(run) % 3, byte(run), 64,
				    (const __u8 *)"0123456789abcdef");
	bool is_form = byte(run) & 1;
	unsigned char *at;

	form.head.raw_size = raw;
	if (byte(run) & 1) {
		form.head.source = FSCRYPT_PROVISIONING_SOURCE_PARENT;
		form.head.parent = serial(run);
		form.head.label_size = number(run);
		raw = 0;
	}
	head = is_form ? FORM_HEAD : PLAIN_HEAD;
	*size = head + (raw > RAW_SIZE + 1 ? RAW_SIZE + 1 : raw);
	at = edge_of_memory() - *size;
	memcpy(at, is_form ? (void *)&form : (void *)&plain, *size);
	if (byte(run) < 64)
		at[byte(run) % *size] ^= 1u << byte(run) % 8;
	return at;
}

static void step_add(struct run *run)
{
	const char *type = type_name(run);
	bool structured = byte(run) & 3;
	size_t size;
	unsigned char *at = structured ? provisioning(run, &size) :
					 bytes(run, &size);

	if (structured)
		type = "fscrypt-provisioning";
	keep(run, key_add(type, description(run), at, size, serial(run)));
}

/*
 * The helper runs the callout information as an input, written in hexadecimal
 */
static void step_request(struct run *run)
{
	char callout[2 * INPUT_MAX + 1] = "";
	unsigned int len = byte(run) % 24;

	for (unsigned int i = 0; i < len; i++)
		sprintf(callout + 2 * i, "%02x", byte(run));
	keep(run, key_request(type_name(run), description(run),
			      byte(run) < 16 ? NULL : callout, serial(run)));
}

static void step_answer(struct run *run)
{
	size_t size;
	unsigned char *at;

	if (byte(run) & 7)
		keyctl(KEYCTL_ASSUME_AUTHORITY, run->target);
	if (byte(run) & 1) {
		keyctl(KEYCTL_REJECT, serial(run), number(run), number(run),
		       serial(run));
		return;
	}
	at = byte(run) & 1 ? provisioning(run, &size) : bytes(run, &size);
	keyctl(KEYCTL_INSTANTIATE, byte(run) & 7 ? run->target : serial(run),
	       at, size, serial(run));
}

/*
 * An operation with any arguments, except operations that would stop the
 * program
 */
static void step_keyctl(struct run *run)
{
	unsigned int op = byte(run) % 36;
	size_t size;
	unsigned char *at = bytes(run, &size);

	if (op == KEYCTL_SESSION_TO_PARENT)
		return;
	switch (byte(run) % 4) {
	case 0:
		keep(run, keyctl(op, serial(run), at, size, serial(run)));
		break;
	case 1:
		keep(run, keyctl(op, serial(run), number(run), number(run),
				 serial(run)));
		break;
	case 2:
		keep(run, keyctl(op, serial(run), serial(run), at,
				 number(run)));
		break;
	case 3:
		keep(run, keyctl(op, serial(run), "user", "a", serial(run)));
		break;
	}
}

static void step_alg(struct run *run)
{
	static const struct alg *const algs[] = {
		&alg_hmac, &alg_sha256, &alg_crc32c, &alg_cbc, &alg_xts,
		&alg_gcm, &alg_drbg,
	};
	int fd = alg_open(algs[byte(run) % (sizeof(algs) / sizeof(*algs))]);
	key_serial_t id;
	size_t size;
	int op;

	for (int tries = byte(run) % 4; tries >= 0; tries--) {
		id = serial(run);
		size = byte(run) < 200 ? sizeof(id) : number(run);
		setsockopt(fd, byte(run) < 240 ? SOL_ALG : SOL_SOCKET,
			   byte(run) < 240 ? ALG_SET_KEY_BY_KEY_SERIAL :
					     byte(run) % 9,
			   byte(run) < 240 ? (void *)&id : edge_of_memory() - 2,
			   size);
		op = byte(run) & 1 ? accept(fd, NULL, NULL) : -1;
		if (op >= 0)
			close(op);
	}
	close(fd);
}

static void step_volume(struct run *run)
{
	int fd = open(byte(run) < 240 ? MOUNT : "/proc", O_RDONLY);
	struct fscrypt_add_key_arg *arg = (void *)(edge_of_memory() -
						   sizeof(*arg) - 64);
	struct fscrypt_key_specifier spec;

	memset(arg, byte(run) < 240 ? 0 : 1, sizeof(*arg) + 64);
	arg->key_spec.type = 1 + byte(run) % 3;
	arg->key_spec.u.descriptor[0] = byte(run) % 3;
	arg->key_id = serial(run);
	if (byte(run) < 64)
		arg->raw_size = number(run);
	ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY,
	      byte(run) < 240 ? (void *)arg : edge_of_memory() - 8);
	spec = arg->key_spec;
	if (byte(run) & 1)
		fs_remove(fd, &spec, NULL);
	close(fd);
}

static void step_knob(struct run *run)
{
	static const char *const knobs[] = {
		"request_timeout", "negative_timeout", "gc_delay",
	};
	char path[PATH_MAX], text[16];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/kernel/keys/%s",
		 knobs[byte(run) % 3]);
	fd = open(path, O_WRONLY);
	snprintf(text, sizeof(text), "%d", byte(run) % 3);
	if (write(fd, text, strlen(text)) < 0)
		errno = 0;
	close(fd);
}

static void step_look(struct run *run)
{
	static const char *const shown[] = {
		"/proc/key-requests", "/proc/keys", "/proc/key-users",
	};
	static char text[PAGE];
	int fd = open(shown[byte(run) % 3], O_RDONLY);

	while (read(fd, text, 1 + number(run) % sizeof(text)) > 0 &&
	       byte(run) & 3)
		;
	close(fd);
}

/* --- key services --- */

static int service(struct run *run)
{
	unsigned int choice = byte(run);

	if (choice < 230 && run->service_count)
		return run->services[choice % run->service_count];
	return (int)choice - 128;
}

/* The address of a name; at times an address without one */
static uint64_t name_at(struct run *run, const char *name)
{
	unsigned int choice = byte(run);

	if (choice < 60)
		return 0;
	return choice < 240 ? (uintptr_t)name :
			      (uintptr_t)edge_of_memory() - choice % 4;
}

/* A structure at the end of accessible memory; now and then one bit is wrong */
static void *at_edge(struct run *run, const void *from, size_t len, size_t size)
{
	unsigned char *at = edge_of_memory() - size;

	memset(at, byte(run) < 200 ? 0 : byte(run), size);
	memcpy(at, from, len < size ? len : size);
	if (size && byte(run) < 32)
		at[byte(run) % size] ^= 1u << byte(run) % 8;
	return at;
}

static size_t size_of(struct run *run, size_t right)
{
	unsigned int choice = byte(run);

	if (choice < 200)
		return right;
	return choice < 230 ? right + choice % 16 : number(run) % (4 * PAGE);
}

static void step_service_open(struct run *run)
{
	struct key_service_filter filters[2] = {};
	struct key_service_params params = {
		.flags = byte(run) < 250 ? KEY_SERVICE_NONBLOCK |
			 (byte(run) & KEY_SERVICE_NO_FALLBACK) : word(run),
		.filter_count = byte(run) < 240 ? byte(run) % 3 : number(run),
		.timeout_ms = byte(run) < 128 ? 0 : number(run),
		.max_pending = byte(run) < 128 ? 0 : number(run),
	};
	unsigned long scope = byte(run) < 230 ? 1 + byte(run) % 3 : word(run);
	char type[64];
	size_t size;
	int fd;

	snprintf(type, sizeof(type), "%s", byte(run) < 200 ? "user" :
					   type_name(run));
	filters[0].type = name_at(run, type);
	filters[0].prefix = name_at(run, description(run));
	filters[1].type = filters[0].type;
	if (params.filter_count)
		params.filters = (uintptr_t)filters;
	size = size_of(run, sizeof(params));
	fd = keyctl(KEYCTL_SERVICE_OPEN, scope,
		    at_edge(run, &params, sizeof(params), size), size);
	if (fd < 0)
		return;
	if (run->service_count < SERVICES_MAX) {
		run->services[run->service_count++] = fd;
		return;
	}
	close(run->services[0]);
	run->services[0] = fd;
}

/* A child requests a key that this program serves */
static void step_service_ask(struct run *run)
{
	const char *type = byte(run) < 220 ? "user" : type_name(run);
	const char *name = description(run);
	key_serial_t ring = serial(run);

	if (run->askers++ >= ASKERS_MAX)
		return;
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(1);
	reach_begin();
	key_request(type, name, "", ring);
	_exit(0);
}

static void step_service_read(struct run *run)
{
	struct key_service_request record = {};
	struct pollfd ready = { .fd = service(run), .events = POLLIN };
	size_t size = byte(run) < 220 ? PAGE : number(run) % (4 * PAGE);
	unsigned char *at = edge_of_memory() - size;
	ssize_t len;

	/* Not in blocking mode, where the call could wait for ever */
	if (!run->service_count || poll(&ready, 1, RECORD_WAIT_MS) != 1 ||
	    !(fcntl(ready.fd, F_GETFL) & O_NONBLOCK))
		return;
	len = read(ready.fd, byte(run) < 240 ? at : at + PAGE / 2, size);
	if (len < (ssize_t)sizeof(record))
		return;
	memcpy(&record, at, sizeof(record));
	run->id = record.id;
	run->read = record.key;
	keep(run, record.key);
}

static void step_service_answer(struct run *run)
{
	static char payload[2 * PAGE];
	struct key_service_answer answer = {
		.size = sizeof(answer),
		.id = byte(run) < 230 ? run->id : word(run),
		.flags = byte(run) < 200 ? KEY_SERVICE_ANSWER_LIFETIME :
					   byte(run) % 8,
		.lifetime = byte(run) < 200 ? 0 : number(run),
		.error = byte(run) < 128 ? 0 : -(int)number(run),
	};
	size_t size = size_of(run, sizeof(answer)), len = 0;
	struct iovec parts[2];

	if (!answer.error)
		len = byte(run) < 128 ? 1 + byte(run) % 200 :
					number(run) % sizeof(payload);
	answer.payload_len = byte(run) < 240 ? len : number(run);
	if (byte(run) < 200)
		answer.size = size;
	parts[0].iov_base = at_edge(run, &answer, sizeof(answer), size);
	parts[0].iov_len = size;
	parts[1].iov_base = byte(run) < 245 ? payload : NULL;
	parts[1].iov_len = len;
	if (writev(service(run), parts, 2) < 0)
		errno = 0;
}

static void step_service_assume(struct run *run)
{
	uint64_t id = byte(run) < 230 ? run->id : word(run);
	void *at = at_edge(run, &id, sizeof(id),
			   byte(run) < 245 ? sizeof(id) : 3);
	int fd;

	keep(run, keyctl(KEYCTL_SERVICE_ASSUME, service(run), at, serial(run)));
	if (byte(run) & 1)
		run->target = run->read;
	fd = keyctl(KEYCTL_SERVICE_PIDFD, service(run), at);
	if (fd >= 0)
		close(fd);
}

static void step_service_end(struct run *run)
{
	int fd = service(run), flags;
	char path[64], text[256];

	switch (byte(run) % 4) {
	case 0:
		if (fd > STDERR_FILENO && run->service_count)
			close(fd);
		break;
	case 1:
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (read(fd, text, sizeof(text)) < 0)
			errno = 0;
		close(fd);
		break;
	case 2:
		flags = fcntl(fd, F_GETFL);
		if (flags >= 0 && run->service_count)
			ioctl(fd, byte(run) < 128 ? FIONREAD : number(run),
			      edge_of_memory() - 4);
		break;
	case 3:
		if (run->service_count)
			lseek(fd, number(run), SEEK_SET);
		break;
	}
}

/* --- keys for one use ------------------------------------------------------ */

#define LINE_ROOM	1100
#define SEALED_ROOM	2048

static const char *one_of(struct run *run, const char *const *words, unsigned int count)
{
	return words[byte(run) % count];
}

#define ONE_OF(run, ...) ({ \
	static const char *const _words[] = { __VA_ARGS__ }; \
	\
	one_of(run, _words, sizeof(_words) / sizeof(*_words)); \
})

static const char *word_of_hash(struct run *run)
{
	static char text[16 + 2 * KTLS_HASH_MAX];
	unsigned int size = byte(run) % 3 < 2 ? 32 : 48;

	if (byte(run) & 1)
		return "";
	snprintf(text, sizeof(text), " hash=%0*x", 2 * size, byte(run));
	return text;
}

/* A line that makes a key; one of @run's keys is in most of them. */
static int line_of(struct run *run, char line[LINE_ROOM])
{
	const char *alg = ONE_OF(run, "hmac-sha256", "hmac-sha512", "hkdf-sha256",
				 "hkdf-sha512", "xchacha20-poly1305",
				 "aes-xts-plain64", "hash:hmac(sha256)", "");
	const char *use = ONE_OF(run, "mac,verify", "seal,open", "derive", "wrap,unwrap",
				 "dm-crypt", "af-alg", "mac", "open", "");
	const char *end = ONE_OF(run, "", "", "", " size=32", " label=a", " uuid=",
				 " sealed-by=1", " psk=1");
	key_serial_t from = serial(run);

	switch (byte(run) % 8) {
	case 0:
		return snprintf(line, LINE_ROOM, "new alg=%s for=%s%s", alg, use, end);
	case 1:
		return snprintf(line, LINE_ROOM, "derive from=%d label=%d alg=%s for=%s%s",
				from, byte(run) % 3, alg, use, end);
	case 2:
		return snprintf(line, LINE_ROOM, "view of=%d for=%s%s", from, use, end);
	case 3:
		return snprintf(line, LINE_ROOM, "raw keyhex=%0*x alg=%s for=%s%s",
				byte(run) % 140, byte(run), alg, use, end);
	case 4:
		return snprintf(line, LINE_ROOM,
				"load by=%d label=a alg=%s for=%s blob=%0*x", from,
				alg, use, number(run) % 400, byte(run));
	case 5:
		return snprintf(line, LINE_ROOM, "extract salt=%d suite=%s role=%s%s",
				byte(run) & 1 ? 0 : from,
				ONE_OF(run, "tls13-aes128gcm-sha256",
				       "tls13-aes256gcm-sha384",
				       "tls13-chacha20poly1305-sha256"),
				ONE_OF(run, "client", "server"), end);
	case 6:
		return snprintf(line, LINE_ROOM, "derive from=%d tls=%s%s", from,
				ONE_OF(run, "derived", "finished", "res-binder",
				       "c-hs-traffic", "s-hs-traffic", "c-ap-traffic",
				       "s-ap-traffic", "res-master", "exp-master",
				       "traffic-upd", "resumption"),
				word_of_hash(run));
	default:
		return snprintf(line, LINE_ROOM, "agree with=%d peer=%0*x salt=%d", from,
				2 * KTLS_PUBLIC, 9 + byte(run), serial(run));
	}
}

static void step_symmetric(struct run *run)
{
	char line[LINE_ROOM];
	const char *name = description(run);
	key_serial_t ring = serial(run);
	int size = line_of(run, line);

	if (byte(run) < 40)
		line[byte(run) % size] ^= 1u << byte(run) % 8;
	keep(run, key_add("symmetric", name, line, size, ring));
}

static void step_pair(struct run *run)
{
	const char *line = ONE_OF(run, "new x25519", "new p256", "new", "new x25519 ");

	keep(run, key_add("asymmetric", description(run), line, strlen(line),
			  serial(run)));
}

/* A key is made of another and used, as often as not of and for what it is not for. */
static void step_use(struct run *run)
{
	static const int ops[] = {
		KEYCTL_PKEY_ENCRYPT, KEYCTL_PKEY_DECRYPT, KEYCTL_PKEY_SIGN,
		KEYCTL_PKEY_VERIFY,
	};
	static unsigned char text[SEALED_ROOM];
	const char *info = ONE_OF(run, "", "", "aad=00", "aad=1703030100", "aad=",
				  "enc=pss hash=sha256", "enc=pkcs1", "hash=sha512",
				  "enc=raw x=y");
	int op = ops[byte(run) % 4];
	struct keyctl_pkey_params params = {
		.key_id = serial(run),
		.in_len = byte(run) < 200 ? byte(run) : number(run),
		.out_len = byte(run) < 128 ? sizeof(text) : number(run),
	};
	struct keyctl_pkey_query *query = (void *)(edge_of_memory() - sizeof(*query));

	if (params.in_len > sizeof(text))
		params.in_len = sizeof(text);
	if (params.out_len > sizeof(text))
		params.out_len = sizeof(text);
	if (byte(run) & 1)
		keyctl(KEYCTL_PKEY_QUERY, params.key_id, 0, info, query);
	keyctl(op, at_edge(run, &params, sizeof(params), sizeof(params)), info, text,
	       text);
}

/* Both ends of a connection take what there is, and say something. */
static void step_socket(struct run *run)
{
	static char text[256];
	int fds[2];
	key_serial_t key;

	if (ktls_connect(fds))
		return;
	for (int i = 0; i < 2; i++)
		ktls_ulp(fds[i]);
	for (int tries = byte(run) % 6; tries >= 0; tries--) {
		int fd = fds[byte(run) & 1];
		int option = byte(run) & 1 ? TLS_TX_BY_KEY_SERIAL :
					     TLS_RX_BY_KEY_SERIAL;
		socklen_t size = size_of(run, sizeof(key));

		key = serial(run);
		setsockopt(fd, SOL_TLS, option, at_edge(run, &key, sizeof(key),
							sizeof(key)), size);
		if (send(fd, text, byte(run), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			errno = 0;
		if (recv(fd, text, sizeof(text), MSG_DONTWAIT) < 0)
			errno = 0;
		if (byte(run) < 40)
			key_revoke(key);
		size = sizeof(text);
		getsockopt(fd, SOL_TLS, number(run) % 8, text, &size);
	}
	close(fds[0]);
	close(fds[1]);
}

/* Some allocation or copy in the following calls fails */
static void step_fault(struct run *run)
{
	dprintf(fail_nth, "%u", 1 + byte(run) % FAULTS_AHEAD);
}

static void run_input(const unsigned char *at, unsigned int len,
		      key_serial_t target)
{
	static void (*const steps[])(struct run *run) = {
		step_add, step_add, step_request, step_request, step_answer,
		step_keyctl, step_keyctl, step_alg, step_volume, step_knob,
		step_look, step_service_open, step_service_ask,
		step_service_ask, step_service_read, step_service_read,
		step_service_answer, step_service_answer, step_service_assume,
		step_service_end, step_fault, step_fault,
	};
	static void (*const uses[])(struct run *run) = {
		step_symmetric, step_symmetric, step_symmetric, step_pair, step_use,
		step_use, step_socket,
	};
	struct run run = { .at = at, .left = len, .target = target };

	/* As long as there is memory for it */
	edge_of_memory();
	for (int i = 0; i < STEPS_MAX && run.left; i++) {
		unsigned int choice = byte(&run);

		if (choice >= USES_FROM)
			uses[choice % (sizeof(uses) / sizeof(*uses))](&run);
		else
			steps[choice % (sizeof(steps) / sizeof(*steps))](&run);
	}
}

/* --- variation ------------------------------------------------------------- */

static void add_to_corpus(const struct input *input)
{
	if (corpus_size < CORPUS_MAX)
		corpus[corpus_size++] = *input;
}

static void print_input(const char *word, const struct input *input)
{
	char line[2 * INPUT_MAX + 1];

	for (unsigned int i = 0; i < input->len; i++)
		sprintf(line + 2 * i, "%02x", input->bytes[i]);
	line[2 * input->len] = '\0';
	printf("%s %s\n", word, line);
	fflush(stdout);
}

static void vary(struct input *input)
{
	const struct input *other = &corpus[draw(corpus_size)];
	unsigned int at = draw(input->len), n;

	switch (draw(5)) {
	case 0:
		input->bytes[at] = draw(256);
		break;
	case 1:
		input->bytes[at] ^= 1u << draw(8);
		break;
	case 2: /* the end of another input */
		n = draw(other->len);
		input->len = at;
		while (n < other->len && input->len < INPUT_MAX)
			input->bytes[input->len++] = other->bytes[n++];
		break;
	case 3: /* without one part */
		n = draw(input->len - at);
		memmove(input->bytes + at, input->bytes + at + n,
			input->len - at - n);
		input->len -= n;
		break;
	case 4: /* more of it */
		n = 1 + draw(8);
		while (n-- && input->len < INPUT_MAX)
			input->bytes[input->len++] = draw(256);
		break;
	}
	if (!input->len)
		input->bytes[input->len++] = draw(256);
}

static struct input next_input(void)
{
	struct input input = { .len = 1 + draw(INPUT_MAX) };

	if (!corpus_size || !draw(8)) {
		for (unsigned int i = 0; i < input.len; i++)
			input.bytes[i] = draw(256);
		return input;
	}
	input = corpus[draw(corpus_size)];
	for (int n = 1 + draw(4); n; n--)
		vary(&input);
	return input;
}

static int from_hex(const char *text, struct input *input)
{
	unsigned int value;

	input->len = 0;
	while (input->len < INPUT_MAX && sscanf(text, "%2x", &value) == 1 &&
	       text[1]) {
		input->bytes[input->len++] = value;
		text += 2;
	}
	return input->len;
}

static void read_corpus(const char *path)
{
	char line[4 * INPUT_MAX];
	struct input input;
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file))
		if (line[0] != '#' && from_hex(line, &input))
			add_to_corpus(&input);
	if (file)
		fclose(file);
}

/* Returns whether the process ended; the kernel must let it be killed. */
static bool try_input(const struct input *input, uid_t uid)
{
	struct pollfd end = { .events = POLLIN };
	bool ended;
	pid_t child;

	child = fork();
	if (child == 0) {
		fail_nth = open("/proc/thread-self/fail-nth",
				O_WRONLY | O_CLOEXEC);
		/*
		 * A different user each time, so that changes of its keyrings
		 * and quota do not affect later inputs
		 */
		if (input->bytes[0] & 3 && setresuid(uid, uid, uid))
			_exit(1);
		/*
		 * A service answers only requests of processes that its opener
		 * could trace
		 */
		prctl(PR_SET_DUMPABLE, 1);
		session_new();
		reach_begin();
		run_input(input->bytes, input->len, 0);
		_exit(0);
	}
	end.fd = syscall(__NR_pidfd_open, child, 0);
	/*
	 * The child may wait for a helper that in turn waits for the child
	 */
	poll(&end, 1, PATIENCE_MS);
	kill(child, SIGKILL);
	ended = poll(&end, 1, HANG_S * 1000) == 1;
	close(end.fd);
	if (ended)
		waitpid(child, NULL, 0);
	return ended;
}

static int fuzz(int seconds)
{
	unsigned int ways = 0, found, runs = 0, seeds = corpus_size;
	time_t end = time(NULL) + seconds;
	struct input input;

	for (; time(NULL) < end; runs++) {
		input = runs < seeds ? corpus[runs] : next_input();
		print_input("try", &input);
		if (!try_input(&input, FIRST_UID + runs)) {
			print_input("hang", &input);
			return 1;
		}
		found = reach_take();
		ways += found;
		if (found && runs >= seeds) {
			add_to_corpus(&input);
			print_input("new", &input);
		}
	}
	printf("done %u inputs, %u of them new, %u ways from block to block\n",
	       runs, corpus_size - seeds, ways);
	return !ways;
}

/*
 * The helper that the kernel starts for a request; the callout information is
 * its input
 */
static int help(key_serial_t target)
{
	char callout[4 * INPUT_MAX] = "";
	key_serial_t authkey = 0;
	struct input input;

	alarm(1);
	fail_nth = open("/proc/thread-self/fail-nth", O_WRONLY | O_CLOEXEC);
	key_read(KEY_SPEC_SESSION_KEYRING, &authkey, sizeof(authkey));
	key_read(authkey, callout, sizeof(callout) - 1);
	reach_join();
	reach_begin();
	if (from_hex(callout, &input))
		run_input(input.bytes, input.len, target);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == HELPER_ARGC)
		return help(atoi(argv[2]));
	random_state = strtoull(argv[2], NULL, 0) << 1 | 1;
	read_corpus(argv[3]);
	if (faults_prepare()) {
		printf("this kernel injects no failures\n");
		return 1;
	}
	if (!reach_open()) {
		printf("this kernel has no KCOV\n");
		return 1;
	}
	if (loopback_up()) {
		printf("this kernel has no loopback device\n");
		return 1;
	}
	return fuzz(atoi(argv[1]));
}
