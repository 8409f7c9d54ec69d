// SPDX-License-Identifier: GPL-2.0-only
/* libkeys-pkcs11.so: how it is loaded and initialized, slots, sessions, threads. */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "token.h"

#define THREADS		8
#define ROUNDS		24
#define SESSIONS_MAX	65536
#define SESSIONS_SECONDS	300

/* Shows: PT-1. */
TEST(interfaces)
{
	unsigned char name[] = "PKCS 11", other[] = "Vendor";
	struct cryptoki_interface list[2], *found;
	struct ck_version version = { 2, 40 };
	__typeof__(&C_GetInterface) get;
	struct ck_info info;
	unsigned long count;

	ASSERT_TRUE(token_load());
	get = TOKEN_SYMBOL(C_GetInterface);
	EXPECT_EQ(2, p11->version.major);
	EXPECT_EQ(40, p11->version.minor);
	EXPECT_EQ(CKR_OK, TOKEN_SYMBOL(C_GetInterfaceList)(NULL, &count));
	ASSERT_EQ(2, count);
	count = 1;
	EXPECT_EQ(CKR_BUFFER_TOO_SMALL,
		  TOKEN_SYMBOL(C_GetInterfaceList)(list, &count));
	EXPECT_EQ(CKR_OK, TOKEN_SYMBOL(C_GetInterfaceList)(list, &count));
	EXPECT_STREQ("PKCS 11", list[0].name);
	EXPECT_EQ(3, ((struct ck_version *)list[0].functions)->major);
	EXPECT_EQ(p11, list[1].functions);
	EXPECT_EQ(CKR_OK, get(NULL, NULL, &found, 0));
	EXPECT_EQ(list[0].functions, found->functions);
	EXPECT_EQ(CKR_OK, get(name, &version, &found, 0));
	EXPECT_EQ(p11, found->functions);
	EXPECT_EQ(CKR_ARGUMENTS_BAD, get(other, NULL, &found, 0));
	version.minor = 41;
	EXPECT_EQ(CKR_ARGUMENTS_BAD, get(NULL, &version, &found, 0));
	EXPECT_EQ(CKR_ARGUMENTS_BAD, get(NULL, NULL, &found, 1));
	/* Functions with names of the standard are not exported as symbols. */
	EXPECT_EQ(NULL, dlsym(token_library, "C_Initialize"));
	EXPECT_EQ(NULL, dlsym(token_library, "module"));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	EXPECT_EQ(CKR_OK, p11->C_GetInfo(&info));
	EXPECT_EQ(2, info.cryptoki_version.major);
}

static unsigned int locks_made, locks_taken;
static bool locks_fail;

static ck_rv_t lock_make(void **mutex)
{
	*mutex = malloc(sizeof(pthread_mutex_t));
	pthread_mutex_init(*mutex, NULL);
	locks_made++;
	return CKR_OK;
}

static ck_rv_t lock_unmake(void *mutex)
{
	free(mutex);
	locks_made--;
	return CKR_OK;
}

static ck_rv_t lock_hold(void *mutex)
{
	if (locks_fail)
		return CKR_GENERAL_ERROR;
	locks_taken++;
	return pthread_mutex_lock(mutex) ? CKR_GENERAL_ERROR : CKR_OK;
}

static ck_rv_t lock_drop(void *mutex)
{
	return pthread_mutex_unlock(mutex) ? CKR_GENERAL_ERROR : CKR_OK;
}

/* Shows: PT-2. */
TEST(arguments)
{
	struct ck_c_initialize_args args = { .create_mutex = lock_make };

	ASSERT_TRUE(token_load());
	EXPECT_EQ(CKR_ARGUMENTS_BAD, p11->C_Initialize(&args));
	args = (struct ck_c_initialize_args){ .reserved = &args };
	EXPECT_EQ(CKR_ARGUMENTS_BAD, p11->C_Initialize(&args));
	args = (struct ck_c_initialize_args){ .flags = CKF_OS_LOCKING_OK };
	EXPECT_EQ(CKR_OK, p11->C_Initialize(&args));
	EXPECT_EQ(CKR_CRYPTOKI_ALREADY_INITIALIZED, p11->C_Initialize(NULL));
	EXPECT_EQ(CKR_OK, p11->C_Finalize(NULL));
}

/* Shows: PT-2. The module gives back each lock that it made. */
TEST(locks_of_the_program)
{
	struct ck_c_initialize_args args = {
		.create_mutex = lock_make, .destroy_mutex = lock_unmake,
		.lock_mutex = lock_hold, .unlock_mutex = lock_drop,
	};
	ck_session_handle_t session;

	ASSERT_TRUE(token_load());
	ASSERT_EQ(CKR_OK, p11->C_Initialize(&args));
	session = token_open(SLOT_SESSION, SERIAL_WAY);
	EXPECT_NE(0, session);
	EXPECT_LT(0, locks_made);
	EXPECT_LT(0, locks_taken);
	locks_fail = true;
	EXPECT_EQ(CKR_CANT_LOCK, p11->C_CloseSession(session));
	locks_fail = false;
	EXPECT_EQ(CKR_OK, p11->C_CloseSession(session));
	EXPECT_EQ(CKR_OK, p11->C_Finalize(NULL));
	EXPECT_EQ(0, locks_made);
}

/* Shows: PT-3. */
TEST(not_initialized)
{
	struct cryptoki_interface *found;
	struct cryptoki_functions_3_0 *p3;
	ck_session_handle_t session;
	unsigned long count = 0;
	void **function;

	ASSERT_TRUE(token_load());
	ASSERT_EQ(CKR_OK, TOKEN_SYMBOL(C_GetInterface)(NULL, NULL, &found, 0));
	p3 = found->functions;
	/*
	 * Calls every function from C_Finalize to the last one of 3.0, by its
	 * index
	 */
	for (function = (void **)&p3->common.C_Finalize;
	     function < (void **)(p3 + 1); function++) {
		if (*function == (void *)p3->common.C_GetFunctionList ||
		    *function == (void *)p3->get_interface ||
		    *function == (void *)p3->get_interface_list)
			continue;
		EXPECT_EQ(CKR_CRYPTOKI_NOT_INITIALIZED,
			  ((ck_rv_t (*)(long, long, long, long, long, long,
					long, long))*function)
			  (0, 0, 0, 0, 0, 0, 0, 0));
	}
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	session = token_open(SLOT_SESSION, SERIAL_WAY);
	EXPECT_EQ(CKR_ARGUMENTS_BAD, p11->C_Finalize(&count));
	EXPECT_EQ(CKR_OK, p11->C_Finalize(NULL));
	EXPECT_EQ(CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_CloseSession(session));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	EXPECT_EQ(CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(session));
}

/* Returns 0 if the child of a fork finds what it should. */
static int forked(ck_session_handle_t session)
{
	ck_session_handle_t own;

	if (p11->C_CloseSession(session) != CKR_CRYPTOKI_NOT_INITIALIZED)
		return 1;
	if (p11->C_Initialize(NULL))
		return 2;
	if (p11->C_CloseSession(session) != CKR_SESSION_HANDLE_INVALID)
		return 3;
	own = token_open(SLOT_SESSION, SERIAL_WAY);
	if (!own || own == session || !token_only(own, CKO_PRIVATE_KEY))
		return 4;
	return p11->C_Finalize(NULL) ? 5 : 0;
}

/* Shows: PT-4. */
TEST(child_of_fork)
{
	ck_session_handle_t session;
	int status;
	pid_t pid;

	TOKEN_SETUP(session);
	ASSERT_LT(0, pkey_add_rsa("pair"));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(forked(session));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_NE(0, token_only(session, CKO_PRIVATE_KEY));
	EXPECT_EQ(CKR_OK, p11->C_CloseSession(session));
}

/* Shows: PT-5. */
TEST(faults_of_the_configuration)
{
	static const char *const faults[] = {
		"slots user\n", "slot\n", "slot nobody\n", "slot 0 zero\n",
		"slot 12x web\n", "slot 99999999999 web\n", "slot -3 web\n",
		"slot 12 a/b\n", "slot 12 aNameThatIsTooLong\n",
		"slot user\nslot user\n", "slot 5 a b\n",
		"certificates\n", "certificates etc\n",
		"certificates /nowhere/at/all\n", "raw-rsa yes\n",
		"destroy\n", "destroy everything\n", "raw-rsa\n\nx\n",
	};
	unsigned int i;

	ASSERT_TRUE(token_load());
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		ASSERT_TRUE(token_config(faults[i]));
		EXPECT_EQ(CKR_FUNCTION_FAILED, p11->C_Initialize(NULL)) {
			TH_LOG("%s", faults[i]);
		}
		EXPECT_EQ(CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_GetInfo(NULL));
	}
	ASSERT_TRUE(token_config("# all of it\n\n slot\tuser\r\nslot 12 web.1\n"
				 "raw-rsa\ndestroy unlink"));
	EXPECT_EQ(CKR_OK, p11->C_Initialize(NULL));
}

/* Shows: PT-5. */
TEST(configuration_that_is_no_file)
{
	ASSERT_TRUE(token_load());
	setenv(TOKEN_VARIABLE, "/nowhere", 1);
	EXPECT_EQ(CKR_FUNCTION_FAILED, p11->C_Initialize(NULL));
	setenv(TOKEN_VARIABLE, "/tmp", 1);
	EXPECT_EQ(CKR_FUNCTION_FAILED, p11->C_Initialize(NULL));
	unlink("/tmp/keys-pkcs11-fifo");
	ASSERT_EQ(0, mkfifo("/tmp/keys-pkcs11-fifo", 0600));
	setenv(TOKEN_VARIABLE, "/tmp/keys-pkcs11-fifo", 1);
	EXPECT_EQ(CKR_FUNCTION_FAILED, p11->C_Initialize(NULL));
	ASSERT_TRUE(token_config(""));
	ASSERT_EQ(0, truncate(TOKEN_CONFIG, 65537));
	EXPECT_EQ(CKR_FUNCTION_FAILED, p11->C_Initialize(NULL));
	unsetenv(TOKEN_VARIABLE);
	EXPECT_EQ(CKR_OK, p11->C_Initialize(NULL));
}

/* Shows: PT-6. Without a free descriptor everything else works. */
TEST(opens_nothing)
{
	struct rlimit none = { 0, 0 };
	ck_session_handle_t session;
	struct ck_mechanism mechanism = { CKM_RSA_PKCS, NULL, 0 };
	uint8_t signature[PKEY_RSA_BYTES];
	unsigned long len = sizeof(signature);

	TOKEN_SETUP(session);
	ASSERT_LT(0, pkey_add_rsa("pair"));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	ASSERT_EQ(CKR_OK, p11->C_SignInit(session, &mechanism,
					  token_only(session, CKO_PRIVATE_KEY)));
	EXPECT_EQ(CKR_OK, p11->C_Sign(session, (unsigned char *)"x", 1,
				      signature, &len));
	EXPECT_EQ(CKR_OK, p11->C_Finalize(NULL));
}

static ck_object_handle_t shared_key;
static ck_session_handle_t shared_session;

/* Signs with a session of its own and with one that all share. */
static void *sign_many(void *failed)
{
	struct ck_mechanism mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	uint8_t signature[PKEY_RSA_BYTES];
	ck_session_handle_t session;
	unsigned long len;
	ck_rv_t rv;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		session = token_open(SLOT_SESSION, SERIAL_WAY);
		len = sizeof(signature);
		if (p11->C_SignInit(session, &mechanism, shared_key) ||
		    p11->C_Sign(session, (unsigned char *)"x", 1, signature,
				&len) ||
		    p11->C_CloseSession(session))
			__atomic_add_fetch((int *)failed, 1, __ATOMIC_RELAXED);
		/*
		 * The only possible error is that another thread's operation is
		 * active.
		 */
		rv = p11->C_SignInit(shared_session, &mechanism, shared_key);
		if (rv && rv != CKR_OPERATION_ACTIVE)
			__atomic_add_fetch((int *)failed, 1, __ATOMIC_RELAXED);
		len = sizeof(signature);
		rv = p11->C_Sign(shared_session, (unsigned char *)"x", 1,
				 signature, &len);
		if (rv && rv != CKR_OPERATION_NOT_INITIALIZED)
			__atomic_add_fetch((int *)failed, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

FIXTURE(sessions)
{
};

FIXTURE_SETUP(sessions)
{
}

FIXTURE_TEARDOWN(sessions)
{
}

/* Shows: PT-7. An emulated kernel makes hundreds of signatures slowly. */
TEST_F_TIMEOUT(sessions, threads, SESSIONS_SECONDS)
{
	struct ck_c_initialize_args args = { .flags = CKF_OS_LOCKING_OK };
	pthread_t threads[THREADS];
	int failed = 0, i;

	ASSERT_TRUE(token_load());
	ASSERT_LT(0, session_new());
	ASSERT_LT(0, pkey_add_rsa("pair"));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(&args));
	shared_session = token_open(SLOT_SESSION, SERIAL_WAY);
	shared_key = token_only(shared_session, CKO_PRIVATE_KEY);
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, sign_many,
					    &failed));
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, failed);
}

/* Uses a session until it is closed. */
static void *use_until_closed(void *wrong)
{
	struct ck_session_info info;
	ck_rv_t rv;

	do
		rv = p11->C_GetSessionInfo(shared_session, &info);
	while (!rv);
	*(bool *)wrong = rv != CKR_SESSION_HANDLE_INVALID;
	return NULL;
}

/* Shows: PT-7. */
TEST(closed_while_used)
{
	bool wrong[THREADS] = { false };
	pthread_t threads[THREADS];
	int i;

	ASSERT_TRUE(token_load());
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	shared_session = token_open(SLOT_SESSION, SERIAL_WAY);
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL,
					    use_until_closed, &wrong[i]));
	usleep(20000);
	EXPECT_EQ(CKR_OK, p11->C_CloseSession(shared_session));
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_FALSE(wrong[i]);
	}
}

static bool drop_closes;

static void *close_all(void *failed)
{
	*(bool *)failed = p11->C_CloseAllSessions(SLOT_SESSION) != CKR_OK;
	return NULL;
}

/* After the next unlock, and before it returns, another thread closes all sessions. */
static ck_rv_t lock_drop_and_close(void *mutex)
{
	ck_rv_t rv = lock_drop(mutex);
	bool failed = false;
	pthread_t thread;

	if (!drop_closes)
		return rv;
	drop_closes = false;
	if (pthread_create(&thread, NULL, close_all, &failed) ||
	    pthread_join(thread, NULL) || failed)
		return CKR_GENERAL_ERROR;
	return rv;
}

/*
 * Shows: PT-7, PT-11. The memory of the session is free by the time that
 * C_OpenSession() returns; free() writes an address to its beginning.
 */
TEST(closed_while_opened)
{
	struct ck_c_initialize_args args = {
		.create_mutex = lock_make, .destroy_mutex = lock_unmake,
		.lock_mutex = lock_hold, .unlock_mutex = lock_drop_and_close,
	};
	ck_session_handle_t first, second = 0;

	ASSERT_TRUE(token_load());
	ASSERT_EQ(CKR_OK, p11->C_Initialize(&args));
	first = token_open(SLOT_SESSION, SERIAL_WAY);
	ASSERT_NE(0, first);
	drop_closes = true;
	EXPECT_EQ(CKR_OK, p11->C_OpenSession(SLOT_SESSION, SERIAL_WAY, NULL,
					     NULL, &second));
	EXPECT_FALSE(drop_closes);
	EXPECT_EQ(first + 1, second);
	EXPECT_EQ(CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(first));
	EXPECT_EQ(CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(second));
	EXPECT_EQ(first + 2, token_open(SLOT_SESSION, SERIAL_WAY));
	EXPECT_EQ(CKR_OK, p11->C_Finalize(NULL));
	EXPECT_EQ(0, locks_made);
}

/* The name of a slot, ended by a zero byte */
static void slot_name(ck_slot_id_t slot, char name[65])
{
	struct ck_slot_info info;
	int len;

	memset(name, 0, 65);
	if (p11->C_GetSlotInfo(slot, &info))
		return;
	memcpy(name, info.slot_description, 64);
	for (len = 64; len && name[len - 1] == ' '; len--)
		name[len - 1] = '\0';
}

/* Shows: PT-8, PT-9. */
TEST(own_keyrings)
{
	static const char *const names[] = {
		"session", "user", "user-session", "persistent",
	};
	ck_session_handle_t session;
	struct ck_token_info info;
	ck_slot_id_t slot;
	char name[65];

	TOKEN_SETUP(session);
	for (slot = 0; slot < ARRAY_SIZE(names); slot++) {
		slot_name(slot, name);
		EXPECT_STREQ(names[slot], name);
		ASSERT_EQ(CKR_OK, p11->C_GetTokenInfo(slot, &info));
		EXPECT_EQ(CKF_RNG | CKF_TOKEN_INITIALIZED, info.flags);
		EXPECT_EQ(0, memcmp(info.label, names[slot],
				    strlen(names[slot])));
		EXPECT_EQ(0, memcmp(info.serial_number, names[slot],
				    strlen(names[slot])));
	}
	EXPECT_EQ(CKR_SLOT_ID_INVALID, p11->C_GetTokenInfo(slot, &info));
	EXPECT_EQ(CKR_SLOT_ID_INVALID, p11->C_GetTokenInfo(-1, &info));
}

/* Shows: PT-8, PT-9, PT-15. A keyring by serial appears and disappears. */
TEST(slot_by_serial)
{
	ck_session_handle_t session;
	ck_object_handle_t key;
	struct ck_slot_info info;
	key_serial_t keyring;
	char text[64], name[65];
	unsigned long count;

	ASSERT_TRUE(token_load());
	ASSERT_LT(0, session_new());
	keyring = key_add("keyring", "web", NULL, 0, KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, keyring);
	ASSERT_LT(0, key_add("asymmetric", "pair", pkey_rsa_pkcs8,
			     sizeof(pkey_rsa_pkcs8), keyring));
	snprintf(text, sizeof(text), "slot session\nslot %d web\n", keyring);
	ASSERT_TRUE(token_config(text));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	slot_name(1, name);
	EXPECT_STREQ("web", name);
	session = token_open(1, SERIAL_WAY);
	key = token_only(session, CKO_PRIVATE_KEY);
	EXPECT_NE(0, key);
	ASSERT_EQ(0, keyctl(KEYCTL_REVOKE, keyring));
	EXPECT_EQ(CKR_OK, p11->C_GetSlotInfo(1, &info));
	EXPECT_EQ(0, info.flags & CKF_TOKEN_PRESENT);
	EXPECT_EQ(CKR_OK, p11->C_GetSlotList(CK_FALSE, NULL, &count));
	EXPECT_EQ(2, count);
	EXPECT_EQ(CKR_OK, p11->C_GetSlotList(CK_TRUE, NULL, &count));
	EXPECT_EQ(1, count);
	EXPECT_EQ(CKR_TOKEN_NOT_PRESENT,
		  p11->C_OpenSession(1, SERIAL_WAY, NULL, NULL, &session));
	EXPECT_EQ(CKR_TOKEN_NOT_PRESENT,
		  p11->C_GetMechanismList(1, NULL, &count));
}

/* Shows: PT-10. */
TEST(lists)
{
	ck_mechanism_type_t mechanisms[64];
	ck_session_handle_t session;
	ck_slot_id_t slots[8], slot;
	unsigned long count, all;

	TOKEN_SETUP(session);
	EXPECT_EQ(CKR_OK, p11->C_GetSlotList(CK_FALSE, NULL, &all));
	EXPECT_EQ(4, all);
	count = all - 1;
	EXPECT_EQ(CKR_BUFFER_TOO_SMALL,
		  p11->C_GetSlotList(CK_FALSE, slots, &count));
	EXPECT_EQ(all, count);
	EXPECT_EQ(CKR_OK, p11->C_GetSlotList(CK_FALSE, slots, &count));
	EXPECT_EQ(CKR_OK, p11->C_GetMechanismList(0, NULL, &all));
	ASSERT_LT(1, all);
	count = 1;
	EXPECT_EQ(CKR_BUFFER_TOO_SMALL,
		  p11->C_GetMechanismList(0, mechanisms, &count));
	EXPECT_EQ(all, count);
	EXPECT_EQ(CKR_OK, p11->C_GetMechanismList(0, mechanisms, &count));
	EXPECT_EQ(CKR_NO_EVENT,
		  p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_WaitForSlotEvent(0, &slot, NULL));
}

/* Shows: PT-11. A debug kernel is slow with so many sessions. */
TEST_F_TIMEOUT(sessions, many, SESSIONS_SECONDS)
{
	ck_session_handle_t session, next = 0;
	struct ck_token_info info;
	int i;

	TOKEN_SETUP(session);
	EXPECT_EQ(CKR_SESSION_PARALLEL_NOT_SUPPORTED,
		  p11->C_OpenSession(0, CKF_RW_SESSION, NULL, NULL, &next));
	for (i = 1; i < SESSIONS_MAX; i++)
		if (!token_open(0, SERIAL_WAY))
			break;
	EXPECT_EQ(SESSIONS_MAX, i);
	EXPECT_EQ(CKR_SESSION_COUNT,
		  p11->C_OpenSession(0, SERIAL_WAY, NULL, NULL, &next));
	EXPECT_EQ(CKR_OK, p11->C_GetTokenInfo(0, &info));
	EXPECT_EQ(SESSIONS_MAX, info.session_count);
	EXPECT_EQ(1, info.rw_session_count);
	EXPECT_EQ(CKR_OK, p11->C_CloseSession(session));
	next = token_open(0, SERIAL_WAY);
	EXPECT_LT(session, next);
	EXPECT_EQ(CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(session));
	EXPECT_EQ(CKR_OK, p11->C_CloseAllSessions(0));
	EXPECT_EQ(CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(next));
	EXPECT_EQ(CKR_SLOT_ID_INVALID, p11->C_CloseAllSessions(99));
}

/* Shows: PT-12. */
TEST(logged_in)
{
	ck_session_handle_t session;
	struct ck_session_info info;

	TOKEN_SETUP(session);
	EXPECT_EQ(CKR_OK, p11->C_GetSessionInfo(session, &info));
	EXPECT_EQ(CKS_RW_USER_FUNCTIONS, info.state);
	/* The module does not read the PIN, so its address may be invalid. */
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(CKR_OK,
			  p11->C_Login(session, CKU_USER, (void *)1, 99));
	EXPECT_EQ(CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
		  p11->C_Login(session, CKU_SO, NULL, 0));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_Login(session, CKU_CONTEXT_SPECIFIC, NULL, 0));
	EXPECT_EQ(CKR_USER_TYPE_INVALID, p11->C_Login(session, 3, NULL, 0));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED, p11->C_Logout(session));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_InitToken(0, NULL, 0, NULL));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED, p11->C_InitPIN(session, NULL, 0));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_SetPIN(session, NULL, 0, NULL, 0));
}

TEST_HARNESS_MAIN
