/* SPDX-License-Identifier: GPL-2.0-only */
/* The state that C_Initialize() sets up. */
#ifndef KEYS_PKCS11_MODULE_H
#define KEYS_PKCS11_MODULE_H

#include <stdbool.h>

#include "config.h"
#include "cryptoki.h"
#include "folder.h"

/**
 * struct module - The module
 * @ready: C_Initialize() has succeeded, and C_Finalize() was not called since.
 * @config: Configuration.
 * @folder: Certificates.
 *
 * Nothing changes between C_Initialize() and C_Finalize(), which a program does
 * not call while other functions run.
 */
struct module {
	bool		ready;
	struct config	config;
	struct folder	folder;
};

extern struct module module;

#endif /* KEYS_PKCS11_MODULE_H */
