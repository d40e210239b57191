/* Where what is wanted and what is there have come apart. */
#ifndef BULKHEAD_STORAGE_CLERK_DRIFT_H
#define BULKHEAD_STORAGE_CLERK_DRIFT_H

#include "daemons/storage/clerk/storage.h"

enum { DRIFT_OPTIONS_MAX = 4 };

struct drift_mount { /* how a pool is mounted, beside how it is wanted */
        bool differs, read_only;
        const char *wanted, *found;             /* in words */
        const char *options[DRIFT_OPTIONS_MAX]; /* those found that can be wanted */
        size_t option_count;
};

/* Pure; texts are in the arena. */
struct drift_mount drift_compare(const struct wanted *pool, const struct mount *mount, struct arena *arena);
struct topic *drift_topic(void);

#endif
