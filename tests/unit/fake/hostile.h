/* Values that somebody hostile would send, as JSON: what begins a new line, a new key or a section, what programs take for
 * an option, what has a meaning for a server, what is nearly right, and what is of another kind.
 * The same seed gives the same values. */
#ifndef BULKHEAD_TESTS_HOSTILE_H
#define BULKHEAD_TESTS_HOSTILE_H

#include "base/arena.h"

#include <stdint.h>

struct dice {
        uint64_t state; /* the seed */
};
uint32_t dice_roll(struct dice *dice, uint32_t sides);

/* Around a value that is right. In the arena. */
const char *hostile_text(struct dice *dice, const char *good, struct arena *arena);
/* In place of a number, a boolean, a list or an object. Static. */
const char *hostile_other(struct dice *dice);
/* A text as JSON. */
const char *hostile_quoted(const char *text, struct arena *arena);

#endif
