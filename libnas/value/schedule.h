/* Standing orders for snapshots as they are written down, and the names of the snapshots that they make: for the hand,
 * which obeys them, and the clerk, which shows them. */
#ifndef BULKHEAD_VALUE_SCHEDULE_H
#define BULKHEAD_VALUE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* A snapshot that an order made is called ORDER_GMT-2026.01.31-02.30.00, as SMB's previous versions are found. */
#define SCHEDULE_MARK   "_GMT-"
#define SCHEDULE_FORMAT "%Y.%m.%d-%H.%M.%S"

struct schedule_order {
        const char *pool, *dataset, *every, *at, *keep; /* values of the types pool_name, dataset, period ... */
};

/* Lines "KEY VALUE" in that order. text is taken apart and pointed to. False: something in it is not as it should be.
 */
bool schedule_order_read(char *text, struct schedule_order *ret_order);
/* The least that can be between two times, of a value of the type period; 0: it is none. */
int64_t schedule_period_s(const char *every);
/* When the order of that name made the snapshot, in seconds since 1970; 0: it is none of its. */
int64_t schedule_moment(const char *order, const char *snapshot);

#endif
