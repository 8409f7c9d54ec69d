/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A socket that seals and opens the records itself, by traffic secrets that it takes
 * by their serials (kTLS).  See Documentation/networking/tls.rst.
 */
#ifndef KEYED_TLS_SOCKET_H
#define KEYED_TLS_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "keys.h"

/*
 * Prepares a socket, which then works as before.  A socket whose peer has closed
 * cannot be prepared any more.  Returns 0 or a negative errno.
 */
int socket_prepare(int fd);

/* From now on the socket has both secrets.  Returns 0 or a negative errno. */
int socket_take(int fd, key_serial own, key_serial peer);

/* As send(2) and recv(2), of one record or a part of it, with its type. */
ssize_t socket_send(int fd, uint8_t type, const void *text, size_t size);
ssize_t socket_receive(int fd, int flags, uint8_t *type, void *text, size_t room);

#endif /* KEYED_TLS_SOCKET_H */
