// SPDX-License-Identifier: GPL-2.0-only
#include "module.h"

#include <pthread.h>
#include <string.h>

#include "known.h"
#include "lock.h"
#include "session.h"
#include "text.h"

#define LIBRARY_MAJOR	1
#define LIBRARY_MINOR	0

struct module module;

/*
 * Other threads of the parent may hold locks, and do not exist in the child.
 * So the child neither frees nor uses the parent's objects.
 */
static void module_forget(void)
{
	module = (struct module){ .ready = false };
	session_forget();
}

static __attribute__((constructor)) void module_loaded(void)
{
	pthread_atfork(NULL, NULL, module_forget);
}

static ck_rv_t module_set_locks(const struct ck_c_initialize_args *args)
{
	unsigned int given;

	lock_functions(NULL);
	if (!args)
		return CKR_OK;
	given = !!args->create_mutex + !!args->destroy_mutex +
		!!args->lock_mutex + !!args->unlock_mutex;
	if (args->reserved || (given && given != 4))
		return CKR_ARGUMENTS_BAD;
	if (given && !(args->flags & CKF_OS_LOCKING_OK))
		lock_functions(args);
	return CKR_OK;
}

static ck_rv_t module_start(void)
{
	ck_rv_t rv = CKR_FUNCTION_FAILED;

	if (!config_load(&module.config))
		return rv;
	if (!folder_load(&module.folder, module.config.folder))
		goto no_folder;
	rv = known_start();
	if (rv)
		goto no_known;
	rv = session_start();
	if (rv)
		goto no_sessions;
	return CKR_OK;

no_sessions:
	known_end();
no_known:
	folder_free(&module.folder);
no_folder:
	config_free(&module.config);
	return rv;
}

ck_rv_t C_Initialize(void *init_args)
{
	ck_rv_t rv;

	if (module.ready)
		return CKR_CRYPTOKI_ALREADY_INITIALIZED;
	rv = module_set_locks(init_args);
	if (!rv)
		rv = module_start();
	module.ready = !rv;
	return rv;
}

ck_rv_t C_Finalize(void *reserved)
{
	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (reserved)
		return CKR_ARGUMENTS_BAD;
	module.ready = false;
	session_end();
	known_end();
	folder_free(&module.folder);
	config_free(&module.config);
	return CKR_OK;
}

ck_rv_t C_GetInfo(struct ck_info *info)
{
	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	*info = (struct ck_info){
		.cryptoki_version = { 2, 40 },
		.library_version = { LIBRARY_MAJOR, LIBRARY_MINOR },
	};
	text_pad(info->manufacturer_id, sizeof(info->manufacturer_id),
		 TEXT_MANUFACTURER);
	text_pad(info->library_description, sizeof(info->library_description),
		 "Keys of the Linux kernel");
	return CKR_OK;
}
