// SPDX-License-Identifier: GPL-2.0-only
/*
 * Give the kernel keys, take them away again, and let the host look at the
 * guest's memory in between: scripts/secrets.
 *
 * This program must not keep the secret that the host looks for.  It gets each
 * key under a mask, takes the mask off byte by byte right before a system call,
 * and wipes the result right after.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "alg.h"
#include "fscrypt_form.h"
#include "key_service.h"
#include "symmetric_disk.h"
#include "symmetric_ktls.h"
#include "trusted.h"

#define MASK_FILE	"/keys/masked"
#define MOUNT		"/tmp/mnt"
#define KNOBS		"/proc/sys/kernel/keys/"
#define ROOT_KEYS	"1000000"	/* root's default quota */
#define SECRET_SIZE	64
/* How long RCU and the garbage collector of keys may take. */
#define SETTLE_MS	3000

/* The same values as in scripts/secrets. */
#define MASK(number, i)	((unsigned char)(0x5a + 7 * (i) + 31 * (number)))

static unsigned char masked[SECRET_SIZE];
static struct {
	struct fscrypt_provisioning_form form;
	unsigned char secret[SECRET_SIZE];
} clear;
/* An encrypted key that holds the secret is made from a line of text. */
static char line[256 + 2 * SECRET_SIZE];
static int number, channel;
static key_serial_t key;
static int sock = -1, mnt = -1;
static pid_t holder;
/* What the host has to be told beside a path's name */
static char told[2 * KTLS_PUBLIC + 1];

static void unmask(void)
{
	volatile unsigned char *to = clear.secret;

	for (int i = 0; i < SECRET_SIZE; i++)
		to[i] = masked[i] ^ MASK(number, i);
}

static void wipe(void)
{
	explicit_bzero(&clear, sizeof(clear));
	explicit_bzero(line, sizeof(line));
}

static key_serial_t add(const char *type, const char *name, size_t size)
{
	unmask();
	key = key_add(type, name, clear.secret, size, KEY_SPEC_SESSION_KEYRING);
	wipe();
	return key;
}

static int add_provisioning(__u32 type, size_t size)
{
	struct plain {
		__u32 type, reserved;
		unsigned char raw[SECRET_SIZE];
	} *plain = (void *)(clear.secret - PLAIN_HEAD);

	unmask();
	plain->type = type;
	key = prov_add("secret", plain, PLAIN_HEAD + size);
	wipe();
	return key < 0 ? key : 0;
}

static int unlink_key(void)
{
	return key_unlink(key, KEY_SPEC_SESSION_KEYRING);
}

/*
 * Nobody revokes the key; the kernel collects it a second after it has expired,
 * as KNOBS sets it.
 */
static int expire_key(void)
{
	return key_set_to_expire(key) ||
	       key_wait_state(key, -ENOKEY) != -ENOKEY;
}

/* The key stays linked, so the kernel does not collect it. */
static int revoke_key(void)
{
	return key_revoke(key);
}

static int drop_key(void)
{
	int err = key_revoke(key);

	return err ?: key_unlink(key, KEY_SPEC_SESSION_KEYRING);
}

/* --- keys ----------------------------------------------------------------- */

static int hold_logon(void)
{
	return add("logon", "secret:key", 32) < 0;
}

static int hold_provisioning(void)
{
	return add_provisioning(V2, 64);
}

/* A form that has the secret in a place where raw bytes are forbidden */
static int fail_form(void)
{
	unmask();
	clear.form.form = FSCRYPT_PROVISIONING_FORM_1;
	clear.form.source = FSCRYPT_PROVISIONING_SOURCE_PARENT;
	clear.form.type = V2;
	clear.form.raw_size = 32;
	clear.form.parent = 1;
	key = prov_add("secret", &clear, sizeof(clear));
	wipe();
	return key != -EINVAL;
}

static int fail_plain(void)
{
	return add_provisioning(77, 64) != -EINVAL;
}

/*
 * The kernel notices that the quota has no room for the key after it has
 * completed the payload
 */
static int fail_quota(void)
{
	int err = file_write(KNOBS "root_maxkeys", "1");

	if (!err)
		err = add_provisioning(V2, 64) != -EDQUOT;
	return file_write(KNOBS "root_maxkeys", ROOT_KEYS) || err;
}

/* --- derived keys --------------------------------------------------------- */

#define PARENT_SIZE	32

/* A parent key that holds the secret; scripts/secrets derives from it */
static key_serial_t add_parent(void)
{
	static const char master[] = "This one is no secret at all.";
	int used = snprintf(line, sizeof(line), "new default user:m %d ",
			    PARENT_SIZE);
	key_serial_t parent;

	if (key_add_user("m", master, sizeof(master)) < 0)
		return -1;
	unmask();
	for (int i = 0; i < PARENT_SIZE; i++)
		used += snprintf(line + used, sizeof(line) - used, "%02x",
				 clear.secret[i]);
	parent = key_add("encrypted", "parent", line, used,
			 KEY_SPEC_SESSION_KEYRING);
	wipe();
	return parent;
}

static int derive(const char *name)
{
	struct fscrypt_provisioning_form form = {
		.form = FSCRYPT_PROVISIONING_FORM_1,
		.source = FSCRYPT_PROVISIONING_SOURCE_PARENT,
		.type = V2, .raw_size = SECRET_SIZE, .parent = add_parent(),
	};

	if (form.parent < 0)
		return form.parent;
	key = prov_add(name, &form, sizeof(form));
	if (key_revoke(form.parent) ||
	    key_unlink(form.parent, KEY_SPEC_SESSION_KEYRING))
		return -EUCLEAN;
	return key < 0 ? key : 0;
}

static int hold_derived(void)
{
	return derive("derived");
}

/* Leaves the parent's payload, and intermediate values of the derivation */
static int derive_and_drop(void)
{
	return derive("derived") || drop_key();
}

/* The kernel notices that the key has no name after it has derived the key */
static int fail_derived(void)
{
	return derive("") != -EINVAL;
}

static int hold_encrypted(void)
{
	key = add_parent();
	return key < 0;
}

/* --- key pairs ------------------------------------------------------------ */

/*
 * The kernel does not parse a private key before its first use, so any bytes
 * will do.  PKCS#8 is a sequence of version, algorithm, and a string of bytes.
 */
static int hold_pair(void)
{
	static const unsigned char head[] = {
		0x30, 0x54, 0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a,
		0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
		0x04, SECRET_SIZE,
	};

	memcpy(line, head, sizeof(head));
	unmask();
	/* not by memcpy(), which may leave the secret in registers */
	for (int i = 0; i < SECRET_SIZE; i++)
		((volatile char *)line)[sizeof(head) + i] = clear.secret[i];
	key = key_add("asymmetric", "pair", line,
		      sizeof(head) + SECRET_SIZE, KEY_SPEC_SESSION_KEYRING);
	wipe();
	return key < 0;
}

/* A pair for key agreement, which the kernel parses at once (RFC 8410, 7) */
static int hold_x25519(void)
{
	static const unsigned char head[] = {
		0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b,
		0x65, 0x6e, 0x04, 0x22, 0x04, KTLS_PUBLIC,
	};

	memcpy(line, head, sizeof(head));
	unmask();
	for (int i = 0; i < KTLS_PUBLIC; i++)
		((volatile char *)line)[sizeof(head) + i] = clear.secret[i];
	key = key_add("asymmetric", "x25519", line, sizeof(head) + KTLS_PUBLIC,
		      KEY_SPEC_SESSION_KEYRING);
	wipe();
	return key < 0;
}

/* --- trusted keys --------------------------------------------------------- */

#define TRUSTED_SIZE	32
#define TRUSTED_LINE	"load %s keyhandle=0x%x"

/* The TPM seals the secret, so that the test knows what the kernel unseals. */
static int hold_trusted(void)
{
	static char text[2 * TRUSTED_BLOB_MAX + 64], hex[2 * TRUSTED_BLOB_MAX + 1];
	static uint8_t blob[TRUSTED_BLOB_MAX];
	int tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	uint32_t parent;
	ssize_t len;

	if (tpm < 0 || tpm2_create_primary(tpm, &parent))
		return -1;
	unmask();
	/*
	 * An old blob has a byte behind the key, which says that the key may be
	 * sealed anew
	 */
	clear.secret[TRUSTED_SIZE] = 1;
	len = tpm2_seal(tpm, parent, clear.secret, TRUSTED_SIZE + 1, blob,
			sizeof(blob));
	wipe();
	if (len < 0)
		return -1;
	hex_encode(blob, len, hex);
	snprintf(text, sizeof(text), TRUSTED_LINE, hex, parent);
	key = trusted_add("trusted", text);
	tpm2_flush(tpm, parent);
	close(tpm);
	return key < 0;
}

/* --- AF_ALG --------------------------------------------------------------- */

static int set_serial(const struct alg *alg)
{
	sock = alg_open(alg);
	return sock < 0 ? sock :
	       result(setsockopt(sock, SOL_ALG, ALG_SET_KEY_BY_KEY_SERIAL,
				 &key, sizeof(key)));
}

/*
 * The traffic secret that a client seals by, whose peer has the private key of
 * hold_x25519().  scripts/secrets is the peer, and is told the client's public key: the
 * client's private one has to be the kernel's own.
 */
static int hold_traffic(void)
{
	uint8_t peer[KTLS_PUBLIC], public[KTLS_PUBLIC];
	struct ktls_end end;

	if (hold_x25519() || key_read(key, peer, KTLS_PUBLIC) != KTLS_PUBLIC ||
	    drop_key())
		return -1;
	end.pair = ktls_pair();
	if (end.pair < 0 || key_read(end.pair, public, KTLS_PUBLIC) != KTLS_PUBLIC)
		return -1;
	hex_encode(public, sizeof(public), told);
	if (ktls_agree(&ktls_suites[0], true, peer, &end))
		return -1;
	key = end.tx;
	return 0;
}

/* A connection's socket has it as well. */
static int hold_tls_socket_and_key(void)
{
	int fds[2];

	if (hold_traffic() || ktls_connect(fds) || ktls_ulp(fds[0]) ||
	    ktls_take(fds[0], TLS_TX_BY_KEY_SERIAL, key))
		return -1;
	sock = fds[0];
	return 0;
}

/* All keys are unlinked. */
static int hold_tls_socket(void)
{
	return hold_tls_socket_and_key() ||
	       keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING, 0, 0, 0);
}

static int close_socket(void)
{
	int err = close(sock);

	sock = -1;
	return err;
}

/* It goes into a transform, which holds values computed from it. */
static int pass_traffic(void)
{
	return hold_tls_socket() || close_socket();
}

/* The socket keeps its key when the key in the keyring dies */
static int hold_socket(void)
{
	return add("logon", "secret:key", 32) < 0 || set_serial(&alg_cbc) ||
	       drop_key();
}

static int hold_aead_socket(void)
{
	return add("logon", "secret:key", 32) < 0 || set_serial(&alg_gcm) ||
	       drop_key();
}

static int fail_socket(void)
{
	return add("logon", "secret:key", 33) < 0 ||
	       set_serial(&alg_cbc) != -EINVAL || close_socket() || drop_key();
}

/* An unkeyed hash takes no key; the kernel may have read the key by then */
static int fail_unkeyed(void)
{
	return add("logon", "secret:key", 32) < 0 || !set_serial(&alg_sha256) ||
	       close_socket() || drop_key();
}

static void hold_and_wait(void)
{
	if (session_new() < 0 || add("logon", "secret:key", 32) < 0 ||
	    set_serial(&alg_cbc))
		_exit(1);
	raise(SIGSTOP);
	_exit(1);
}

static int hold_process(void)
{
	int status;

	holder = fork();
	if (!holder)
		hold_and_wait();
	return waitpid(holder, &status, WUNTRACED) != holder ||
	       !WIFSTOPPED(status);
}

static int kill_process(void)
{
	kill(holder, SIGKILL);
	return waitpid(holder, NULL, 0) != holder;
}

/* --- fscrypt -------------------------------------------------------------- */

static int open_volume(void)
{
	mnt = open(MOUNT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return mnt < 0;
}

static int hold_v1(void)
{
	return open_volume() ||
	       add_provisioning(V1, 64) ||
	       fs_add_serial(mnt, V1, 'x', key, NULL) || drop_key();
}

static int hold_v2(void)
{
	return open_volume() || add_provisioning(V2, 64) ||
	       fs_add_serial(mnt, V2, 0, key, NULL);
}

static int drop_v2(void)
{
	close(mnt);
	return drop_key();
}

/* A key for policies of one version is refused for the other version */
static int fail_add(void)
{
	return open_volume() || add_provisioning(V1, 64) ||
	       fs_add_serial(mnt, V2, 0, key, NULL) != -EKEYREJECTED ||
	       drop_v2();
}

static int unmount(void)
{
	close(mnt);
	return umount2(MOUNT, 0);
}

/* --- symmetric keys ------------------------------------------------------- */

#define BELOW	"/dev/loop7"	/* the same value as in scripts/secrets */
#define DEVICE	"secret"

static int device = -1;

/*
 * A key with the secret's first @size bytes; @words has its algorithm and uses.
 */
static int add_symmetric(const char *words, size_t size)
{
	int used = snprintf(line, sizeof(line), "raw %s keyhex=", words);

	unmask();
	for (size_t i = 0; i < size; i++)
		used += snprintf(line + used, sizeof(line) - used, "%02x",
				 clear.secret[i]);
	key = key_add("symmetric", "secret", line, used,
		      KEY_SPEC_SESSION_KEYRING);
	wipe();
	return key < 0 ? key : 0;
}

static int hold_box(void)
{
	return add_symmetric("alg=xchacha20-poly1305 for=seal,open", 32);
}

static int hold_parent(void)
{
	return add_symmetric("alg=hkdf-sha512 for=derive", 64);
}

/*
 * The key's bytes go into the transform, which holds values computed from them.
 */
static int make_mac(void)
{
	return add_symmetric("alg=hmac-sha512 for=mac", 64) || drop_key();
}

/* The kernel notices that there are too many bytes after it has read them */
static int fail_symmetric(void)
{
	return add_symmetric("alg=hmac-sha256 for=mac", 64) != -EINVAL;
}

/* Sealed by a keeper, and loaded again */
static int hold_loaded(void)
{
	static char form[1024];
	key_serial_t keeper = sym_add("keeper", "new alg=xchacha20-poly1305 for=wrap,unwrap");
	char words[128];
	long len;

	snprintf(words, sizeof(words),
		 "alg=hkdf-sha512 for=derive label=a sealed-by=%d", keeper);
	if (keeper < 0 || add_symmetric(words, 64))
		return -1;
	len = key_read(key, form, sizeof(form));
	if (len < 0 || drop_key())
		return -1;
	key = sym_add("loaded", "load by=%d label=a alg=hkdf-sha512 for=derive blob=%.*s",
		      keeper, (int)len, form);
	return key < 0;
}

/* The device outlives the key */
static int hold_device(void)
{
	const struct disk_table table = {
		.cipher = DISK_XTS, .size = 64, .key = "symmetric:secret",
		.below = BELOW,
	};

	if (add_symmetric("alg=" DISK_XTS " for=dm-crypt", 64) ||
	    disk_create(DEVICE, NULL) || disk_load(DEVICE, &table) ||
	    disk_resume(DEVICE))
		return -1;
	device = disk_open(DEVICE);
	return device < 0;
}

/* The key is linked nowhere, so it dies with the device */
static int drop_device(void)
{
	close(device);
	return dm_remove(DEVICE);
}

static int hold_device_alone(void)
{
	return hold_device() || unlink_key();
}

/* A socket that has worked with a symmetric key */
static int hold_ending_socket(void)
{
	if (add_symmetric("alg=skcipher:cbc(aes) for=af-alg", 32) ||
	    set_serial(&alg_cbc))
		return -1;
	return alg_fingerprint(sock, &alg_cbc).len < 0;
}

/* The socket stays open, and has nothing of the key. */
static int end_socket(void)
{
	return drop_key() || alg_accept(sock) != -EKEYREVOKED;
}

/* The key is linked nowhere, so it dies with the socket. */
static int hold_socket_alone(void)
{
	return hold_ending_socket() || unlink_key();
}

/* A text that is sealed, and then opened into this program's memory */
static int hold_text(void)
{
	static uint8_t blob[SYM_BLOB_EXTRA + SECRET_SIZE];
	long len;

	key = sym_add("box", "new alg=xchacha20-poly1305 for=seal,open");
	unmask();
	len = sym_seal(key, "", clear.secret, SECRET_SIZE, blob, sizeof(blob));
	wipe();
	if (len != sizeof(blob))
		return -1;
	return sym_open(key, "", blob, sizeof(blob), clear.secret,
			SECRET_SIZE) != SECRET_SIZE;
}

static int drop_text(void)
{
	wipe();
	return drop_key();
}

/* --- requests ------------------------------------------------------------- */

static int request(const char *type, const char *how)
{
	char callout[32];

	snprintf(callout, sizeof(callout), "%s %d", how, number);
	key = key_request(type, "secret:requested", callout,
			  KEY_SPEC_SESSION_KEYRING);
	return key < 0 ? key : 0;
}

static int hold_requested(void)
{
	return request("logon", "good");
}

/* The key type refuses the helper's payload */
static int fail_requested(void)
{
	return request("fscrypt-provisioning", "bad") != -ENOKEY;
}

/* --- services ------------------------------------------------------------- */

static int ask_service(const void *type)
{
	int ret = key_request(type, "secret:served", "",
			      KEY_SPEC_SESSION_KEYRING);

	return ret < 0 ? ret : 0;
}

/* Answers a request with the secret and @more other bytes. */
static int serve(const char *type, size_t more)
{
	static char none[KEY_SERVICE_RECORD_MAX];
	static struct service_record record;
	struct key_service_answer answer = {
		.size = sizeof(answer), .payload_len = SECRET_SIZE + more,
	};
	const struct iovec parts[] = {
		{ &answer, sizeof(answer) },
		{ clear.secret, SECRET_SIZE },
		{ none, more },
	};
	int fd = service_open_as(KEY_SERVICE_SCOPE_UID, type, "secret:"), ret;
	pid_t asker = task_start(ask_service, type);

	ret = service_next(fd, &record);
	if (ret < 0)
		return ret;
	key = record.head.key;
	answer.id = record.head.id;
	unmask();
	ret = result(writev(fd, parts, 3));
	wipe();
	if (ret < 0)
		service_reject(fd, answer.id, ret, 0);
	close(fd);
	ret = ret < 0 ? ret : 0;
	return task_result(asker) == ret ? ret : -EPROTO;
}

static int hold_served(void)
{
	return serve("logon", 0);
}

/* Longer than the kernel's buffer on the stack */
static int hold_served_long(void)
{
	return serve("logon", 1024);
}

static int fail_served(void)
{
	return serve("fscrypt-provisioning", 0) != -EINVAL;
}

static int help(const char *target)
{
	char callout[32] = "";
	key_serial_t id = atoi(target);

	if (keyctl(KEYCTL_ASSUME_AUTHORITY, id) < 0 ||
	    key_read(KEY_SPEC_REQKEY_AUTH_KEY, callout,
		     sizeof(callout) - 1) < 0)
		return 1;
	number = atoi(strchr(callout, ' '));
	unmask();
	keyctl(KEYCTL_INSTANTIATE, id, clear.secret, 64, 0);
	wipe();
	return 0;
}

/* -------------------------------------------------------------------------- */

/* What the host looks for: the secret, or a value that is computed from it. */
static const struct path {
	const char *name;
	size_t size;
	int (*hold)(void);
	int (*drop)(void);
	const char *made;
} paths[] = {
	{ "logon key, revoked", 32, hold_logon, drop_key },
	{ "provisioning key, revoked", 64, hold_provisioning, drop_key },
	{ "provisioning key, unlinked", 64, hold_provisioning, unlink_key },
	{ "provisioning key, expired", 64, hold_provisioning, expire_key },
	{ "provisioning key, no quota", 64, NULL, fail_quota },
	{ "derived key, revoked", 64, hold_derived, drop_key, "okm" },
	{ "derived key, unlinked", 64, hold_derived, unlink_key, "okm" },
	{ "derived key, on the way", 64, NULL, derive_and_drop, "prk" },
	{ "derived key, parent", 32, NULL, derive_and_drop },
	{ "derived key, refused", 64, NULL, fail_derived, "okm" },
	{ "provisioning form, refused", 64, NULL, fail_form },
	{ "provisioning payload, refused", 64, NULL, fail_plain },
	{ "encrypted key, revoked", 32, hold_encrypted, revoke_key },
	{ "encrypted key, unlinked", 32, hold_encrypted, unlink_key },
	{ "pair, revoked", 48, hold_pair, revoke_key },
	{ "pair, unlinked", 48, hold_pair, unlink_key },
	{ "pair for agreement, revoked", 32, hold_x25519, revoke_key },
	{ "pair for agreement, unlinked", 32, hold_x25519, unlink_key },
	{ "TLS traffic secret", 32, NULL, pass_traffic, "traffic" },
	{ "TLS socket's key, closed", 16, hold_tls_socket, close_socket, "record" },
	{ "TLS socket's key, revoked", 16, hold_tls_socket_and_key, revoke_key, "record" },
	{ "trusted key, revoked", 32, hold_trusted, revoke_key },
	{ "trusted key, unlinked", 32, hold_trusted, unlink_key },
	{ "AF_ALG socket, closed", 32, hold_socket, close_socket },
	{ "AF_ALG aead socket, closed", 32, hold_aead_socket, close_socket },
	{ "AF_ALG key, refused", 32, NULL, fail_socket },
	{ "AF_ALG key, not wanted", 32, NULL, fail_unkeyed },
	{ "AF_ALG process, killed", 32, hold_process, kill_process },
	{ "symmetric key, revoked", 32, hold_box, drop_key },
	{ "symmetric key, unlinked", 32, hold_box, unlink_key },
	{ "symmetric key, expired", 32, hold_box, expire_key },
	{ "symmetric parent, revoked", 64, hold_parent, drop_key },
	{ "symmetric HMAC key", 64, NULL, make_mac },
	{ "symmetric key, refused", 64, NULL, fail_symmetric },
	{ "symmetric key, sealed and loaded", 64, hold_loaded, drop_key },
	{ "dm-crypt device, removed", 64, hold_device_alone, drop_device },
	{ "dm-crypt device, key revoked", 64, hold_device, drop_key },
	{ "AF_ALG symmetric key, revoked", 32, hold_ending_socket, end_socket },
	{ "AF_ALG symmetric key, closed", 32, hold_socket_alone, close_socket },
	{ "text that was opened", 64, hold_text, drop_text },
	{ "requested key, revoked", 64, hold_requested, drop_key },
	{ "requested key, payload refused", 64, NULL, fail_requested },
	{ "served key, revoked", 64, hold_served, drop_key },
	{ "long served key, revoked", 64, hold_served_long, drop_key },
	{ "served key, payload refused", 64, NULL, fail_served },
	{ "fscrypt v2 key, revoked", 64, hold_v2, drop_v2 },
	{ "fscrypt add, refused", 64, NULL, fail_add },
	{ "fscrypt v1 key, unmounted", 64, hold_v1, unmount },
};

/* Wait until the host has looked */
static void look(const char *when, const struct path *path)
{
	char go;

	sleep_ms(SETTLE_MS);
	dprintf(channel, "%s\t%d\t%zu\t%s\t%s\t%s\n", when, number, path->size,
		path->made ?: "", told, path->name);
	if (read(channel, &go, 1) != 1)
		exit(1);
}

static void check(const struct path *path, int err)
{
	if (!err)
		return;
	printf("%s: failed: %s\n", path->name, strerror(errno));
	exit(1);
}

int main(int argc, char **argv)
{
	int fd = open(MASK_FILE, O_RDONLY | O_CLOEXEC);

	if (read(fd, masked, sizeof(masked)) != sizeof(masked))
		return 1;
	if (argc == HELPER_ARGC)
		return help(argv[2]);

	channel = open(argv[1], O_RDWR | O_CLOEXEC);
	if (channel < 0 || session_new() < 0 || loopback_up() ||
	    file_write(KNOBS "gc_delay", "1"))
		return 1;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		number = i;
		if (paths[i].hold) {
			check(&paths[i], paths[i].hold());
			look("held", &paths[i]);
		}
		check(&paths[i], paths[i].drop());
		look("gone", &paths[i]);
	}
	return 0;
}
