/* Delays after wrong tries: 1, 2, 4 ... 60 seconds, never a hard lock, in a table of fixed size. It has two parts that
 * do not push each other out: one for everybody, one for those who have proved before that they belong here.
 * Pure: the time is given. The whole struct may lie in shared memory; all zeros is an empty one without a key. */
#ifndef BULKHEAD_BASE_BACKOFF_H
#define BULKHEAD_BASE_BACKOFF_H

#include "base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BACKOFF_SETS = 1024, BACKOFF_WAYS = 8, BACKOFF_DELAY_MAX_S = 60, BACKOFF_FORGET_MS = 15 * 60 * 1000 };

struct backoff_bucket {
        uint64_t name; /* 0: free */
        uint64_t until_ms;
        uint32_t wrong, spare;
};

struct backoff {
        uint8_t key[32]; /* makes names that nobody outside can aim */
        struct backoff_bucket open[BACKOFF_SETS][BACKOFF_WAYS], known[BACKOFF_SETS][BACKOFF_WAYS];
};

/* A try, counted under one or more names. known: in the part for those who belong here. */
struct attempt {
        struct backoff *backoff;
        uint64_t names[2];
        unsigned count;
        bool known;
};
/* Counts it also under this name; kind keeps accounts, addresses and so on apart. At most 127 bytes. */
void attempt_add(struct attempt *attempt, char kind, const void *bytes, size_t length);
/* Seconds to wait before it may be judged; 0: now. */
unsigned attempt_wait_s(const struct attempt *attempt, uint64_t now_ms);
/* May it be judged now? 0, or -1 with FAILURE_BUSY, which says how long to wait. */
int attempt_ready(const struct attempt *attempt, uint64_t now_ms, struct failure *failure);
void attempt_wrong(const struct attempt *attempt, uint64_t now_ms);
/* Clears the first name's count only: who has one account may not clear an address for guessing at others. */
void attempt_right(const struct attempt *attempt, uint64_t now_ms);

#endif
