// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: which keys a service is asked for.
 */

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "service.h"

/**
 * struct filters_copy - Filters on their way in
 * @filters: The filters as the opener gave them.
 * @types: The names, empty for any.
 * @prefixes: The prefixes, or NULL.
 * @count: How many there are.
 */
struct filters_copy {
	struct key_service_filter	filters[KEY_SERVICE_FILTERS_MAX];
	char		types[KEY_SERVICE_FILTERS_MAX][KEY_SERVICE_TYPE_SIZE];
	char		*prefixes[KEY_SERVICE_FILTERS_MAX];
	unsigned int	count;
};

/*
 * How narrow a filter is: type and prefix, type, prefix, none.
 */
u32 key_service_specificity(const struct key_service_pattern *pattern)
{
	return !!*pattern->type * 2 + !!pattern->prefix_len;
}

/* Others read it in fdinfo, line by line, and no type has such a name */
static bool key_filter_is_plain(const char *name)
{
	for (; *name; name++)
		if (!isascii(*name) || !isgraph(*name))
			return false;
	return true;
}

/* Copies the name of a type, or leaves it empty if there is none to copy */
static int key_filter_get_type(char *type, u64 from)
{
	long len;

	if (!from)
		return 0;
	len = strncpy_from_user(type, u64_to_user_ptr(from),
				KEY_SERVICE_TYPE_SIZE);
	if (len < 0)
		return len;
	if (len == 0 || len == KEY_SERVICE_TYPE_SIZE || !key_filter_is_plain(type))
		return -EINVAL;
	return *type == '.' ? -EPERM : 0;
}

static char *key_filter_get_prefix(u64 from)
{
	char *prefix;

	if (!from)
		return NULL;
	prefix = strndup_user(u64_to_user_ptr(from), KEY_SERVICE_PREFIX_SIZE);
	if (!IS_ERR(prefix) && !*prefix) {
		kfree(prefix);
		return ERR_PTR(-EINVAL);
	}
	return prefix;
}

static int key_filters_get(struct filters_copy *copy,
			   const struct key_service_params *params, bool any_type)
{
	unsigned int i;
	char *prefix;
	int ret;

	if (copy_from_user(copy->filters, u64_to_user_ptr(params->filters),
			   params->filter_count * sizeof(*copy->filters)))
		return -EFAULT;
	for (i = 0; i < params->filter_count; i++) {
		if (!copy->filters[i].type && !any_type)
			return -EINVAL;
		ret = key_filter_get_type(copy->types[i], copy->filters[i].type);
		if (ret < 0)
			return ret;
		prefix = key_filter_get_prefix(copy->filters[i].prefix);
		if (IS_ERR(prefix))
			return PTR_ERR(prefix);
		copy->prefixes[copy->count++] = prefix;
	}
	return 0;
}

static size_t key_filter_prefix_size(const char *prefix)
{
	return prefix ? strlen(prefix) + 1 : 0;
}

/* In one piece, which is charged to the opener's memory cgroup */
static struct key_service_filters *key_filters_pack(const struct filters_copy *copy)
{
	unsigned int i, count = max(copy->count, 1U);
	struct key_service_filters *filters;
	size_t size = struct_size(filters, patterns, count);
	struct key_service_pattern *pattern;
	char *text;

	for (i = 0; i < copy->count; i++)
		size += key_filter_prefix_size(copy->prefixes[i]);
	filters = kzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!filters)
		return ERR_PTR(-ENOMEM);

	filters->count = count;
	text = (char *)&filters->patterns[count];
	for (i = 0; i < copy->count; i++) {
		pattern = &filters->patterns[i];
		strscpy(pattern->type, copy->types[i], sizeof(pattern->type));
		if (!copy->prefixes[i])
			continue;
		pattern->prefix = text;
		pattern->prefix_len = strlen(copy->prefixes[i]);
		memcpy(text, copy->prefixes[i], pattern->prefix_len + 1);
		text += pattern->prefix_len + 1;
	}
	return filters;
}

/*
 * Copy the filters of a service that is to be opened.  Without any there is one
 * that every key passes.
 */
struct key_service_filters *
key_service_filters_get(const struct key_service_params *params, bool any_type)
{
	struct key_service_filters *filters;
	struct filters_copy *copy;
	int ret;

	copy = kzalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	ret = key_filters_get(copy, params, any_type);
	filters = ret < 0 ? ERR_PTR(ret) : key_filters_pack(copy);
	while (copy->count)
		kfree(copy->prefixes[--copy->count]);
	kfree(copy);
	return filters;
}

/*
 * A search under RCU may still look at them.
 */
void key_service_filters_free(struct key_service_filters *filters)
{
	kfree_rcu(filters, rcu);
}

static bool key_filter_passes(const struct key_service_pattern *pattern,
			      const struct key *key)
{
	if (*pattern->type && strcmp(pattern->type, key->type->name) != 0)
		return false;
	return !pattern->prefix_len ||
	       strncmp(pattern->prefix, key->description,
		       pattern->prefix_len) == 0;
}

/*
 * Whether a service is asked for the key where it has this entry.  That is where
 * the narrowest filter puts it that the key passes, and nowhere else: a service
 * that has had a request must not meet it again further back.
 */
bool key_service_wants(const struct key_service_entry *entry,
		       const struct key *key)
{
	const struct key_service_filters *filters = entry->service->filters;
	bool wants = false;
	unsigned int i;
	u32 width;

	for (i = 0; i < filters->count; i++) {
		width = key_service_specificity(&filters->patterns[i]);
		if (width < entry->specificity || (wants && width ==
						   entry->specificity) ||
		    !key_filter_passes(&filters->patterns[i], key))
			continue;
		if (width > entry->specificity)
			return false;
		wants = true;
	}
	return wants;
}
