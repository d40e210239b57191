/* A program that is started for a moment, with words that were checked, and heard. For programs that PID 1 runs; hands
 * have their own way, in fences (libnas/act/run.c). */
#ifndef BULKHEAD_SYS_CHILD_H
#define BULKHEAD_SYS_CHILD_H

#include "base/arena.h"

#include <stdbool.h>
#include <sys/types.h>

enum { CHILD_WORDS_MAX = 320, CHILD_SAID_MAX = 16 * 1024 * 1024 };

/* words: the program's absolute path and what it is told, NULL behind the last. Its environment is TZ=UTC, so that times
 * mean the same everywhere, and it has no input. quiet: what it complains of goes nowhere, else where our own goes. */

/* Until it has ended; what it prints goes nowhere. 0, or -EIO: it did not end well, -E2BIG: too many words, or -errno. */
int child_run(const char *const *words, bool quiet);

/* All that it prints, in the arena; NULL: it did not end well, or printed more than CHILD_SAID_MAX. */
char *child_hear(const char *const *words, bool quiet, struct arena *arena);

/* Begins it, and leaves hearing it to the caller, as far as that likes. A descriptor or -errno. */
int child_open(const char *const *words, bool quiet, pid_t *ret_child);
/* Closes what child_open gave, if that is open still, and waits: who has more to say would wait for a listener for ever. */
int child_end(pid_t child, int *from);

#endif
