// SPDX-License-Identifier: GPL-2.0-only
/*
 * linux-keys-cryptenroll - have a key of the kernel open a LUKS2 volume
 *
 * Adds a keyslot whose passphrase the key computes, and a token that describes
 * it.  See linux-keys-cryptenroll(8).
 */
#include <errno.h>
#include <getopt.h>
#include <libcryptsetup.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "form.h"
#include "passphrase.h"

#define EXIT_USAGE	2
/*
 * The passphrase has 256 random bits, so nobody can guess it, however cheap
 * each guess is.  1000 is the smallest number that libcryptsetup takes.
 */
#define PBKDF_ITERATIONS	1000

/**
 * struct enrolment - everything that is freed at the end
 * @cd: the volume
 * @old: a passphrase of the volume
 * @new: the passphrase of the new keyslot
 * @form: the token
 */
static struct enrolment {
	struct crypt_device *cd;
	struct passphrase old;
	uint8_t *new;
	struct form form;
} enrolment;

static char token_text[FORM_TEXT_SIZE];

static void enrol_end(void)
{
	crypt_safe_free(enrolment.new);
	passphrase_end(&enrolment.old);
	crypt_free(enrolment.cd);
}

static void __attribute__((noreturn, format(printf, 2, 3)))
fail(int err, const char *format, ...)
{
	va_list args;

	enrol_end();
	fputs("linux-keys-cryptenroll: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (err)
		fprintf(stderr, ": %s", strerror(-err));
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static void __attribute__((noreturn)) usage(int status)
{
	fputs("usage: linux-keys-cryptenroll [--key-file FILE] DEVICE DESCRIPTION\n",
	      status ? stderr : stdout);
	exit(status);
}

/* libcryptsetup has printed its own message. */
static void say(int level, const char *message,
		void *unused __attribute__((unused)))
{
	if (level == CRYPT_LOG_ERROR)
		fprintf(stderr, "linux-keys-cryptenroll: %s", message);
}

static void load_volume(const char *device)
{
	int err;

	crypt_set_log_callback(NULL, say, NULL);
	err = crypt_init(&enrolment.cd, device);
	if (err)
		fail(err, "%s", device);
	err = crypt_load(enrolment.cd, CRYPT_LUKS2, NULL);
	if (err)
		fail(0, "%s is no LUKS2 volume", device);
}

static void make_passphrase(const char *description)
{
	struct form *form = &enrolment.form;
	int err, len;

	/*
	 * Errors in the token's fields are reported before anything is changed.
	 */
	len = snprintf(form->description, sizeof(form->description), "%s",
		       description);
	if (len >= (int)sizeof(form->description))
		fail(0, "the description has more than %zu bytes",
		     sizeof(form->description) - 1);
	if (getrandom(form->salt, sizeof(form->salt), 0) != sizeof(form->salt))
		fail(-errno, "no random bytes");
	err = form_write(form, 0, token_text, sizeof(token_text));
	if (err)
		fail(err, "no token for key \"%s\"", description);
	enrolment.new = crypt_safe_alloc(MAC_SIZE);
	if (!enrolment.new)
		fail(-ENOMEM, "no passphrase");
	err = mac_of_slot(description, crypt_get_uuid(enrolment.cd), form->salt,
			  enrolment.new);
	if (err == -EMEDIUMTYPE)
		fail(0, "key \"%s\" is not of hmac-sha256 for mac", description);
	if (err)
		fail(err, "key \"%s\"", description);
}

static void ask_for_old(const char *key_file)
{
	int err = key_file ? passphrase_from_file(key_file, &enrolment.old) :
		  passphrase_from_terminal("A passphrase of the volume: ",
					   &enrolment.old);

	if (err)
		fail(err, "no passphrase from %s", key_file ?: "the terminal");
}

static int add_slot(void)
{
	const struct crypt_pbkdf_type pbkdf = {
		.type = CRYPT_KDF_PBKDF2,
		.hash = "sha256",
		.iterations = PBKDF_ITERATIONS,
		.flags = CRYPT_PBKDF_NO_BENCHMARK,
	};
	int err = crypt_set_pbkdf_type(enrolment.cd, &pbkdf), slot;

	if (err)
		fail(err, "no key derivation");
	slot = crypt_keyslot_add_by_passphrase(enrolment.cd, CRYPT_ANY_SLOT,
					       enrolment.old.bytes,
					       enrolment.old.len,
					       (const char *)enrolment.new,
					       MAC_SIZE);
	if (slot == -EPERM)
		fail(0, "the volume has no such passphrase");
	if (slot < 0)
		fail(slot, "no new keyslot");
	return slot;
}

/*
 * Nobody could open a keyslot without its token, so the keyslot is removed
 * again.
 */
static int add_token(int slot)
{
	int token = form_write(&enrolment.form, slot, token_text,
			       sizeof(token_text));

	if (!token)
		token = crypt_token_json_set(enrolment.cd, CRYPT_ANY_TOKEN,
					     token_text);
	if (token >= 0)
		return token;
	crypt_keyslot_destroy(enrolment.cd, slot);
	fail(token, "no new token");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "key-file", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	const char *key_file = NULL;
	int option, slot;

	while ((option = getopt_long(argc, argv, "d:h", options, NULL)) != -1) {
		if (option == 'd')
			key_file = optarg;
		else
			usage(option == 'h' ? 0 : EXIT_USAGE);
	}
	if (argc - optind != 2)
		usage(EXIT_USAGE);

	load_volume(argv[optind]);
	make_passphrase(argv[optind + 1]);
	ask_for_old(key_file);
	slot = add_slot();
	printf("Key slot %d, token %d.\n", slot, add_token(slot));
	enrol_end();
	return 0;
}
