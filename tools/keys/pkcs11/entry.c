// SPDX-License-Identifier: GPL-2.0-only
/* The lists of functions, through which a program calls the module. */
#include <string.h>

#include "absent.h"
#include "module.h"

#define PKCS11_NAME	"PKCS 11"

/* In the order of the standard's CK_FUNCTION_LIST */
#define FUNCTIONS_2_40(get_info) \
	C_Initialize, \
	C_Finalize, \
	get_info, \
	C_GetFunctionList, \
	C_GetSlotList, \
	C_GetSlotInfo, \
	C_GetTokenInfo, \
	C_GetMechanismList, \
	C_GetMechanismInfo, \
	C_InitToken, \
	C_InitPIN, \
	C_SetPIN, \
	C_OpenSession, \
	C_CloseSession, \
	C_CloseAllSessions, \
	C_GetSessionInfo, \
	C_GetOperationState, \
	C_SetOperationState, \
	C_Login, \
	C_Logout, \
	C_CreateObject, \
	C_CopyObject, \
	C_DestroyObject, \
	C_GetObjectSize, \
	C_GetAttributeValue, \
	C_SetAttributeValue, \
	C_FindObjectsInit, \
	C_FindObjects, \
	C_FindObjectsFinal, \
	C_EncryptInit, \
	C_Encrypt, \
	C_EncryptUpdate, \
	C_EncryptFinal, \
	C_DecryptInit, \
	C_Decrypt, \
	C_DecryptUpdate, \
	C_DecryptFinal, \
	C_DigestInit, \
	C_Digest, \
	C_DigestUpdate, \
	C_DigestKey, \
	C_DigestFinal, \
	C_SignInit, \
	C_Sign, \
	C_SignUpdate, \
	C_SignFinal, \
	C_SignRecoverInit, \
	C_SignRecover, \
	C_VerifyInit, \
	C_Verify, \
	C_VerifyUpdate, \
	C_VerifyFinal, \
	C_VerifyRecoverInit, \
	C_VerifyRecover, \
	C_DigestEncryptUpdate, \
	C_DecryptDigestUpdate, \
	C_SignEncryptUpdate, \
	C_DecryptVerifyUpdate, \
	C_GenerateKey, \
	C_GenerateKeyPair, \
	C_WrapKey, \
	C_UnwrapKey, \
	C_DeriveKey, \
	C_SeedRandom, \
	C_GenerateRandom, \
	C_GetFunctionStatus, \
	C_CancelFunction, \
	C_WaitForSlotEvent

static ck_rv_t entry_info_3_0(struct ck_info *info)
{
	ck_rv_t rv = C_GetInfo(info);

	if (!rv)
		info->cryptoki_version = (struct ck_version){ 3, 0 };
	return rv;
}

static struct ck_function_list entry_functions_2_40 = {
	{ 2, 40 }, FUNCTIONS_2_40(C_GetInfo)
};

static struct cryptoki_functions_3_0 entry_functions_3_0 = {
	.common = { { 3, 0 }, FUNCTIONS_2_40(entry_info_3_0) },
	.get_interface_list = C_GetInterfaceList,
	.get_interface = C_GetInterface,
	.login_user = C_LoginUser,
	.session_cancel = C_SessionCancel,
	.messages = { [0 ... CRYPTOKI_MESSAGE_FUNCTIONS - 1] = absent_message },
};

static char entry_name[] = PKCS11_NAME;

/* A program that names no version gets the first interface. */
static struct cryptoki_interface entry_interfaces[] = {
	{ entry_name, &entry_functions_3_0, 0 },
	{ entry_name, &entry_functions_2_40, 0 },
};

#define INTERFACES	(sizeof(entry_interfaces) / sizeof(*entry_interfaces))

ck_rv_t C_GetFunctionList(struct ck_function_list **list)
{
	if (!list)
		return CKR_ARGUMENTS_BAD;
	*list = &entry_functions_2_40;
	return CKR_OK;
}

ck_rv_t C_GetInterfaceList(struct cryptoki_interface *list,
			   unsigned long *count)
{
	bool fits;

	if (!count)
		return CKR_ARGUMENTS_BAD;
	fits = list && *count >= INTERFACES;
	*count = INTERFACES;
	if (!list)
		return CKR_OK;
	if (!fits)
		return CKR_BUFFER_TOO_SMALL;
	memcpy(list, entry_interfaces, sizeof(entry_interfaces));
	return CKR_OK;
}

static bool entry_is_wanted(const struct cryptoki_interface *interface,
			    const unsigned char *name,
			    const struct ck_version *version, ck_flags_t flags)
{
	const struct ck_version *has = interface->functions;

	return (!name || !strcmp((const char *)name, interface->name)) &&
		(!version || (version->major == has->major &&
			      version->minor == has->minor)) &&
		(interface->flags & flags) == flags;
}

ck_rv_t C_GetInterface(unsigned char *name, struct ck_version *version,
		       struct cryptoki_interface **found, ck_flags_t flags)
{
	unsigned int i;

	if (!found)
		return CKR_ARGUMENTS_BAD;
	for (i = 0; i < INTERFACES; i++)
		if (entry_is_wanted(&entry_interfaces[i], name, version, flags)) {
			*found = &entry_interfaces[i];
			return CKR_OK;
		}
	/* The standard names no error for this; OpenSC returns this one, and its suite wants it. */
	return CKR_ARGUMENTS_BAD;
}
