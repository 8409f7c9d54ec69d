// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: the routes by which a key is made.
 *
 * The routes are tried in the order of the table; the first one that takes the
 * request gets it.  The last one takes what the others left.
 */

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <trace/events/key_request.h>
#include "request.h"

static bool key_route_type_has_actor(const struct key_request *req)
{
	return key_request_key(req)->type->request_key;
}

/*
 * Ask the key type itself.  Its actor may answer later, from elsewhere; then it
 * keeps a reference to the authorisation key and ends the request with
 * complete_request_key().
 */
static int key_route_ask_type(struct key_request *req, void *aux)
{
	struct key *authkey;
	int ret;

	authkey = request_key_auth_new(&req->rka);
	if (IS_ERR(authkey))
		return PTR_ERR(authkey);

	ret = key_request_key(req)->type->request_key(authkey, aux);
	if (ret < 0) {
		/* An end from elsewhere, as of its type, retires no key of the actor's */
		WARN_ON(!test_bit(KEY_REQUEST_ENDED, &req->flags) &&
			!test_bit(KEY_FLAG_INVALIDATED, &authkey->flags));
		key_request_end(req, authkey, ret, KEY_CAUSE_ACTOR);
	}
	key_put(authkey);
	return ret;
}

static const struct key_request_route key_route_type = {
	.name	= "type",
	.takes	= key_route_type_has_actor,
	.start	= key_route_ask_type,
};

static const struct key_request_route *const key_routes[] = {
	&key_route_type,
#ifdef CONFIG_KEY_SERVICE
	&key_route_service,
#endif
	&key_route_helper,
};

/*
 * Note the route that a request is sent.
 */
void key_request_routed(struct key_request *req,
			const struct key_request_route *route)
{
	WRITE_ONCE(req->route, route);
	/* On a second route the caller may be gone, which must stay known */
	cmpxchg(&req->state, KEY_REQUEST_STARTED, KEY_REQUEST_ROUTED);
	trace_key_request_route(req->id, key_request_key(req), route->name);
}

/*
 * Find a route.  If it has asked already, there is nothing left to do.
 *
 * Return: the route, or an error.
 */
static const struct key_request_route *key_route_choose(struct key_request *req)
{
	const struct key_request_route *route;
	int taken;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(key_routes) - 1; i++) {
		route = key_routes[i];
		taken = route->offer ? route->offer(req) : route->takes(req);
		if (taken < 0)
			return ERR_PTR(taken);
		if (taken)
			return route;
	}
	return key_routes[i];
}

/*
 * Send a request on its way.  If that fails, the request has ended.
 */
int key_request_dispatch(struct key_request *req, void *aux)
{
	const struct key_request_route *route = key_route_choose(req);
	int ret;

	ret = PTR_ERR_OR_ZERO(route);
	if (ret < 0)
		goto error;
	if (route->offer)
		return 0;
	key_request_routed(req, route);
	ret = route->start(req, aux);
	if (ret < 0)
		goto error;
	return 0;

error:
	key_request_end(req, NULL, ret, KEY_CAUSE_SETUP);
	return ret;
}
