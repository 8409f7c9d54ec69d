/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of HTTP as it takes to hand a page over. */
#ifndef KEYED_TLS_HTTP_H
#define KEYED_TLS_HTTP_H

#include "channel.h"

#define HOST_MAX	253
#define PATH_ROOM	2048

/*
 * struct address - what a URL names
 * @host:	name, or address without brackets
 * @port:	port
 * @path:	path, which begins with a slash
 * @address:	@host is an address
 */
struct address {
	char host[HOST_MAX + 1];
	char port[6];
	char path[PATH_ROOM];
	bool address;
};

/* The program ends if it is no such URL. */
void address_parse(const char *url, struct address *address);

/* Asks for a page and writes it to standard output. */
void http_get(struct channel *channel, const struct address *address);

/* Answers one question with a file, whatever path it asks for. */
void http_answer(struct channel *channel, const char *file);

#endif /* KEYED_TLS_HTTP_H */
