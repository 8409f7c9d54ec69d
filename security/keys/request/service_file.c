// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: what can be done with a descriptor.
 */

#include <asm/ioctls.h>
#include <keys/user-type.h>
#include <linux/bitops.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highuid.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <trace/events/key_request.h>
#include "service.h"

static u64 key_service_deadline_of(const struct key_request *req)
{
	unsigned long deadline = READ_ONCE(req->deadline);
	long left = deadline - jiffies;

	return ktime_get_ns() + jiffies_to_nsecs(max(left, 0L));
}

/*
 * The network namespace of a key.  A worker that asks for one is in another, so
 * that only the tag tells.
 */
static u32 key_service_net_ns_of_tag(const struct key_tag *tag)
{
	const struct net *net;
	u32 inum = 0;

	rcu_read_lock();
	for_each_net_rcu(net) {
		if (net->key_domain == tag) {
			inum = net->ns.inum;
			break;
		}
	}
	rcu_read_unlock();
	return inum;
}

static u32 key_service_request_net_ns(const struct key_service *service,
				      const struct key_request *req)
{
	if (service->tag)
		return service->net_ns;
	return req->place->net_ns ?:
	       key_service_net_ns_of_tag(key_request_key(req)->domain_tag);
}

/* An id as the service's user namespace has it, or the one for all others */
static u32 key_service_uid_for(const struct key_service *service, kuid_t kuid, u32 *flags)
{
	uid_t uid = from_kuid(service->cred->user_ns, kuid);

	if (uid != (uid_t)-1)
		return uid;
	*flags |= KEY_SERVICE_REQUEST_UNMAPPED;
	return overflowuid;
}

static u32 key_service_gid_for(const struct key_service *service, kgid_t kgid, u32 *flags)
{
	gid_t gid = from_kgid(service->cred->user_ns, kgid);

	if (gid != (gid_t)-1)
		return gid;
	*flags |= KEY_SERVICE_REQUEST_UNMAPPED;
	return overflowgid;
}

static void key_service_describe_asker(const struct key_service *service,
				       const struct key_request *req,
				       struct key_service_request *record)
{
	const struct key_service_place *place = req->place;
	const struct cred *cred = place->cred;

	record->uid = key_service_uid_for(service, cred->fsuid, &record->flags);
	record->gid = key_service_gid_for(service, cred->fsgid, &record->flags);
	record->payer = key_service_uid_for(service, req->payers->users[0]->uid, &record->flags);
	/* A number may be another process's once its first one is gone */
	if (pid_has_task(place->tgid, PIDTYPE_TGID))
		record->pid = pid_nr_ns(place->tgid, service->pid_ns);
	else
		record->flags |= KEY_SERVICE_REQUEST_GONE;
	record->user_ns = cred->user_ns->ns.inum;
	record->net_ns = key_service_request_net_ns(service, req);
	if (key_service_is_foreign(service, req)) {
		record->flags |= KEY_SERVICE_REQUEST_FOREIGN |
				 KEY_SERVICE_REQUEST_WITHHELD;
		return;
	}
	record->thread_keyring = key_serial(cred->thread_keyring);
	record->process_keyring = key_serial(cred->process_keyring);
	record->session_keyring = req->place->session;
}

static void key_service_fill_record(const struct key_service *service,
				    const struct key_request *req, const char *type,
				    struct key_service_request *record)
{
	const struct key *key = key_request_key(req);

	memset(record, 0, sizeof(*record));
	record->size = key_service_record_size(req, type);
	record->version = KEY_SERVICE_VERSION;
	record->id = req->id;
	record->key = key_serial(key);
	record->origin = req->origin;
	if (req->place->again)
		record->flags |= KEY_SERVICE_REQUEST_AGAIN;
	record->deadline = key_service_deadline_of(req);
	key_service_describe_asker(service, req, record);

	record->type_offset = sizeof(*record);
	record->type_len = strlen(type);
	record->description_offset = record->type_offset + record->type_len + 1;
	record->description_len = key->index_key.desc_len;
	record->callout_offset = record->description_offset +
				 record->description_len + 1;
	record->callout_len = req->rka.callout_len;
}

static int key_service_copy_record(const struct key_service *service,
				   const struct key_request *req, const char *type,
				   struct iov_iter *to)
{
	const char *description = key_request_key(req)->description;
	struct key_service_request record;

	key_service_fill_record(service, req, type, &record);
	if (copy_to_iter(&record, sizeof(record), to) == sizeof(record) &&
	    copy_to_iter(type, record.type_len + 1, to) ==
	    record.type_len + 1 &&
	    copy_to_iter(description, record.description_len + 1, to) ==
	    record.description_len + 1 &&
	    copy_to_iter(req->callout, record.callout_len + 1, to) ==
	    record.callout_len + 1)
		return record.size;
	return -EFAULT;
}

static struct key_request *key_service_wait_for_request(struct kiocb *iocb, size_t room,
							char *type)
{
	struct file *file = iocb->ki_filp;
	struct key_service *service = file->private_data;
	struct key_request *req;
	int ret;

	for (;;) {
		req = key_service_take(service, room, type);
		if (req == ERR_PTR(-ESRCH)) {
			ret = key_service_add_reader(service);
			if (ret < 0)
				return ERR_PTR(ret);
			continue;
		}
		if (req != ERR_PTR(-EAGAIN) || file->f_flags & O_NONBLOCK ||
		    iocb->ki_flags & IOCB_NOWAIT)
			return req;
		ret = wait_event_interruptible_exclusive(service->wait,
							 key_service_has_work(service));
		if (ret < 0)
			return ERR_PTR(ret);
	}
}

/*
 * Read one request.  A service whose network namespace is gone is at its end.
 *
 * The type is known by its name only: the reader decides how long copying takes,
 * and must not keep the type's module from being unloaded meanwhile.
 */
static ssize_t key_service_file_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct key_service *service = iocb->ki_filp->private_data;
	char type[KEY_SERVICE_TYPE_SIZE];
	struct key_request *req;
	int ret;

	req = key_service_wait_for_request(iocb, iov_iter_count(to), type);
	if (IS_ERR_OR_NULL(req))
		return PTR_ERR_OR_ZERO(req);

	ret = key_service_copy_record(service, req, type, to);
	if (ret < 0)
		key_service_give_back(service, req);
	else
		trace_key_request_deliver(req->id, key_request_key(req),
					  task_pid_nr(current));
	key_request_put(req);
	return ret;
}

/* The bytes that a later version of the header has more must be unused */
static int key_service_skip_tail(struct iov_iter *from, size_t len)
{
	char tail[KEY_SERVICE_ANSWER_SIZE_1];
	size_t n;

	for (; len; len -= n) {
		n = min(len, sizeof(tail));
		if (!copy_from_iter_full(tail, n, from))
			return -EFAULT;
		if (memchr_inv(tail, 0, n))
			return -E2BIG;
	}
	return 0;
}

/* Flags that stand for an answer without payload and error, and all flags */
#define ANSWER_MOVES	(KEY_SERVICE_ANSWER_PASS | KEY_SERVICE_ANSWER_RELEASE)
#define ANSWER_FLAGS	(KEY_SERVICE_ANSWER_LIFETIME | ANSWER_MOVES)

static int key_service_get_answer(struct key_service_answer *answer, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	int ret;

	if (len < sizeof(*answer))
		return -EINVAL;
	if (!copy_from_iter_full(answer, sizeof(*answer), from))
		return -EFAULT;
	if (answer->size < sizeof(*answer) || answer->size > len)
		return -EINVAL;
	if (answer->size > PAGE_SIZE)
		return -E2BIG;
	ret = key_service_skip_tail(from, answer->size - sizeof(*answer));
	if (ret < 0)
		return ret;

	if (answer->flags & ~ANSWER_FLAGS || answer->__reserved ||
	    (answer->lifetime && !(answer->flags & KEY_SERVICE_ANSWER_LIFETIME)))
		return -EINVAL;
	if (answer->error > 0 || answer->error <= -KEY_FIRST_INTERNAL_ERROR)
		return -EINVAL;
	if (answer->payload_len != iov_iter_count(from) ||
	    answer->payload_len > KEY_SERVICE_PAYLOAD_MAX ||
	    (answer->error && answer->payload_len))
		return -EINVAL;
	if (answer->flags & ANSWER_MOVES &&
	    (answer->error || answer->payload_len ||
	     hweight32(answer->flags) > 1))
		return -EINVAL;
	return 0;
}

/*
 * Some types look for another key as they are given a payload.  They do so as
 * the opener: the writer may have been led to write, and not know what to.
 */
static int key_service_instantiate(const struct key_service *service,
				   struct key_request *req, const void *payload,
				   const struct key_service_answer *answer)
{
	time64_t expiry = answer->flags & KEY_SERVICE_ANSWER_LIFETIME ?
		ktime_get_real_seconds() + answer->lifetime : TIME64_MAX;
	const struct cred *old;
	int ret;

	old = override_creds(service->cred);
	ret = key_instantiate_until(key_request_key(req), payload,
				    answer->payload_len, expiry, NULL, NULL);
	revert_creds(old);
	return ret;
}

static void key_service_put_payload(void *payload, size_t len, const u8 *room)
{
	if (payload == room)
		memzero_explicit(payload, len);
	else
		kvfree_sensitive(payload, len);
}

/* Takes what @room has no room for from elsewhere */
static void *key_service_get_payload(size_t len, u8 *room, struct iov_iter *from)
{
	void *payload = room;

	if (len > KEY_SERVICE_SHORT_PAYLOAD)
		payload = kvmalloc(len, GFP_KERNEL_ACCOUNT);
	if (!payload)
		return ERR_PTR(-ENOMEM);
	if (copy_from_iter_full(payload, len, from))
		return payload;
	key_service_put_payload(payload, len, room);
	return ERR_PTR(-EFAULT);
}

static int key_service_reject(struct key_request *req,
			      const struct key_service_answer *answer)
{
	unsigned int lifetime = answer->lifetime;

	if (!(answer->flags & KEY_SERVICE_ANSWER_LIFETIME))
		lifetime = READ_ONCE(key_negative_timeout);
	return key_reject_and_link(key_request_key(req), lifetime,
				   -answer->error, NULL, NULL);
}

static int key_service_answer_request(const struct key_service *service,
				      struct key_request *req,
				      const struct key_service_answer *answer,
				      const void *payload)
{
	struct key *key = key_request_key(req);
	int ret;

	if (answer->error)
		ret = key_service_reject(req, answer);
	else
		ret = key_service_instantiate(service, req,
					      answer->payload_len ? payload : NULL, answer);

	if (ret == 0)
		key_request_end(req, NULL, 0, KEY_CAUSE_ANSWER);
	else if (key_read_state(key) != KEY_IS_UNINSTANTIATED)
		ret = -ENOENT;	/* somebody else, or the time limit, was faster */
	return ret;
}

static int key_service_move_request(struct key_service *service,
				    const struct key_service_answer *answer)
{
	return answer->flags & KEY_SERVICE_ANSWER_PASS ?
	       key_service_pass(service, answer->id) :
	       key_service_release(service, answer->id);
}

/*
 * Types that take a payload as it is.  Others may look for a further key, load a
 * module for a cipher or use a TPM; so may whoever answers for one meanwhile, and
 * holds KEY_FLAG_ANSWERING.
 */
static bool key_service_answers_at_once(const struct key_request *req)
{
	return req->type == &key_type_user || req->type == &key_type_logon;
}

/*
 * Answer one request.  No key type waits here for somebody to make a key, and a
 * caller that must not wait at all is sent back where a type could do so for
 * another reason: io_uring then comes again from a worker.  How long copying takes
 * is up to the writer, so it comes before there is anything in hand.
 */
static ssize_t key_service_file_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct key_service *service = iocb->ki_filp->private_data;
	u8 room[KEY_SERVICE_SHORT_PAYLOAD] __aligned(8) __uninitialized;
	ssize_t len = iov_iter_count(from), ret;
	struct key_service_answer answer;
	struct key_request *req;
	void *payload;

	ret = key_service_get_answer(&answer, from);
	if (ret < 0)
		return ret;
	if (answer.flags & ANSWER_MOVES) {
		ret = key_service_move_request(service, &answer);
		return ret < 0 ? ret : len;
	}
	payload = key_service_get_payload(answer.payload_len, room, from);
	if (IS_ERR(payload))
		return PTR_ERR(payload);

	ret = -ENOENT;
	req = key_service_find(service, answer.id);
	if (!req)
		goto out;
	ret = -EAGAIN;
	if (!(iocb->ki_flags & IOCB_NOWAIT) || key_service_answers_at_once(req))
		ret = key_service_answer_request(service, req, &answer, payload);
	key_service_let_go(req);
out:
	key_service_put_payload(payload, answer.payload_len, room);
	return ret < 0 ? ret : len;
}

static __poll_t key_service_file_poll(struct file *file, struct poll_table_struct *table)
{
	struct key_service *service = file->private_data;
	__poll_t events = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &service->wait, table);
	if (key_service_has_work(service))
		events |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(service->closed))
		events |= EPOLLHUP;
	return events;
}

static int key_service_file_release(struct inode *inode, struct file *file)
{
	struct key_service *service = file->private_data;

	key_service_close(service);
	key_service_forget_readers(service);
	key_service_put(service);
	return 0;
}

static long key_service_file_ioctl(struct file *file, unsigned int command,
				   unsigned long arg)
{
	struct key_service *service = file->private_data;

	if (command != FIONREAD)
		return -ENOTTY;
	return put_user((int)key_service_next_size(service),
			(int __user *)arg);
}

#ifdef CONFIG_PROC_FS
static void key_service_show_filters(struct seq_file *m,
				     const struct key_service_filters *filters)
{
	const struct key_service_pattern *pattern;
	unsigned int i;

	for (i = 0; i < filters->count; i++) {
		pattern = &filters->patterns[i];
		seq_printf(m, "type:\t%s\nprefix:\t",
			   *pattern->type ? pattern->type : "-");
		key_request_show_text(m, pattern->prefix ?: "",
				      pattern->prefix_len);
		seq_putc(m, '\n');
	}
}

/* A service may have many, and its lock must not be held for long */
static void key_service_show_read(struct seq_file *m, struct key_service *service)
{
	u64 ids[16], last = 0;
	unsigned int i, n;

	seq_puts(m, "read:\t");
	do {
		n = key_service_list_read(service, ids, ARRAY_SIZE(ids), last);
		for (i = 0; i < n; i++)
			seq_printf(m, last || i ? " %llu" : "%llu", ids[i]);
		if (n)
			last = ids[n - 1];
	} while (n == ARRAY_SIZE(ids) && !seq_has_overflowed(m));
	seq_putc(m, '\n');
}

static void key_service_file_show(struct seq_file *m, struct file *file)
{
	static const char *const scopes[] = {
		[KEY_SERVICE_SCOPE_UID]		= "uid",
		[KEY_SERVICE_SCOPE_USER_NS]	= "user-ns",
		[KEY_SERVICE_SCOPE_NET_NS]	= "net-ns",
	};
	struct key_service *service = file->private_data;

	seq_printf(m, "scope:\t%s\nfallback:\t%s\npending:\t%u\nmax-pending:\t%u\n",
		   scopes[service->scope], service->no_fallback ? "no" : "yes",
		   READ_ONCE(service->pending), service->max_pending);
	key_service_show_filters(m, service->filters);
	key_service_show_read(m, service);
}
#endif

const struct file_operations key_service_fops = {
	.owner		= THIS_MODULE,
	.read_iter	= key_service_file_read,
	.write_iter	= key_service_file_write,
	.poll		= key_service_file_poll,
	.release	= key_service_file_release,
	.unlocked_ioctl	= key_service_file_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
#ifdef CONFIG_PROC_FS
	.show_fdinfo	= key_service_file_show,
#endif
	.llseek		= noop_llseek,
};

/*
 * Get the open file of a service.
 *
 * Return: the file, with a reference to drop, -EBADF or -EINVAL.
 */
struct file *key_service_fget(int fd)
{
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op != &key_service_fops) {
		fput(file);
		return ERR_PTR(-EINVAL);
	}
	return file;
}
