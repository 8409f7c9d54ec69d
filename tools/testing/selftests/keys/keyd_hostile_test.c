// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random rules and requests, made from dangerous parts: the daemon's parser has
 * to accept or refuse them without harm, and to agree with fnmatch(3).
 */
#include "../kselftest_harness.h"

#include <fnmatch.h>

#include "dice.h"
#include "keyd.h"

#include "config.h"
#include "expand.h"
#include "limits.h"
#include "log.h"

#define ROUNDS		200000
#define TEXT_MAX	64

/* Makes a short word of few different letters, so that some words match. */
static size_t random_word(char *word, const char *letters)
{
	size_t len = dice(6), count = strlen(letters);

	for (size_t i = 0; i < len; i++)
		word[i] = letters[dice(count)];
	word[len] = '\0';
	return len;
}

static size_t random_line(char *line, size_t size)
{
	static const char * const parts[] = {
		" ", "\t", "*", "%", "%k", "%%", "%{", "}", "%{a:b}", ":", "|",
		"/", "/bin/x", "#", "create", "user", "\x01", "\r", "\xff",
		"debug:", "%d", " /bin/x ", " * ", "create user * * /bin/x ",
	};
	size_t len = 0;

	for (int n = dice(12); n; n--) {
		const char *part = parts[dice(sizeof(parts) / sizeof(*parts))];
		size_t more = strlen(part);

		if (len + more > size)
			break;
		memcpy(line + len, part, more);
		len += more;
	}
	/* Now and then a random byte, even zero. */
	if (len && !dice(8))
		line[dice(len)] = dice(256);
	return len;
}

static void random_bytes(char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = dice(256);
}

/* Shows: KD-3. */
TEST(patterns_as_fnmatch)
{
	struct pattern pattern;
	char word[TEXT_MAX], text[TEXT_MAX];
	int matched = 0;

	dice_state = 1;
	for (int i = 0; i < ROUNDS; i++) {
		bool one_star;
		size_t len, skip;

		random_word(word, "ab*");
		len = random_word(text, "ab");
		one_star = strchr(word, '*') == strrchr(word, '*');
		ASSERT_EQ(one_star, pattern_parse(&pattern, word));
		if (!one_star)
			continue;
		skip = pattern_skip(&pattern, text, len);
		ASSERT_EQ(!fnmatch(word, text, 0), skip != PATTERN_MISS) {
			TH_LOG("pattern %s, text %s", word, text);
		}
		if (skip == PATTERN_MISS)
			continue;
		ASSERT_EQ(len, skip + pattern.head_len + pattern.tail_len);
		matched++;
	}
	EXPECT_LT(ROUNDS / 100, matched);
}

/*
 * Shows: KD-9. Bytes of a line that is a rule are printable, and its program
 * has a path.
 */
TEST(lines)
{
	char line[256];
	int taken = 0;

	dice_state = 2;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = random_line(line, sizeof(line));
		struct rule rule;

		if (rule_is_blank(line, len) ||
		    rule_parse(&rule, line, len, i % 2))
			continue;
		taken++;
		ASSERT_EQ('/', rule.program[0]);
		ASSERT_LE(rule.arg_count, (size_t)RULE_ARGS_MAX);
		ASSERT_EQ(NULL, memchr(line, 0, len));
		ASSERT_EQ(NULL, strchr(rule.program, '\r'));
		for (size_t arg = 0; arg < rule.arg_count; arg++)
			ASSERT_EQ(NULL, expand_check(rule.args[arg], i % 2));
		rule_free(&rule);
	}
	EXPECT_LT(ROUNDS / 100, taken);
}

/*
 * Shows: KD-9. A refused line leaves nothing behind that could be freed or
 * used.
 */
TEST(refused_lines_are_empty)
{
	char line[256];

	dice_state = 3;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = random_line(line, sizeof(line));
		struct rule rule;

		if (!rule_parse(&rule, line, len, i % 2)) {
			rule_free(&rule);
			continue;
		}
		ASSERT_EQ(NULL, rule.text);
		ASSERT_EQ(NULL, rule.args);
		rule_free(&rule);
	}
}

/*
 * Shows: KD-36. No byte of a description gets a line of its own or ends the
 * quotes.
 */
TEST(descriptions)
{
	char bytes[2 * TEXT_MAX], text[LOG_FIELD_MAX];

	dice_state = 4;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = dice(sizeof(bytes)), size = 8 + dice(128);

		random_bytes(bytes, len);
		log_escape(text, size, bytes, len);
		ASSERT_LT(strlen(text), size);
		for (const char *c = text; *c; c++) {
			ASSERT_LE(' ', *c);
			ASSERT_GT(0x7f, *c);
			ASSERT_NE('"', *c);
		}
	}
}

/*
 * Shows: KD-5. Any description stays one argument with the same bytes.
 */
TEST(arguments)
{
	static const char line[] = "create * * * /bin/x -- %d %c";
	char description[TEXT_MAX], callout[TEXT_MAX];
	struct rule rule;

	ASSERT_EQ(NULL, rule_parse(&rule, line, strlen(line), true));
	dice_state = 5;
	for (int i = 0; i < ROUNDS / 10; i++) {
		struct request request = {
			.type = "user", .description = description,
			.callout = callout, .callout_len = dice(TEXT_MAX),
		};
		size_t len = dice(TEXT_MAX - 1);
		const char *failed;
		char **argv;

		random_bytes(description, len);
		description[len] = '\0';
		random_bytes(callout, request.callout_len);
		failed = expand_rule(&rule, "create", &request, &argv);
		if (memchr(callout, 0, request.callout_len)) {
			ASSERT_STREQ("%c", failed);
			continue;
		}
		ASSERT_EQ(NULL, failed);
		ASSERT_STREQ("--", argv[1]);
		ASSERT_STREQ(description, argv[2]);
		ASSERT_EQ(request.callout_len, strlen(argv[3]));
		ASSERT_EQ(0, memcmp(callout, argv[3], request.callout_len));
		ASSERT_EQ(NULL, argv[4]);
		expand_free(argv);
	}
	rule_free(&rule);
}

/*
 * Shows: KD-9. Whole random files are accepted or refused, and the daemon
 * survives.
 */
TEST(files)
{
	struct keyd_folder etc;
	char line[256], *text;

	ASSERT_TRUE(keyd_make_folder(&etc));
	text = malloc(CONFIG_FILE_MAX);
	ASSERT_NE(NULL, text);
	ASSERT_NE(NULL, freopen("/dev/null", "w", stderr));
	dice_state = 6;
	for (int i = 0; i < 500; i++) {
		struct config *config;
		size_t len = 0;

		for (int n = dice(8); n >= 0; n--) {
			len += random_line(text + len, sizeof(line));
			text[len++] = '\n';
		}
		EXPECT_TRUE(keyd_write_bytes(&etc, "request-key.d/x.conf", text,
					     len));
		config = config_load(etc.path, i % 2);
		if (config)
			config_put(config);
	}
	free(text);
	keyd_remove_folder(&etc);
}

TEST_HARNESS_MAIN
