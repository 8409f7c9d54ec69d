// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: forget failures before their time, in whatever keyring they are.
 *
 * The keyrings in which the kernel keeps what it asks for itself belong to nobody
 * who could unlink a key there.
 */

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include "request.h"

#define FORGET_COMMAND	"forget"

/**
 * struct failures - Which failures to forget, and how far that has come
 * @type: Name of their type, or NULL for any.
 * @description: Their description, or NULL for any.
 * @last: Serial number of the last key that was looked at.
 * @more: There may be more behind it.
 */
struct failures {
	const char	*type;
	const char	*description;
	key_serial_t	last;
	bool		more;
};

static bool key_failure_is_wanted(const struct failures *failures, const struct key *key)
{
	if (key_read_state(key) >= 0 || key_validate(key) < 0)
		return false;
	if (failures->type && strcmp(failures->type, key->type->name) != 0)
		return false;
	return !failures->description ||
	       strcmp(failures->description, key->description) == 0;
}

/* The first key behind the last one */
static struct rb_node *key_first_behind(key_serial_t last)
	__must_hold(&key_serial_lock)
{
	struct rb_node *node = key_serial_tree.rb_node, *found = NULL;

	while (node) {
		if (rb_entry(node, struct key, serial_node)->serial > last) {
			found = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/*
 * Find the next failure.
 *
 * Return: its key, with a reference, or NULL: then there may be more still.
 */
static struct key *key_failure_next(struct failures *failures)
{
	struct key *key, *found = NULL;
	struct rb_node *node;

	spin_lock(&key_serial_lock);
	node = key_first_behind(failures->last);
	for (; node && !found && !need_resched(); node = rb_next(node)) {
		key = rb_entry(node, struct key, serial_node);
		failures->last = key->serial;
		if (key_failure_is_wanted(failures, key) &&
		    refcount_inc_not_zero(&key->usage))
			found = key;
	}
	failures->more = node;
	spin_unlock(&key_serial_lock);
	return found;
}

/* An expired key is as good as none for a request, and makes room for a new one */
static void key_failure_expire(struct key *key)
{
	down_write(&key->sem);
	key_set_expiry(key, ktime_get_real_seconds());
	up_write(&key->sem);
}

static int key_failures_forget(struct failures *failures)
{
	int ret = -ENOKEY;
	struct key *key;

	do {
		key = key_failure_next(failures);
		if (key) {
			key_failure_expire(key);
			key_put(key);
			ret = 0;
		}
		cond_resched();
	} while (failures->more);
	return ret;
}

/* "forget", a type, a description, which may have blanks; less is more */
static int key_failures_obey(char *command)
{
	struct failures failures = {};
	char *word;

	strreplace(command, '\n', '\0');
	word = strsep(&command, " ");
	if (strcmp(word, FORGET_COMMAND) != 0)
		return -EINVAL;
	failures.type = strsep(&command, " ");
	failures.description = command;
	return key_failures_forget(&failures);
}

/*
 * Forget failures, as somebody has written into /proc/key-requests.
 */
ssize_t key_requests_write(struct file *file, const char __user *text,
			   size_t len, loff_t *pos)
{
	char *command;
	int ret;

	if (!file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	if (len > KEY_REQUEST_COMMAND_MAX)
		return -EINVAL;
	command = memdup_user_nul(text, len);
	if (IS_ERR(command))
		return PTR_ERR(command);
	ret = key_failures_obey(command);
	kfree(command);
	return ret < 0 ? ret : len;
}
