// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random rule files, which request-keyd's own parser and Debian's
 * request-key(8) read: both have to choose the same rule and to make the same
 * arguments.
 *
 * Cases in which request-keyd differs according to its manual are left out.
 */
#include "../kselftest.h"
#include "../kselftest_harness.h"

#include "dice.h"
#include "keyd.h"

#include "config.h"
#include "expand.h"
#include "limits.h"
#include "rule.h"

#define ORACLE		"/sbin/request-key"
#define FOLDERS		10
#define REQUESTS	3
#define LIMIT_SECONDS	60
#define RULES_MAX	12
#define CHOICE_MAX	4096

static const char *pick(const char * const *list, size_t count)
{
	return list[dice(count)];
}

/* Picks one of an array of texts. */
#define PICK(list)	pick(list, ARRAY_SIZE(list))

static const char * const types[] = { "user", "user", "us*", "*", "other" };

static const char * const descriptions[] = {
	"*", "a*", "ab*", "abc", "*c", "*bc", "*", "x:*", "a:b", "**", "*b*",
};

static const char * const callouts[] = { "*", "*", "co", "c*", "*o", "x" };
static const char * const programs[] = {
	"/bin/one", "|/bin/two", "/usr/bin/three", "|/bin/cat",
};

static const char * const arguments[] = {
	"%k", "%d", "%c", "%u", "%g", "%t", "%o", "%T", "%P", "%S", "%%",
	"%%k", "%H:%M", "%kx", "x%k", "plain", "-f", "*", "a=b",
};

static const char * const gaps[] = { " ", "\t", "  ", "\t ", " \v", "\f" };
static const char * const endings[] = { "\n", "\n", "\r\n", "\v\n", "\t\r\n" };

/* Lines that are no rule for any request of this test. */
static const char * const oddities[] = {
	"", "# create user * * /bin/comment", " create user * * /bin/indented",
	"\tcreate user abc co /bin/indented", "   ", "\t# comment",
	"create other abc", "create other abc co", "create other * * bin/relative",
	"create other * * /bin/macro %x", "create other * * /bin/macro %",
	"create other * * /bin/content %{user", "update user * * /bin/update",
	"Create user abc co /bin/large", "#",
};

static size_t add(char *text, size_t len, const char *more)
{
	size_t n = strlen(more);

	memcpy(text + len, more, n);
	return len + n;
}

static size_t add_rule(char *text, size_t len)
{
	len = add(text, len, dice(8) ? "create" : "*");
	len = add(text, len, PICK(gaps));
	len = add(text, len, PICK(types));
	len = add(text, len, PICK(gaps));
	len = add(text, len, PICK(descriptions));
	len = add(text, len, PICK(gaps));
	len = add(text, len, PICK(callouts));
	len = add(text, len, PICK(gaps));
	len = add(text, len, PICK(programs));
	for (int n = dice(5); n; n--) {
		len = add(text, len, PICK(gaps));
		len = add(text, len, PICK(arguments));
	}
	return add(text, len, PICK(endings));
}

static bool write_file(const struct keyd_folder *etc, const char *name)
{
	char text[RULES_MAX * 512];
	size_t len = 0;

	for (int n = dice(RULES_MAX); n; n--) {
		if (dice(3)) {
			len = add_rule(text, len);
			continue;
		}
		len = add(text, len, PICK(oddities));
		len = add(text, len, PICK(endings));
	}
	return keyd_write_bytes(etc, name, text, len);
}

/*
 * struct choice - the rule for a request
 * @text: file, line and arguments, one in each line; or "none"
 */
struct choice {
	char text[CHOICE_MAX];
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void choose(const struct config *config, const struct request *request,
		   struct choice *choice)
{
	const struct rule *rule = config ?
		config_match(config, OP_CREATE, request) : NULL;
	size_t len;
	char **argv;

	snprintf(choice->text, sizeof(choice->text), "none\n");
	if (!rule || expand_dry(rule, OP_CREATE, request, &argv))
		return;
	len = snprintf(choice->text, sizeof(choice->text), "%s:%u\n%s%s\n",
		       base_of(rule->file), rule->line,
		       rule->pipe ? "PipeThru " : "Run ", rule->program);
	for (char **arg = argv; *arg; arg++)
		len += snprintf(choice->text + len, sizeof(choice->text) - len,
				"%s\n", *arg);
	expand_free(argv);
}

/* Gets the same lines from the output of request-key(8). */
static void read_choice(FILE *output, struct choice *choice)
{
	char line[1024], place[128] = "", rest[CHOICE_MAX] = "";
	size_t len = 0;

	while (fgets(line, sizeof(line), output)) {
		char *mark = strstr(line, ": Prefer command");
		char *value = strstr(line, "] = \"");

		if (mark)
			snprintf(place, sizeof(place), "%.*s\n",
				 (int)(mark - line), line);
		else if (!strncmp(line, "Run ", 4) ||
			 !strncmp(line, "PipeThru ", 9))
			len += snprintf(rest + len, sizeof(rest) - len, "%s",
					line);
		else if (!strncmp(line, "- argv[", 7) && value)
			len += snprintf(rest + len, sizeof(rest) - len,
					"%.*s\n", (int)strlen(value) - 7,
					value + 5);
	}
	snprintf(choice->text, sizeof(choice->text), "%s%s",
		 len ? place : "none\n", rest);
}

static bool ask_oracle(const struct keyd_folder *etc,
		       const struct request *request, struct choice *choice)
{
	char key[256];
	int ends[2];
	FILE *output;
	pid_t pid;

	snprintf(key, sizeof(key), "%s;1000;1001;3f0000;%s", request->type,
		 request->description);
	if (pipe(ends))
		return false;
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		if (!chdir(etc->path))
			execl(ORACLE, "request-key", "-d", "-l", "-n", "-v",
			      "-v", "-D", key, OP_CREATE, "77", "1000", "1001",
			      "11", "12", "13", request->callout, NULL);
		_exit(127);
	}
	close(ends[1]);
	output = fdopen(ends[0], "re");
	if (pid < 0 || !output)
		return false;
	read_choice(output, choice);
	fclose(output);
	return waitpid(pid, NULL, 0) == pid;
}

/* Messages about faults in the files are dropped. */
static struct config *load(const struct keyd_folder *etc)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	struct config *config;

	dup2(null, STDERR_FILENO);
	config = config_load(etc->path, false);
	dup2(kept, STDERR_FILENO);
	close(null);
	close(kept);
	return config;
}

static const char * const asked[] = {
	"abc", "ab", "a:b", "x:y", "xbc", "b*", "zz", "c", "a",
};

static const char * const callout_words[] = { "co", "c", "x", "", "no" };

FIXTURE(as_debian)
{
	struct keyd_folder etc;
	int some;
	int none;
};

FIXTURE_VARIANT(as_debian)
{
	uint32_t seed;
};

/* The test makes a hundred folders in all. */
FIXTURE_VARIANT_ADD(as_debian, seed_1)
{
	.seed = 7919,
};

FIXTURE_VARIANT_ADD(as_debian, seed_2)
{
	.seed = 15838,
};

FIXTURE_VARIANT_ADD(as_debian, seed_3)
{
	.seed = 23757,
};

FIXTURE_VARIANT_ADD(as_debian, seed_4)
{
	.seed = 31676,
};

FIXTURE_VARIANT_ADD(as_debian, seed_5)
{
	.seed = 39595,
};

FIXTURE_VARIANT_ADD(as_debian, seed_6)
{
	.seed = 47514,
};

FIXTURE_VARIANT_ADD(as_debian, seed_7)
{
	.seed = 55433,
};

FIXTURE_VARIANT_ADD(as_debian, seed_8)
{
	.seed = 63352,
};

FIXTURE_VARIANT_ADD(as_debian, seed_9)
{
	.seed = 71271,
};

FIXTURE_VARIANT_ADD(as_debian, seed_10)
{
	.seed = 79190,
};

/* Entries that all folders have: names that are no rule files. */
FIXTURE_SETUP(as_debian)
{
	char path[128];

	if (access(ORACLE, X_OK))
		SKIP(return, "needs Debian's package keyutils");
	dice_state = variant->seed;
	ASSERT_TRUE(keyd_make_folder(&self->etc));
	keyd_file_path(&self->etc, "request-key.d/dangling.conf", path,
		       sizeof(path));
	ASSERT_EQ(0, symlink("/nonesuch", path));
	keyd_file_path(&self->etc, "request-key.d/folder.conf", path,
		       sizeof(path));
	ASSERT_EQ(0, mkdir(path, 0755));
	ASSERT_TRUE(keyd_write(&self->etc, "request-key.d/backup.conf~",
			       "create user abc co /bin/backup\n"));
}

FIXTURE_TEARDOWN(as_debian)
{
	keyd_remove_folder(&self->etc);
}

/* Shows: KD-10. */
TEST_F_TIMEOUT(as_debian, chooses_the_same, LIMIT_SECONDS)
{
	for (int i = 0; i < FOLDERS * REQUESTS; i++) {
		struct choice ours = { "" }, theirs = { "" };
		const char *description = PICK(asked);
		const char *callout = PICK(callout_words);
		const struct request request = {
			.key = 77, .type = dice(4) ? "user" : "useful",
			.description = description, .callout = callout,
			.callout_len = strlen(callout), .uid = 1000,
			.gid = 1001, .thread = 11, .process = 12, .session = 13,
		};
		struct config *config;

		if (i % REQUESTS == 0) {
			ASSERT_TRUE(write_file(&self->etc,
					       "request-key.d/further.conf"));
			ASSERT_TRUE(write_file(&self->etc, "request-key.conf"));
		}
		config = load(&self->etc);
		choose(config, &request, &ours);
		if (config)
			config_put(config);
		ASSERT_TRUE(ask_oracle(&self->etc, &request, &theirs));
		ASSERT_STREQ(theirs.text, ours.text) {
			TH_LOG("folder %d, %s %s %s", i / REQUESTS,
			       request.type, description, callout);
		}
		if (strcmp(ours.text, "none\n"))
			self->some++;
		else
			self->none++;
	}
	/* Both results, a rule and no rule, must have occurred. */
	EXPECT_LT(FOLDERS * REQUESTS / 8, self->some);
	EXPECT_LT(FOLDERS * REQUESTS / 8, self->none);
}

TEST_HARNESS_MAIN
