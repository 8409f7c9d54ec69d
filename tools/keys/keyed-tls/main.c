// SPDX-License-Identifier: GPL-2.0-only
/*
 * keyed-tls - TLS 1.3 by keys that stay in the kernel
 *
 * Neither a private key nor a secret of a connection is in this program at any time.
 * See keyed-tls(1), and Documentation/security/keys/tls13.rst for how that is done.
 */
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "client.h"
#include "error.h"
#include "http.h"
#include "server.h"
#include "socket.h"

#define TIMEOUT_S	30
#define CHILDREN_MAX	32
#define LIFE_S		3600
/* AES-GCM ends its keys after twice as many */
#define RECORDS_MAX	(1 << 23)

/*
 * struct options - what the options of both commands say
 * @suite:	the one cipher suite, or NULL
 * @group:	the one group, or NULL
 * @every:	so many records have new keys
 * @keyring:	where the keys of connections are
 * @timeout:	seconds that the other end has for its next bytes
 * @ktls:	sockets seal and open the records themselves
 * @verbose:	tell what was agreed on
 * @ca:		file of authorities, or NULL
 * @connect:	where the client connects to, or NULL
 * @resume:	keyring of sessions, or 0
 * @port:	where the server listens
 * @count:	connections that the server takes, 0 for all
 * @tickets:	the server gives some
 */
struct options {
	const struct suite *suite;
	const struct group *group;
	long every;
	int32_t keyring;
	long timeout;
	bool ktls;
	bool verbose;
	const char *ca;
	const char *connect;
	int32_t resume;
	long port;
	long count;
	bool tickets;
};

static const char help[] =
"usage: keyed-tls get [OPTION]... https://HOST[:PORT][/PATH] >PAGE\n"
"       keyed-tls serve [OPTION]... CERTIFICATE KEY FILE\n"
"\n"
"Speaks TLS 1.3 by keys that stay in the kernel. KEY is the serial number of an RSA\n"
"key of type asymmetric, CERTIFICATE a file with its certificate in PEM.\n"
"\n"
"Both:\n"
"  --ciphersuite NAME  only aes-128-gcm, aes-256-gcm or chacha20-poly1305\n"
"  --group NAME        only x25519 or p256\n"
"  --key-update N      new keys after N records\n"
"  --ktls              sockets seal and open the records themselves\n"
"  --keyring KEYRING   the keys of connections are there, for others to revoke\n"
"  --timeout SECONDS   that the other end has to go on (30)\n"
"  --verbose           tell what was agreed on\n"
"get:\n"
"  --ca FILE           authorities to believe, in PEM, instead of the system's\n"
"  --connect ADDRESS   connect there, whatever HOST is\n"
"  --resume KEYRING    with --ca: keep sessions there, and resume them\n"
"serve:\n"
"  --port PORT         listen there (4433); 0 takes a free one and tells which\n"
"  --count N           end after N connections\n"
"  --once              end after one\n"
"  --no-tickets        give no tickets to resume sessions by\n"
"\n"
"Ends with 1 for a mistake of this machine, 2 of usage, 3 if what the other end sent\n"
"was refused, 4 if it has ended the connection, 5 if HTTP gave no page.\n";

static void __attribute__((noreturn)) usage(void)
{
	fputs(help, stderr);
	exit(EXIT_USAGE);
}

/* --- what both have in common --------------------------------------------- */

static void set_socket(int fd, bool ktls)
{
	const int yes = 1;
	int err;

	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		fail("cannot set up the socket: %s", strerror(errno));
	/* Each flight is several records, and the last one is waited for. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	err = ktls ? socket_prepare(fd) : 0;
	if (err)
		fail("the sockets of this kernel take no keys: %s",
		     strerror(-err));
}

static void set_channel(struct channel *channel, int fd, const char *name,
			const struct options *options)
{
	set_socket(fd, options->ktls);
	channel->records.fd = fd;
	channel->records.name = name;
	channel->records.timeout = options->timeout * 1000;
	record_limit(&channel->records);
	channel->every = options->every;
	channel->by_socket = options->ktls;
}

static size_t take_groups(const struct options *options,
			  const struct group **list)
{
	size_t count = 0;

	for (int i = 0; i < GROUPS; i++)
		if (!options->group || options->group == &groups[i])
			list[count++] = &groups[i];
	return count;
}

static void tell(const struct options *options, const struct suite *suite,
		 const struct group *group, bool resumed, bool retried)
{
	if (options->verbose)
		fprintf(stderr, "TLS 1.3 %s %s %s%s\n", suite->option,
			group->option, resumed ? "resumed" : "full",
			retried ? " retried" : "");
}

/* --- get ------------------------------------------------------------------ */

/* Tries each address that the host has. */
static int connect_to(const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *at;
	int fd = -1, err;

	err = getaddrinfo(host, port, &hints, &list);
	if (err)
		fail("cannot find %s: %s", host, gai_strerror(err));
	for (at = list; at; at = at->ai_next) {
		fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC,
			    at->ai_protocol);
		if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) == 0)
			break;
		err = errno;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		fail("cannot connect to %s port %s: %s", host, port,
		     strerror(err));
	return fd;
}

static void command_get(char **args, const struct options *options)
{
	static struct client client;
	static struct address address;
	char name[HOST_MAX + 32];

	address_parse(args[0], &address);
	trust_load(&client.trust, options->ca);
	snprintf(name, sizeof(name), "keyed-tls %s:%s", address.host,
		 address.port);
	client.host = address.host;
	client.named = !address.address;
	client.only = options->suite;
	client.group_count = take_groups(options, client.groups);
	/*
	 * The system's authorities are read as they are looked up, so nothing here tells
	 * one set of them from another, and a session could not be for one of them.
	 */
	client.sessions = (struct sessions){
		.keyring = options->ca ? options->resume : 0,
		.name = name,
		.trust = client.trust.digest,
	};
	keys_open(options->keyring);
	set_channel(&client.channel,
		    connect_to(options->connect ?: address.host, address.port),
		    "server", options);
	client_handshake(&client);
	tell(options, client.suite, client.group, client.resumed,
	     client.retried);
	http_get(&client.channel, &address);
}

/* --- serve ---------------------------------------------------------------- */

/*
 * struct site - what all connections of a server have
 * @options:	options
 * @key:	RSA key
 * @certificate: body of the Certificate message
 * @size:	bytes of that
 * @tickets:	keyring of tickets, or 0
 * @file:	what is served
 */
struct site {
	const struct options *options;
	key_serial key;
	uint8_t certificate[MESSAGE_MAX];
	size_t size;
	key_serial tickets;
	const char *file;
};

/* A key that is not the certificate's would be told by each client. */
static void check_pair(const struct site *site, EVP_PKEY *public)
{
	static const char text[] = "keyed-tls: is it the key of the certificate";
	uint8_t digest[32], signature[2048];
	struct reader reader;
	long size;

	hash_sha256(text, sizeof(text), digest);
	size = key_sign(site->key, digest, signature, sizeof(signature));
	if (size < 0)
		fail("cannot sign with key %d: %s", site->key, key_cause(size));
	reader = reader_of(signature, size);
	if (!is_signature(public, text, sizeof(text), &reader))
		fail("key %d is not that of the certificate", site->key);
}

/* Both kinds of addresses by one socket, or the old kind where there is no other. */
static int new_listener(long port)
{
	struct sockaddr_in6 both = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};
	struct sockaddr_in old = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	const int yes = 1, no = 0;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), ret;
	const bool is_old = fd < 0;

	if (is_old)
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	ret = is_old ? bind(fd, (struct sockaddr *)&old, sizeof(old)) :
		       bind(fd, (struct sockaddr *)&both, sizeof(both));
	if (ret || listen(fd, SOMAXCONN))
		fail("cannot listen at port %ld: %s", port, strerror(errno));
	return fd;
}

static int listen_at(long port)
{
	int fd = new_listener(port);
	struct sockaddr_in6 address;
	socklen_t size = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &size))
		fail("cannot find out the port: %s", strerror(errno));
	/* The port has the same place in both kinds. */
	printf("port %u\n", ntohs(address.sin6_port));
	if (fflush(stdout))
		fail("cannot write the port: %s", strerror(errno));
	return fd;
}

/* A process of its own has keys of its own, and takes no other one along. */
static void __attribute__((noreturn)) serve_one(const struct site *site, int fd)
{
	static struct server server;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	server.key = site->key;
	server.certificate = site->certificate;
	server.certificate_size = site->size;
	server.only = site->options->suite;
	server.group_count = take_groups(site->options, server.groups);
	server.tickets = site->tickets;
	server.life = LIFE_S;
	keys_open(site->options->keyring);
	set_channel(&server.channel, fd, "client", site->options);
	server_handshake(&server);
	tell(site->options, server.suite, server.group, server.resumed,
	     server.retried);
	http_answer(&server.channel, site->file);
	exit(EXIT_SUCCESS);
}

/* Waits for a child, or looks whether one has ended; keeps the first failure. */
static bool reap(int *status, int how)
{
	int ended;

	if (waitpid(-1, &ended, how) <= 0)
		return false;
	if (!*status)
		*status = WIFEXITED(ended) ? WEXITSTATUS(ended) : EXIT_FAILURE;
	return true;
}

static int accept_one(int listener)
{
	int fd;

	do {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		fail("cannot accept a connection: %s", strerror(errno));
	return fd;
}

static int serve_all(const struct site *site, int listener)
{
	const long count = site->options->count;
	int children = 0, status = 0, fd;
	pid_t child;

	for (long i = 0; !count || i < count; i++) {
		fd = accept_one(listener);
		while (children && reap(&status, children < CHILDREN_MAX ?
						 WNOHANG : 0))
			children--;
		child = fork();
		if (child < 0)
			fail("cannot fork: %s", strerror(errno));
		if (!child) {
			close(listener);
			serve_one(site, fd);
		}
		children++;
		close(fd);
	}
	while (children && reap(&status, 0))
		children--;
	return status;
}

static void command_serve(char **args, const struct options *options)
{
	static struct site site;
	struct writer to = {
		.bytes = site.certificate, .room = sizeof(site.certificate),
	};
	EVP_PKEY *public;

	site.options = options;
	site.key = number(args[1], "key", 1, INT32_MAX);
	site.file = not_empty(args[2], "name of the file");
	if (access(site.file, R_OK))
		fail("cannot read %s: %s", site.file, strerror(errno));
	public = certificate_load(not_empty(args[0], "name of the certificate"),
				  &to);
	site.size = to.size;
	check_pair(&site, public);
	EVP_PKEY_free(public);
	session_with(site.key, options->keyring);
	if (options->tickets)
		site.tickets = key_new_ring("keyed-tls tickets");
	exit(serve_all(&site, listen_at(options->port)));
}

/* --- arguments ------------------------------------------------------------ */

enum {
	OPTION_SUITE = 1, OPTION_GROUP, OPTION_UPDATE, OPTION_KEYRING, OPTION_TIMEOUT,
	OPTION_KTLS, OPTION_VERBOSE, OPTION_CA, OPTION_CONNECT, OPTION_RESUME, OPTION_PORT,
	OPTION_COUNT, OPTION_ONCE, OPTION_NO_TICKETS,
};

#define BOTH \
	{ "ciphersuite", required_argument, NULL, OPTION_SUITE }, \
	{ "group", required_argument, NULL, OPTION_GROUP }, \
	{ "key-update", required_argument, NULL, OPTION_UPDATE }, \
	{ "keyring", required_argument, NULL, OPTION_KEYRING }, \
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT }, \
	{ "ktls", no_argument, NULL, OPTION_KTLS }, \
	{ "verbose", no_argument, NULL, OPTION_VERBOSE }

static const struct option get_options[] = {
	BOTH,
	{ "ca", required_argument, NULL, OPTION_CA },
	{ "connect", required_argument, NULL, OPTION_CONNECT },
	{ "resume", required_argument, NULL, OPTION_RESUME },
	{ 0 }
};

static const struct option serve_options[] = {
	BOTH,
	{ "port", required_argument, NULL, OPTION_PORT },
	{ "count", required_argument, NULL, OPTION_COUNT },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "no-tickets", no_argument, NULL, OPTION_NO_TICKETS },
	{ 0 }
};

/*
 * struct command - one of the commands
 * @name:	first argument
 * @options:	for getopt_long()
 * @args:	arguments after the options
 */
static const struct command {
	const char *name;
	const struct option *options;
	int args;
	void (*run)(char **args, const struct options *options);
} commands[] = {
	{ "get", get_options, 1, command_get },
	{ "serve", serve_options, 3, command_serve },
};

static int32_t keyring_that_lasts(const char *text)
{
	int32_t keyring = keyring_of(text);

	return keyring == KEY_SPEC_SESSION_KEYRING ? lasting_session() :
						     keyring;
}

static void take_own_option(int option, struct options *options)
{
	switch (option) {
	case OPTION_CA:
		options->ca = not_empty(optarg, "name of a file");
		break;
	case OPTION_CONNECT:
		options->connect = not_empty(optarg, "address");
		break;
	case OPTION_RESUME:
		options->resume = keyring_that_lasts(optarg);
		break;
	case OPTION_PORT:
		options->port = number(optarg, "port", 0, UINT16_MAX);
		break;
	case OPTION_COUNT:
		options->count = number(optarg, "count", 1, INT32_MAX);
		break;
	case OPTION_ONCE:
		options->count = 1;
		break;
	case OPTION_NO_TICKETS:
		options->tickets = false;
		break;
	default:
		usage();
	}
}

static void take_option(int option, struct options *options)
{
	switch (option) {
	case OPTION_SUITE:
		options->suite = suite_of_option(optarg);
		if (!options->suite)
			misuse("%s is no cipher suite", optarg);
		break;
	case OPTION_GROUP:
		options->group = group_of_option(optarg);
		if (!options->group)
			misuse("%s is no group", optarg);
		break;
	case OPTION_UPDATE:
		options->every = number(optarg, "number of records", 1,
					RECORDS_MAX);
		break;
	case OPTION_KEYRING:
		options->keyring = keyring_that_lasts(optarg);
		break;
	case OPTION_TIMEOUT:
		options->timeout = number(optarg, "number of seconds", 1, 3600);
		break;
	case OPTION_KTLS:
		options->ktls = true;
		break;
	case OPTION_VERBOSE:
		options->verbose = true;
		break;
	default:
		take_own_option(option, options);
	}
}

static void run(const struct command *command, int argc, char **argv)
{
	struct options options = {
		.every = RECORDS_MAX,
		.keyring = KEY_SPEC_PROCESS_KEYRING,
		.timeout = TIMEOUT_S,
		.port = 4433,
		.tickets = true,
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", command->options,
				     NULL)) != -1)
		take_option(option, &options);
	if (argc - optind != command->args)
		usage();
	if (options.ktls && options.every != RECORDS_MAX)
		misuse("a socket never takes new keys: --ktls or --key-update, not both");
	command->run(argv + optind, &options);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			run(&commands[i], argc - 1, argv + 1);
			return EXIT_SUCCESS;
		}
	}
	usage();
}
