// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "suite.h"

const struct suite suites[SUITES] = {
	{ 0x1301, "aes-128-gcm", "tls13-aes128gcm-sha256", EVP_sha256, 32 },
	{ 0x1302, "aes-256-gcm", "tls13-aes256gcm-sha384", EVP_sha384, 48 },
	{ 0x1303, "chacha20-poly1305", "tls13-chacha20poly1305-sha256",
	  EVP_sha256, 32 },
};

const struct group groups[GROUPS] = {
	{ 0x001d, "x25519", "new x25519", 32 },
	{ 0x0017, "p256", "new p256", 65 },
};

const struct suite *suite_of_code(uint16_t code)
{
	for (int i = 0; i < SUITES; i++)
		if (suites[i].code == code)
			return &suites[i];
	return NULL;
}

const struct suite *suite_of_option(const char *option)
{
	for (int i = 0; i < SUITES; i++)
		if (strcmp(suites[i].option, option) == 0)
			return &suites[i];
	return NULL;
}

const struct group *group_of_code(uint16_t code)
{
	for (int i = 0; i < GROUPS; i++)
		if (groups[i].code == code)
			return &groups[i];
	return NULL;
}

const struct group *group_of_option(const char *option)
{
	for (int i = 0; i < GROUPS; i++)
		if (strcmp(groups[i].option, option) == 0)
			return &groups[i];
	return NULL;
}
