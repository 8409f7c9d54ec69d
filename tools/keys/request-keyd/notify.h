/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_NOTIFY_H
#define REQUEST_KEYD_NOTIFY_H

/**
 * notify - Tell the service manager, if there is one, the daemon's state
 * @state: Lines of sd_notify(3): "READY=1" and the like.
 */
void notify(const char *state);

/* The same, with a descriptor that the service manager shall keep, or -1. */
void notify_with(const char *state, int fd);

/* The same for the start of a reload, whose message must have the time. */
void notify_reloading(void);

#endif /* REQUEST_KEYD_NOTIFY_H */
