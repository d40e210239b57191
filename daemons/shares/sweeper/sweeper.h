/* Emptying the recycle bins of shares: between main.c, rules.c and sweep.c. */
#ifndef BULKHEAD_SHARES_SWEEPER_SWEEPER_H
#define BULKHEAD_SHARES_SWEEPER_SWEEPER_H

#include <stdbool.h>
#include <stdint.h>

/* --- rules.c: what a share's file says. Pure --- */

struct rules {
        char path[512];     /* "/srv/tank/photos" */
        bool homes;         /* each folder in it has a bin of its own */
        int64_t days;       /* so long is kept what was deleted; 0: for ever */
        uint64_t most_size; /* bytes of one account's bin; 0: any number */
};
/* False: nothing is to be done for it. */
bool rules_read(const char *text, struct rules *ret_rules);

/* --- sweep.c: one bin --- */

/* Removes from the folder what the rules no longer keep, oldest first, and folders that have been empty for an hour; by
 * the rights that this process has. now: seconds since 1970. How many files, or -errno. */
int sweep(int folder, const struct rules *rules, int64_t now);

#endif
