/* SPDX-License-Identifier: GPL-2.0-only */
/* The limits of request-keyd. */
#ifndef REQUEST_KEYD_LIMITS_H
#define REQUEST_KEYD_LIMITS_H

/* Configuration: whatever is in the files, loading them stays cheap. */
#define CONFIG_FILE_MAX		(1024 * 1024)
#define CONFIG_LINE_MAX		4096
#define CONFIG_FILES_MAX	1024
#define CONFIG_RULES_MAX	4096
#define CONFIG_FAULTS_MAX	20
#define RULE_ARGS_MAX		64

/*
 * Handlers that run at the same time, in all and for one user.  Each takes three
 * descriptors, and 1024 is what a process gets unasked.
 */
#define JOBS_DEFAULT		16
#define JOBS_MAX		256

/*
 * Parts of these slots: a user's, a key type's, what is kept for root, and as
 * much again for root and the kernel.  Below the minimum all are for everybody.
 */
#define SLOTS_USER_SHARE	4
#define SLOTS_TYPE_SHARE	2
#define SLOTS_KEPT_SHARE	8
#define SLOTS_SHARED_MIN	4

/* Requests taken from the kernel that wait for a handler: all, users', a user's. */
#define QUEUE_MAX		256
#define QUEUE_USERS_MAX		(QUEUE_MAX / 4 * 3)
#define QUEUE_USER_MAX		(QUEUE_MAX / 4)

/* What one turn of the daemon does at most, so that the next one comes soon. */
#define TURN_READ_MAX		(64 * 1024)
#define TURN_REAP_MAX		256
#define TURN_SIGNALS_MAX	8

/* Who asks how it stands, in one turn, and bytes that each of them is told. */
#define TURN_CONTROL_MAX	4
#define STATUS_MAX		(256 * 1024)

/* How often processes are looked through for one that has just been forked. */
#define TREE_ROUNDS_MAX		16

/* Seconds: for a handler, and for those that still run at the end. */
#define HANDLER_SECONDS		30
#define HANDLER_SECONDS_MAX	3600
#define STOP_SECONDS		5

/* Seconds between two files for Prometheus. */
#define METRICS_SECONDS		5

/* Seconds until a key expires, at most: a year. */
#define LIFETIME_SECONDS_MAX	(366 * 24 * 3600)

/* Requests that may wait in the kernel: what a service takes at most. */
#define PENDING_MAX		65536

/* The kernel's own limit is later, so that the daemon's comes first. */
#define KERNEL_SLACK_SECONDS	5

/* Seconds for which a failure is remembered: as the kernel does by itself. */
#define NEGATIVE_SECONDS	60
#define TIMEOUT_NEGATIVE_SECONDS 10
#define REFUSED_NEGATIVE_SECONDS 10

/* No key holds more than this. */
#define PAYLOAD_MAX		(1024 * 1024 - 1)

/* What of a handler's error output, and of a user's words, is logged. */
#define LOG_LINE_MAX		2048
#define LOG_FIELD_MAX		256
#define LOG_FIELDS_MAX		(8 * LOG_FIELD_MAX + CONFIG_LINE_MAX)
#define JOURNAL_MAX		(LOG_LINE_MAX + LOG_FIELDS_MAX + LOG_FIELD_MAX)
#define HANDLER_LOG_MAX		8192
#define HANDLER_LINES_MAX	64

/* Lines of a user in a minute, and users whose lines are counted. */
#define BUDGET_SECONDS		60
#define BUDGET_LINES_MAX	240
#define BUDGETS_MAX		64

#endif /* REQUEST_KEYD_LIMITS_H */
