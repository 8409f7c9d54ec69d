// SPDX-License-Identifier: GPL-2.0-only
#include "pulse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "limits.h"
#include "log.h"
#include "notify.h"
#include "now.h"
#include "stats.h"

#define NSEC_PER_USEC	UINT64_C(1000)

/* Half of the interval of the watchdog, as sd_watchdog_enabled(3) advises. */
static uint64_t pulse_watchdog_interval(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (!usec || (pid && atoi(pid) != getpid()))
		return 0;
	return strtoull(usec, NULL, 10) * NSEC_PER_USEC / 2;
}

void pulse_start(struct pulse *pulse, const struct options *options)
{
	*pulse = (struct pulse){
		.metrics = options->metrics,
		.every = pulse_watchdog_interval(),
		.beat_at = now_ns(),
		.write_at = now_ns(),
		/*
		 * A number that differs from the current one, so that the file
		 * is written once.
		 */
		.written = UINT64_MAX,
	};
}

static bool pulse_has_news(const struct pulse *pulse)
{
	return pulse->metrics && stats_total() != pulse->written;
}

uint64_t pulse_next(const struct pulse *pulse)
{
	uint64_t next = pulse->every ? pulse->beat_at : 0;

	if (pulse_has_news(pulse) && (!next || pulse->write_at < next))
		next = pulse->write_at;
	return next;
}

static void pulse_send(struct pulse *pulse, uint64_t now, unsigned int waiting,
		       unsigned int running)
{
	char state[128];

	snprintf(state, sizeof(state),
		 "WATCHDOG=1\n"
		 "STATUS=%u requests wait, %u handlers run, %" PRIu64 " are over",
		 waiting, running, stats_total());
	notify(state);
	pulse->beat_at = now + pulse->every;
}

static void pulse_write_metrics(struct pulse *pulse, uint64_t now,
				unsigned int waiting, unsigned int running)
{
	pulse->written = stats_total();
	pulse->write_at = now + METRICS_SECONDS * NSEC_PER_SEC;
	if (stats_write(pulse->metrics, waiting, running))
		log_say(LOG_WARNING, "cannot write %s: %s", pulse->metrics,
			strerror(errno));
}

void pulse_beat(struct pulse *pulse, uint64_t now, unsigned int waiting,
		unsigned int running)
{
	if (pulse->every && now >= pulse->beat_at)
		pulse_send(pulse, now, waiting, running);
	if (pulse_has_news(pulse) && now >= pulse->write_at)
		pulse_write_metrics(pulse, now, waiting, running);
}
