// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "error.h"
#include "http.h"

#define HEAD_MAX	16384

/* Where a line has its status, which is three digits */
#define STATUS_AT	(sizeof("HTTP/1.0 ") - 1)
#define STATUS_GOOD	"200"
#define STATUS_SIZE	(sizeof(STATUS_GOOD) - 1)

/* --- URLs ----------------------------------------------------------------- */

static const char letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

static void __attribute__((noreturn)) no_url(const char *url)
{
	misuse("%s is no https://HOST[:PORT][/PATH]", url);
}

/* An address of IPv6 stands in brackets. */
static const char *parse_host(const char *url, const char *at,
			      struct address *address)
{
	const char *allowed = letters;
	unsigned char bytes[sizeof(struct in6_addr)];
	size_t size;

	if (*at == '[') {
		allowed = "0123456789abcdefABCDEF:.";
		at++;
	}
	size = strspn(at, allowed);
	if (!size || size > HOST_MAX || (allowed != letters && at[size] != ']'))
		no_url(url);
	memcpy(address->host, at, size);
	at += size + (allowed != letters);
	address->address =
		inet_pton(allowed != letters ? AF_INET6 : AF_INET,
			  address->host, bytes) == 1;
	if (allowed != letters && !address->address)
		no_url(url);
	return at;
}

void address_parse(const char *url, struct address *address)
{
	const char *at = url;
	size_t size;

	memset(address, 0, sizeof(*address));
	if (strncmp(at, "https://", 8) != 0)
		no_url(url);
	at = parse_host(url, at + 8, address);
	strcpy(address->port, "443");
	if (*at == ':') {
		size = strspn(at + 1, "0123456789");
		if (!size || size >= sizeof(address->port))
			no_url(url);
		memcpy(address->port, at + 1, size);
		address->port[size] = '\0';
		if (atol(address->port) < 1 || atol(address->port) > UINT16_MAX)
			no_url(url);
		at += 1 + size;
	}
	if (*at && *at != '/')
		no_url(url);
	if (strlen(at) >= sizeof(address->path))
		no_url(url);
	strcpy(address->path, *at ? at : "/");
	for (at = address->path; *at; at++)
		if (*at <= ' ' || *at >= 0x7f || *at == '#')
			no_url(url);
}

/* --- the client ----------------------------------------------------------- */

/*
 * struct page - an answer
 * @channel:	connection that it comes by
 * @head:	its lines before the page
 * @size:	bytes of them
 * @done:	they are all there
 * @length:	bytes of the page, or -1 if nobody says
 * @had:	bytes of the page that came
 */
struct page {
	struct channel *channel;
	char head[HEAD_MAX + 1];
	size_t size;
	bool done;
	long long length;
	long long had;
};

/* The server did as TLS has it, so it is told of the end. */
static void __attribute__((noreturn, format(printf, 2, 3)))
no_page(const struct page *page, const char *format, ...)
{
	va_list args;

	channel_close(page->channel);
	va_start(args, format);
	tool_leave(EXIT_ANSWER, format, args);
}

static void write_out(struct page *page, const void *bytes, size_t size)
{
	page->had += size;
	if (page->length >= 0 && page->had > page->length)
		no_page(page, "the server sent more than the page");
	if (size && fwrite(bytes, size, 1, stdout) != 1)
		fail("cannot write the page: %s", strerror(errno));
}

static void parse_length(struct page *page, const char *line)
{
	char *end;

	line += strspn(line, " \t");
	errno = 0;
	page->length = strtoll(line, &end, 10);
	if (errno || end == line || *line < '0' || *line > '9' ||
	    end[strspn(end, " \t\r\n")])
		no_page(page, "the server gives the page no length");
}

/* A version, a blank, three digits, and behind a blank whatever the server says. */
static bool is_status_line(const char *line)
{
	const char *status = line + STATUS_AT;

	if (strncmp(line, "HTTP/1.0 ", STATUS_AT) != 0 &&
	    strncmp(line, "HTTP/1.1 ", STATUS_AT) != 0)
		return false;
	return strspn(status, "0123456789") == STATUS_SIZE &&
	       (status[STATUS_SIZE] == ' ' || !status[STATUS_SIZE]);
}

/* The status line, and the two headers that would matter. */
static void parse_head(struct page *page)
{
	char *line, *rest = page->head, *status = strsep(&rest, "\n");

	status[strcspn(status, "\r")] = '\0';
	for (char *at = status; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	if (!is_status_line(status))
		no_page(page, "the server does not answer in HTTP/1");
	status += STATUS_AT;
	if (strncmp(status, STATUS_GOOD, STATUS_SIZE) != 0)
		no_page(page, "the server answers %.128s", status);
	page->length = -1;
	while ((line = strsep(&rest, "\n"))) {
		if (strncasecmp(line, "Content-Length:", 15) == 0)
			parse_length(page, line + 15);
		if (strncasecmp(line, "Transfer-Encoding:", 18) == 0)
			no_page(page,
				"the server answers in pieces, which was not asked for");
	}
}

/* Where the page begins, behind an empty line, or NULL. */
static char *end_of_head(char *head)
{
	char *end = strstr(head, "\n\r\n"), *other = strstr(head, "\n\n");

	if (end && (!other || end < other))
		return end + 3;
	return other ? other + 2 : NULL;
}

static void take_head(struct page *page, const struct reader *data)
{
	size_t part = HEAD_MAX - page->size, before = page->size, in_head;
	char *end;

	if (part > data->left)
		part = data->left;
	memcpy(page->head + page->size, data->at, part);
	page->size += part;
	page->head[page->size] = '\0';
	if (memchr(page->head + before, '\0', part))
		no_page(page, "the server does not answer in HTTP/1");
	end = end_of_head(page->head);
	if (!end && page->size == HEAD_MAX)
		no_page(page, "the server's answer has too long a head");
	if (!end)
		return;
	page->done = true;
	in_head = end - page->head - before;
	*end = '\0';
	parse_head(page);
	write_out(page, data->at + in_head, data->left - in_head);
}

static void ask(struct channel *channel, const struct address *address)
{
	const bool v6 = strchr(address->host, ':');
	char text[PATH_ROOM + 2 * HOST_MAX];
	int size;

	size = snprintf(text, sizeof(text),
			"GET %s HTTP/1.0\r\nHost: %s%s%s:%s\r\nConnection: close\r\n\r\n",
			address->path, v6 ? "[" : "", address->host,
			v6 ? "]" : "", address->port);
	channel_write(channel, text, size);
}

void http_get(struct channel *channel, const struct address *address)
{
	static struct page page;
	struct reader data;

	page.channel = channel;
	/* What has come is there at once, and also if no more comes. */
	setvbuf(stdout, NULL, _IONBF, 0);
	ask(channel, address);
	while (channel_read(channel, &data)) {
		if (page.done)
			write_out(&page, data.at, data.left);
		else
			take_head(&page, &data);
	}
	if (!page.done)
		no_page(&page, "the server ended without an answer");
	if (page.length >= 0 && page.had < page.length)
		no_page(&page, "the page was cut short");
	channel_close(channel);
	if (fflush(stdout))
		fail("cannot write the page: %s", strerror(errno));
}

/* --- the server ----------------------------------------------------------- */

static void say(struct channel *channel, const char *status, long long size)
{
	char text[256];
	int used;

	used = snprintf(text, sizeof(text),
			"HTTP/1.0 %s\r\nContent-Length: %lld\r\nConnection: close\r\n\r\n",
			status, size);
	channel_write(channel, text, used);
}

/* Reads a whole question; what it says does not matter but for its first word. */
static bool is_get(struct channel *channel)
{
	static char head[HEAD_MAX + 1];
	struct reader data;
	size_t size = 0;

	do {
		if (!channel_read(channel, &data))
			leave(EXIT_ENDED, "the client asked for nothing");
		if (data.left > HEAD_MAX - size)
			leave(EXIT_ANSWER, "the client's question is too long");
		memcpy(head + size, data.at, data.left);
		size += data.left;
		head[size] = '\0';
	} while (!end_of_head(head) && strlen(head) == size);
	return strncmp(head, "GET ", 4) == 0;
}

static void send_file(struct channel *channel, int fd, long long left)
{
	uint8_t bytes[TEXT_MAX];
	ssize_t got;

	for (; left; left -= got) {
		got = read(fd, bytes, left < TEXT_MAX ? left : TEXT_MAX);
		if (got <= 0) {
			record_alert(&channel->records, ALERT_INTERNAL_ERROR);
			fail("the file cannot be read, or has become shorter");
		}
		channel_write(channel, bytes, got);
	}
}

void http_answer(struct channel *channel, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool get;

	/* A client that asks a byte at a time must not keep its place for days. */
	record_limit(&channel->records);
	get = is_get(channel);
	channel->records.deadline = 0;
	if (!get) {
		say(channel, "405 Method Not Allowed", 0);
	} else if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		say(channel, "404 Not Found", 0);
	} else {
		say(channel, "200 OK", st.st_size);
		send_file(channel, fd, st.st_size);
	}
	if (fd >= 0)
		close(fd);
	channel_close(channel);
	record_drain(&channel->records);
}
