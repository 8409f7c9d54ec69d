// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: the tracepoints.
 */

#include "request.h"

#define CREATE_TRACE_POINTS
#include <trace/events/key_request.h>
