// SPDX-License-Identifier: GPL-2.0-only
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define CONFIG_FILE	"/etc/keys-pkcs11.conf"
#define CONFIG_VARIABLE	"KEYS_PKCS11_CONF"
#define BLANKS		" \t\r"
#define WORDS_MAX	3
/* Characters in the names of slots */
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static const struct config_slot config_known[] = {
	{ "session", KEY_SPEC_SESSION_KEYRING },
	{ "user", KEY_SPEC_USER_KEYRING },
	{ "user-session", KEY_SPEC_USER_SESSION_KEYRING },
	{ "persistent", 0 },
};

#define KNOWN_COUNT	(sizeof(config_known) / sizeof(*config_known))

/*
 * Messages go to standard error of the program: an administrator would look
 * nowhere else.
 */
void config_complain(const char *file, unsigned int line, const char *what)
{
	if (line)
		fprintf(stderr, "keys-pkcs11: %s:%u: %s\n", file, line, what);
	else
		fprintf(stderr, "keys-pkcs11: %s: %s\n", file, what);
}

static bool config_serial(const char *word, int32_t *serial)
{
	char *end;
	long value;

	if (*word < '1' || *word > '9')
		return false;
	errno = 0;
	value = strtol(word, &end, 10);
	if (errno || *end || value > INT32_MAX)
		return false;
	*serial = value;
	return true;
}

static const char *config_add_slot(struct config *config,
				   const struct config_slot *slot)
{
	unsigned int i;

	if (config->slot_count == SLOTS_MAX)
		return "too many slots";
	for (i = 0; i < config->slot_count; i++)
		if (!strcmp(config->slots[i].name, slot->name))
			return "there is a slot of that name";
	config->slots[config->slot_count++] = *slot;
	return NULL;
}

/* "slot NAME", "slot SERIAL NAME" */
static const char *config_slot_line(struct config *config, char **words)
{
	struct config_slot slot = { .keyring = 0 };
	unsigned int i;

	if (!words[2]) {
		for (i = 0; i < KNOWN_COUNT; i++)
			if (!strcmp(config_known[i].name, words[1]))
				return config_add_slot(config, &config_known[i]);
		return "no keyring has that name";
	}
	if (!config_serial(words[1], &slot.keyring))
		return "not a serial number";
	if (strlen(words[2]) > SLOT_NAME_MAX ||
	    words[2][strspn(words[2], NAME_CHARACTERS)])
		return "not a name of a slot";
	memcpy(slot.name, words[2], strlen(words[2]));
	return config_add_slot(config, &slot);
}

static const char *config_line(struct config *config, char **words)
{
	if (!strcmp(words[0], "slot") && words[1])
		return config_slot_line(config, words);
	if (!strcmp(words[0], "certificates") && words[1] && !words[2]) {
		if (*words[1] != '/')
			return "not a full path";
		if (config->folder)
			return "there is a folder already";
		config->folder = strdup(words[1]);
		return config->folder ? NULL : strerror(ENOMEM);
	}
	if (!strcmp(words[0], "raw-rsa") && !words[1]) {
		config->raw_rsa = true;
		return NULL;
	}
	if (!strcmp(words[0], "destroy") && words[1] && !words[2]) {
		config->revoke = !strcmp(words[1], "revoke");
		if (config->revoke || !strcmp(words[1], "unlink"))
			return NULL;
	}
	return "no such line";
}

static const char *config_split(struct config *config, char *line)
{
	char *words[WORDS_MAX + 1] = { NULL };
	unsigned int count = 0;
	char *rest = line;
	char *word;

	while ((word = strtok_r(rest, BLANKS, &rest))) {
		if (!count && *word == '#')
			return NULL;
		if (count == WORDS_MAX)
			return "too many words";
		words[count++] = word;
	}
	return count ? config_line(config, words) : NULL;
}

static bool config_parse(struct config *config, const char *file, char *text,
			 size_t len)
{
	unsigned int number = 0;
	const char *what;
	char *line;

	if (memchr(text, '\0', len)) {
		config_complain(file, 0, "not a text");
		return false;
	}
	while ((line = strsep(&text, "\n"))) {
		number++;
		what = config_split(config, line);
		if (what) {
			config_complain(file, number, what);
			return false;
		}
	}
	return true;
}

/**
 * config_load - read the configuration
 * @config: Gets the configuration.
 *
 * Return: false if there is a fault, which has been logged.
 */
bool config_load(struct config *config)
{
	const char *named = secure_getenv(CONFIG_VARIABLE);
	const char *file = named ?: CONFIG_FILE;
	unsigned int i;
	bool good = true;
	char *text;
	long len;

	*config = (struct config){ .slot_count = 0 };
	len = file_read(file, &text);
	if (len >= 0) {
		good = config_parse(config, file, text, len);
		free(text);
	} else if (named || len != -ENOENT) {
		config_complain(file, 0, file_error(len));
		good = false;
	}
	if (!good) {
		config_free(config);
		return false;
	}
	for (i = 0; i < KNOWN_COUNT && config->slot_count == i; i++)
		config->slots[config->slot_count++] = config_known[i];
	return true;
}

void config_free(struct config *config)
{
	free(config->folder);
	*config = (struct config){ .slot_count = 0 };
}
