// SPDX-License-Identifier: GPL-2.0-only
/*
 * libcryptsetup-token-linux-keys - LUKS2 tokens whose passphrase is computed by a
 * key that stays in the kernel
 *
 * libcryptsetup loads this for tokens of type "linux-keys".  See
 * Documentation/security/keys/cryptsetup.rst.
 */
#include <errno.h>
#include <libcryptsetup.h>
#include <string.h>

#include "form.h"
#include "token.h"

#define TOKEN_VERSION	"1.0"

const char *cryptsetup_token_version(void)
{
	return TOKEN_VERSION;
}

/*
 * If anything is wrong with the key, libcryptsetup shall try the next token or
 * ask a person.  It does so after EAGAIN and a few other errors, and gives up
 * after all others.
 */
static int token_open_failed(struct crypt_device *cd, const struct form *form,
			     int err)
{
	crypt_logf(cd, CRYPT_LOG_VERBOSE, "Key \"%s\": %s.",
		   form->description, strerror(-err));
	return err == -ENOMEM ? err : -EAGAIN;
}

int cryptsetup_token_open(struct crypt_device *cd, int token, char **buffer,
			  size_t *buffer_len,
			  void *unused __attribute__((unused)))
{
	struct form form;
	const char *json;
	char *passphrase;
	int err = crypt_token_json_get(cd, token, &json);

	if (err < 0)
		return err;
	if (form_read(json, &form))
		return -EINVAL;
	/*
	 * crypt_safe_free() wipes the buffer, which is kept out of swap if
	 * possible.
	 */
	passphrase = crypt_safe_alloc(MAC_SIZE);
	if (!passphrase)
		return -ENOMEM;
	err = mac_of_slot(form.description, crypt_get_uuid(cd), form.salt,
			  (uint8_t *)passphrase);
	if (err) {
		crypt_safe_free(passphrase);
		return token_open_failed(cd, &form, err);
	}
	*buffer = passphrase;
	*buffer_len = MAC_SIZE;
	return 0;
}

void cryptsetup_token_buffer_free(void *buffer,
				  size_t buffer_len __attribute__((unused)))
{
	crypt_safe_free(buffer);
}

int cryptsetup_token_validate(struct crypt_device *cd __attribute__((unused)),
			      const char *json)
{
	struct form form;

	return form_read(json, &form);
}

void cryptsetup_token_dump(struct crypt_device *cd, const char *json)
{
	struct form form;

	if (form_read(json, &form))
		return;
	crypt_logf(cd, CRYPT_LOG_NORMAL, "\tKey description: %s\n",
		   form.description);
	crypt_log(cd, CRYPT_LOG_NORMAL, "\tSalt:            ");
	for (int i = 0; i < SALT_SIZE; i++)
		crypt_logf(cd, CRYPT_LOG_NORMAL, "%02x", form.salt[i]);
	crypt_log(cd, CRYPT_LOG_NORMAL, "\n");
}
