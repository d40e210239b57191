/* Delays after wrong tries: 1, 2, 4 ... 60 seconds, never a hard lock, in a table of fixed size. It has two parts that
 * do not push each other out: one for everybody, one for those who have proved before that they belong here.
 * Pure: the time is given. The whole struct may lie in shared memory; all zeros is an empty one without a key. */
#ifndef BULKHEAD_BASE_BACKOFF_H
#define BULKHEAD_BASE_BACKOFF_H

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

/* The name of whose tries are counted: kind keeps accounts, addresses and so on apart. At most 127 bytes. */
uint64_t backoff_name(const struct backoff *backoff, char kind, const void *bytes, size_t length);
/* Seconds to wait before a try may be judged; 0: now. */
unsigned backoff_wait_s(struct backoff *backoff, bool known, uint64_t name, uint64_t now_ms);
void backoff_wrong(struct backoff *backoff, bool known, uint64_t name, uint64_t now_ms);
void backoff_right(struct backoff *backoff, bool known, uint64_t name, uint64_t now_ms);

#endif
