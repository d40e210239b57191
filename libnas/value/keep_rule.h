/* Which snapshots a schedule keeps: for the hand, which deletes the others, and the clerk, which says so before. */
#ifndef BULKHEAD_VALUE_KEEP_RULE_H
#define BULKHEAD_VALUE_KEEP_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum keep_level { KEEP_HOURS, KEEP_DAYS, KEEP_WEEKS, KEEP_MONTHS, KEEP_YEARS, KEEP_LEVELS };

struct keep { /* of so many of the last hours, days and so on the newest */
        unsigned counts[KEEP_LEVELS];
};

/* "24 7 4 12 2". False: it is none. */
bool keep_read(const char *text, struct keep *ret_keep);
/* times: seconds since 1970, newest first. The newest of all is always kept. */
void keep_apply(const struct keep *keep, const int64_t *times, size_t count, bool *ret_kept);

#endif
