// SPDX-License-Identifier: GPL-2.0-only
/*
 * symmetric-key - make keys that stay in the kernel, and use them by name
 *
 * Seals streams of any length, which a single call to the kernel cannot.  See
 * symmetric-key(1) for the format.
 */
#include <errno.h>
#include <linux/keyctl.h>
#include <linux/symmetric_key.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TOOL_NAME	"symmetric-key"
#include "hex.h"
#include "tool.h"

#define LINE_MAX_	1024
/* The longest text of one call, and the additional bytes of a blob */
#define CALL_MAX	32768
#define BLOB_EXTRA	40
#define FRAME_TEXT	(CALL_MAX - BLOB_EXTRA)
#define AAD_MAX		1024
#define MAC_MAX		64
#define KEY_MAX		64
/* The sealed form of a key, in hex */
#define FORM_MAX	768

/* A stream begins with this text and an id, which is bound to every frame. */
#define STREAM_MAGIC	"symmetric-key 1\n"
#define STREAM_ID	16

/*
 * struct options - values of the options of all commands
 * @keyring:	where a new key is linked
 * @size:	bytes of a new key, or NULL
 * @uuid:	the volume that a new key is for, or NULL
 * @keeper:	the key that seals a new one, or NULL
 * @label:	label of a new key that has a sealed form, or NULL
 * @aad:	associated data
 */
struct options {
	int32_t keyring;
	const char *size;
	const char *uuid;
	const char *keeper;
	const char *label;
	const char *aad;
};

/* All texts and keys are kept here, so that only one place has to be wiped. */
static struct {
	uint8_t in[CALL_MAX + 1];
	uint8_t out[CALL_MAX];
	char line[LINE_MAX_ + 1];
} secret;

static void tool_wipe(void)
{
	explicit_bzero(&secret, sizeof(secret));
}

static void __attribute__((noreturn)) usage(int status)
{
	fputs("usage: symmetric-key new [-k KEYRING] [-s SIZE] [-u UUID] [-w KEEPER -l LABEL] "
		"ALG USES NAME\n"
	      "       symmetric-key derive [-k KEYRING] [-s SIZE] [-u UUID] [-w KEEPER] PARENT "
	"LABEL ALG USES NAME\n"
	      "       symmetric-key import [-k KEYRING] [-u UUID] [-w KEEPER -l LABEL] ALG "
	"USES NAME <BYTES\n"
	      "       symmetric-key view [-k KEYRING] KEY USES NAME\n"
	      "       symmetric-key seal [-a AAD] KEY <TEXT >SEALED\n"
	      "       symmetric-key open [-a AAD] KEY <SEALED >TEXT\n"
	      "       symmetric-key mac KEY <TEXT\n"
	      "       symmetric-key verify KEY MAC <TEXT\n"
	      "       symmetric-key save KEY >FORM\n"
	      "       symmetric-key load [-k KEYRING] [-u UUID] KEEPER LABEL ALG USES NAME <FORM\n"
	      "       symmetric-key show KEY\n", status ? stderr : stdout);
	exit(status);
}

/*
 * The first error is that of seccomp filters of Docker and of many systemd
 * units.
 */
static bool is_filter(int error)
{
	return error == EPERM || error == ENOSYS;
}

static const char *explain(const struct cause *causes, int error)
{
	if (is_filter(error))
		return "this kernel has no such call, or a filter denies it (seccomp)";
	return cause_text(causes, error);
}

/* Appends one word to the line; a space in a word would begin another one. */
static const char *word(const char *text, const char *what)
{
	not_empty(text, what);
	for (const char *at = text; *at; at++)
		if (*at <= ' ' || *at > '~')
			misuse("the %s has characters other than printable ASCII",
			       what);
	return text;
}

/* A key that only @u has is not possessed if @s has no link to @u. */
#define IS_LINKED \
	"; is it linked to a keyring of yours? (keyctl link @u @s)"

static const struct cause find_causes[] = {
	{ ENOKEY, "there is none in your keyrings" },
	{ EKEYREVOKED, "it was revoked" },
	{ EKEYEXPIRED, "its time has passed" },
	{ 0 }
};

/* Parses a serial, or %TYPE:NAME for a key in the caller's keyrings. */
static int32_t key_of(const char *text)
{
	char type[32];
	const char *name;
	long key;

	not_empty(text, "key");
	if (text[0] != '%')
		return number(text, "serial of a key, nor %TYPE:NAME", 1,
			      INT32_MAX);
	name = strchr(text, ':');
	if (!name || !name[1] || name - text > (long)sizeof(type))
		misuse("%s is no %%TYPE:NAME", text);
	snprintf(type, sizeof(type), "%.*s", (int)(name - text - 1), text + 1);
	key = syscall(__NR_request_key, *type ? type : "symmetric", name + 1,
		      NULL, 0);
	if (key < 0)
		fail("cannot find key %s: %s", name + 1,
		     explain(find_causes, errno));
	return key;
}

static const struct cause make_causes[] = {
	{ ENODEV, "this kernel has no keys of type symmetric" },
	{ EDQUOT, "the key quota is used up" },
	{ EINVAL, "this kernel has no such algorithm with these uses and this size" },
	{ ENOKEY, "there is no such key or keyring" },
	{ EACCES, "no permission to write to the keyring, or to search the key" IS_LINKED },
	{ EKEYREVOKED, "the key, or the keyring, was revoked" },
	{ EKEYEXPIRED, "the time of the key has passed" },
	{ EKEYREJECTED, "the key is not for this, or the sealed form is of another" },
	{ EBADMSG, "the sealed form was changed, or another key sealed it" },
	{ 0 }
};

__attribute__((format(printf, 1, 2)))
static void line_add(const char *format, ...)
{
	size_t used = strlen(secret.line);
	va_list args;

	va_start(args, format);
	vsnprintf(secret.line + used, sizeof(secret.line) - used, format, args);
	va_end(args);
	if (strlen(secret.line) >= LINE_MAX_)
		misuse("the arguments are longer than the kernel takes");
}

/* Adds the options for new keys to the line, and makes the key. */
static void make_key(const char *name, const struct options *options)
{
	int32_t keyring = options->keyring;
	long key;

	if (options->size)
		line_add(" size=%ld", number(options->size, "size in bytes", 1,
					     MAC_MAX));
	if (options->uuid)
		line_add(" uuid=%s", word(options->uuid, "UUID"));
	if (options->keeper)
		line_add(" sealed-by=%d", key_of(options->keeper));
	if (options->label)
		line_add(" label=%s", word(options->label, "label"));
	if (keyring == KEY_SPEC_SESSION_KEYRING)
		keyring = lasting_session();
	key = syscall(__NR_add_key, "symmetric", not_empty(name, "name"),
		      secret.line, strlen(secret.line), keyring);
	if (key < 0)
		fail("cannot make key %s: %s", name,
		     explain(make_causes, errno));
	printf("%ld\n", key);
}

static void command_new(char **args, const struct options *options)
{
	line_add("new alg=%s for=%s", word(args[0], "algorithm"),
		 word(args[1], "list of uses"));
	make_key(args[2], options);
}

static void command_derive(char **args, const struct options *options)
{
	line_add("derive from=%d label=%s alg=%s for=%s", key_of(args[0]),
		 word(args[1], "label"), word(args[2], "algorithm"),
		 word(args[3], "list of uses"));
	make_key(args[4], options);
}

static void command_view(char **args, const struct options *options)
{
	line_add("view of=%d for=%s", key_of(args[0]),
		 word(args[1], "list of uses"));
	make_key(args[2], options);
}

/* Reads up to @size bytes; fewer only at the end of the input. */
static size_t read_all(uint8_t *bytes, size_t size)
{
	size_t have = 0;
	ssize_t len;

	while (have < size) {
		len = read(STDIN_FILENO, bytes + have, size - have);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			fail("cannot read: %s", strerror(errno));
		if (!len)
			break;
		have += len;
	}
	return have;
}

/* The bytes are not an argument, since others could read it in /proc. */
static void command_import(char **args, const struct options *options)
{
	size_t size;

	if (isatty(STDIN_FILENO))
		misuse("the key is read from standard input, which is a terminal");
	size = read_all(secret.in, KEY_MAX + 1);
	if (!size || size > KEY_MAX)
		fail("the key on standard input has %s",
		     size ? "more than 64 bytes" : "no bytes");
	hex_write((char *)secret.out, secret.in, size);
	line_add("raw keyhex=%s alg=%s for=%s", (char *)secret.out,
		 word(args[0], "algorithm"), word(args[1], "list of uses"));
	make_key(args[2], options);
}

static void command_load(char **args, const struct options *options)
{
	char *form = (char *)secret.in;
	size_t size = read_all(secret.in, FORM_MAX + 1);

	form[size] = '\0';
	form[strcspn(form, "\n")] = '\0';
	if (!*form || strlen(form) + 1 < size || size > FORM_MAX ||
	    strspn(form, "0123456789abcdef") != strlen(form))
		fail("standard input is no sealed form of a key");
	line_add("load by=%d label=%s alg=%s for=%s blob=%s", key_of(args[0]),
		 word(args[1], "label"), word(args[2], "algorithm"),
		 word(args[3], "list of uses"), form);
	make_key(args[4], options);
}

static const struct cause use_causes[] = {
	{ ENOKEY, "there is no such key" },
	{ EACCES, "no permission to search it" IS_LINKED },
	{ EKEYREVOKED, "the key was revoked" },
	{ EKEYEXPIRED, "the time of the key has passed" },
	{ EOPNOTSUPP, "the key is not for this" },
	{ EINVAL, "it is no symmetric key" },
	{ 0 }
};

/*
 * Makes one call with the information string @info.  Returns -1 with errno on
 * an error.
 */
static long use(int op, int32_t key, const char *info, size_t in_len, void *out,
		size_t out_len)
{
	struct keyctl_pkey_params params = {
		.key_id = key, .in_len = in_len, .out_len = out_len,
	};

	return syscall(__NR_keyctl, op, &params, info, secret.in, out);
}

static void write_all(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	ssize_t len;

	while (size) {
		len = write(STDOUT_FILENO, at, size);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			fail("cannot write: %s", strerror(errno));
		at += len;
		size -= len;
	}
}

/*
 * struct stream - the data that each frame of a stream is bound to
 * @id: random for each stream, so that no frame fits into another stream
 * @number: number of the frame, from 0
 * @aad:	the caller's associated data
 */
struct stream {
	uint8_t id[STREAM_ID];
	uint64_t number;
	const char *aad;
};

/*
 * Writes magic, id, number, whether the frame is the last one, and the caller's
 * data.
 */
static void frame_info(const struct stream *stream, bool last, char *info)
{
	uint8_t bound[AAD_MAX], *end = bound;

	memcpy(end, STREAM_MAGIC, strlen(STREAM_MAGIC));
	end += strlen(STREAM_MAGIC);
	memcpy(end, stream->id, STREAM_ID);
	end += STREAM_ID;
	for (int i = 7; i >= 0; i--)
		*end++ = stream->number >> 8 * i;
	*end++ = last;
	memcpy(end, stream->aad, strlen(stream->aad));
	end += strlen(stream->aad);
	info += sprintf(info, "aad=");
	hex_write(info, bound, end - bound);
}

#define BOUND_SIZE	(sizeof(STREAM_MAGIC) - 1 + STREAM_ID + 8 + 1)

static void check_aad(const struct options *options)
{
	if (strlen(options->aad) > AAD_MAX - BOUND_SIZE)
		misuse("the associated data are longer than %zu bytes",
		       AAD_MAX - BOUND_SIZE);
}

/*
 * A frame is known to be the last one only when reading further returns no
 * bytes.
 */
static size_t next_frame(size_t have, size_t size, bool *last)
{
	have += read_all(secret.in + have, size + 1 - have);
	*last = have <= size;
	return *last ? have : size;
}

static void frame_done(size_t size, bool last)
{
	if (!last)
		secret.in[0] = secret.in[size];
}

static void command_seal(char **args, const struct options *options)
{
	struct stream stream = { .aad = options->aad };
	char info[2 * AAD_MAX + sizeof("aad=")];
	int32_t key = key_of(args[0]);
	bool last = false;
	size_t size = 0;
	long len;

	check_aad(options);
	if (isatty(STDOUT_FILENO))
		misuse("what is sealed is not for a terminal");
	if (getrandom(stream.id, STREAM_ID, 0) != STREAM_ID)
		fail("cannot draw random bytes: %s", strerror(errno));
	for (; !last; stream.number++) {
		size = next_frame(stream.number > 0, FRAME_TEXT, &last);
		frame_info(&stream, last, info);
		len = use(KEYCTL_PKEY_ENCRYPT, key, info, size, secret.out,
			  CALL_MAX);
		if (len < 0)
			fail("cannot seal with key %s: %s", args[0],
			     explain(use_causes, errno));
		if (!stream.number) {
			write_all(STREAM_MAGIC, strlen(STREAM_MAGIC));
			write_all(stream.id, STREAM_ID);
		}
		write_all(secret.out, len);
		frame_done(size, last);
	}
}

static const char *open_cause(const struct stream *stream, int error)
{
	if (error != EBADMSG)
		return explain(use_causes, error);
	return stream->number ?
		"the text was changed or cut short here; do not use what was written" :
		"the key or the associated data are others, or the text was changed or cut short";
}

static void command_open(char **args, const struct options *options)
{
	struct stream stream = { .aad = options->aad };
	char info[2 * AAD_MAX + sizeof("aad=")];
	uint8_t head[sizeof(STREAM_MAGIC) - 1];
	int32_t key = key_of(args[0]);
	bool last = false;
	size_t size = 0;
	long len;

	check_aad(options);
	if (read_all(head, sizeof(head)) != sizeof(head) ||
	    memcmp(head, STREAM_MAGIC, sizeof(head)) != 0 ||
	    read_all(stream.id, STREAM_ID) != STREAM_ID)
		fail("standard input is nothing that this program has sealed");
	for (; !last; stream.number++) {
		size = next_frame(stream.number > 0, CALL_MAX, &last);
		frame_info(&stream, last, info);
		len = use(KEYCTL_PKEY_DECRYPT, key, info, size, secret.out,
			  CALL_MAX);
		if (len < 0)
			fail("cannot open with key %s: %s", args[0],
			     open_cause(&stream, errno));
		write_all(secret.out, len);
		frame_done(size, last);
	}
}

static size_t read_text(void)
{
	size_t size = read_all(secret.in, CALL_MAX + 1);

	if (size > CALL_MAX)
		fail("the text is longer than %d bytes; make the MAC of a hash of it",
		     CALL_MAX);
	return size;
}

static void command_mac(char **args, const struct options *options)
{
	int32_t key = key_of(args[0]);
	char text[2 * MAC_MAX + 1];
	uint8_t mac[MAC_MAX];
	size_t size = read_text();
	long len;

	(void)options;
	/* The kernel returns the size of the MAC if the buffer is larger. */
	for (size_t room = 32; ; room += 16) {
		len = use(KEYCTL_PKEY_SIGN, key, "", size, mac, room);
		if (len >= 0 || errno != EOVERFLOW || room == MAC_MAX)
			break;
	}
	if (len < 0)
		fail("cannot make a MAC with key %s: %s", args[0],
		     explain(use_causes, errno));
	hex_write(text, mac, len);
	puts(text);
}

static size_t mac_of(const char *text, uint8_t mac[MAC_MAX])
{
	size_t size = strlen(not_empty(text, "MAC")) / 2;

	if (size > MAC_MAX || !hex_read(text, "", mac, size))
		misuse("%s is no MAC in hex", text);
	return size;
}

static void command_verify(char **args, const struct options *options)
{
	int32_t key = key_of(args[0]);
	uint8_t mac[MAC_MAX];
	size_t mac_size = mac_of(args[1], mac);
	size_t size = read_text();

	(void)options;
	if (use(KEYCTL_PKEY_VERIFY, key, "", size, mac, mac_size) == 0)
		return;
	if (errno == EKEYREJECTED)
		fail("the MAC is not that of this text and this key");
	fail("cannot verify with key %s: %s", args[0],
	     explain(use_causes, errno));
}

static const struct cause save_causes[] = {
	{ ENOKEY, "there is no such key" },
	{ EACCES, "no permission to read it" },
	{ EKEYREVOKED, "the key was revoked" },
	{ EKEYEXPIRED, "the time of the key has passed" },
	{ EOPNOTSUPP, "it has no sealed form; one is given to a new key by -w" },
	{ 0 }
};

/*
 * Only a text with the prefix of a sealed form is one; keys of other types
 * return other data.
 */
static void command_save(char **args, const struct options *options)
{
	static const char head[] = "1b6b657920747970652073796d6d6574726963";
	int32_t key = key_of(args[0]);
	long len = syscall(__NR_keyctl, KEYCTL_READ, key, secret.out,
			   sizeof(secret.out) - 1, 0);

	(void)options;
	if (len < 0)
		fail("cannot save key %s: %s", args[0],
		     explain(save_causes, errno));
	if (len > FORM_MAX || strncmp((char *)secret.out, head, strlen(head)))
		fail("key %s is no symmetric key", args[0]);
	secret.out[len] = '\0';
	puts((char *)secret.out);
}

/*
 * struct name - name of a number of linux/symmetric_key.h
 */
struct name {
	uint32_t value;
	const char *text;
};

static const struct name algs[] = {
	{ SYMMETRIC_ALG_HMAC_SHA256, "hmac-sha256" },
	{ SYMMETRIC_ALG_HMAC_SHA384, "hmac-sha384" },
	{ SYMMETRIC_ALG_HMAC_SHA512, "hmac-sha512" },
	{ SYMMETRIC_ALG_XCHACHA20_POLY1305, "xchacha20-poly1305" },
	{ SYMMETRIC_ALG_HKDF_SHA256, "hkdf-sha256" },
	{ SYMMETRIC_ALG_HKDF_SHA512, "hkdf-sha512" },
	{ SYMMETRIC_ALG_AES_XTS_PLAIN64, "aes-xts-plain64" },
	{ SYMMETRIC_ALG_SERPENT_XTS_PLAIN64, "serpent-xts-plain64" },
	{ SYMMETRIC_ALG_TWOFISH_XTS_PLAIN64, "twofish-xts-plain64" },
	{ SYMMETRIC_ALG_XCHACHA12_ADIANTUM_PLAIN64,
	  "xchacha12,aes-adiantum-plain64" },
	{ SYMMETRIC_ALG_XCHACHA20_ADIANTUM_PLAIN64,
	  "xchacha20,aes-adiantum-plain64" },
	{ SYMMETRIC_ALG_AF_ALG_CBC_AES, "skcipher:cbc(aes)" },
	{ SYMMETRIC_ALG_AF_ALG_CTR_AES, "skcipher:ctr(aes)" },
	{ SYMMETRIC_ALG_AF_ALG_CTS_CBC_AES, "skcipher:cts(cbc(aes))" },
	{ SYMMETRIC_ALG_AF_ALG_XTS_AES, "skcipher:xts(aes)" },
	{ SYMMETRIC_ALG_AF_ALG_ADIANTUM_XCHACHA12,
	  "skcipher:adiantum(xchacha12,aes)" },
	{ SYMMETRIC_ALG_AF_ALG_ADIANTUM_XCHACHA20,
	  "skcipher:adiantum(xchacha20,aes)" },
	{ SYMMETRIC_ALG_AF_ALG_GCM_AES, "aead:gcm(aes)" },
	{ SYMMETRIC_ALG_AF_ALG_CCM_AES, "aead:ccm(aes)" },
	{ SYMMETRIC_ALG_AF_ALG_CHACHA20_POLY1305,
	  "aead:rfc7539(chacha20,poly1305)" },
	{ SYMMETRIC_ALG_AF_ALG_HMAC_SHA256, "hash:hmac(sha256)" },
	{ SYMMETRIC_ALG_AF_ALG_HMAC_SHA384, "hash:hmac(sha384)" },
	{ SYMMETRIC_ALG_AF_ALG_HMAC_SHA512, "hash:hmac(sha512)" },
	{ SYMMETRIC_ALG_AF_ALG_CMAC_AES, "hash:cmac(aes)" },
};

static const struct name uses[] = {
	{ SYMMETRIC_USE_MAC, "mac" },
	{ SYMMETRIC_USE_VERIFY, "verify" },
	{ SYMMETRIC_USE_SEAL, "seal" },
	{ SYMMETRIC_USE_OPEN, "open" },
	{ SYMMETRIC_USE_DERIVE, "derive" },
	{ SYMMETRIC_USE_WRAP, "wrap" },
	{ SYMMETRIC_USE_UNWRAP, "unwrap" },
	{ SYMMETRIC_USE_DM_CRYPT, "dm-crypt" },
	{ SYMMETRIC_USE_AF_ALG, "af-alg" },
};

static void show_uses(uint32_t mask)
{
	const char *between = " for=";

	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		if (!(mask & uses[i].value))
			continue;
		printf("%s%s", between, uses[i].text);
		between = ",";
		mask &= ~uses[i].value;
	}
	if (mask)
		printf("%s0x%x", between, mask);
}

static void command_show(char **args, const struct options *options)
{
	struct keyctl_pkey_query query;
	int32_t key = key_of(args[0]);
	uint32_t alg, origin;
	size_t i;

	(void)options;
	if (syscall(__NR_keyctl, KEYCTL_PKEY_QUERY, key, 0, "", &query))
		fail("cannot ask about key %s: %s", args[0],
		     errno == EACCES ? "no permission to view it" :
				       explain(use_causes, errno));
	alg = query.__spare[SYMMETRIC_QUERY_ALG];
	origin = query.__spare[SYMMETRIC_QUERY_ORIGIN];
	if (!alg)
		fail("key %s is no symmetric key", args[0]);
	for (i = 0; i < ARRAY_SIZE(algs) && algs[i].value != alg; i++)
		;
	if (i < ARRAY_SIZE(algs))
		printf("alg=%s", algs[i].text);
	else
		printf("alg=%u", alg);
	show_uses(query.__spare[SYMMETRIC_QUERY_USES]);
	printf(" size=%u origin=%s\n", query.key_size / 8,
	       origin == SYMMETRIC_ORIGIN_INSIDE ? "inside" : "outside");
}

/*
 * struct command - one of the commands
 * @name:	first argument
 * @options:	for getopt()
 * @args:	arguments after the options
 */
static const struct command {
	const char *name;
	const char *options;
	int args;
	void (*run)(char **args, const struct options *options);
} commands[] = {
	{ "new", "+k:l:s:u:w:", 3, command_new },
	{ "derive", "+k:s:u:w:", 5, command_derive },
	{ "import", "+k:l:u:w:", 3, command_import },
	{ "load", "+k:u:", 5, command_load },
	{ "save", "+", 1, command_save },
	{ "view", "+k:", 3, command_view },
	{ "seal", "+a:", 1, command_seal },
	{ "open", "+a:", 1, command_open },
	{ "mac", "+", 1, command_mac },
	{ "verify", "+", 2, command_verify },
	{ "show", "+", 1, command_show },
};

static void take_option(int option, struct options *options)
{
	switch (option) {
	case 'a':
		options->aad = optarg;
		break;
	case 'k':
		options->keyring = keyring_of(optarg);
		break;
	case 'l':
		options->label = optarg;
		break;
	case 's':
		options->size = optarg;
		break;
	case 'u':
		options->uuid = optarg;
		break;
	case 'w':
		options->keeper = optarg;
		break;
	default:
		usage(EXIT_USAGE);
	}
}

static void run(const struct command *command, int argc, char **argv)
{
	struct options options = {
		.keyring = KEY_SPEC_SESSION_KEYRING,
		.aad = "",
	};
	int option;

	while ((option = getopt(argc, argv, command->options)) != -1)
		take_option(option, &options);
	if (argc - optind != command->args)
		usage(EXIT_USAGE);
	if (command->run != command_derive && !options.keeper != !options.label)
		misuse("a key that is stored has a keeper and a label: -w and -l");
	command->run(argv + optind, &options);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0) {
			run(&commands[i], argc - 1, argv + 1);
			tool_wipe();
			if (fflush(stdout) || ferror(stdout))
				fail("cannot write the answer");
			return EXIT_SUCCESS;
		}
	}
	usage(tool_is_asked_for_help(argc, argv) ? EXIT_SUCCESS : EXIT_USAGE);
}
