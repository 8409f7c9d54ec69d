/* SPDX-License-Identifier: GPL-2.0-only */
/* PKCS#11: the interface of 2.40 from p11-kit, and the additions of 3.0. */
#ifndef KEYS_PKCS11_CRYPTOKI_H
#define KEYS_PKCS11_CRYPTOKI_H

#define CRYPTOKI_GNU 1
#include <p11-kit/pkcs11.h>

#define CK_TRUE		1
#define CK_FALSE	0

/* Names that the header of 2.40 does not have */
#define CKA_UNIQUE_ID				0x00000004UL
#define CKR_OPERATION_CANCEL_FAILED		0x00000202UL
#define CKF_FIND_OBJECTS			0x00000040UL

/**
 * struct cryptoki_interface - CK_INTERFACE of PKCS#11 3.0
 * @name: "PKCS 11", ended by a zero byte.
 * @functions: List of functions, which begins with its version.
 * @flags: Properties of the interface.
 */
struct cryptoki_interface {
	char		*name;
	void		*functions;
	ck_flags_t	flags;
};

/* Type of entries for functions that this module does not have */
typedef ck_rv_t (*cryptoki_absent_t)(void);

#define CRYPTOKI_MESSAGE_FUNCTIONS	20

/**
 * struct cryptoki_functions_3_0 - CK_FUNCTION_LIST_3_0
 * @common: The functions of 2.40.
 * @get_interface_list: C_GetInterfaceList()
 * @get_interface: C_GetInterface()
 * @login_user: C_LoginUser()
 * @session_cancel: C_SessionCancel()
 * @messages: The functions for messages, from C_MessageEncryptInit() to
 *	C_MessageVerifyFinal().
 */
struct cryptoki_functions_3_0 {
	struct ck_function_list common;
	ck_rv_t (*get_interface_list)(struct cryptoki_interface *list,
				      unsigned long *count);
	ck_rv_t (*get_interface)(unsigned char *name, struct ck_version *version,
				 struct cryptoki_interface **found,
				 ck_flags_t flags);
	ck_rv_t (*login_user)(ck_session_handle_t session,
			      ck_user_type_t user_type,
			      unsigned char *pin, unsigned long pin_len,
			      unsigned char *name, unsigned long name_len);
	ck_rv_t (*session_cancel)(ck_session_handle_t session,
				  ck_flags_t flags);
	cryptoki_absent_t messages[CRYPTOKI_MESSAGE_FUNCTIONS];
};

ck_rv_t C_GetInterfaceList(struct cryptoki_interface *list,
			   unsigned long *count);
ck_rv_t C_GetInterface(unsigned char *name, struct ck_version *version,
		       struct cryptoki_interface **found, ck_flags_t flags);
ck_rv_t C_LoginUser(ck_session_handle_t session, ck_user_type_t user_type,
		    unsigned char *pin, unsigned long pin_len,
		    unsigned char *name, unsigned long name_len);
ck_rv_t C_SessionCancel(ck_session_handle_t session, ck_flags_t flags);

#endif /* KEYS_PKCS11_CRYPTOKI_H */
