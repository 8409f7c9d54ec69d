/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a key request, as security/keys/request/ has it.
 *
 * One request, everybody who may have a hand in it, and every order in which
 * they can act.  An inline has the name of the function it stands for; a
 * statement is a step that others see whole.  What stands in d_step or atomic
 * is done under a lock or in one instruction.
 *
 * names.h is made of the enumerations in request.h, so that the states and
 * causes here are those of the code.
 *
 * Claims, checked in every state in which nothing can happen any more:
 *
 *   - nobody waits: no wake-up was lost, and no party's death hangs another;
 *   - the request ended once, and its key was answered once;
 *   - who asked and who joined were told the same;
 *   - nothing is left: no reference, no authority, no pin of the type.
 *
 * and on the way: nobody touches the request after it was freed, or the
 * authorisation key after the request let go of it.
 *
 * With -DBREAK_... one line of defence is taken out, and a claim must fail; with
 * -DNEVER=KEY_CAUSE_... no request may end like that, and one must.  That is how
 * the model itself is kept honest.
 *
 * Left out: what happens before there is a request (search.c,
 * construct.c), the authority that a service hands to its handlers, and
 * more services than one.
 */

#include "names.h"

#define OVER(s)	(s == KEY_REQUEST_ANSWERED || s == KEY_REQUEST_FAILED)

mtype:key = { UNINSTANTIATED, POSITIVE, NEGATIVE };
mtype:route = { NO_ROUTE, TYPE, SERVICE, HELPER };

/* The key under construction */
mtype:key key_state = UNINSTANTIATED;
bool user_construct;		/* KEY_FLAG_USER_CONSTRUCT */
byte answers;			/* how often it was answered */

/* struct key_request */
mtype:state state = KEY_REQUEST_STARTED;
mtype:cause cause = KEY_CAUSE_SETUP;
mtype:route route = NO_ROUTE;
byte usage;
bool listed, ended, failed, freed, deadline;
bool req_authkey;		/* req->authkey, with a reference */
bool req_type;			/* req->type, with a pin */
byte ends;			/* how often an end was carried out */

/* Its authorisation key */
byte auth_refs;
bool auth_payload;		/* the record, with a reference to the request */
bool auth_revoked, auth_invalidated;
bool session_link;		/* link from the helper's session keyring */

/* The key service */
bool service_open;		/* not service->closed */
bool service_locked;		/* key_service_push() is at work */
bool with_service;		/* req->place->service, with a reference */
bool is_read;			/* req->place->read, by a process that lives */

/* The helper while it waits for a place, with what it needs and a reference */
bool helper_queued;		/* req->helper */

/* The key type */
byte type_pins = 1;		/* the registration itself */

/* Who sleeps where: on req->state, and on the key's bit */
bool asker_queued, asker_asleep, joiner_queued, joiner_asleep;

/* What happened to whom */
bool time_limit, killable, children, helper_hangs, crowded;
bool asker_done, joiner_done, type_gone, unregistering, told, told_error;

/* --- references ------------------------------------------------------------ */

inline use_request()
{
	assert(usage > 0 && !freed)
}

/* request_key_auth_put() */
inline put_request()
{
	if
	:: d_step { usage == 1 && !freed -> usage = 0 };
#ifndef BREAK_LOST
		key_request_end(true, KEY_CAUSE_LOST, false);
#endif
		freed = true
	:: d_step { usage > 1 && !freed -> usage-- }
	:: else -> assert(false)
	fi
}

inline put_authkey()
{
	d_step {
		assert(auth_refs > 0);
		auth_refs--
	}
}

/* key_type_pin(): no more pins once the last is gone */
inline pin_type(pinned)
{
	pinned = type_pins > 0;
	type_pins = type_pins + pinned
}

inline put_type()
{
	assert(type_pins > 0);
	type_pins--
}

/* --- answers --------------------------------------------------------------- */

/*
 * Both ways to answer; @as is what the key becomes.  Who has the bit lock
 * KEY_FLAG_ANSWERING looks and acts in one step, for others who would do it.
 */
inline answer_key(as, first, with_authkey)
{
#ifndef BREAK_ANSWER_LOCK
	d_step {
		first = key_state == UNINSTANTIATED;
		answers = answers + first;
		key_state = (first -> as : key_state)
	};
#else
	first = key_state == UNINSTANTIATED;
	d_step {
		answers = answers + first;
		key_state = (first -> as : key_state)
	};
#endif
	if
	:: first ->
		user_construct = false;
		d_step {
			joiner_asleep = joiner_asleep && !joiner_queued;
			auth_invalidated = auth_invalidated || with_authkey
		}
	:: else
	fi
}

/* --- outcome.c ------------------------------------------------------------ */

/* Wakes who sleeps; for the model, that is the last step of an end */
inline wake_asker()
{
	d_step {
		asker_asleep = asker_asleep && !asker_queued;
		claimed = false;
		first = false;
		kept = false;
		is_error = false;
		its_cause = KEY_CAUSE_SETUP
	}
}

inline key_request_announce_end(over)
{
#ifndef BREAK_BARRIER
	state = over;
	wake_asker()
#else
	/* Without the barrier the store may come after the look */
	if
	:: state = over; wake_asker()
	:: wake_asker(); state = over
	fi
#endif
}

inline claim_end(mine)
{
#ifndef BREAK_CLAIM
	d_step {
		mine = !ended;
		ended = true
	}
#else
	mine = !ended;
	ended = true
#endif
}

/* The reference goes, and is not the last: the caller has one of its own */
inline key_service_forget()
{
	d_step {
		if
		:: with_service ->
			with_service = false;
			is_read = false;
			usage--;
			assert(usage > 0)
		:: else
		fi
	}
}

/* key_helper_free() of one that was not started; not the last reference */
inline drop_helper()
{
	helper_queued = false;
	auth_refs = auth_refs - session_link;
	session_link = false;
	use_request();
	usage--;
	assert(usage > 0)
}

/* Under helper_queue_lock */
inline key_helper_forget()
{
#ifndef BREAK_FORGET
	d_step {
		if
		:: helper_queued -> drop_helper()
		:: else
		fi
	}
#else
	skip
#endif
}

/* @error and @why as the callers have them; @with_authkey: it is theirs */
inline key_request_end(error, why, with_authkey)
{
	claim_end(claimed);
	if
	:: claimed ->
		/* key_request_forget(): the route is read once */
		if
		:: route == SERVICE -> key_service_forget()
		:: route == HELPER -> key_helper_forget()
		:: else
		fi;
		/* key_request_leave_list(), under key_request_lock */
		d_step {
			listed = false;
			kept = req_authkey;
			req_authkey = false
		};
		d_step {
			is_error = error;
			its_cause = why;
			if
			:: !is_error && key_state == UNINSTANTIATED ->
				is_error = true;
				its_cause = KEY_CAUSE_NO_ANSWER
			:: else
			fi
		};
		if
		:: is_error ->
			answer_key(NEGATIVE, first, with_authkey || kept);
#ifndef BREAK_ANSWER_COUNTS
			/* If it was answered meanwhile, that counts */
			d_step {
				is_error = first;
				its_cause = (first -> its_cause :
					     KEY_CAUSE_ANSWER)
			}
#endif
		:: else
		fi;
		if
		:: !is_error && (with_authkey || kept) -> d_step {
				/* key_revoke(); the caller has a reference */
				auth_revoked = true;
				use_request();
				usage = usage - auth_payload;
				auth_payload = false;
				assert(usage > 0)
		   }
		:: else
		fi;
		d_step {
			failed = is_error;
			cause = its_cause;
			ends++;
			type_pins = type_pins - req_type;
			req_type = false;
			auth_refs = auth_refs - kept
		};
		key_request_announce_end((is_error -> KEY_REQUEST_FAILED :
					  KEY_REQUEST_ANSWERED))
	:: else
	fi;
}

/* What the inlines above keep on their stacks */
#define STACK \
	bool claimed, first, got, is_error, kept, pinned; \
	mtype:cause its_cause = KEY_CAUSE_SETUP

/* --- auth.c --------------------------------------------------------------- */

inline request_key_auth_new()
{
	d_step {
		assert(auth_refs == 0 && !auth_payload);
		auth_refs = 1;
		auth_payload = true;
		use_request();
		usage++
	}
}

/* request_key_auth_get(), under the semaphore of the authorisation key */
inline request_key_auth_get(got)
{
	d_step {
		got = auth_payload && !auth_revoked &&
		      !(auth_invalidated && key_state == UNINSTANTIATED);
		usage = usage + got
	}
}

/* keyctl_instantiate_key_common(), keyctl_reject_key() */
inline keyctl_answer(as)
{
	request_key_auth_get(got);
	if
	:: got ->
		d_step {
			got = false;
			pin_type(pinned)
		};
		if
		:: pinned ->
			answer_key(as, first, true);
			d_step {
				put_type();
				first = false;
				pinned = false
			}
		:: else
		fi;
		put_request()
	:: else
	fi
}

inline keyctl_revoke_authkey()
{
	/* auth_clear() */
	if
	:: d_step {
		auth_payload;
		auth_revoked = true;
		auth_payload = false
	   };
	   put_request()
	:: else -> auth_revoked = true
	fi
}

/* complete_request_key() */
inline complete_request_key(error)
{
	request_key_auth_get(got);
	if
	:: got ->
		got = false;
		key_request_end(error, (error -> KEY_CAUSE_ACTOR :
					KEY_CAUSE_ANSWER), true);
		put_request()
	:: else
	fi
}

/* --- who was asked --------------------------------------------------------- */

/* The first process of the helper program, and what follows its end */
proctype Helper()
{
	STACK;

	if
	:: key_request_end(true, KEY_CAUSE_NO_HELPER, false);
	   goto gone
	:: true
	fi;
	if
	:: children -> auth_refs++; run Child()
	:: keyctl_revoke_authkey()
	:: auth_invalidated = true
	:: true
	fi;
	if
	:: keyctl_answer(POSITIVE)
	:: keyctl_answer(NEGATIVE)
	:: time_limit || unregistering ->
		helper_hangs = true;
end_hang:	false
	:: true
	fi;

	/* helper_ended(), judge_end() */
	if
	:: user_construct ->
		key_request_end(true, KEY_CAUSE_NO_ANSWER, false)
	:: else ->
		key_request_end(false, KEY_CAUSE_ANSWER, false)
	fi;

gone:	/* free_helper(): the session keyring goes, and its link */
	d_step {
		if
		:: session_link -> session_link = false; put_authkey()
		:: else
		fi
	};
	put_request()
}

/* Others have all places for now, or, if their programs hang, for ever */
proctype Turn()
{
	STACK;

end_turn:
	atomic { helper_queued -> helper_queued = false };
	/* key_helper_start_late() */
	d_step {
		use_request();
		usage++
	};
	if
	:: ended -> d_step { drop_helper() }
	:: else ->
		if
		:: run Helper()
		:: d_step { drop_helper() };
		   key_request_end(true, KEY_CAUSE_SETUP, false)
		fi
	fi;
	put_request()
}

/* A process that the helper leaves behind, with its authority */
proctype Child()
{
	STACK;

	keyctl_answer(POSITIVE);
	put_authkey()
}

/* The actor of a key type, when it answers later and from elsewhere */
proctype Actor()
{
	STACK;

	if
	:: keyctl_answer(POSITIVE); complete_request_key(false)
	:: keyctl_answer(NEGATIVE); complete_request_key(true)
	:: complete_request_key(true)
	:: complete_request_key(false)
	:: keyctl_answer(POSITIVE)
	:: true		/* it dies, and gives the authority back */
	fi;
	put_authkey()
}

/* --- route.c, helper.c ---------------------------------------------------- */

inline ask_type(error)
{
	request_key_auth_new();
	if
	:: auth_refs++;
	   run Actor()
	:: keyctl_answer(POSITIVE);
	   complete_request_key(false)
	:: complete_request_key(true);
	   error = true
	:: true		/* it forgets */
	fi;
	if
	:: error -> key_request_end(true, KEY_CAUSE_ACTOR, true)
	:: else
	fi;
	put_authkey()
}

/* key_request_keep_authkey(), under key_request_lock */
inline key_request_keep_authkey(kept)
{
	d_step {
#ifndef BREAK_KEEP
		kept = !ended;
#else
		kept = true;
#endif
		req_authkey = req_authkey || kept;
		auth_refs = auth_refs + kept
	}
}

inline key_helper_ask(error)
{
	request_key_auth_new();
	key_request_keep_authkey(kept);
	if
	:: kept ->
		/* alloc_helper(): its reference, and the link to the authority */
		d_step {
			use_request();
			usage++;
			session_link = true;
			auth_refs++
		};
		/* run_helper() */
		deadline = time_limit;
		if
		:: run Helper()
		:: d_step {
			/* There is no program to run */
			error = true;
			drop_helper()
		   }
		/* key_helper_queue(), under helper_queue_lock */
#ifndef BREAK_QUEUE
		:: atomic {
			crowded;
			if
			:: ended -> error = true; drop_helper()
			:: else -> helper_queued = true
			fi
		   }
#else
		:: atomic { crowded; helper_queued = true }
#endif
		fi
	:: else
	fi;
	kept = false;
	put_authkey()
}

inline key_request_routed(to)
{
	d_step {
		route = to;
#ifndef BREAK_ROUTED
		/* cmpxchg() */
		if
		:: state == KEY_REQUEST_STARTED -> state = KEY_REQUEST_ROUTED
		:: else
		fi
#else
		state = KEY_REQUEST_ROUTED
#endif
	}
}

/* key_service_push(); @error stands for "not taken" */
inline offer_service(taken)
{
	/*
	 * Under the lock of the service.  Who ends the request reads the route
	 * without it, so may come between the route and the place.
	 */
	atomic {
		if
		:: service_open ->
			service_locked = true;
			taken = true;
			deadline = time_limit
		:: else
		fi
	};
	if
	:: taken ->
		key_request_routed(SERVICE);
		d_step {
			use_request();
			usage++;
			with_service = true
		};
		service_locked = false
	:: else
	fi;
#ifndef BREAK_PUSH
	if
	:: taken && ended -> key_service_forget()
	:: else
	fi
#endif
}

inline key_request_dispatch(error)
{
	if
	:: offer_service(taken);
	   if
	   :: !taken ->
		key_request_routed(HELPER);
		key_helper_ask(error)
	   :: else -> taken = false
	   fi
	:: key_request_routed(TYPE);
	   ask_type(error)
	fi;
	if
	:: error -> key_request_end(true, KEY_CAUSE_SETUP, false)
	:: else
	fi
}

/* --- wait.c --------------------------------------------------------------- */

inline key_request_wait()
{
	do
	::
#ifdef BREAK_QUEUE_FIRST
		if
		:: OVER(state) -> break
		:: else
		fi;
#endif
		d_step {
			asker_queued = true;
			asker_asleep = true
		};
#ifndef BREAK_QUEUE_FIRST
		if
		:: OVER(state) -> break
		:: else
		fi;
#endif
		/* schedule() */
		if
		:: !asker_asleep
		:: killable -> d_step {
				if
				:: state == KEY_REQUEST_ROUTED ->
					state = KEY_REQUEST_ABANDONED
				:: else
				fi
		   };
		   break
		fi
	od;
	asker_queued = false;
	use_request();
	d_step {
		told = OVER(state);
		told_error = told && failed
	}
}

/* --- the parties ----------------------------------------------------------- */

/* Who asks */
proctype Asker()
{
	STACK;
	bool error, taken;

	/* request_key(2) keeps the type while it lasts */
	d_step { pin_type(pinned) };
	if
	:: !pinned -> goto out
	:: else
	fi;

	/* key_request_construct(), key_request_alloc() */
	d_step {
		pinned = false;
		user_construct = true;
		usage = 1;
		state = KEY_REQUEST_STARTED;
		req_type = true;
		type_pins++
	};
	listed = true;
	run Joiner();

	key_request_dispatch(error);
	if
	:: !error && route != TYPE -> key_request_wait()
	:: else
	fi;
	put_request();
	d_step { put_type() };
out:
	asker_done = true
}

/* Who found the key under construction: wait_for_key_construction() */
proctype Joiner()
{
	do
	:: d_step {
		joiner_queued = true;
		joiner_asleep = true
	   };
	   if
	   :: !user_construct -> break
	   :: else
	   fi;
	   !joiner_asleep
	od;
	assert(key_state != UNINSTANTIATED);
	joiner_done = true
}

/* A closed service, or one that passes, sends a request on its next route */
inline key_service_send_on(error)
{
	deadline = false;
	key_request_routed(HELPER);
	key_helper_ask(error);
	if
	:: error -> key_request_end(true, KEY_CAUSE_SETUP, false)
	:: else
	fi;
	error = false
}

/* Those who have the descriptor of a key service */
proctype Service()
{
	STACK;
	bool error, left;

end_poll:
	if
	:: atomic { with_service -> is_read = true };	/* key_service_take() */
	   if
	   :: true
	   :: true ->
		/* The process ends, and others have the descriptor */
#ifndef BREAK_REAP
		/* key_service_take_from() */
		is_read = false;
#endif
		/* Another reader takes it, or finds that it is over */
		(with_service && !is_read) || ended;
		d_step { is_read = with_service }
	   fi
	:: true
	fi;
	/* service_write(): the request is somebody else's, or put back */
	if
	:: atomic {
		is_read;
		is_read = false;
		with_service = false
	   };
#ifndef BREAK_PASS
	   /* key_service_drain() */
	   if
	   :: !ended -> key_service_send_on(error)
	   :: else
	   fi;
#endif
	   put_request()
	:: d_step { is_read -> is_read = false }
	:: true
	fi;
	/* service_write(): an answer to what was read */
	if
	:: atomic { with_service && is_read -> usage++ };
	   if
	   :: answer_key(POSITIVE, first, false)
	   :: answer_key(NEGATIVE, first, false)
	   fi;
	   if
	   :: first -> key_request_end(false, KEY_CAUSE_ANSWER, false)
	   :: else
	   fi;
	   put_request()
	:: true
	fi;
	if
	:: time_limit || unregistering ->
end_stuck:	false
	:: true
	fi;

	/* service_release(), key_service_drain() */
#ifndef BREAK_CLOSE
	atomic {
		!service_locked;
		service_open = false;
		left = with_service;
		with_service = false;
		is_read = false
	};
	if
	:: left && !ended ->
		if
		:: key_service_send_on(error)
		:: key_request_end(true, KEY_CAUSE_CLOSED, false)
		fi
	:: else
	fi;
	if
	:: left -> put_request()
	:: else
	fi
#else
	service_open = false
#endif
}

/* watch_deadlines() */
proctype Clock()
{
	STACK;

	/* next_overdue(), under key_request_lock */
end_wait:
	atomic {
		deadline && listed && !ended && usage > 0;
		usage++
	};
	key_request_end(true, KEY_CAUSE_TIMEOUT, false);
	put_request()
}

/* unregister_key_type() */
proctype Unregister()
{
	STACK;

	d_step { put_type() };
	do
	:: type_pins == 0 -> break
#ifndef BREAK_CANCEL
	/* next_of_type(), under key_request_lock */
	:: atomic {
		listed && !ended && usage > 0 && req_type;
		usage++
	   };
	   key_request_end(true, KEY_CAUSE_TYPE_GONE, false);
	   put_request()
#endif
	od;
	type_gone = true
}

/* key_garbage_collector() */
proctype Collector()
{
	STACK;

end_collect:
	do
	:: atomic {
		auth_invalidated && session_link;
		session_link = false
	   };
	   put_authkey()
	:: atomic {
		auth_payload && auth_refs == 0;
		auth_payload = false	/* auth_clear() */
	   };
	   put_request()
	od
}

/* Nothing can happen any more */
inline judge()
{
	timeout;
	assert(asker_done);
	assert(!unregistering || type_gone);
	if
	:: route != NO_ROUTE ->
#ifdef NEVER
		assert(cause != NEVER);
#endif
		assert(joiner_done);
		assert(ends == 1 && answers == 1 && OVER(state));
		assert(!told || told_error == (state == KEY_REQUEST_FAILED));
		assert(!told_error || key_state == NEGATIVE);
		assert(!listed && !req_authkey && !req_type);
		assert(freed || helper_hangs);
		assert(!freed || (!auth_payload && auth_refs == 0));
		assert(type_pins == (unregistering -> 0 : 1))
	:: else
	fi
}

/* What goes wrong, or just happens: two things at most in one life */
init {
	byte mishaps;

	atomic {
		if
		:: time_limit = true; mishaps++; run Clock()
		:: true
		fi;
		if
		:: killable = true; mishaps++
		:: true
		fi;
		if
		:: mishaps < 2 ->
			unregistering = true;
			mishaps++;
			run Unregister()
		:: true
		fi;
		if
		:: mishaps < 2 ->
			service_open = true;
			mishaps++;
			run Service()
		:: true
		fi;
		if
		:: mishaps < 2 -> children = true; mishaps++
		:: true
		fi;
		if
		:: mishaps < 2 ->
			crowded = true;
			if
			:: run Turn()
			:: time_limit	/* the programs of others hang */
			fi
		:: true
		fi;
		run Asker();
		run Collector()
	};
	judge()
}
