// SPDX-License-Identifier: GPL-2.0-only
/*
 * fscrypt-key - filesystem keys that stay in the kernel
 *
 * Makes keys of type fscrypt-provisioning and adds them to mounted filesystems
 * by their serial.  See fscrypt-key(1).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fscrypt.h>
#include <linux/fscrypt_provisioning.h>
#include <linux/keyctl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TOOL_NAME	"fscrypt-key"
#include "hex.h"
#include "tool.h"

#define KEY_MIN		16
#define KEY_MAX		64
#define KEY_DEFAULT	64
/* Bytes that the ciphers of "encrypt" need, by version of the policy */
#define KEY_NEEDED_V1	64
#define KEY_NEEDED_V2	32

/*
 * struct options - values of the options of all commands
 * @type:	FSCRYPT_KEY_SPEC_TYPE_*
 * @keyring:	where a new key is linked
 * @size:	size of a derived key
 * @label:	label of a derived key
 * @bound:	@uuid is given
 * @uuid:	the filesystem that a new key is for
 * @spec:	descriptor of a v1 key, if @spec.type says so
 * @wanted: identifier that an added key must have, or NULL
 * @all_users:	remove the claims of all users
 */
struct options {
	__u32 type;
	int32_t keyring;
	__u32 size;
	const char *label;
	bool bound;
	__u8 uuid[FSCRYPT_PROVISIONING_UUID_SIZE];
	struct fscrypt_key_specifier spec;
	const char *wanted;
	bool all_users;
};

/* All key bytes are kept here, so that only one place has to be wiped. */
static struct {
	struct {
		struct fscrypt_provisioning_form form;
		__u8 raw[KEY_MAX + 1];
	} form;
	struct {
		struct fscrypt_provisioning_key_payload head;
		__u8 raw[KEY_MAX];
	} plain;
} secret;

static void tool_wipe(void)
{
	explicit_bzero(&secret, sizeof(secret));
}

static void __attribute__((noreturn)) usage(int status)
{
	fputs("usage: fscrypt-key new [-1] [-b UUID] [-k KEYRING] NAME <KEY\n"
	      "       fscrypt-key derive [-1] [-b UUID] [-k KEYRING] [-l LABEL] [-s SIZE] PARENT NAME\n"
	      "       fscrypt-key add [-d DESCRIPTOR] [-i ID] SERIAL DIRECTORY\n"
	      "       fscrypt-key encrypt ID DIRECTORY\n"
	      "       fscrypt-key status [ID] DIRECTORY\n"
	      "       fscrypt-key remove [-a] ID DIRECTORY\n", status ? stderr : stdout);
	exit(status);
}

static int32_t serial_of(const char *text)
{
	return number(text, "key serial", 1, INT32_MAX);
}

/* Parses a descriptor or an identifier, which differ in length. */
static struct fscrypt_key_specifier spec_of(const char *text)
{
	struct fscrypt_key_specifier spec = { 0 };

	not_empty(text, "identifier");
	if (hex_read(text, "", spec.u.descriptor, sizeof(spec.u.descriptor)))
		spec.type = FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR;
	else if (hex_read(text, "", spec.u.identifier,
			  sizeof(spec.u.identifier)))
		spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
	else
		misuse("%s is neither 16 (descriptor) nor 32 (identifier) hexadecimal digits",
		       text);
	return spec;
}

static bool same_spec(const struct fscrypt_key_specifier *spec,
		      const char *text)
{
	const struct fscrypt_key_specifier other = spec_of(text);

	return spec->type == other.type &&
	       memcmp(&spec->u, &other.u,
		      spec->type == FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR ?
		      sizeof(spec->u.descriptor) :
		      sizeof(spec->u.identifier)) == 0;
}

static void print_spec(const struct fscrypt_key_specifier *spec)
{
	size_t size = spec->type == FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR ?
		      sizeof(spec->u.descriptor) : sizeof(spec->u.identifier);

	for (size_t i = 0; i < size; i++)
		printf("%02x", spec->u.__reserved[i]);
}

static int open_directory(const char *path)
{
	int fd = open(not_empty(path, "name of the directory"),
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail("cannot open %s: %s", path, strerror(errno));
	return fd;
}

/*
 * The kernel takes shorter keys, but policies made by "encrypt" need this many
 * bytes.
 */
static void check_size(const struct options *options, size_t size)
{
	bool v1 = options->type == FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR;
	size_t needed = v1 ? KEY_NEEDED_V1 : KEY_NEEDED_V2;

	if (size < needed)
		fail("a key of %zu bytes is of no use: policies of %s need %zu",
		     size, v1 ? "v1" : "v2", needed);
}

/* Reads key bytes from standard input; returns their number. */
static size_t read_key(void)
{
	size_t size = 0;
	ssize_t len;

	if (isatty(STDIN_FILENO))
		fail("the key is read from standard input, which is a terminal");
	while (size < sizeof(secret.form.raw)) {
		len = read(STDIN_FILENO, secret.form.raw + size,
			   sizeof(secret.form.raw) - size);
		if (len < 0)
			fail("cannot read the key: %s", strerror(errno));
		if (len == 0)
			break;
		size += len;
	}
	if (size < KEY_MIN || size > KEY_MAX)
		fail("the key on standard input is %s than %d bytes",
		     size < KEY_MIN ? "shorter" : "longer",
		     size < KEY_MIN ? KEY_MIN : KEY_MAX);
	return size;
}

static int32_t add_key(const char *name, const void *payload, size_t size,
		       int32_t keyring)
{
	if (keyring == KEY_SPEC_SESSION_KEYRING)
		keyring = lasting_session();
	return syscall(__NR_add_key, "fscrypt-provisioning", name, payload,
		       size, keyring);
}

/* A key that only @u has is not possessed if @s has no link to @u. */
#define IS_LINKED \
	"; is it linked to a keyring of yours? (keyctl link @u @s)"
#define NOT_ENABLED \
	"encryption is not enabled on the filesystem; for ext4, tune2fs -O encrypt DEVICE does"

static const struct cause new_causes[] = {
	{ ENODEV, "this kernel has no fscrypt" },
	{ EDQUOT, "the key quota is used up" },
	{ EACCES, "no permission to write to the keyring" },
	{ EKEYREVOKED, "the keyring was revoked; keyctl new_session makes one" },
	{ EINVAL, "this kernel does not know this kind of key" },
	{ ENOKEY, "there is no such keyring" },
	{ 0 }
};

/*
 * The plain payload is used if it can express everything, since every kernel
 * takes it.
 */
static int32_t new_plain(const char *name, const struct options *options,
			 size_t size)
{
	secret.plain.head.type = options->type;
	memcpy(secret.plain.raw, secret.form.raw, size);
	return add_key(name, &secret.plain, sizeof(secret.plain.head) + size,
		       options->keyring);
}

static void fill_form(const struct options *options, __u32 source, __u32 size)
{
	secret.form.form.form = FSCRYPT_PROVISIONING_FORM_1;
	secret.form.form.source = source;
	secret.form.form.type = options->type;
	secret.form.form.raw_size = size;
	if (options->bound)
		secret.form.form.flags = FSCRYPT_PROVISIONING_FLAG_BOUND;
	memcpy(secret.form.form.fs_uuid, options->uuid, sizeof(options->uuid));
}

static void command_new(char **args, const struct options *options)
{
	size_t size;
	int32_t key;

	not_empty(args[0], "name of the key");
	/* Not fatal: an unprivileged user may be out of lockable memory. */
	mlock(&secret, sizeof(secret));
	size = read_key();
	check_size(options, size);
	if (options->bound) {
		fill_form(options, FSCRYPT_PROVISIONING_SOURCE_RAW, size);
		key = add_key(args[0], &secret.form,
			      sizeof(secret.form.form) + size,
			      options->keyring);
	} else {
		key = new_plain(args[0], options, size);
	}
	if (key < 0)
		fail("cannot make key %s: %s", args[0],
		     cause_text(new_causes, errno));
	printf("%d\n", key);
}

static const struct cause derive_causes[] = {
	{ ENODEV, "this kernel has no fscrypt" },
	{ EDQUOT, "the key quota is used up" },
	{ EACCES, "no permission to write to the keyring, or to search the parent" IS_LINKED },
	{ EINVAL, "this kernel cannot derive keys" },
	{ EOPNOTSUPP, "this kernel is built without CONFIG_FS_ENCRYPTION_SEALED_KEYS" },
	{ ENOKEY, "the parent or the keyring does not exist" },
	{ EKEYREJECTED, "the parent is not a trusted or encrypted key of 32 bytes or more" },
	{ 0 }
};

static void command_derive(char **args, const struct options *options)
{
	int32_t key;

	not_empty(args[1], "name of the key");
	check_size(options, options->size);
	fill_form(options, FSCRYPT_PROVISIONING_SOURCE_PARENT, options->size);
	secret.form.form.parent = serial_of(args[0]);
	secret.form.form.label_size = strlen(options->label);
	memcpy(secret.form.form.label, options->label, strlen(options->label));
	key = add_key(args[1], &secret.form, sizeof(secret.form.form),
		      options->keyring);
	if (key < 0)
		fail("cannot derive key %s from %s: %s", args[1], args[0],
		     cause_text(derive_causes, errno));
	printf("%d\n", key);
}

static const struct cause add_causes[] = {
	{ EACCES, "not root for a descriptor, or no permission to search the key" IS_LINKED },
	{ EDQUOT, "the key quota is used up" },
	{ EEXIST, "the descriptor belongs to another key already" },
	{ EKEYREJECTED, "it is no provisioning key, or one for the other kind of policy" },
	{ ENOKEY, "there is no such key" },
	{ ENOTTY, "the filesystem cannot encrypt" },
	{ EOPNOTSUPP, NOT_ENABLED },
	{ EXDEV, "the key is bound to another filesystem" },
	{ 0 }
};

static void command_add(char **args, const struct options *options)
{
	struct fscrypt_add_key_arg arg = {
		.key_spec = options->spec,
		.key_id = serial_of(args[0]),
	};
	int fd = open_directory(args[1]);

	if (ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY, &arg))
		fail("cannot add key %s to %s: %s", args[0], args[1],
		     cause_text(add_causes, errno));
	print_spec(&arg.key_spec);
	putchar('\n');
	/*
	 * Standard output is flushed before the complaint, since both may go to
	 * one place
	 */
	fflush(stdout);
	if (options->wanted && !same_spec(&arg.key_spec, options->wanted))
		fail("key %s is not %s: another label, size or parent; it was added all the same",
		     args[0], options->wanted);
}

static const struct cause encrypt_causes[] = {
	{ EACCES, "it belongs to somebody else" },
	{ EEXIST, "it is encrypted in another way already" },
	{ EINVAL, "the kernel lacks the ciphers, or the filesystem a feature" },
	{ ENOKEY, "the key was not added by you" },
	{ ENOTEMPTY, "it is not empty" },
	{ ENOTTY, "the filesystem cannot encrypt" },
	{ EOPNOTSUPP, NOT_ENABLED },
	{ 0 }
};

/* The ciphers that suit most machines; the fscrypt program uses the same. */
static void command_encrypt(char **args, const struct options *options)
{
	const struct fscrypt_key_specifier spec = spec_of(args[0]);
	union {
		struct fscrypt_policy_v1 v1;
		struct fscrypt_policy_v2 v2;
	} policy = { 0 };
	int fd = open_directory(args[1]);

	(void)options;
	if (spec.type == FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR) {
		policy.v1.version = FSCRYPT_POLICY_V1;
		memcpy(policy.v1.master_key_descriptor, spec.u.descriptor,
		       sizeof(policy.v1.master_key_descriptor));
	} else {
		policy.v2.version = FSCRYPT_POLICY_V2;
		memcpy(policy.v2.master_key_identifier, spec.u.identifier,
		       sizeof(policy.v2.master_key_identifier));
	}
	/* Both versions have these three at the same place. */
	policy.v2.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS;
	policy.v2.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS;
	policy.v2.flags = FSCRYPT_POLICY_FLAGS_PAD_32;

	if (ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY, &policy))
		fail("cannot encrypt %s: %s", args[1],
		     cause_text(encrypt_causes, errno));
}

static const struct cause use_causes[] = {
	{ EACCES, "only root may do that" },
	{ ENOKEY, "the key is not there, or others have added it but not you" },
	{ ENOTTY, "the filesystem cannot encrypt" },
	{ EOPNOTSUPP, NOT_ENABLED },
	{ 0 }
};

static const struct cause policy_causes[] = {
	{ ENODATA, "it is not encrypted" },
	{ EINVAL, "it is encrypted in a way that this program does not know" },
	{ ENOTTY, "the filesystem cannot encrypt" },
	{ EOPNOTSUPP, NOT_ENABLED },
	{ 0 }
};

/* The key that the files of a directory need. */
static struct fscrypt_key_specifier spec_of_directory(int fd, const char *path)
{
	struct fscrypt_get_policy_ex_arg arg = {
		.policy_size = sizeof(arg.policy),
	};
	struct fscrypt_key_specifier spec = { 0 };

	if (ioctl(fd, FS_IOC_GET_ENCRYPTION_POLICY_EX, &arg))
		fail("cannot tell which key %s wants: %s", path,
		     cause_text(policy_causes, errno));
	if (arg.policy.version == FSCRYPT_POLICY_V1) {
		spec.type = FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR;
		memcpy(spec.u.descriptor, arg.policy.v1.master_key_descriptor,
		       sizeof(spec.u.descriptor));
	} else {
		spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
		memcpy(spec.u.identifier, arg.policy.v2.master_key_identifier,
		       sizeof(spec.u.identifier));
	}
	return spec;
}

static void command_status(char **args, const struct options *options)
{
	static const char * const names[] = {
		[FSCRYPT_KEY_STATUS_ABSENT] = "absent",
		[FSCRYPT_KEY_STATUS_PRESENT] = "present",
		[FSCRYPT_KEY_STATUS_INCOMPLETELY_REMOVED] =
			"incompletely removed, files are in use",
	};
	struct fscrypt_get_key_status_arg arg = { 0 };
	const char *path = args[1] ? args[1] : args[0];
	int fd = open_directory(path);

	(void)options;
	arg.key_spec = args[1] ? spec_of(args[0]) : spec_of_directory(fd, path);
	if (ioctl(fd, FS_IOC_GET_ENCRYPTION_KEY_STATUS, &arg))
		fail("cannot ask %s about its key: %s", path,
		     cause_text(use_causes, errno));
	print_spec(&arg.key_spec);
	if (arg.status < ARRAY_SIZE(names) && names[arg.status])
		printf(" %s", names[arg.status]);
	else
		printf(" status %u", arg.status);
	if (arg.user_count)
		printf(", added by %u user%s", arg.user_count,
		       arg.user_count == 1 ? "" : "s");
	if (arg.status_flags & FSCRYPT_KEY_STATUS_FLAG_ADDED_BY_SELF)
		printf(", you among them");
	putchar('\n');
}

static void command_remove(char **args, const struct options *options)
{
	struct fscrypt_remove_key_arg arg = {
		.key_spec = spec_of(args[0]),
	};
	unsigned long call = options->all_users ?
		FS_IOC_REMOVE_ENCRYPTION_KEY_ALL_USERS :
		FS_IOC_REMOVE_ENCRYPTION_KEY;
	int fd = open_directory(args[1]);

	if (ioctl(fd, call, &arg))
		fail("cannot remove key %s from %s: %s", args[0], args[1],
		     cause_text(use_causes, errno));
	if (arg.removal_status_flags &
	    FSCRYPT_KEY_REMOVAL_STATUS_FLAG_OTHER_USERS)
		fail("key %s stays on %s: other users have added it too",
		     args[0], args[1]);
	if (arg.removal_status_flags &
	    FSCRYPT_KEY_REMOVAL_STATUS_FLAG_FILES_BUSY)
		fail("key %s is removed from %s, but some of its files are in use",
		     args[0], args[1]);
}

/*
 * struct command - one of the commands
 * @name:	first argument
 * @options:	for getopt()
 * @args:	arguments after the options
 * @optional:	how many of them, at the front, may be left out
 */
static const struct command {
	const char *name;
	const char *options;
	int args;
	int optional;
	void (*run)(char **args, const struct options *options);
} commands[] = {
	{ "new", "+1b:k:", 1, 0, command_new },
	{ "derive", "+1b:k:l:s:", 2, 0, command_derive },
	{ "add", "+d:i:", 2, 0, command_add },
	{ "encrypt", "+", 2, 0, command_encrypt },
	{ "status", "+", 2, 1, command_status },
	{ "remove", "+a", 2, 0, command_remove },
};

static void take_uuid(const char *text, struct options *options)
{
	static const __u8 nil[FSCRYPT_PROVISIONING_UUID_SIZE];

	if (!hex_read(not_empty(text, "UUID"), "-", options->uuid,
		      sizeof(options->uuid)))
		misuse("%s is no UUID", text);
	if (memcmp(options->uuid, nil, sizeof(nil)) == 0)
		misuse("the nil UUID is that of no filesystem");
	options->bound = true;
}

static void take_option(int option, struct options *options)
{
	switch (option) {
	case '1':
		options->type = FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR;
		break;
	case 'a':
		options->all_users = true;
		break;
	case 'b':
		take_uuid(optarg, options);
		break;
	case 'd':
		options->spec = spec_of(optarg);
		if (options->spec.type != FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR)
			misuse("%s is no descriptor", optarg);
		break;
	case 'i':
		options->wanted = optarg;
		spec_of(optarg);
		break;
	case 'k':
		options->keyring = keyring_of(optarg);
		break;
	case 'l':
		options->label = optarg;
		if (strlen(optarg) > FSCRYPT_PROVISIONING_LABEL_MAX)
			misuse("the label is longer than %d bytes",
			       FSCRYPT_PROVISIONING_LABEL_MAX);
		break;
	case 's':
		options->size = number(optarg, "key size from 16 to 64",
				       KEY_MIN, KEY_MAX);
		break;
	default:
		usage(EXIT_USAGE);
	}
}

static void run(const struct command *command, int argc, char **argv)
{
	struct options options = {
		.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER,
		.keyring = KEY_SPEC_SESSION_KEYRING,
		.size = KEY_DEFAULT,
		.label = "",
		.spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER,
	};
	int option;

	while ((option = getopt(argc, argv, command->options)) != -1)
		take_option(option, &options);
	if (argc - optind > command->args ||
	    argc - optind < command->args - command->optional)
		usage(EXIT_USAGE);
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
