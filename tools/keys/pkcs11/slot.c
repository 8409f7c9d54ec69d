// SPDX-License-Identifier: GPL-2.0-only
#include "slot.h"

#include <string.h>

#include "kernel.h"
#include "module.h"
#include "session.h"
#include "text.h"

/*
 * The keyring behind a special serial depends on the calling thread, and may
 * change from one call to the next.
 */
static bool slot_look_up(const struct config_slot *slot, int32_t *keyring)
{
	struct kernel_key key;
	int32_t serial;

	serial = slot->keyring ? kernel_keyring(slot->keyring) :
		kernel_persistent();
	if (serial < 0)
		return false;
	/*
	 * A caller that names the keyring by its special serial possesses it.
	 */
	*keyring = slot->keyring < 0 ? slot->keyring : serial;
	return kernel_describe(*keyring, &key) >= 0 &&
		!strcmp(key.type, "keyring");
}

/**
 * slot_keyring - find the keyring of a slot
 * @slot: Number of the slot.
 * @keyring: Gets the serial by which the caller may name the keyring.
 *
 * Return: CKR_SLOT_ID_INVALID, or CKR_TOKEN_NOT_PRESENT where the caller has no
 * such keyring.
 */
ck_rv_t slot_keyring(ck_slot_id_t slot, int32_t *keyring)
{
	if (slot >= module.config.slot_count)
		return CKR_SLOT_ID_INVALID;
	return slot_look_up(&module.config.slots[slot], keyring) ? CKR_OK :
		CKR_TOKEN_NOT_PRESENT;
}

ck_rv_t C_GetSlotList(unsigned char token_present, ck_slot_id_t *list,
		      unsigned long *count)
{
	unsigned long room, found = 0;
	int32_t keyring;
	ck_slot_id_t id;

	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!count)
		return CKR_ARGUMENTS_BAD;
	room = list ? *count : 0;
	for (id = 0; id < module.config.slot_count; id++) {
		if (token_present && slot_keyring(id, &keyring))
			continue;
		if (found < room)
			list[found] = id;
		found++;
	}
	*count = found;
	return list && found > room ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

ck_rv_t C_GetSlotInfo(ck_slot_id_t slot, struct ck_slot_info *info)
{
	int32_t keyring;
	ck_rv_t rv;

	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	rv = slot_keyring(slot, &keyring);
	if (rv == CKR_SLOT_ID_INVALID)
		return rv;
	*info = (struct ck_slot_info){
		/* A keyring may appear and disappear while the program runs. */
		.flags = CKF_REMOVABLE_DEVICE | (rv ? 0 : CKF_TOKEN_PRESENT),
	};
	text_pad(info->manufacturer_id, sizeof(info->manufacturer_id),
		 TEXT_MANUFACTURER);
	text_pad(info->slot_description, sizeof(info->slot_description),
		 module.config.slots[slot].name);
	return CKR_OK;
}

ck_rv_t C_GetTokenInfo(ck_slot_id_t slot, struct ck_token_info *info)
{
	int32_t keyring;
	ck_rv_t rv;

	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	rv = slot_keyring(slot, &keyring);
	if (rv)
		return rv;
	*info = (struct ck_token_info){
		.flags = CKF_RNG | CKF_TOKEN_INITIALIZED,
		.max_session_count = SESSIONS_MAX,
		.max_rw_session_count = SESSIONS_MAX,
		.total_public_memory = CK_UNAVAILABLE_INFORMATION,
		.free_public_memory = CK_UNAVAILABLE_INFORMATION,
		.total_private_memory = CK_UNAVAILABLE_INFORMATION,
		.free_private_memory = CK_UNAVAILABLE_INFORMATION,
	};
	session_count(slot, &info->session_count, &info->rw_session_count);
	text_pad(info->manufacturer_id, sizeof(info->manufacturer_id),
		 TEXT_MANUFACTURER);
	text_pad(info->model, sizeof(info->model), TEXT_MODEL);
	text_pad(info->label, sizeof(info->label),
		 module.config.slots[slot].name);
	text_pad(info->serial_number, sizeof(info->serial_number),
		 module.config.slots[slot].name);
	memset(info->utc_time, ' ', sizeof(info->utc_time));
	return CKR_OK;
}

ck_rv_t C_WaitForSlotEvent(ck_flags_t flags, ck_slot_id_t *slot, void *reserved)
{
	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!slot || reserved)
		return CKR_ARGUMENTS_BAD;
	return flags & CKF_DONT_BLOCK ? CKR_NO_EVENT :
		CKR_FUNCTION_NOT_SUPPORTED;
}
