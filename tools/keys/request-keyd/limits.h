/* SPDX-License-Identifier: GPL-2.0-only */
/* The limits of request-keyd. */
#ifndef REQUEST_KEYD_LIMITS_H
#define REQUEST_KEYD_LIMITS_H

/* Limits of the configuration, so that loading any files is cheap. */
#define CONFIG_FILE_MAX		(1024 * 1024)
#define CONFIG_LINE_MAX		4096
#define CONFIG_FILES_MAX	1024
#define CONFIG_RULES_MAX	4096
#define CONFIG_FAULTS_MAX	20
#define RULE_ARGS_MAX		64

/* Payers whose turns each rule remembers. */
#define RULE_PAYERS_MAX		16

/*
 * Handlers that run at the same time, in all and for one user.  Each takes
 * three descriptors, of which a process can have 1024 by default.
 */
#define JOBS_DEFAULT		16
#define JOBS_MAX		256

/*
 * Parts of these slots: for one user, for one key type, reserved for root, and
 * as many reserved for root and the kernel.  Below the minimum nothing is
 * reserved.
 */
#define SLOTS_USER_SHARE	4
#define SLOTS_TYPE_SHARE	2
#define SLOTS_KEPT_SHARE	8
#define SLOTS_SHARED_MIN	4

/*
 * Requests that were read and wait for a handler: of all, of all users, of one
 * user.
 */
#define QUEUE_MAX		256
#define QUEUE_USERS_MAX		(QUEUE_MAX / 4 * 3)
#define QUEUE_USER_MAX		(QUEUE_MAX / 4)

/*
 * The most work of one turn of the daemon's loop, so that the next turn comes
 * soon.
 */
#define TURN_READ_MAX		(64 * 1024)
#define TURN_REAP_MAX		256
#define TURN_SIGNALS_MAX	8

/*
 * Connections to the control socket that one turn answers, and bytes of each
 * answer.
 */
#define TURN_CONTROL_MAX	4
#define STATUS_MAX		(256 * 1024)

/* How often /proc is searched for processes that have just been forked. */
#define TREE_ROUNDS_MAX		16

/*
 * Seconds: for a handler, and for handlers that still run when the daemon ends.
 */
#define HANDLER_SECONDS		30
#define HANDLER_SECONDS_MAX	3600
#define STOP_SECONDS		5

/* Seconds between two files for Prometheus. */
#define METRICS_SECONDS		5

/* The largest lifetime of a key: a year, in seconds. */
#define LIFETIME_SECONDS_MAX	(366 * 24 * 3600)

/* The most requests that may wait in the kernel for one service. */
#define PENDING_MAX		65536

/*
 * The kernel's deadline is this much later than the daemon's, which thus comes
 * first.
 */
#define KERNEL_SLACK_SECONDS	5

/* Seconds for which a failure is remembered: the kernel's default. */
#define NEGATIVE_SECONDS	60
#define TIMEOUT_NEGATIVE_SECONDS 10
#define REFUSED_NEGATIVE_SECONDS 10

/* The largest payload of a key. */
#define PAYLOAD_MAX		(1024 * 1024 - 1)

/* How much of a handler's error output, and of a user's text, is logged. */
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
