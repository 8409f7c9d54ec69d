// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules of request-key.conf(5) as request-keyd reads them.  The test links
 * the daemon's own files, and runs on any kernel.
 */
#include "../kselftest.h"
#include "../kselftest_harness.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "keyd.h"
#include "keys.h"

#include "config.h"
#include "expand.h"
#include "limits.h"
#include "log.h"
#include "policy.h"

FIXTURE(rules)
{
	struct keyd_folder etc;
	struct config *config;
};

FIXTURE_SETUP(rules)
{
	ASSERT_TRUE(keyd_make_folder(&self->etc));
}

FIXTURE_TEARDOWN(rules)
{
	if (self->config)
		config_put(self->config);
	keyd_remove_folder(&self->etc);
}

/* Loads the rules; messages go to etc->log. */
static struct config *load_as(struct keyd_folder *etc, bool strict)
{
	int kept = dup(STDERR_FILENO), log = memfd_create("log", MFD_CLOEXEC);
	struct config *config;
	ssize_t len;

	dup2(log, STDERR_FILENO);
	config = config_load(etc->path, strict);
	dup2(kept, STDERR_FILENO);
	len = pread(log, etc->log, sizeof(etc->log) - 1, 0);
	etc->log[len > 0 ? len : 0] = '\0';
	close(log);
	close(kept);
	return config;
}

static struct config *load(struct keyd_folder *etc)
{
	return load_as(etc, false);
}

static struct config *load_text(struct keyd_folder *etc, const char *text)
{
	return keyd_write(etc, "request-key.conf", text) ? load(etc) : NULL;
}

static struct config *load_text_strictly(struct keyd_folder *etc,
					 const char *text)
{
	return keyd_write(etc, "request-key.conf", text) ?
	       load_as(etc, true) : NULL;
}

static struct request request_of(const char *type, const char *description,
				 const char *callout)
{
	return (struct request){
		.key = 77, .type = type, .description = description,
		.callout = callout, .callout_len = strlen(callout),
		.uid = 1000, .gid = 1001,
		.thread = 11, .process = 12, .session = 13,
	};
}

/* Returns the last part of the path of a request's handler, or "none". */
static const char *handler(const struct config *config, const char *op,
			   const char *type, const char *description,
			   const char *callout)
{
	struct request request = request_of(type, description, callout);
	const struct rule *rule = config_match(config, op, &request);

	return rule ? strrchr(rule->program, '/') + 1 : "none";
}

#define EXPECT_HANDLER(name, type, description, callout) \
	EXPECT_STREQ(name, handler(self->config, "create", type, \
				   description, callout))

/* Shows: KD-2, KD-3. */
TEST_F(rules, fields)
{
	const struct rule *rule;

	self->config = load_text(&self->etc,
				 "# a comment\n"
				 "\n"
				 "\t\n"
				 "# another\n"
				 "create user a:* *\t /bin/one %k  x%k %%k\n"
				 "create\tuser\tb\tc\t|/bin/two\n");
	ASSERT_NE(NULL, self->config);
	ASSERT_EQ(2U, self->config->count);

	rule = &self->config->rules[0];
	EXPECT_STREQ("/bin/one", rule->program);
	EXPECT_FALSE(rule->pipe);
	ASSERT_EQ(3U, rule->arg_count);
	EXPECT_STREQ("%k", rule->args[0]);
	EXPECT_STREQ("x%k", rule->args[1]);
	EXPECT_STREQ("%%k", rule->args[2]);
	EXPECT_EQ(5U, rule->line);
	EXPECT_NE(NULL, strstr(rule->file, "/request-key.conf"));

	rule = &self->config->rules[1];
	EXPECT_STREQ("/bin/two", rule->program);
	EXPECT_TRUE(rule->pipe);
	EXPECT_EQ(0U, rule->arg_count);
}

/* Shows: KD-3. */
TEST_F(rules, last_line_without_end)
{
	self->config = load_text(&self->etc, "create user a * /bin/one");
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("one", "user", "a", "");
}

/* Shows: KD-3. */
TEST_F(rules, wildcards)
{
	self->config = load_text(&self->etc,
				 "create user head:* * /bin/head\n"
				 "create user *:tail * /bin/tail\n"
				 "create user in*side * /bin/inside\n"
				 "create t*e aa* x /bin/type\n"
				 "create user exact * /bin/exact\n"
				 "create * only * /bin/only\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("head", "user", "head:", "");
	EXPECT_HANDLER("head", "user", "head:x", "");
	EXPECT_HANDLER("none", "user", "head", "");
	EXPECT_HANDLER("none", "user", "xhead:x", "");
	EXPECT_HANDLER("tail", "user", "x:tail", "");
	EXPECT_HANDLER("none", "user", "x:tails", "");
	EXPECT_HANDLER("inside", "user", "inside", "");
	EXPECT_HANDLER("inside", "user", "in the side", "");
	EXPECT_HANDLER("none", "user", "inide", "");
	EXPECT_HANDLER("type", "type", "aab", "x");
	EXPECT_HANDLER("none", "type", "aab", "xx");
	EXPECT_HANDLER("exact", "user", "exact", "anything");
	EXPECT_HANDLER("none", "user", "exactly", "");
	EXPECT_HANDLER("only", "logon", "only", "");
	EXPECT_HANDLER("none", "logon", "exact", "");
}

/* Shows: KD-3. The two ends of a pattern must not share bytes of the text. */
TEST_F(rules, wildcard_ends_do_not_overlap)
{
	self->config = load_text(&self->etc, "create user aba*aba * /bin/x\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("none", "user", "aba", "");
	EXPECT_HANDLER("none", "user", "ababa", "");
	EXPECT_HANDLER("x", "user", "abaaba", "");
}

/* Shows: KD-4. */
TEST_F(rules, shortest_skip_wins)
{
	self->config = load_text(&self->etc,
				 "create * * * /bin/any\n"
				 "create user * * /bin/user\n"
				 "create user a* * /bin/a\n"
				 "create user a:b* * /bin/ab\n"
				 "create user *c * /bin/c\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("any", "logon", "a:b", "");
	EXPECT_HANDLER("user", "user", "x", "");
	EXPECT_HANDLER("a", "user", "ax", "");
	EXPECT_HANDLER("ab", "user", "a:bc", "");
	EXPECT_HANDLER("a", "user", "axc", "");
}

/*
 * Shows: KD-4. The match of the type counts more than that of the description,
 * which counts more than that of the callout data.
 */
TEST_F(rules, columns_from_left)
{
	self->config = load_text(&self->etc,
				 "create * some this /bin/right\n"
				 "create user * * /bin/left\n"
				 "create user s* this /bin/middle\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("middle", "user", "some", "this");
	EXPECT_HANDLER("left", "user", "x", "this");
	EXPECT_HANDLER("right", "logon", "some", "this");
}

/* Shows: KD-4. */
TEST_F(rules, first_of_equals)
{
	self->config = load_text(&self->etc,
				 "create user a* * /bin/first\n"
				 "create user a* * /bin/second\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("first", "user", "ab", "");
}

/* Shows: KD-3. */
TEST_F(rules, operations)
{
	self->config = load_text(&self->etc,
				 "update user * * /bin/update\n"
				 "negate * * * /bin/negate\n"
				 "create user a * /bin/create\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("create", "user", "a", "");
	EXPECT_HANDLER("none", "user", "b", "");
	EXPECT_STREQ("negate", handler(self->config, "negate", "user", "a", ""));
}

/*
 * Shows: KD-1. Files of the folder by name, hidden and other ones not, then
 * the main one.
 */
TEST_F(rules, order_of_files)
{
	ASSERT_TRUE(keyd_write(&self->etc, "request-key.conf",
			       "create user a * /bin/main\n"
			       "create user b * /bin/main\n"
			       "create user c * /bin/main\n"));
	ASSERT_TRUE(keyd_write(&self->etc, "request-key.d/20.conf",
			       "create user a * /bin/twenty\n"
			       "create user b * /bin/twenty\n"));
	ASSERT_TRUE(keyd_write(&self->etc, "request-key.d/10.conf",
			       "create user a * /bin/ten\n"));
	ASSERT_TRUE(keyd_write(&self->etc, "request-key.d/.00.conf",
			       "create user a * /bin/hidden\n"));
	ASSERT_TRUE(keyd_write(&self->etc, "request-key.d/00.conf~",
			       "create user a * /bin/backup\n"));
	self->config = load(&self->etc);
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("ten", "user", "a", "");
	EXPECT_HANDLER("twenty", "user", "b", "");
	EXPECT_HANDLER("main", "user", "c", "");
}

/* Shows: KD-1. */
TEST_F(rules, main_file_may_lack)
{
	ASSERT_TRUE(keyd_write(&self->etc, "request-key.d/a.conf",
			       "create user a * /bin/one\n"));
	self->config = load(&self->etc);
	EXPECT_NE(NULL, self->config);
}

/* Shows: KD-1. */
TEST_F(rules, folder_may_lack)
{
	char path[128];

	keyd_file_path(&self->etc, "request-key.d", path, sizeof(path));
	ASSERT_EQ(0, rmdir(path));
	self->config = load_text(&self->etc, "create user a * /bin/one\n");
	EXPECT_NE(NULL, self->config);
}

/* Shows: KD-7. */
TEST_F(rules, no_rules)
{
	EXPECT_EQ(NULL, load(&self->etc));
	EXPECT_NE(NULL, strstr(self->etc.log, "no rules"));
}

/* Shows: KD-7. A FIFO instead of a file must not block the reader. */
TEST_F(rules, no_file)
{
	char path[128];

	keyd_file_path(&self->etc, "request-key.conf", path, sizeof(path));
	ASSERT_EQ(0, mkfifo(path, 0644));
	EXPECT_EQ(NULL, load(&self->etc));
	EXPECT_NE(NULL, strstr(self->etc.log,
			       "request-key.conf: not a regular file"));
}

/* Shows: KD-4. Debian's rules, as installed on this machine. */
TEST_F(rules, of_this_machine)
{
	if (access("/etc/request-key.conf", R_OK))
		SKIP(return, "needs Debian's package keyutils");
	keyd_use(&self->etc, "/etc");
	self->config = load(&self->etc);
	/* A folder that the teardown does not remove. */
	keyd_use(&self->etc, "/nonesuch");
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("key.dns_resolver", "dns_resolver", "a.b", "");
	EXPECT_HANDLER("keyctl", "user", "debug:x", "negate");
	EXPECT_HANDLER("keyctl", "user", "debug:x", "expired");
	EXPECT_HANDLER("cat", "user", "debug:loop:x", "negate");
	EXPECT_HANDLER("request-key-debug.sh", "user", "debug:x", "spoon");
	EXPECT_HANDLER("none", "user", "other", "spoon");
	EXPECT_STREQ("keyctl", handler(self->config, "negate", "user", "x", ""));
}

static const struct {
	const char *line;
	const char *said;
	/*
	 * Such a rule is accepted for this description, but not with --strict.
	 */
	const char *taken;
} faults[] = {
	{ "create user a /bin/one", "fewer than five fields" },
	{ "create", "fewer than five fields" },
	{ "create user *b* * /bin/one", "more than one *", "ab*" },
	{ "create user a * bin/one", "no full path" },
	{ "create user a * |cat", "no full path" },
	{ "create user a * | /bin/cat", "no full path" },
	{ "create user a * /bin/", "is a folder" },
	{ "create user a * /bin/one %x", "no such macro" },
	{ "create user a * /bin/one %", "no such macro" },
	{ "create user a * /bin/one %kx", "has to be the whole", "a" },
	{ "create user a * /bin/one %H:%M", "no such macro", "a" },
	{ "create user a * /bin/one %{user:a", "%{ without }" },
	{ "create user a * /bin/one %{", "%{ without }" },
	{ "create user a * /bin/one %{user}", "does not name" },
	{ "create user a * /bin/one %{:a}", "does not name" },
	{ "create user a * /bin/one %{user:}", "does not name" },
	{ "create user a * /bin/one \x01", "control character" },
	{ "create user a * /bin/one\r", "control character", "a" },
};

/* Shows: KD-8. Each fault is logged with file and line, and no rule is used. */
TEST_F(rules, faults_strictly)
{
	char text[512];

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		snprintf(text, sizeof(text),
			 "create user good * /bin/good\n%s\n",
			 faults[i].line);
		EXPECT_EQ(NULL, load_text_strictly(&self->etc, text));
		EXPECT_NE(NULL, strstr(self->etc.log, "/request-key.conf:2: "));
		EXPECT_NE(NULL, strstr(self->etc.log, faults[i].said)) {
			TH_LOG("%s: %s", faults[i].line, self->etc.log);
		}
	}
}

static unsigned int lines_of(const char *text)
{
	unsigned int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* Shows: KD-7. A rule with a fault is not used, and one line is logged. */
TEST_F(rules, faults)
{
	char text[512];

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (faults[i].taken)
			continue;
		snprintf(text, sizeof(text),
			 "create user good * /bin/good\n%s\n"
			 "create user better * /bin/better\n",
			 faults[i].line);
		self->config = load_text(&self->etc, text);
		ASSERT_NE(NULL, self->config);
		EXPECT_EQ(2U, self->config->count);
		EXPECT_EQ(1U, lines_of(self->etc.log));
		EXPECT_NE(NULL, strstr(self->etc.log, "/request-key.conf:2: "));
		EXPECT_NE(NULL, strstr(self->etc.log, faults[i].said));
		EXPECT_HANDLER("good", "user", "good", "");
		EXPECT_HANDLER("better", "user", "better", "");
		config_put(self->config);
		self->config = NULL;
	}
}

/*
 * Shows: KD-2, KD-3, KD-5. A line that request-key(8) accepts as a rule is
 * accepted without a message.
 */
TEST_F(rules, as_request_key_takes_them)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!faults[i].taken)
			continue;
		self->config = load_text(&self->etc, faults[i].line);
		ASSERT_NE(NULL, self->config);
		EXPECT_EQ(1U, self->config->count);
		EXPECT_STREQ("", self->etc.log);
		EXPECT_HANDLER("one", "user", faults[i].taken, "");
		config_put(self->config);
		self->config = NULL;
	}
}

static const struct {
	const char *line;
	const char *said;
} option_faults[] = {
	{ "#:", "no options" },
	{ "#: user", "an option without =" },
	{ "#: user=nonesuch", "no such user" },
	{ "#: timeout=0", "no such number" },
	{ "#: timeout=-1", "no such number" },
	{ "#: timeout=3601", "no such number" },
	{ "#: timeout=1x", "no such number" },
	{ "#: jobs=", "no such number" },
	{ "#: jobs=2 what=1", "no such option" },
	{ "#: lifetime=1", "lifetime for a rule without |" },
};

/*
 * Shows: KD-49. A rule with a fault in its options is not used: it must not run
 * without its options.
 */
TEST_F(rules, option_faults)
{
	char text[512];

	for (size_t i = 0; i < ARRAY_SIZE(option_faults); i++) {
		snprintf(text, sizeof(text),
			 "create user good * /bin/good\n%s\n"
			 "create user bad * /bin/bad\n"
			 "create user better * /bin/better\n",
			 option_faults[i].line);
		self->config = load_text(&self->etc, text);
		ASSERT_NE(NULL, self->config);
		EXPECT_EQ(1U, lines_of(self->etc.log));
		EXPECT_NE(NULL, strstr(self->etc.log, "/request-key.conf:2: "));
		EXPECT_NE(NULL, strstr(self->etc.log, option_faults[i].said));
		EXPECT_HANDLER("none", "user", "bad", "");
		EXPECT_HANDLER("better", "user", "better", "");
		config_put(self->config);
		self->config = NULL;
	}
	self->config = load_text(&self->etc, "create user a * /bin/one\n#: jobs=1\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_NE(NULL, strstr(self->etc.log, ":2: options without a rule"));
}

static const struct {
	const char *options;
	const char *said;
	unsigned int lines;
} options_twice[] = {
	{ "#: user=nobody\n#: timeout=5\n", ":2: a second line of options", 1 },
	{ "#: user=nonesuch\n#: timeout=5\n", ":1: no such user", 2 },
	{ "#: user=nobody\n# comment\n\n#: user=nobody\n", ":4: a second line of options", 1 },
};

/* Shows: KD-8, KD-49. A second line would put the user of the first one aside. */
TEST_F(rules, options_twice)
{
	char text[512];

	for (size_t i = 0; i < ARRAY_SIZE(options_twice); i++) {
		snprintf(text, sizeof(text),
			 "%screate user bad * /bin/bad\n"
			 "create user better * /bin/better\n",
			 options_twice[i].options);
		self->config = load_text(&self->etc, text);
		ASSERT_NE(NULL, self->config);
		EXPECT_EQ(options_twice[i].lines, lines_of(self->etc.log));
		EXPECT_NE(NULL, strstr(self->etc.log, options_twice[i].said));
		EXPECT_HANDLER("none", "user", "bad", "");
		EXPECT_HANDLER("better", "user", "better", "");
		EXPECT_EQ(options_twice[i].lines, self->config->faults);
		config_put(self->config);
		self->config = NULL;
		EXPECT_EQ(NULL, load_text_strictly(&self->etc, text));
	}
}

/* Shows: KD-49. Options apply only to the next rule. */
TEST_F(rules, options)
{
	self->config = load_text(&self->etc,
				 "#: user=root timeout=7 lifetime=8 jobs=9\r\n"
				 "# comment\n"
				 "create user a * |/bin/one\n"
				 "create user b * /bin/two\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_STREQ("", self->etc.log);
	ASSERT_EQ(2U, self->config->count);
	EXPECT_EQ(7U, self->config->rules[0].options.seconds);
	EXPECT_EQ(8U, self->config->rules[0].options.lifetime);
	EXPECT_EQ(9U, self->config->rules[0].options.jobs);
	EXPECT_TRUE(self->config->rules[0].options.as_user);
	EXPECT_EQ(0U, self->config->rules[1].options.seconds);
	EXPECT_FALSE(self->config->rules[1].options.as_user);
}

/* Shows: KD-2, KD-8. A line that begins with white space is no rule. */
TEST_F(rules, indented)
{
	static const char text[] = "create user good * /bin/good\n"
				   " create user a * /bin/one\n"
				   "\tcreate user a * /bin/two\n";

	self->config = load_text(&self->etc, text);
	ASSERT_NE(NULL, self->config);
	EXPECT_EQ(1U, self->config->count);
	EXPECT_NE(NULL, strstr(self->etc.log, ":2: not a rule"));
	EXPECT_NE(NULL, strstr(self->etc.log, ":3: not a rule"));
	config_put(self->config);
	self->config = load_text_strictly(&self->etc, text);
	ASSERT_NE(NULL, self->config);
	EXPECT_EQ(3U, self->config->count);
}

/*
 * Shows: KD-7, KD-8. An entry that is no regular file gets one log line, and
 * --strict refuses it.
 */
TEST_F(rules, files_that_are_none)
{
	char path[128];

	keyd_file_path(&self->etc, "request-key.d/dangling.conf", path,
		       sizeof(path));
	ASSERT_EQ(0, symlink("/nonesuch", path));
	keyd_file_path(&self->etc, "request-key.d/folder.conf", path,
		       sizeof(path));
	ASSERT_EQ(0, mkdir(path, 0755));
	self->config = load_text(&self->etc, "create user a * /bin/one\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_EQ(2U, lines_of(self->etc.log));
	EXPECT_NE(NULL, strstr(self->etc.log, "dangling.conf: No such file"));
	EXPECT_NE(NULL, strstr(self->etc.log, "folder.conf: not a regular file"));
	EXPECT_HANDLER("one", "user", "a", "");
	EXPECT_EQ(NULL, load_as(&self->etc, true));
}

/*
 * Shows: KD-7. A folder whose rules cannot be read for lack of memory or
 * descriptors does not count as empty.
 */
TEST_F(rules, shortage)
{
	struct rlimit none, old;

	ASSERT_TRUE(keyd_write(&self->etc, "request-key.d/a.conf",
			       "create user a * /bin/a\n"));
	ASSERT_TRUE(keyd_write(&self->etc, "request-key.conf",
			       "create user a * /bin/one\n"));
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	none = old;
	none.rlim_cur = 0;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(NULL, config_load(self->etc.path, false));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	self->config = load(&self->etc);
	EXPECT_NE(NULL, self->config);
}

/*
 * Shows: KD-7, KD-49. The last descriptor is the one for the rules, so that none is left
 * to look for the user: the rule does not count as one with a fault, whose requests
 * another rule would get.
 */
TEST_F(rules, shortage_for_user)
{
	int last = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct rlimit few, old;

	ASSERT_TRUE(keyd_write(&self->etc, "request-key.conf",
			       "#: user=nobody\n"
			       "create user a * /bin/one\n"
			       "create user * * /bin/any\n"));
	ASSERT_LE(0, last);
	close(last);
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = last + 1;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &few));
	self->config = config_load(self->etc.path, false);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	EXPECT_EQ(NULL, self->config);
	if (self->config)
		config_put(self->config);
	self->config = load(&self->etc);
	ASSERT_NE(NULL, self->config);
	EXPECT_HANDLER("one", "user", "a", "");
}

/* Shows: KD-9. */
TEST_F(rules, zero_byte)
{
	static const char text[] = "create user a * /bin/one\0 x\n";

	ASSERT_TRUE(keyd_write_bytes(&self->etc, "request-key.conf", text,
				     sizeof(text) - 1));
	EXPECT_EQ(NULL, load(&self->etc));
	EXPECT_NE(NULL, strstr(self->etc.log, ":1: a control character"));
}

/* Shows: KD-9. */
TEST_F(rules, long_line)
{
	char text[CONFIG_LINE_MAX + 2];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	EXPECT_EQ(NULL, load_text(&self->etc, text));
	EXPECT_NE(NULL, strstr(self->etc.log, ":1: the line is too long"));
}

/* Shows: KD-9. */
TEST_F(rules, many_arguments)
{
	char text[2 * RULE_ARGS_MAX + 64] = "create user a * /bin/one";

	for (int i = 0; i < RULE_ARGS_MAX; i++)
		strcat(text, " x");
	self->config = load_text(&self->etc, text);
	ASSERT_NE(NULL, self->config);
	EXPECT_EQ((size_t)RULE_ARGS_MAX, self->config->rules[0].arg_count);
	strcat(text, " x");
	EXPECT_EQ(NULL, load_text(&self->etc, text));
	EXPECT_NE(NULL, strstr(self->etc.log, ":1: too many arguments"));
}

/* Shows: KD-7. */
TEST_F(rules, all_faults_at_once)
{
	EXPECT_EQ(NULL, load_text(&self->etc, "a\nb\n#\nx\n"));
	EXPECT_NE(NULL, strstr(self->etc.log, ":1: "));
	EXPECT_NE(NULL, strstr(self->etc.log, ":2: "));
	EXPECT_NE(NULL, strstr(self->etc.log, ":4: "));
}

/* Shows: KD-7. A file of another kind does not flood the log. */
TEST_F(rules, faults_are_limited)
{
	char text[2 * 1000 + 1] = "";
	int lines = 0;

	for (int i = 0; i < 1000; i++)
		strcat(text, "x\n");
	EXPECT_EQ(NULL, load_text(&self->etc, text));
	for (const char *c = self->etc.log; *c; c++)
		lines += *c == '\n';
	/* One more line says how many further faults there are. */
	EXPECT_EQ(CONFIG_FAULTS_MAX + 1, lines);
	EXPECT_NE(NULL, strstr(self->etc.log, ": 980 more faults"));
}

FIXTURE(expansion)
{
	struct rule rule;
	char **argv;
};

FIXTURE_SETUP(expansion)
{
}

FIXTURE_TEARDOWN(expansion)
{
	rule_free(&self->rule);
	if (self->argv)
		expand_free(self->argv);
}

static const char *expand(struct rule *rule, const char *args,
			  const struct request *request, char ***argv)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "create * * * /bin/prog %s",
			   args);

	if (rule_parse(rule, line, len, true))
		return "fault";
	return expand_rule(rule, "create", request, argv);
}

/* Shows: KD-5. */
TEST_F(expansion, macros)
{
	static const char * const expected[] = {
		"prog", "create", "77", "type", "a d\n", "call out", "1000",
		"1001", "11", "12", "13", "%", "%k", "x%k", "",
	};
	struct request request = request_of("type", "a d\n", "call out");
	int i = 0;

	ASSERT_EQ(NULL, expand(&self->rule,
			       "%o %k %t %d %c %u %g %T %P %S %% %%k x%k",
			       &request, &self->argv));
	for (; self->argv[i]; i++)
		EXPECT_STREQ(expected[i], self->argv[i]);
	EXPECT_EQ(14, i);
}

/* Shows: KD-5. An unmapped user is a large number, not a negative one. */
TEST_F(expansion, ids)
{
	struct request request = request_of("type", "d", "");

	request.uid = UINT32_MAX;
	request.key = INT32_MAX;
	request.session = 0;
	ASSERT_EQ(NULL, expand(&self->rule, "%u %k %S %c", &request,
			       &self->argv));
	EXPECT_STREQ("4294967295", self->argv[1]);
	EXPECT_STREQ("2147483647", self->argv[2]);
	EXPECT_STREQ("0", self->argv[3]);
	EXPECT_STREQ("", self->argv[4]);
}

/*
 * Shows: KD-5. A description is one argument, and its text is not expanded.
 */
TEST_F(expansion, is_not_repeated)
{
	struct request request = request_of("type", "%k %{user:x}", "; %d");

	ASSERT_EQ(NULL, expand(&self->rule, "%d %c", &request, &self->argv));
	EXPECT_STREQ("%k %{user:x}", self->argv[1]);
	EXPECT_STREQ("; %d", self->argv[2]);
	EXPECT_EQ(NULL, self->argv[3]);
}

/* Shows: KD-6. Callout data that cannot be passed completely is not passed. */
TEST_F(expansion, callout_with_zero)
{
	struct request request = request_of("type", "d", "a");

	request.callout = "a\0b";
	request.callout_len = 3;
	EXPECT_STREQ("%c", expand(&self->rule, "%c", &request, &self->argv));
	EXPECT_EQ(EINVAL, errno);
}

/* Shows: KD-6. */
TEST_F(expansion, content)
{
	struct request request = request_of("type", "d", "");

	ASSERT_LT(0, session_new());
	ASSERT_LT(0, key_add_user("a:b", "what it holds", 13));
	ASSERT_EQ(NULL, expand(&self->rule, "%{user:a:b}", &request,
			       &self->argv));
	EXPECT_STREQ("what it holds", self->argv[1]);
}

/* Shows: KD-6. */
TEST_F(expansion, no_such_content)
{
	struct request request = request_of("type", "d", "");

	ASSERT_LT(0, session_new());
	EXPECT_STREQ("%{user:nonesuch}",
		     expand(&self->rule, "%k %{user:nonesuch}", &request,
			    &self->argv));
	EXPECT_EQ(ENOKEY, errno);
}

/* Shows: KD-6. */
TEST_F(expansion, content_with_zero)
{
	struct request request = request_of("type", "d", "");

	ASSERT_LT(0, session_new());
	ASSERT_LT(0, key_add_user("a", "x\0y", 3));
	EXPECT_STREQ("%{user:a}", expand(&self->rule, "%{user:a}", &request,
					 &self->argv));
	EXPECT_EQ(EINVAL, errno);
}

/* Shows: KD-21. */
TEST(policy)
{
	struct request request = request_of("cifs.spnego", "d", "");

	EXPECT_FALSE(policy_allows(POLICY_USER_TYPES, &request));
	EXPECT_TRUE(policy_allows(POLICY_ALL, &request));
	EXPECT_TRUE(policy_allows("user,cifs.spnego", &request));
	EXPECT_FALSE(policy_allows("cifs.spnegox,cifs", &request));
	EXPECT_FALSE(policy_allows("", &request));
	EXPECT_FALSE(policy_allows(",,", &request));

	request.from_kernel = true;
	EXPECT_TRUE(policy_allows("", &request));

	request = request_of("user", "cifs.spnego", "");
	EXPECT_TRUE(policy_allows(POLICY_USER_TYPES, &request));
	request.type = "";
	EXPECT_FALSE(policy_allows(",", &request));
}

#define EXPECT_ESCAPED(expected, bytes) \
	EXPECT_STREQ(expected, log_escape(text, sizeof(text), bytes, \
					  sizeof(bytes) - 1))

/* Shows: KD-17, KD-36. */
TEST(escape)
{
	char text[64];

	EXPECT_ESCAPED("plain text", "plain text");
	EXPECT_ESCAPED("\\x22a\\\\\\x0a\\x00\\x7f\\xff", "\"a\\\n\0\x7f\xff");
	EXPECT_ESCAPED("", "");
	log_escape(text, 16, "0123456789abcdef", 16);
	EXPECT_STREQ("0123456789ab...", text);
	log_escape(text, 16, "0123456789\n\n\n", 13);
	EXPECT_STREQ("0123456789...", text);
}

TEST_HARNESS_MAIN
