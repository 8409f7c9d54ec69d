/* SPDX-License-Identifier: GPL-2.0-only */
/* Cipher suites and groups: what the program takes, in the order it likes them. */
#ifndef KEYED_TLS_SUITE_H
#define KEYED_TLS_SUITE_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * struct suite - a cipher suite
 * @code:	what TLS calls it
 * @option:	as the user names it
 * @name:	as the kernel does
 * @hash:	its hash
 * @size:	bytes of the hash
 */
struct suite {
	uint16_t code;
	const char *option;
	const char *name;
	const EVP_MD *(*hash)(void);
	size_t size;
};

#define SUITES	3
extern const struct suite suites[SUITES];

/*
 * struct group - where both ends have a key pair
 * @code:	what TLS calls it
 * @option:	as the user names it
 * @line:	makes a pair in the kernel
 * @size:	bytes of a public key
 */
struct group {
	uint16_t code;
	const char *option;
	const char *line;
	size_t size;
};

#define GROUPS	2
extern const struct group groups[GROUPS];

/* NULL if there is none. */
const struct suite *suite_of_code(uint16_t code);
const struct suite *suite_of_option(const char *option);
const struct group *group_of_code(uint16_t code);
const struct group *group_of_option(const char *option);

#endif /* KEYED_TLS_SUITE_H */
