// SPDX-License-Identifier: GPL-2.0-only
/*
 * disk-key - disks whose key nobody has ever seen
 *
 * The key of a volume is derived from a parent in the kernel, stored as only the
 * kernel can open it, and given to dm-crypt by name.  See disk-key(8).
 */
#include <getopt.h>

#include "command.h"
#include "say.h"

static void __attribute__((noreturn)) usage(int status)
{
	fputs("usage: disk-key format -p PARENT [-l LABEL] [-c CIPHER] [-s SIZE] [--force] DEVICE\n"
	      "       disk-key open [-p PARENT] DEVICE NAME\n"
	      "       disk-key close NAME\n"
	      "       disk-key suspend NAME\n"
	      "       disk-key resume [-p PARENT] NAME\n"
	      "       disk-key revoke NAME\n"
	      "       disk-key status NAME|DEVICE\n"
	      "       disk-key add-parent [-p PARENT] DEVICE NEW-PARENT\n"
	      "       disk-key remove-parent [-p PARENT] [--force] DEVICE NUMBER\n"
	      "       disk-key rotate [-p PARENT] [-l LABEL] DEVICE\n",
	      status ? stderr : stdout);
	exit(status);
}

/*
 * struct command - one of the commands
 * @name:	first argument
 * @options:	the short names of its options
 * @args:	arguments after the options
 */
static const struct command {
	const char *name;
	const char *options;
	int args;
	void (*run)(char **args, const struct options *options);
} commands[] = {
	{ "format", "+p:l:c:s:f", 1, command_format },
	{ "open", "+p:", 2, command_open },
	{ "close", "+", 1, command_close },
	{ "suspend", "+", 1, command_suspend },
	{ "resume", "+p:", 1, command_resume },
	{ "revoke", "+", 1, command_revoke },
	{ "status", "+", 1, command_status },
	{ "add-parent", "+p:", 2, command_add_parent },
	{ "remove-parent", "+p:f", 2, command_remove_parent },
	{ "rotate", "+p:l:", 1, command_rotate },
};

static const struct option long_options[] = {
	{ "parent", required_argument, NULL, 'p' },
	{ "label", required_argument, NULL, 'l' },
	{ "cipher", required_argument, NULL, 'c' },
	{ "key-size", required_argument, NULL, 's' },
	{ "force", no_argument, NULL, 'f' },
	{ 0 }
};

static void take_option(int option, struct options *options)
{
	switch (option) {
	case 'p':
		options->parent = optarg;
		break;
	case 'l':
		options->label = optarg;
		break;
	case 'c':
		options->cipher = optarg;
		break;
	case 's':
		options->key_size = optarg;
		break;
	case 'f':
		options->force = true;
		break;
	default:
		usage(EXIT_USAGE);
	}
}

static void run(const struct command *command, int argc, char **argv)
{
	struct options options = {
		.cipher = "aes-xts-plain64",
	};
	int option, err;

	while ((option = getopt_long(argc, argv, command->options, long_options,
				     NULL)) != -1) {
		/* A long name is known to all commands, and not taken by all. */
		if (option != '?' && !strchr(command->options, option))
			usage(EXIT_USAGE);
		take_option(option, &options);
	}
	if (argc - optind != command->args)
		usage(EXIT_USAGE);
	map_begin();
	err = keys_begin();
	if (err)
		fail("cannot use the user's keyring: %s", strerror(-err));
	command->run(argv + optind, &options);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0) {
			run(&commands[i], argc - 1, argv + 1);
			if (fflush(stdout) || ferror(stdout))
				fail("cannot write the answer");
			return EXIT_SUCCESS;
		}
	}
	usage(tool_is_asked_for_help(argc, argv) ? EXIT_SUCCESS : EXIT_USAGE);
}
