// SPDX-License-Identifier: GPL-2.0-only
/*
 * entry_fuzz MODULE CALLS SEED [TYPE DESCRIPTION FILE]...: call every function of a
 * module at random, with these keys in the session keyring
 *
 * Templates, lengths, mechanisms and handles are arbitrary.  Buffers have
 * exactly the size that the module is told, so that a sanitizer or valgrind
 * notices each byte that is read or written beside them.  The program
 * prints how many calls of each function succeeded.
 */
#include <dlfcn.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cryptoki.h"

#define ATTRIBUTES_MAX	10
#define BUFFERS_MAX	64
#define KNOWN_MAX	6
/* Calls after which the keys are added again, in case they were destroyed */
#define KEYS_AGAIN	256
#define KEY_MAX		8192
#define KEYS_MAX	8
#define LONG_LEN	40000

static struct cryptoki_functions_3_0 *p3;
static struct ck_function_list *p11;
static uint64_t state;

/* Handles that calls have returned, and that later calls use */
static unsigned long known_sessions[KNOWN_MAX], known_objects[KNOWN_MAX];
static unsigned int sessions_next, objects_next;

/*
 * The session with the last operation that was begun, and its kind, so that
 * operations get further
 */
static unsigned long likely_session;
static enum { NOTHING, SIGNING, VERIFYING, ENCRYPTING, DECRYPTING } likely_use;

/* Freed after each call */
static void *buffers[BUFFERS_MAX];
static unsigned int buffer_count;

/* Numbers of all calls and of successful calls of each function */
static struct {
	const char *name;
	unsigned long made, good;
} counts[64];

/* xorshift64*, so that the same seed makes the same calls */
static uint32_t draw(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dULL) >> 32) % below;
}

static bool one_in(uint32_t n)
{
	return !draw(n);
}

static void *buffer(size_t len)
{
	uint8_t *bytes = malloc(len);
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = draw(256);
	buffers[buffer_count++] = bytes;
	return bytes;
}

static size_t some_len(void)
{
	static const uint16_t usual[] = {
		0, 1, 2, 8, 20, 31, 32, 48, 64, 128, 245, 246, 255, 256, 257, 512,
	};

	if (one_in(50))
		return draw(LONG_LEN);
	return one_in(4) ? draw(300) : usual[draw(sizeof(usual) / sizeof(*usual))];
}

static void *some_bytes(unsigned long *len)
{
	*len = some_len();
	if (one_in(20))
		return NULL;
	return buffer(*len);
}

/* Room for a result, and the length that the module is told */
static void *some_room(unsigned long **len)
{
	if (one_in(30)) {
		*len = NULL;
		return buffer(8);
	}
	*len = buffer(sizeof(**len));
	**len = one_in(3) ? some_len() : 512;
	if (one_in(8))
		return NULL;
	return buffer(**len);
}

static unsigned long some_handle(const unsigned long *known)
{
	unsigned long handle = known[draw(KNOWN_MAX)];

	if (one_in(20))
		handle ^= 1UL << draw(64);
	return one_in(30) ? (unsigned long)draw(-1) << 32 | draw(-1) : handle;
}

static unsigned long session(void)
{
	return likely_session && one_in(2) ? likely_session :
		some_handle(known_sessions);
}

static unsigned long object(void)
{
	return some_handle(known_objects);
}

static void learn_object(unsigned long handle)
{
	known_objects[objects_next++ % KNOWN_MAX] = handle;
}

static const ck_attribute_type_t types[] = {
	CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_VALUE, CKA_ID,
	CKA_CERTIFICATE_TYPE, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_SUBJECT,
	CKA_KEY_TYPE, CKA_SENSITIVE, CKA_SIGN, CKA_VERIFY, CKA_DECRYPT,
	CKA_ENCRYPT, CKA_MODULUS, CKA_MODULUS_BITS, CKA_PUBLIC_EXPONENT,
	CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1,
	CKA_EXPONENT_2, CKA_COEFFICIENT, CKA_VALUE_LEN, CKA_EXTRACTABLE,
	CKA_MODIFIABLE, CKA_DESTROYABLE, CKA_PUBLIC_KEY_INFO, CKA_UNIQUE_ID,
	CKA_ALLOWED_MECHANISMS, CKA_START_DATE, CKA_CHECK_VALUE,
};

/* A value of the kind that the attribute has, as a rule */
static void fill(struct ck_attribute *attribute)
{
	unsigned long number = draw(5);

	attribute->type = one_in(15) ? draw(0x700) :
		types[draw(sizeof(types) / sizeof(*types))];
	switch (draw(6)) {
	case 0:
		attribute->value_len = sizeof(number);
		attribute->value = buffer(sizeof(number));
		memcpy(attribute->value, &number, sizeof(number));
		break;
	case 1:
	case 2:
		attribute->value_len = 1;
		attribute->value = buffer(1);
		*(uint8_t *)attribute->value = draw(3);
		break;
	case 3:
		attribute->value = NULL;
		attribute->value_len = one_in(5) ? some_len() : 0;
		break;
	default:
		attribute->value = some_bytes(&attribute->value_len);
		break;
	}
}

static struct ck_attribute *some_template(unsigned long *count)
{
	struct ck_attribute *template;
	unsigned long i;

	*count = draw(ATTRIBUTES_MAX);
	template = buffer(*count * sizeof(*template));
	for (i = 0; i < *count; i++)
		fill(&template[i]);
	return one_in(40) ? NULL : template;
}

static void set(struct ck_attribute *attribute, ck_attribute_type_t type,
		unsigned long value, size_t len)
{
	attribute->type = type;
	attribute->value_len = len;
	attribute->value = buffer(len);
	memcpy(attribute->value, &value, len);
}

/* A template that makes a key for a MAC, unless a part of it is replaced. */
static struct ck_attribute *mac_template(unsigned long *count)
{
	struct ck_attribute *template = buffer(3 * sizeof(*template));

	*count = 3;
	set(&template[0], CKA_TOKEN, CK_TRUE, 1);
	set(&template[1], CKA_VALUE_LEN, 32 + 16 * draw(3), 8);
	set(&template[2], CKA_LABEL, 'a' + draw(3), 1);
	if (one_in(3))
		fill(&template[draw(3)]);
	return template;
}

static struct ck_mechanism *some_mechanism(void)
{
	static const ck_mechanism_type_t usual[] = {
		CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA512_RSA_PKCS,
		CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS, CKM_RSA_X_509,
		CKM_SHA256_HMAC, CKM_SHA384_HMAC, CKM_GENERIC_SECRET_KEY_GEN,
	};
	struct ck_mechanism *mechanism = buffer(sizeof(*mechanism));

	mechanism->mechanism = one_in(20) ? draw(0x400) :
		usual[draw(sizeof(usual) / sizeof(*usual))];
	mechanism->parameter = NULL;
	mechanism->parameter_len = 0;
	if (one_in(8))
		mechanism->parameter = some_bytes(&mechanism->parameter_len);
	return one_in(30) ? NULL : mechanism;
}

static ck_rv_t count(unsigned int place, const char *name, ck_rv_t rv)
{
	counts[place].name = name;
	counts[place].made++;
	counts[place].good += !rv;
	return rv;
}

#define CALL(name, ...) count(__COUNTER__, #name, p11->name(__VA_ARGS__))

static void call_slots(void)
{
	ck_slot_id_t slot = one_in(8) ? draw(-1) : draw(5);
	unsigned long *len;
	void *room;

	switch (draw(5)) {
	case 0:
		room = some_room(&len);
		if (len && room)
			*len /= sizeof(ck_slot_id_t);
		CALL(C_GetSlotList, draw(2), room, len);
		break;
	case 1:
		CALL(C_GetSlotInfo, slot, buffer(sizeof(struct ck_slot_info)));
		break;
	case 2:
		CALL(C_GetTokenInfo, slot, buffer(sizeof(struct ck_token_info)));
		break;
	case 3:
		room = some_room(&len);
		if (len && room)
			*len /= sizeof(ck_mechanism_type_t);
		CALL(C_GetMechanismList, slot, room, len);
		break;
	default:
		CALL(C_GetMechanismInfo, slot, draw(0x400),
		     buffer(sizeof(struct ck_mechanism_info)));
		break;
	}
}

static void call_sessions(void)
{
	ck_session_handle_t new;

	switch (draw(5)) {
	case 0:
	case 1:
		if (!CALL(C_OpenSession, one_in(6) ? draw(6) : 0,
			  CKF_SERIAL_SESSION | (draw(2) ? CKF_RW_SESSION : 0),
			  NULL, NULL, &new))
			known_sessions[sessions_next++ % KNOWN_MAX] = new;
		break;
	case 2:
		CALL(C_CloseSession, session());
		break;
	case 3:
		CALL(C_GetSessionInfo, session(),
		     buffer(sizeof(struct ck_session_info)));
		break;
	default:
		if (one_in(100))
			CALL(C_CloseAllSessions, draw(4));
		count(__COUNTER__, "C_SessionCancel",
		      p3->session_cancel(session(), one_in(4) ? draw(-1) : 0));
		break;
	}
}

static void call_objects(void)
{
	struct ck_attribute *template;
	unsigned long n, found;
	ck_object_handle_t new, *room;

	switch (draw(9)) {
	case 0:
		template = some_template(&n);
		CALL(C_FindObjectsInit, session(), template, one_in(3) ? n : 0);
		break;
	case 1:
	case 2:
		n = draw(4);
		room = buffer(n * sizeof(*room));
		if (!CALL(C_FindObjects, session(), room, n, &found))
			while (found--)
				learn_object(room[found]);
		break;
	case 3:
		CALL(C_FindObjectsFinal, session());
		break;
	case 4:
		template = some_template(&n);
		if (!CALL(C_CreateObject, session(), template, n, &new))
			learn_object(new);
		break;
	case 5:
		template = mac_template(&n);
		if (!CALL(C_GenerateKey, session(), some_mechanism(), template,
			  n, &new))
			learn_object(new);
		break;
	case 6:
		if (one_in(10))
			CALL(C_DestroyObject, session(), object());
		break;
	default:
		template = some_template(&n);
		CALL(C_GetAttributeValue, session(), object(), template, n);
		break;
	}
}

/* Continues the operation that was begun, as a program would. */
static void call_likely_use(void)
{
	unsigned long *out_len = buffer(sizeof(*out_len));
	unsigned long in_len = 32, cipher_len = 256;
	void *in = buffer(in_len), *out = buffer(512), *cipher = buffer(cipher_len);

	*out_len = 512;
	switch (likely_use) {
	case SIGNING:
		if (one_in(2) && !CALL(C_SignUpdate, likely_session, in, in_len))
			CALL(C_SignFinal, likely_session, out, out_len);
		else
			CALL(C_Sign, likely_session, in, in_len, out, out_len);
		break;
	case VERIFYING:
		CALL(C_Verify, likely_session, in, in_len, cipher, cipher_len);
		break;
	case ENCRYPTING:
		CALL(C_Encrypt, likely_session, in, in_len, out, out_len);
		break;
	case DECRYPTING:
		CALL(C_Decrypt, likely_session, cipher, cipher_len, out, out_len);
		break;
	default:
		break;
	}
	likely_use = NOTHING;
}

static void begun(ck_session_handle_t session_used, int use)
{
	likely_session = session_used;
	likely_use = use;
}

static void call_uses(void)
{
	unsigned long in_len, *out_len, second_len;
	void *in = some_bytes(&in_len), *out = some_room(&out_len), *second;
	ck_session_handle_t used;

	switch (draw(13)) {
	case 0:
		used = session();
		if (!CALL(C_SignInit, used, some_mechanism(), object()))
			begun(used, SIGNING);
		break;
	case 1:
		CALL(C_Sign, session(), in, in_len, out, out_len);
		break;
	case 2:
		CALL(C_SignUpdate, session(), in, in_len);
		break;
	case 3:
		CALL(C_SignFinal, session(), out, out_len);
		break;
	case 4:
		used = session();
		if (!CALL(C_VerifyInit, used, some_mechanism(), object()))
			begun(used, VERIFYING);
		break;
	case 5:
		second = some_bytes(&second_len);
		CALL(C_Verify, session(), in, in_len, second, second_len);
		break;
	case 6:
		CALL(C_VerifyUpdate, session(), in, in_len);
		break;
	case 7:
		CALL(C_VerifyFinal, session(), in, in_len);
		break;
	case 8:
		used = session();
		if (!CALL(C_EncryptInit, used, some_mechanism(), object()))
			begun(used, ENCRYPTING);
		break;
	case 9:
		CALL(C_Encrypt, session(), in, in_len, out, out_len);
		break;
	case 10:
		used = session();
		if (!CALL(C_DecryptInit, used, some_mechanism(), object()))
			begun(used, DECRYPTING);
		break;
	case 11:
		CALL(C_Decrypt, session(), in, in_len, out, out_len);
		break;
	default:
		CALL(C_GenerateRandom, session(), in, in_len);
		break;
	}
}

static struct {
	const char *type, *description;
	uint8_t payload[KEY_MAX];
	size_t len;
} keys[KEYS_MAX];

static unsigned int key_count;

static bool read_key(char **words)
{
	FILE *file = fopen(words[2], "r");

	if (!file || key_count == KEYS_MAX)
		return false;
	keys[key_count].type = words[0];
	keys[key_count].description = words[1];
	keys[key_count].len = fread(keys[key_count].payload, 1, KEY_MAX, file);
	fclose(file);
	return keys[key_count++].len > 0;
}

static bool add_keys(void)
{
	unsigned int i;

	for (i = 0; i < key_count; i++)
		if (syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
			    keys[i].type, keys[i].description, 0) < 0 &&
		    syscall(SYS_add_key, keys[i].type, keys[i].description,
			    keys[i].payload, keys[i].len,
			    KEY_SPEC_SESSION_KEYRING) < 0) {
			perror(keys[i].description);
			return false;
		}
	return true;
}

static bool load(const char *path)
{
	__typeof__(&C_GetInterface) get;
	struct cryptoki_interface *interface;
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		fprintf(stderr, "entry_fuzz: %s\n", dlerror());
		return false;
	}
	get = (__typeof__(&C_GetInterface))dlsym(library, "C_GetInterface");
	if (!get || get(NULL, NULL, &interface, 0))
		return false;
	p3 = interface->functions;
	p11 = &p3->common;
	return !p11->C_Initialize(NULL);
}

static void tell(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		if (counts[i].name)
			printf("# %-22s %8lu calls, %8lu went well\n",
			       counts[i].name, counts[i].made, counts[i].good);
}

int main(int argc, char **argv)
{
	unsigned long calls;
	int i;

	if (argc < 4 || (argc - 4) % 3) {
		fprintf(stderr, "usage: entry_fuzz MODULE CALLS SEED [TYPE DESCRIPTION FILE]...\n");
		return 2;
	}
	for (i = 4; i < argc; i += 3)
		if (!read_key(argv + i))
			return 2;
	state = strtoull(argv[3], NULL, 0) | 1;
	if (!load(argv[1]))
		return 2;
	for (calls = strtoul(argv[2], NULL, 0); calls; calls--) {
		if (!(calls % KEYS_AGAIN) && !add_keys())
			return 2;
		switch (draw(8)) {
		case 0:
			call_slots();
			break;
		case 1:
			call_sessions();
			break;
		case 2:
		case 3:
		case 4:
			call_objects();
			break;
		default:
			if (likely_use && one_in(2))
				call_likely_use();
			else
				call_uses();
			break;
		}
		while (buffer_count)
			free(buffers[--buffer_count]);
	}
	if (p11->C_Finalize(NULL))
		return 1;
	tell();
	return 0;
}
