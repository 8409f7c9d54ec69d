/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_NOTIFY_H
#define REQUEST_KEYD_NOTIFY_H

/**
 * notify - Tell the service manager, if there is one, in what state we are
 * @state: Lines of sd_notify(3): "READY=1" and the like.
 */
void notify(const char *state);

/* The same, and a descriptor to keep, or -1. */
void notify_with(const char *state, int fd);

/* The same for the start of a reload, which wants the time with it. */
void notify_reloading(void);

#endif /* REQUEST_KEYD_NOTIFY_H */
