/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The request-key service, seen from inside.
 *
 * A request is first a question on its caller's stack (struct key_query).  If
 * a search answers it, that is all.  If not, a key is put under construction
 * and the question becomes an object (struct key_request) that lives until the
 * key is answered, whether its caller still waits or not.
 *
 *   request.c     the calls the rest of the kernel makes
 *   search.c      search, and the cache of one key per task
 *   dest.c        where a new key is kept
 *   construct.c   allocate the key; settle races to make it
 *   life.c        the object, its references, and the list of those in flight
 *   payers.c      the users that a request is charged to
 *   places.c      what there is only a number of, and everybody's share
 *   auth.c        the key that carries the authority to answer
 *   route.c       the table of routes
 *   helper*.c     the route of the helper program; see helper.h
 *   service*.c    the route of the key services; see service.h
 *   outcome.c     how a request ends
 *   deadline.c    its time limit
 *   wait.c        how others wait for the key
 *   proc.c        /proc/key-requests, which lists them
 *   forget.c      forget failures by hand
 *   sleep.c       what has to be over before the system goes to sleep
 *
 * Lock order, outermost first:
 *
 *   1. key type registry
 *   2. semaphore of the destination keyring
 *   3. creation lock of the key's name (construct.c)
 *   4. KEY_FLAG_ANSWERING of the key being answered
 *   5. semaphore of the authorisation key
 *   6. lock of a service (service.h)
 *   7. key_request_lock (life.c)
 *   8. helper_queue_lock (helper_queue.c)
 *   9. key_places_lock (places.c)
 *
 * The lock of the lists of services (service.c) is taken with none of
 * these held, and none of them with it held.
 *
 * No lock is held while a route runs or while anybody waits for it.
 */

#ifndef _SECURITY_KEYS_REQUEST_H
#define _SECURITY_KEYS_REQUEST_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <keys/request_key_auth-type.h>
#include "../internal.h"
#include "limits.h"

/**
 * enum key_request_origin - Where a request comes from
 * @KEY_ORIGIN_USER: A program, by request_key(2).
 * @KEY_ORIGIN_KERNEL: Code of the kernel, on anybody's behalf.
 *
 * A field that nobody has set must not read as "the kernel asks".
 */
enum key_request_origin {
	KEY_ORIGIN_USER,
	KEY_ORIGIN_KERNEL,
};

/**
 * enum key_request_state - How far a request has come
 * @KEY_REQUEST_STARTED: Its key is under construction, nobody was asked yet.
 * @KEY_REQUEST_ROUTED: Somebody was asked.
 * @KEY_REQUEST_ABANDONED: As before, but the caller was killed meanwhile.
 * @KEY_REQUEST_ANSWERED: Over: the key was instantiated or rejected.
 * @KEY_REQUEST_FAILED: Over: nobody answered.
 */
enum key_request_state {
	KEY_REQUEST_STARTED,
	KEY_REQUEST_ROUTED,
	KEY_REQUEST_ABANDONED,
	KEY_REQUEST_ANSWERED,
	KEY_REQUEST_FAILED,
};

/**
 * enum key_request_cause - Why a request ended as it did
 * @KEY_CAUSE_ANSWER: It was answered.
 * @KEY_CAUSE_SETUP: The kernel could not ask, for want of something.
 * @KEY_CAUSE_NO_HELPER: The helper program could not be started.
 * @KEY_CAUSE_NO_ANSWER: The program or service that was asked ended without an answer.
 * @KEY_CAUSE_ACTOR: The key type's own actor reported an error.
 * @KEY_CAUSE_TIMEOUT: The time limit passed.
 * @KEY_CAUSE_LOST: The authority was given back unused.
 * @KEY_CAUSE_TYPE_GONE: The key type is being unregistered.
 * @KEY_CAUSE_CLOSED: The service that had it was closed, and nobody else may have it.
 */
enum key_request_cause {
	KEY_CAUSE_ANSWER,
	KEY_CAUSE_SETUP,
	KEY_CAUSE_NO_HELPER,
	KEY_CAUSE_NO_ANSWER,
	KEY_CAUSE_ACTOR,
	KEY_CAUSE_TIMEOUT,
	KEY_CAUSE_LOST,
	KEY_CAUSE_TYPE_GONE,
	KEY_CAUSE_CLOSED,
};

/**
 * struct key_query - The question of a request
 * @type: Type of the key.
 * @description: Description of the key.
 * @domain_tag: Domain of the key, or NULL for the one its type implies.
 * @callout_info: Data for the maker of the key, or NULL to make none.
 * @callout_len: Length of @callout_info.
 * @aux: For the key type's own actor.
 * @dest_keyring: Where to link the key, or NULL.
 * @dest_possessed: The caller possesses @dest_keyring.
 * @alloc_flags: KEY_ALLOC_* for a new key.
 * @origin: Whether a program asks, or the kernel.
 * @async: Do not wait for a new key to be answered.
 */
struct key_query {
	struct key_type			*type;
	const char			*description;
	struct key_tag			*domain_tag;
	const void			*callout_info;
	size_t				callout_len;
	void				*aux;
	struct key			*dest_keyring;
	bool				dest_possessed;
	unsigned long			alloc_flags;
	enum key_request_origin		origin;
	bool				async;
};

/**
 * enum key_place - Which of a limited number of places a request has
 * @KEY_PLACE_NONE: None.
 * @KEY_PLACE_COMMON: One of everybody's.
 * @KEY_PLACE_OWN: One that only its payers may have.
 */
enum key_place {
	KEY_PLACE_NONE,
	KEY_PLACE_COMMON,
	KEY_PLACE_OWN,
};

/**
 * struct key_payers - The users that a request is charged to
 * @count: How many there are.
 * @users: The user behind it, then the makers of the user namespaces that it
 *	comes from, with a reference to each.
 *
 * It does not change while the request lives.
 */
struct key_payers {
	unsigned int	count;
	struct key_user	*users[];
};

struct key_service_place;
struct seq_file;
struct key_helper;

/**
 * struct key_request - A request whose key is being constructed
 * @rka: What the authorisation key shows of it to the rest of the kernel.  Its
 *	usage counts the references to the request.
 * @link: Place in the list of requests in flight; under key_request_lock.
 * @type: Pinned type of the key until the end, NULL if it is not a registered one.
 * @authkey: Authorisation key until the end, if the route needs it kept; under
 *	key_request_lock.
 * @route: The route that it was sent last, NULL before.
 * @id: Number of the request, unique while the system runs.
 * @started: When it was made.
 * @deadline: Jiffies at which it times out, 0 for never; under key_request_lock.
 * @flags: KEY_REQUEST_* bits, below.
 * @result: After the end: 0, or the error for the task that made the request.
 * @exit_status: How the helper ended, as wait(2) has it.
 * @state: enum key_request_state; waited for with wait_var_event().
 * @origin: enum key_request_origin.
 * @cause: enum key_request_cause.
 * @payers: The users that it is charged to.
 * @unattended: Its place among those that nobody waits for any more; see
 *	key_place_take().
 * @helper: Its helper program while that waits to be started; under
 *	helper_queue_lock.
 * @release: Frees @place with the request; NULL as long as there is none.
 * @place: What the services know of it; NULL if none was open when it was made.
 * @callout: The bytes that @rka.callout_info points to.
 */
struct key_request {
	struct request_key_auth		rka;
	struct list_head		link;
	struct key_type			*type;
	struct key			*authkey;
	const struct key_request_route	*route;
	u64				id;
	ktime_t				started;
	unsigned long			deadline;
	unsigned long			flags;
#define KEY_REQUEST_ENDED		0	/* the end has been claimed */
#define KEY_REQUEST_NOT_RUN		1	/* there was no helper to start */
	int				result;
	int				exit_status;
	int				state;
	u8				origin;
	u8				cause;
	enum key_place			unattended;
	struct key_payers		*payers;
	struct key_helper		*helper;
	void				(*release)(struct key_request *req);
#ifdef CONFIG_KEY_SERVICE
	struct key_service_place	*place;
#endif
	u8				callout[];
};

/**
 * struct key_request_route - One way to have a key made
 * @name: What people call it.
 * @waits: The caller waits for the route's end, not only for the key.
 * @takes: Whether the route is for this request; not used for the last one.
 * @start: Ask.  An error ends the request.  Without one the route must see to
 *	it that key_request_end() is called, be it later and from elsewhere.
 * @offer: In place of both: ask if there is somebody to ask, and say whether:
 *	1, 0, or an error, which ends the request.
 *	key_request_routed() has to be called before anybody can answer.
 * @may_leave: Whether the request may go on while nobody waits for it; without
 *	one it may.
 * @forget: Take a request back that has ended, and was sent this way last.
 */
struct key_request_route {
	const char	*name;
	bool		waits;
	bool		(*takes)(const struct key_request *req);
	int		(*start)(struct key_request *req, void *aux);
	int		(*offer)(struct key_request *req);
	bool		(*may_leave)(struct key_request *req);
	void		(*forget)(struct key_request *req);
};

/* The request that an authorisation record is about */
static inline struct key_request *
key_request_of(struct request_key_auth *rka)
{
	return rka->request ?: container_of(rka, struct key_request, rka);
}

static inline struct key *key_request_key(const struct key_request *req)
{
	return req->rka.target_key;
}

static inline bool key_request_has_ended(const struct key_request *req)
{
	/* Pairs with the exchange in key_request_announce_end() */
	return smp_load_acquire(&req->state) >= KEY_REQUEST_ANSWERED;
}

static inline bool key_under_construction(const struct key *key)
{
	return test_bit(KEY_FLAG_USER_CONSTRUCT, &key->flags);
}

static inline bool key_is_being_answered(const struct key *key)
{
	return test_bit(KEY_FLAG_ANSWERING, &key->flags);
}

/*
 * The process that a request is made for, as a reader in @ns knows it.  Zero if it
 * is gone: its number may be another's by now, and a helper that believes it acts
 * in the name of that one.
 */
static inline pid_t key_request_pid(const struct request_key_auth *rka,
				    struct pid_namespace *ns)
{
	return pid_has_task(rka->pid, PIDTYPE_PID) ?
	       pid_nr_ns(rka->pid, ns) : 0;
}

/* Let the key type clean up what it prepared for the search */
static inline void key_query_done(const struct key_query *query,
				  struct keyring_search_context *ctx)
{
	if (query->type->match_free)
		query->type->match_free(&ctx->match_data);
}

/* search.c */
void key_search_init(struct keyring_search_context *ctx, struct key_type *type,
		     const char *description, struct key_tag *domain_tag,
		     unsigned int flags);
int key_search_session(const struct cred *cred, key_serial_t *serial);
int key_query_prepare(const struct key_query *query,
		      struct keyring_search_context *ctx);
key_ref_t key_query_search(struct keyring_search_context *ctx);
struct key *key_cache_get(const struct key_query *query,
			  const struct keyring_search_context *ctx);
void key_cache_set(struct key *key);

/* dest.c */
key_ref_t key_request_destination(const struct key_query *query);

/* construct.c */
struct key *key_request_construct(const struct key_query *query,
				  struct keyring_search_context *ctx);

/* life.c */
extern struct list_head key_requests;
extern spinlock_t key_request_lock;
struct key_request *key_request_alloc(const struct key_query *query,
				      struct key *key, key_ref_t dest);
void key_request_put(struct key_request *req);
void key_request_auth_put_later(struct request_key_auth *rka);
bool key_request_leave(struct key_request *req);
void key_request_left(struct key_request *req);

/* payers.c */
struct key_payers *key_payers_find(void);
void key_payers_free(struct key_payers *payers);

/* places.c */
bool key_place_take(enum key_place *place, const struct key_payers *payers,
		    enum key_place_kind kind);
bool key_place_give(enum key_place *place, const struct key_payers *payers,
		    enum key_place_kind kind);

/* auth.c */
struct key *request_key_auth_new(struct request_key_auth *rka);

/* route.c */
void key_request_routed(struct key_request *req,
			const struct key_request_route *route);
int key_request_dispatch(struct key_request *req, void *aux);

/* helper.c */
extern char *key_request_helper;
extern const struct key_request_route key_route_helper;

/* outcome.c */
void key_request_discard(struct key *key, int error);
bool key_request_keep_authkey(struct key_request *req, struct key *authkey);
void key_request_drop_authkey(struct key_request *req);
void key_request_end(struct key_request *req, struct key *authkey, int error,
		     enum key_request_cause cause);

/* deadline.c */
void key_request_set_deadline(struct key_request *req, unsigned long limit);

/* wait.c */
int key_request_wait(struct key_request *req,
		     struct keyring_search_context *ctx, bool to_end);
int key_wait_as_kernel(struct key *key, bool to_end);

/* sleep.c */
bool key_sleep_delay(bool always);
void key_sleep_allow(void);
bool key_sleep_is_near(void);

/* forget.c */
ssize_t key_requests_write(struct file *file, const char __user *text,
			   size_t len, loff_t *pos);

/* proc.c */
void key_request_show_text(struct seq_file *m, const char *text, size_t len);

/* service*.c */
#ifdef CONFIG_KEY_SERVICE
extern const struct key_request_route key_route_service;
bool key_service_makes(const struct key *key);
#else
static inline bool key_service_makes(const struct key *key)
{
	return false;
}
#endif

#endif /* _SECURITY_KEYS_REQUEST_H */
