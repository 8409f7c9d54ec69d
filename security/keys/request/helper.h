/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The helper program: made ready and started (helper.c), queued if others
 * have all places (helper_queue.c), and watched until its process has
 * ended (helper_watch.c).
 */

#ifndef _SECURITY_KEYS_REQUEST_HELPER_H
#define _SECURITY_KEYS_REQUEST_HELPER_H

#include "request.h"

#define HELPER_IDS	6	/* key, uid, gid, three keyrings */
#define HELPER_ARGS	(2 + HELPER_IDS + 1)

struct key_helper_watch;

/**
 * struct key_helper - What it takes to start a helper program
 * @req: The request; it lives as long as @watch.
 * @watch: Is told of the program's end.
 * @watched: Its process exists, and frees @watch.
 * @link: Place in the queue; under helper_queue_lock.
 * @session: Session keyring of the program, with a reference.
 * @argv: Its arguments.
 * @ids: The numbers among them.
 *
 * All of it goes once the program is loaded: a request may wait for long.
 */
struct key_helper {
	struct key_request	*req;
	struct key_helper_watch	*watch;
	bool			watched;
	struct list_head	link;
	struct key		*session;
	char			*argv[HELPER_ARGS];
	char			ids[HELPER_IDS][KEY_REQUEST_DECIMAL_SIZE];
};

/* helper.c */
void key_helper_start_late(struct key_helper *helper);
void key_helper_ended(struct key_request *req, int status);
void key_helper_free(struct key_helper *helper);

/* helper_queue.c */
int key_helper_queue(struct key_helper *helper);
void key_helper_queue_run(void);
void key_helper_forget(struct key_request *req);

/* helper_watch.c */
struct key_helper_watch *key_helper_watch_alloc(struct key_request *req);
void key_helper_watch_free(struct key_helper_watch *watch);
bool key_helper_watch_take_place(struct key_helper_watch *watch);
void key_helper_watch_begin(struct key_helper_watch *watch);
void key_helper_watch_fail(struct key_helper_watch *watch, int error);

#endif /* _SECURITY_KEYS_REQUEST_HELPER_H */
