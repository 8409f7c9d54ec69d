/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The helper program: from its start (request_helper.c) to its end
 * (request_helper_watch.c).
 */

#ifndef _SECURITY_KEYS_REQUEST_HELPER_H
#define _SECURITY_KEYS_REQUEST_HELPER_H

#include "request.h"

struct key_helper_watch;

/* request_helper.c */
void key_helper_ended(struct key_request *req, int status);

/* request_helper_watch.c */
struct key_helper_watch *key_helper_watch_alloc(struct key_request *req);
void key_helper_watch_free(struct key_helper_watch *watch);
void key_helper_watch_begin(struct key_helper_watch *watch);
void key_helper_watch_fail(struct key_helper_watch *watch, int error);

#endif /* _SECURITY_KEYS_REQUEST_HELPER_H */
