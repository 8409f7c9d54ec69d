// SPDX-License-Identifier: GPL-2.0-only
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "config.h"
#include "file.h"

#define PEM_BEGIN	"-----BEGIN CERTIFICATE-----"
#define PEM_END		"-----END CERTIFICATE-----"

static const char *const folder_endings[] = { ".pem", ".crt", ".cer", ".der" };

#define ENDINGS		(sizeof(folder_endings) / sizeof(*folder_endings))

/* A file with another ending is not read, since it may hold a private key. */
static int folder_wants(const struct dirent *entry)
{
	const char *ending = strrchr(entry->d_name, '.');
	unsigned int i;

	if (*entry->d_name == '.' || !ending)
		return 0;
	for (i = 0; i < ENDINGS; i++)
		if (!strcmp(ending, folder_endings[i]))
			return 1;
	return 0;
}

/* Adds a certificate; the folder then owns @der. */
static const char *folder_add(struct folder *folder, const char *name,
			      uint8_t *der, size_t len)
{
	struct folder_certificate *entry = NULL, *larger;

	if (folder->count < CERTIFICATES_MAX) {
		larger = reallocarray(folder->certificates, folder->count + 1,
				      sizeof(*larger));
		if (larger) {
			folder->certificates = larger;
			entry = larger + folder->count;
		}
	}
	if (!entry) {
		free(der);
		return folder->count < CERTIFICATES_MAX ? strerror(ENOMEM) :
			"too many certificates";
	}
	if (!certificate_parse(&entry->certificate, (struct bytes){ der, len })) {
		free(der);
		return "not a certificate";
	}
	entry->name = strdup(name);
	if (!entry->name) {
		free(der);
		return strerror(ENOMEM);
	}
	folder->count++;
	return NULL;
}

static const char *folder_add_pem(struct folder *folder, const char *name,
				  const char *begin, const char *end)
{
	struct base64_decode_ctx context;
	size_t len = BASE64_DECODE_LENGTH(end - begin);
	uint8_t *der = malloc(len);

	if (!der)
		return strerror(ENOMEM);
	base64_decode_init(&context);
	if (!base64_decode_update(&context, &len, der, end - begin, begin) ||
	    !base64_decode_final(&context)) {
		free(der);
		return "not a certificate";
	}
	return folder_add(folder, name, der, len);
}

static const char *folder_parse(struct folder *folder, const char *name,
				const char *text, size_t len)
{
	const char *at = strstr(text, PEM_BEGIN), *end, *what;
	uint8_t *der;

	if (strstr(text, "PRIVATE KEY"))
		return "it holds a private key, which does not belong there";
	if (!at) {
		der = malloc(len ?: 1);
		if (!der)
			return strerror(ENOMEM);
		memcpy(der, text, len);
		return folder_add(folder, name, der, len);
	}
	for (; at; at = strstr(end, PEM_BEGIN)) {
		at += strlen(PEM_BEGIN);
		end = strstr(at, PEM_END);
		if (!end)
			return "not a certificate";
		what = folder_add_pem(folder, name, at, end);
		if (what)
			return what;
	}
	return NULL;
}

static bool folder_load_file(struct folder *folder, const char *path,
			     const char *name)
{
	const char *what;
	char *file, *text;
	long len;

	if (asprintf(&file, "%s/%s", path, name) < 0)
		return false;
	len = file_read(file, &text);
	if (len < 0) {
		what = file_error(len);
	} else {
		what = folder_parse(folder, name, text, len);
		/* The text is wiped in case it was a private key */
		explicit_bzero(text, len);
		free(text);
	}
	if (what)
		config_complain(file, 0, what);
	free(file);
	return !what;
}

/**
 * folder_load - read all certificates of a folder
 * @folder: Gets the certificates.
 * @path: The folder, or NULL for none.
 *
 * Return: false if there is a fault, which has been logged.
 */
bool folder_load(struct folder *folder, const char *path)
{
	struct dirent **entries;
	bool good = true;
	int count, i;

	*folder = (struct folder){ .count = 0 };
	if (!path)
		return true;
	count = scandir(path, &entries, folder_wants, alphasort);
	if (count < 0) {
		config_complain(path, 0, strerror(errno));
		return false;
	}
	if (count > FOLDER_FILES_MAX) {
		config_complain(path, 0, "too many files");
		good = false;
	}
	for (i = 0; i < count; i++) {
		good = good && folder_load_file(folder, path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (!good)
		folder_free(folder);
	return good;
}

void folder_free(struct folder *folder)
{
	unsigned int i;

	for (i = 0; i < folder->count; i++) {
		free((void *)folder->certificates[i].certificate.whole.at);
		free(folder->certificates[i].name);
	}
	free(folder->certificates);
	*folder = (struct folder){ .count = 0 };
}
