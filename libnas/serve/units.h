/* Units as PID 1 has them: asked once, and again when it signals that one has changed. Nothing is polled, and nothing
 * is done to a unit: that is for hands. While PID 1 cannot be reached nothing is known. */
#ifndef BULKHEAD_SERVE_UNITS_H
#define BULKHEAD_SERVE_UNITS_H

#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNIT_WORD_SIZE = 24, UNIT_NEEDS_SIZE = 512 };

struct unit_state {
        bool known;                  /* PID 1 has said so; else nothing below holds */
        char active[UNIT_WORD_SIZE]; /* "active", "activating", "failed", ... */
        char sub[UNIT_WORD_SIZE];    /* "running", "auto-restart", ... */
        char result[UNIT_WORD_SIZE]; /* of its last run: "success", "exit-code", "timeout", ... */
        uint64_t since_us;           /* when active became that; 0: never */
        uint64_t active_since_us;    /* when it came up last; reading its settings again changes nothing of that */
        uint64_t memory_bytes;       /* UINT64_MAX: not counted here */
        uint32_t pid, restarts, exit_code; /* of its main process; 0: none */
        char needs[UNIT_NEEDS_SIZE];       /* units it cannot be without, a blank between */
};

struct units;
/* names: ended by NULL, outlive it. changed: told after each change, and when nothing is known any more. */
struct units *units_watch(struct loop *loop, const char *const *names, loop_tick *changed, void *context);
const struct unit_state *units_state(const struct units *units, const char *name);
/* Asks about all of them anew, then calls done, once: for who has just had something done to one. */
void units_refresh(struct units *units, loop_tick *done, void *context);

#endif
