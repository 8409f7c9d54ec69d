/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_JOURNAL_H
#define REQUEST_KEYD_JOURNAL_H

/**
 * journal_send - Give journald a line with fields
 * @name: Name of the program.
 * @level: LOG_ERR and the like.
 * @line: The line.
 * @fields: More fields, each as NAME=VALUE and a newline.
 *
 * No value may have a newline in it.  Never waits.
 *
 * Return: 0, or -1 if journald has not taken it.
 */
int journal_send(const char *name, int level, const char *line,
		 const char *fields);

#endif /* REQUEST_KEYD_JOURNAL_H */
