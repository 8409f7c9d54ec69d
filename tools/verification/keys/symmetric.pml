/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a symmetric key, as security/keys/symmetric/ has it.
 *
 * One root with one view; a task that uses one of them twice, or a sink; a task
 * that kills the root; one more party: a task that kills the root, too, one that
 * kills the view, or the clock with its timer; the worker; and, unless somebody
 * keeps the key, the collector.  A task that kills may be killed while it waits.
 * An inline has the name of the function it stands for; a statement is a step that
 * others see whole.  The steps in d_step are done in one instruction or under a lock
 * that is not modelled.
 *
 * Claims, on the way:
 *
 *   - in a bracket the bytes are there, and so is the transform of a sink;
 *   - what begins after a call that killed has returned does not get in;
 *   - when such a call returns, bytes and transforms are gone;
 *   - each task that is refused is told a reason, and the same one;
 *   - a task that was told that the key is expired never gets in later;
 *   - nobody touches the object after it was freed;
 *
 * and in every state in which nothing can happen any more:
 *
 *   - nobody waits, neither for a bracket nor as a sink for its connection;
 *   - if the key is dead, nothing of it is left;
 *   - unless somebody keeps the key, the object is freed.
 *
 * With -DBREAK_... one line of defence is taken out, and a claim must fail.
 */

#define ROOT	0
#define VIEW	1

mtype = { NONE, REVOKED, EXPIRED };

/* struct symmetric_key, of root and view */
byte brackets[2];
bool dead[2];
mtype reason[2] = NONE;
bool bytes = true;		/* of the root, with its transform */
byte usage = 1;			/* of the root: the key has one */
bool mutex;			/* sinks_mutex of the root */
bool freed;

/* The sink */
bool listed;			/* in the list of sinks */
bool sink_keyed;		/* its transform has the key */
bool sink_waits;		/* for room that its peer never makes */

/* Time */
bool time_up;			/* the clock shows a later time than expiry */
bool timer_on = true, work_queued, work_runs;

/* Tasks that sleep on drained */
bool asleep[4];

/* What was promised and told */
bool promised[2];
mtype told[2] = NONE;
bool kept, clock_done;
byte done;

inline use_object()
{
	assert(!freed)
}

inline lock()
{
#ifndef BREAK_MUTEX
	d_step { !mutex -> mutex = true }
#else
	skip
#endif
}

inline unlock()
{
	mutex = false
}

/* --- life.c ---------------------------------------------------------------- */

inline symmetric_mark_dead(o, why)
{
#ifdef BREAK_REASON_FIRST
	dead[o] = true;
#endif
#ifndef BREAK_REASON_ONCE
	/* cmpxchg() */
	d_step {
		use_object();
		if
		:: reason[o] == NONE -> reason[o] = why
		:: else
		fi
	};
#else
	reason[o] = why;
#endif
	dead[o] = true
}

/* A refusal, and what it says */
inline refuse(o)
{
	d_step {
		assert(reason[o] != NONE);
		assert(told[o] == NONE || told[o] == reason[o]);
		told[o] = reason[o]
	}
}

/* Only the root has a time here */
inline symmetric_time_is_up(o, up)
{
	up = o == ROOT && time_up;
	if
	:: up ->
#ifndef BREAK_EXPIRED_STAYS
		symmetric_mark_dead(o, EXPIRED);
		work_queued = true
#else
		reason[o] = EXPIRED
#endif
	:: else
	fi
}

inline symmetric_enter_one(o, in)
{
	if
	:: dead[o] -> refuse(o)
	:: else ->
		symmetric_time_is_up(o, up);
		if
		:: up -> refuse(o)
		:: else ->
#ifndef BREAK_ENTER
			/* try_cmpxchg() */
			d_step {
				use_object();
				in = !dead[o];
				brackets[o] = brackets[o] + in
			};
#else
			in = !dead[o];
			brackets[o] = brackets[o] + in;
#endif
			if
			:: !in -> refuse(o)
			:: else
			fi
		fi
	fi;
	up = false
}

inline symmetric_leave_one(o)
{
	d_step {
		assert(brackets[o] > 0);
		brackets[o]--;
		last = dead[o] && brackets[o] == 0
	};
	if
	:: last ->
#ifndef BREAK_WAKE
		d_step {
			use_object();
			/* wake_up() */
			asleep[0] = false;
			asleep[1] = false;
			asleep[2] = false;
			asleep[3] = false
		};
#endif
#ifndef BREAK_LAST_QUEUES
		d_step { use_object(); work_queued = true }
#else
		skip
#endif
	:: else
	fi;
	last = false
}

inline symmetric_enter(view, in)
{
#ifndef BREAK_ENTER_ROOT
	symmetric_enter_one(ROOT, in);
#else
	if
	:: !view -> symmetric_enter_one(ROOT, in)
	:: else -> in = true
	fi;
#endif
	if
	:: in && view ->
		in = false;
		symmetric_enter_one(VIEW, in);
#ifndef BREAK_ENTER_ROOT
		if
		:: !in -> symmetric_leave_one(ROOT)
		:: else
		fi
#endif
	:: else
	fi
}

inline symmetric_leave(view)
{
	if
	:: view -> symmetric_leave_one(VIEW)
	:: else
	fi;
#ifdef BREAK_ENTER_ROOT
	if
	:: !view -> symmetric_leave_one(ROOT)
	:: else
	fi
#else
	symmetric_leave_one(ROOT)
#endif
}

/* wait_event_killable(): queued first, then it looks */
inline wait_drained(o, me)
{
	do
	::
#ifdef BREAK_QUEUE_FIRST
		if
		:: brackets[o] == 0 -> break
		:: else
		fi;
		asleep[me] = true;
#else
		asleep[me] = true;
		if
		:: brackets[o] == 0 -> break
		:: else
		fi;
#endif
		if
		:: !asleep[me]
		/* A fatal signal, after it has looked */
		:: mortal -> killed = true; break
		fi
	od;
	asleep[me] = false
}

inline symmetric_wipe(o)
{
	lock();
	if
	:: o == ROOT ->
		if
		:: listed ->
			listed = false;
			sink_keyed = false
		:: else
		fi;
		bytes = false
	:: else
	fi;
	unlock()
}

inline symmetric_kick_sinks(o)
{
#ifndef BREAK_KICK
	lock();
	if
	:: o == ROOT && listed -> sink_waits = false
	:: else
	fi;
	unlock()
#else
	skip
#endif
}

inline symmetric_kill(o, why, me)
{
#ifdef BREAK_MARK_BEFORE_KICK
	symmetric_kick_sinks(o);
#endif
	symmetric_mark_dead(o, why);
#ifndef BREAK_MARK_BEFORE_KICK
	symmetric_kick_sinks(o);
#endif
#ifndef BREAK_DRAIN
	wait_drained(o, me);
#endif
	if
	:: !killed ->
		use_object();
		symmetric_wipe(o)
	:: killed
	fi
}

/* It waits for nothing but the mutex. */
inline symmetric_worker()
{
	symmetric_kick_sinks(ROOT);
	if
	:: brackets[ROOT] == 0 ->
		use_object();
		symmetric_wipe(ROOT)
	:: else
	fi
}

inline symmetric_key_put(me)
{
	use_object();
	d_step {
		assert(usage > 0);
		usage--;
		last = usage == 0
	};
	if
	:: last ->
		last = false;
		timer_on = false;	/* hrtimer_cancel() */
#ifndef BREAK_CANCEL
		/* cancel_work_sync() */
		work_queued = false;
		!work_runs;
#endif
		symmetric_kill(ROOT, REVOKED, me);
		freed = true
	:: else
	fi
}

/* --- the parties ----------------------------------------------------------- */

/* keyctl_revoke_key(): has a reference to the key, so the object stays */
proctype Killer(byte o; byte me; bool mortal)
{
	bool last, killed;

	symmetric_kill(o, REVOKED, me);
	if
	:: !killed ->
		assert(brackets[o] == 0);
		assert(o == VIEW || (!bytes && !sink_keyed));
		promised[o] = true
	:: killed
	fi;
	/* The last reference is put back with no bracket left */
	mortal = false;
	killed = false;
	symmetric_key_put(me);
	done++
}

/* KEYCTL_PKEY_*, twice, with a reference, of the root or of the view */
proctype User(bool view)
{
	bool in, up, last, late, again, mortal, killed;

	do
	:: d_step {
		late = promised[ROOT] || (view && promised[VIEW]) ||
		       told[ROOT] != NONE
	   };
	   symmetric_enter(view, in);
	   if
	   :: in ->
		assert(!late && bytes);
		/* the computation */
		assert(bytes);
		in = false;
		symmetric_leave(view)
	   :: else
	   fi;
	   late = false;
	   if
	   :: again -> break
	   :: else -> again = true
	   fi
	od;
	symmetric_key_put(3);
	done++
}

/* sink.c; a request of its own, and then it goes */
proctype Sink()
{
	bool in, up, last, late, attached, mortal, killed;

	lock();
	late = promised[ROOT];
#ifndef BREAK_ATTACH
	if
	:: !dead[ROOT] ->
#else
	if
	:: true ->
#endif
		assert(!late);
		assert(bytes);
		/* set_key() */
		assert(bytes);
		sink_keyed = true;
		listed = true;
		attached = true
	:: dead[ROOT]
	fi;
	unlock();
	if
	:: attached ->
		/* A full send window: only the end of the key ends the wait */
		if
		:: sink_waits = true;
		   if
		   :: !dead[ROOT] -> !sink_waits
		   :: dead[ROOT] -> sink_waits = false
		   fi
		:: true
		fi;
		symmetric_enter(false, in);
		if
		:: in ->
			assert(sink_keyed);
			/* the request */
			assert(sink_keyed);
			in = false;
			symmetric_leave(false)
		:: else
		fi;
		/* symmetric_sink_detach() */
		lock();
		if
		:: listed ->
			listed = false;
#ifndef BREAK_DETACH
			sink_keyed = false
#endif
		:: else
		fi;
		unlock();
		sink_keyed = false
	:: else
	fi;
	symmetric_key_put(3);
	done++
}

/* symmetric_timer(): in one piece, as hrtimer_cancel() waits for it */
proctype Timer()
{
	if
	:: d_step {
		timer_on && time_up;
		timer_on = false;
		if
		:: reason[ROOT] == NONE -> reason[ROOT] = EXPIRED
		:: else
		fi;
		dead[ROOT] = true;
		work_queued = true
	   }
	:: clock_done
	:: freed
	fi;
	done++
}

/* It has no reference. */
proctype Worker()
{
end:	do
	:: d_step { work_queued -> work_queued = false; work_runs = true };
	   symmetric_worker();
	   use_object();
	   work_runs = false
	:: freed -> break
	od
}

/* Sets the clock: forward beyond the expiry, and back */
proctype Clock()
{
	time_up = true;
	if
	:: time_up = false
	:: true
	fi;
	clock_done = true;
	done++
}

/* key_garbage_collector(), once nobody has the key */
proctype Collector()
{
	bool last, mortal, killed;

	symmetric_key_put(3);
	done++
}

init {
	byte parties;

	atomic {
		/* Each of them has a reference from its look-up */
		usage = 1;
		if
		:: run Collector(); parties = 1
		:: kept = true
		fi;
		run Worker();
		usage++; run Killer(ROOT, 0, true); parties++;
		if
		:: usage++; run Killer(ROOT, 1, false); parties++
		:: usage++; run Killer(VIEW, 1, false); parties++
		:: run Clock(); run Timer(); parties = parties + 2
		fi;
		if
		:: usage++; run User(false); parties++
		:: usage++; run User(true); parties++
		:: usage++; run Sink(); parties++
		fi
	};
	timeout;
	assert(done == parties);
	assert(kept || freed);
	assert(!dead[ROOT] || (!bytes && !sink_keyed && !listed));
	assert(brackets[ROOT] == 0 && brackets[VIEW] == 0)
}
