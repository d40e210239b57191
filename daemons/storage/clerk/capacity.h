/* What a pool of some disks holds, before it is made. */
#ifndef BULKHEAD_STORAGE_CLERK_CAPACITY_H
#define BULKHEAD_STORAGE_CLERK_CAPACITY_H

#include "base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout {                      /* how data lies on disks */
        const char *data, *metadata; /* profiles as btrfs calls them */
        unsigned least;              /* disks */
        unsigned copies, parity;     /* of each piece of data; parity: strips of a stripe that hold no data */
        unsigned survives;           /* disks that may fail at once */
        const char *advice;          /* NULL: none */
        bool striped;                /* also what is copied, over as many disks as can be */
        const char *level;           /* of the array below the file system, as md calls it; NULL: there is none */
};

/* By the contract's word. NULL: there is no such profile. disks: how many. */
const struct layout *layout_of(const char *profile, size_t disks);
/* 0, or -1 with *failure when these are too few. */
int layout_fits(const struct layout *layout, const char *profile, size_t disks, struct failure *failure);
/* What fits, in bytes; *ret_unused: of the disks, what cannot be used. sizes are used up. */
uint64_t capacity_of(const struct layout *layout, uint64_t *sizes, size_t count, uint64_t *ret_unused);
/* What to make of so many disks, the first for who has no wish of their own. NULL: there is nothing more to suggest. */
struct offer {
        const char *profile, *why;
};
const struct offer *offer_of(size_t disks, size_t index);
/* What more fits onto disks with that much room left; sizes are put in order. Nothing when too few have any. */
uint64_t room_left(const struct layout *layout, uint64_t *sizes, size_t count);

#endif
