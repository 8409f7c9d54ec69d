// SPDX-License-Identifier: GPL-2.0-only
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "limits.h"
#include "log.h"
#include "shortage.h"

#define MAIN_FILE	"request-key.conf"
#define EXTRA_FOLDER	"request-key.d"
#define EXTRA_ENDING	".conf"

/*
 * A file of another kind would flood the log, so only the first faults are
 * logged.
 */
static void config_fault(struct config *config, const char *file, unsigned int line,
			 const char *what)
{
	if (config->faults++ < CONFIG_FAULTS_MAX)
		log_say(LOG_ERR, "%s:%u: %s", file, line, what);
}

static void config_file_fault(struct config *config, const char *file,
			      const char *what)
{
	if (config->faults++ < CONFIG_FAULTS_MAX)
		log_say(LOG_ERR, "%s: %s", file, what);
}

/*
 * A rule that could not be read for lack of memory or descriptors may be read
 * later, so requests must not be rejected for lack of that rule.
 */
static void config_file_error(struct config *config, const char *file,
			      int error)
{
	config->broken |= is_shortage(error);
	config_file_fault(config, file, strerror(error));
}

static bool config_add_rule(struct config *config, const struct rule *rule)
{
	struct rule *rules;

	/*
	 * The table doubles each time that its number of entries reaches a
	 * power of two.
	 */
	if (!(config->count & (config->count - 1))) {
		rules = reallocarray(config->rules,
				     config->count ? 2 * config->count : 1,
				     sizeof(*rules));
		if (!rules)
			return false;
		config->rules = rules;
	}
	config->rules[config->count++] = *rule;
	return true;
}

/**
 * struct pending - options whose rule has not been read yet
 * @options: The options.
 * @line: Number of their line, 0 if there are none.
 * @bad: Whether they have a fault, so that the rule is not used.
 */
struct pending {
	struct rule_options	options;
	unsigned int		line;
	bool			bad;
};

/* Of two lines the second one must not put the user= of the first one aside. */
static void config_parse_options(struct config *config, const char *file,
				 unsigned int number, const char *line, size_t len,
				 struct pending *pending)
{
	const char *what = pending->line ? "a second line of options for one rule" :
			   rule_options_parse(&pending->options, line, len);

	pending->line = number;
	pending->bad |= !!what;
	if (!what)
		return;
	config->broken |= what == rule_shortage;
	config_fault(config, file, number, what);
}

/* Gives a rule its options; false if the rule cannot have these. */
static bool config_take_options(struct config *config, const char *file,
				struct rule *rule, struct pending *pending)
{
	const struct pending taken = *pending;

	*pending = (struct pending){ .line = 0 };
	if (taken.bad)
		return false;
	/*
	 * A handler without | makes its key itself, so the daemon cannot set
	 * the lifetime.
	 */
	if (taken.options.lifetime && !rule->pipe) {
		config_fault(config, file, taken.line,
			     "lifetime for a rule without |");
		return false;
	}
	rule->options = taken.options;
	return true;
}

static void config_parse_line(struct config *config, const char *file,
			      unsigned int number, const char *line, size_t len,
			      struct pending *pending)
{
	struct rule rule;
	const char *what;

	if (rule_options_are(line, len)) {
		config_parse_options(config, file, number, line, len, pending);
		return;
	}
	if (rule_is_blank(line, len))
		return;
	if (!config->strict && rule_is_indented(line, len)) {
		config_fault(config, file, number,
			     "not a rule, as it begins with white space");
		return;
	}
	what = rule_parse(&rule, line, len, config->strict);
	if (what) {
		config->broken |= what == rule_shortage;
		config_fault(config, file, number, what);
		*pending = (struct pending){ .line = 0 };
		return;
	}
	if (!config_take_options(config, file, &rule, pending)) {
		rule_free(&rule);
		return;
	}
	rule.file = file;
	rule.line = number;
	if (config->count == CONFIG_RULES_MAX) {
		config_fault(config, file, number, "too many rules");
	} else {
		if (config_add_rule(config, &rule))
			return;
		config->broken = true;
	}
	rule_free(&rule);
}

static void config_parse_text(struct config *config, const char *file,
			      const char *text, size_t len)
{
	const char *end = text + len;
	struct pending pending = { .line = 0 };
	unsigned int number = 1;

	for (; text < end; number++) {
		const char *stop = memchr(text, '\n', end - text);

		if (!stop)
			stop = end;
		config_parse_line(config, file, number, text, stop - text,
				  &pending);
		text = stop + 1;
	}
	if (pending.line && !pending.bad)
		config_fault(config, file, pending.line,
			     "options without a rule");
}

static ssize_t config_read_whole(int fd, char *text, size_t max)
{
	size_t have = 0;
	ssize_t n;

	while (have < max) {
		n = read(fd, text + have, max - have);
		if (n < 0)
			return -errno;
		if (!n)
			break;
		have += n;
	}
	return have;
}

/* Returns why a file must not be read, or NULL. */
static const char *config_unfit(int fd)
{
	struct stat about;

	if (fstat(fd, &about))
		return strerror(errno);
	if (!S_ISREG(about.st_mode))
		return "not a regular file";
	if (about.st_size > CONFIG_FILE_MAX)
		return "the file is too large";
	return NULL;
}

static void config_read_open_file(struct config *config, const char *file,
				  int fd)
{
	const char *what = config_unfit(fd);
	char *text;
	ssize_t len;

	if (what) {
		config_file_fault(config, file, what);
		return;
	}
	text = malloc(CONFIG_FILE_MAX);
	if (!text) {
		config_file_error(config, file, errno);
		return;
	}
	len = config_read_whole(fd, text, CONFIG_FILE_MAX);
	if (len < 0)
		config_file_error(config, file, -len);
	else
		config_parse_text(config, file, text, len);
	free(text);
}

/* Reads a file; @config then owns the name @file. */
static void config_read_file(struct config *config, char *file, bool may_lack)
{
	int fd;

	config->files[config->file_count++] = file;
	/* A FIFO of this name must not block the daemon. */
	fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		if (!may_lack || errno != ENOENT)
			config_file_error(config, file, errno);
		return;
	}
	config_read_open_file(config, file, fd);
	close(fd);
}

static int config_is_extra(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), ending = strlen(EXTRA_ENDING);

	return entry->d_name[0] != '.' && len > ending &&
	       !strcmp(entry->d_name + len - ending, EXTRA_ENDING);
}

/*
 * The order of names is that of their bytes, so that it does not depend on the
 * locale.
 */
static int config_order_by_name(const struct dirent **a,
				const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void config_read_named(struct config *config, const char *folder,
			      const char *name, bool may_lack)
{
	char *file;

	if (config->file_count == CONFIG_FILES_MAX) {
		config_file_fault(config, folder, "too many files");
		return;
	}
	if (asprintf(&file, "%s/%s", folder, name) < 0) {
		config_file_error(config, name, ENOMEM);
		return;
	}
	config_read_file(config, file, may_lack);
}

static void config_read_extras(struct config *config, const char *folder)
{
	struct dirent **entries;
	char *extras;
	int n;

	if (asprintf(&extras, "%s/" EXTRA_FOLDER, folder) < 0) {
		config_file_error(config, folder, ENOMEM);
		return;
	}
	n = scandir(extras, &entries, config_is_extra, config_order_by_name);
	if (n < 0 && errno != ENOENT)
		config_file_error(config, extras, errno);
	for (int i = 0; i < n; i++) {
		config_read_named(config, extras, entries[i]->d_name, false);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(extras);
}

struct config *config_load(const char *folder, bool strict)
{
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return NULL;
	config->users = 1;
	config->files = calloc(CONFIG_FILES_MAX, sizeof(*config->files));
	if (!config->files) {
		config_put(config);
		return NULL;
	}
	config->strict = strict;
	config_read_extras(config, folder);
	config_read_named(config, folder, MAIN_FILE, true);
	/* A folder without rules is more likely a mistake than intended. */
	if (!config->faults && !config->count)
		config_file_fault(config, folder, "no rules");
	if (config->faults > CONFIG_FAULTS_MAX)
		log_say(LOG_ERR, "%s: %u more faults", folder,
			config->faults - CONFIG_FAULTS_MAX);
	if (config->count && !config->broken && !(strict && config->faults))
		return config;
	config_put(config);
	return NULL;
}

struct config *config_get(struct config *config)
{
	config->users++;
	return config;
}

void config_put(struct config *config)
{
	if (--config->users)
		return;
	for (size_t i = 0; i < config->count; i++)
		rule_free(&config->rules[i]);
	for (size_t i = 0; i < config->file_count; i++)
		free(config->files[i]);
	free(config->rules);
	free(config->files);
	free(config);
}
