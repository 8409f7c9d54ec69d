// SPDX-License-Identifier: GPL-2.0-only
#include "expand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

static const char letters[] = "oktdcugTPS";

/* Expands %{type:description}; neither part may be empty. */
static const char *expand_check_content(const char *arg)
{
	const char *colon = strchr(arg, ':');
	size_t len = strlen(arg);

	if (arg[len - 1] != '}')
		return "%{ without } at the end of the argument";
	if (!colon || colon == arg + 2 || colon + 2 == arg + len)
		return "%{ } does not name a type and a description";
	return NULL;
}

const char *expand_check(const char *arg, bool strict)
{
	if (arg[0] != '%' || arg[1] == '%')
		return NULL;
	if (arg[1] == '{')
		return expand_check_content(arg);
	if (arg[1] && arg[2] && !strict)
		return NULL;
	if (!arg[1] || !strchr(letters, arg[1]))
		return "no such macro";
	if (arg[2])
		return "a macro has to be the whole argument";
	return NULL;
}

static char *expand_number(long long n)
{
	char *text;

	return asprintf(&text, "%lld", n) < 0 ? NULL : text;
}

/*
 * An argument ends at its first 0 byte, so callout data with a 0 byte cannot be
 * passed.
 */
static char *expand_callout(const struct request *request)
{
	if (memchr(request->callout, 0, request->callout_len)) {
		errno = EINVAL;
		return NULL;
	}
	return strndup(request->callout, request->callout_len);
}

/* expand_check() has checked @arg when the rule was read. */
static char *expand_content(const char *arg)
{
	char *type = strdup(arg + 2), *description, *text;

	if (!type)
		return NULL;
	type[strlen(type) - 1] = '\0';
	description = strchr(type, ':');
	*description++ = '\0';
	text = key_content(type, description);
	free(type);
	return text;
}

static bool expand_is_literal(const char *arg)
{
	return arg[0] != '%' || (arg[1] != '%' && arg[1] != '{' && arg[2]);
}

static char *expand_macro(const char *arg, const char *op,
			  const struct request *request)
{
	switch (arg[1]) {
	case 'o': return strdup(op);
	case 'k': return expand_number(request->key);
	case 't': return strdup(request->type);
	case 'd': return strdup(request->description);
	case 'c': return expand_callout(request);
	case 'u': return expand_number(request->uid);
	case 'g': return expand_number(request->gid);
	case 'T': return expand_number(request->thread);
	case 'P': return expand_number(request->process);
	case 'S': return expand_number(request->session);
	case '{': return expand_content(arg);
	default:  return strdup(arg + 1);
	}
}

static char *expand_one(const char *arg, const char *op,
			const struct request *request, bool dry)
{
	if (expand_is_literal(arg) || (dry && arg[1] == '{'))
		return strdup(arg);
	return expand_macro(arg, op, request);
}

static const char *expand_all(const struct rule *rule, const char *op,
			      const struct request *request, bool dry,
			      char ***argv)
{
	/*
	 * Two entries are for the program's name and for the NULL at the end.
	 */
	char **made = calloc(rule->arg_count + 2, sizeof(*made));

	if (!made)
		return rule->program;
	made[0] = strdup(strrchr(rule->program, '/') + 1);
	for (size_t i = 0; made[i] && i < rule->arg_count; i++) {
		made[i + 1] = expand_one(rule->args[i], op, request, dry);
		if (!made[i + 1]) {
			expand_free(made);
			return rule->args[i];
		}
	}
	if (!made[0]) {
		expand_free(made);
		return rule->program;
	}
	*argv = made;
	return NULL;
}

const char *expand_rule(const struct rule *rule, const char *op,
			const struct request *request, char ***argv)
{
	return expand_all(rule, op, request, false, argv);
}

const char *expand_dry(const struct rule *rule, const char *op,
		       const struct request *request, char ***argv)
{
	return expand_all(rule, op, request, true, argv);
}

void expand_free(char **argv)
{
	int saved = errno;

	/* The arguments may have the content of a key. */
	for (char **arg = argv; *arg; arg++) {
		explicit_bzero(*arg, strlen(*arg));
		free(*arg);
	}
	free(argv);
	errno = saved;
}
