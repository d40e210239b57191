/* What a pool of some disks holds: as btrfs gives out chunks, from the disks with the most room left.
 * Rights: the storage clerk; pure. */
#include "daemons/storage/clerk/capacity.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define PARITY                                                                                                         \
        "When the power fails while something is written, btrfs may lose it together with its parity. Keep a backup, " \
        "and "                                                                                                         \
        "scrub after each such failure."

#define HOLE                                                                                                           \
        "When the power fails while a disk is missing, what lies beside what was being written may be lost. Keep a "   \
        "backup."

enum { CHUNKS = 1024 }; /* of the largest disk */

static const struct {
        const char *profile;
        struct layout layout;
} layouts[] = {
        {"single", {"single", "raid1", 1, 1, 0, 0, "All that is on a disk is lost with it.", false, NULL}},
        {"raid1", {"raid1", "raid1", 2, 2, 0, 1, NULL, false, NULL}},
        {"raid1c3", {"raid1c3", "raid1c3", 3, 3, 0, 2, NULL, false, NULL}},
        {"raid10", {"raid10", "raid10", 4, 2, 0, 1, NULL, true, NULL}},
        {"raid5", {"raid5", "raid1c3", 3, 1, 1, 1, PARITY, false, NULL}},
        {"raid6", {"raid6", "raid1c3", 4, 1, 2, 2, PARITY, false, NULL}},
        {"md1", {"single", "dup", 2, 2, 0, 1, NULL, false, "1"}},
        {"md5", {"single", "dup", 3, 1, 1, 1, HOLE, false, "5"}},
        {"md6", {"single", "dup", 4, 1, 2, 2, HOLE, false, "6"}},
        {"md10", {"single", "dup", 4, 2, 0, 1, NULL, true, "10"}},
};
static const struct layout alone = {"single", "dup", 1, 1, 0, 0, "All is lost with this disk.", false, NULL};

/* All is on each disk, however many. Good until the next one is asked for. */
static const struct layout *mirror_of(const struct layout *two, size_t disks)
{
        static struct layout mirror;
        mirror = *two;
        mirror.copies = disks > two->copies ? (unsigned)disks : two->copies;
        mirror.survives = mirror.copies - 1;
        return &mirror;
}

const struct layout *layout_of(const char *profile, size_t disks)
{
        ASSERT(profile);
        for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
                if (strcmp(layouts[i].profile, profile) == 0)
                        return i == 0 && disks == 1          ? &alone
                               : strcmp(profile, "md1") == 0 ? mirror_of(&layouts[i].layout, disks)
                                                             : &layouts[i].layout;
        return NULL;
}

int layout_fits(const struct layout *layout, const char *profile, size_t disks, struct failure *failure)
{
        if (!layout)
                return failure_set(failure, FAILURE_INVALID, "profile", "Choose another, or zfs as the file system.",
                                   "is one of ZFS");
        if (disks >= layout->least)
                return 0;
        return failure_set(failure, FAILURE_INVALID, "disks", "Add disks, or choose another profile.",
                           "must be at least %u for %s", layout->least, profile);
}

static int largest_first(const void *a, const void *b)
{
        const uint64_t *left = a, *right = b;
        return *left > *right ? -1 : *left < *right;
}

/* Each piece lies on so many disks: what the largest have more than all the others together is of no use. */
static uint64_t copied(const uint64_t *sizes, size_t count, unsigned copies)
{
        uint64_t best = UINT64_MAX;
        for (unsigned without = 0; without < copies; without++) {
                uint64_t sum = 0;
                for (size_t i = without; i < count; i++)
                        sum += sizes[i];
                uint64_t fits = sum / (copies - without);
                best = fits < best ? fits : best;
        }
        return best;
}

/* Stripes as wide as there are disks with room, as long as there are more than hold parity. */
static uint64_t striped(const uint64_t *sizes, size_t count, unsigned parity, uint64_t *ret_raw)
{
        uint64_t fits = 0, done = 0;
        *ret_raw = 0;
        for (size_t width = count; width > parity && width > 1; width--) {
                uint64_t more = sizes[width - 1] - done;
                fits += more * (width - parity);
                *ret_raw += more * width;
                done = sizes[width - 1];
        }
        return fits;
}

/* Copies of stripes: as wide as an even number of disks with room left can be, and given out anew for each chunk. Done
 * as the kernel does it, in chunks large enough that it is soon over; sizes are used up. */
static uint64_t striped_copies(uint64_t *sizes, size_t count, unsigned copies)
{
        const uint64_t chunk = count > 0 && sizes[0] > CHUNKS ? sizes[0] / CHUNKS : 1;
        for (uint64_t fits = 0;;) {
                size_t width = 0;
                while (width < count && sizes[width] >= chunk)
                        width++;
                width -= width % copies;
                if (width == 0)
                        return fits;
                for (size_t i = 0; i < width; i++)
                        sizes[i] -= chunk;
                fits += chunk * (width / copies);
                qsort(sizes, count, sizeof(*sizes), largest_first);
        }
}

/* An array takes as much of each disk as the smallest one has. */
static uint64_t in_array(const struct layout *layout, uint64_t smallest, size_t count)
{
        return layout->parity > 0 ? smallest * (count - layout->parity) : smallest * count / layout->copies;
}

uint64_t capacity_of(const struct layout *layout, uint64_t *sizes, size_t count, uint64_t *ret_unused)
{
        ASSERT(layout && layout->copies > 0 && sizes && ret_unused);
        uint64_t all = 0, raw = 0, fits;
        qsort(sizes, count, sizeof(*sizes), largest_first);
        for (size_t i = 0; i < count; i++)
                all += sizes[i];
        if (layout->level) {
                raw = count > 0 ? sizes[count - 1] * count : 0;
                fits = count >= layout->least ? in_array(layout, sizes[count - 1], count) : 0;
        } else if (layout->parity > 0) {
                fits = striped(sizes, count, layout->parity, &raw);
        } else {
                fits = layout->striped ? striped_copies(sizes, count, layout->copies)
                                       : copied(sizes, count, layout->copies);
                raw = fits * layout->copies;
        }
        *ret_unused = all > raw ? all - raw : 0;
        return fits;
}

/* btrfs gives out no strip smaller than this, and leaves this much at the beginning of each disk. */
#define LEAST_STRIP (1024 * 1024)

uint64_t room_left(const struct layout *layout, uint64_t *sizes, size_t count)
{
        ASSERT(layout && sizes);
        const size_t least = layout->parity > 0 ? layout->parity + 1u : layout->copies;
        uint64_t unused;
        size_t roomy = 0;
        for (size_t i = 0; i < count; i++)
                if (sizes[i] > 2 * LEAST_STRIP)
                        sizes[roomy++] = sizes[i] - LEAST_STRIP;
        return roomy >= least ? capacity_of(layout, sizes, roomy, &unused) : 0;
}

/* --- what to make of them --- */

#define ONE "There is one disk: when it fails, all on it is lost. With a second one everything could be on both."
#define TWICE                                                                                                          \
        "Everything is on two disks. Any one may fail: nothing is lost, all stays in use, and a new one takes its "    \
        "place."
#define THRICE                                                                                                         \
        "Everything is on three disks. Any two may fail at once. For what must never be lost; it holds the least."
#define ONCE                                                                                                           \
        "Everything is there once. It holds the most, and each disk that fails takes data with it: for what can be "   \
        "had again."
#define MANY_TWICE                                                                                                     \
        "Everything is on two disks. It holds more, but of this many a second one may fail before the first is "       \
        "replaced."
#define MANY_THRICE                                                                                                    \
        "Everything is on three disks. Of this many a second one may fail before the first is replaced, and nothing "  \
        "is lost."

enum { MANY = 6, OFFERS = 3 }; /* disks: that two of them fail within days is no longer unlikely */

const struct offer *offer_of(size_t disks, size_t index)
{
        static const struct offer none[OFFERS] = {{NULL, NULL}}, one[OFFERS] = {{"single", ONE}},
                                  two[OFFERS] = {{"raid1", TWICE}, {"single", ONCE}},
                                  some[OFFERS] = {{"raid1", TWICE}, {"raid1c3", THRICE}, {"single", ONCE}},
                                  many[OFFERS] = {{"raid1c3", MANY_THRICE}, {"raid1", MANY_TWICE}, {"single", ONCE}};
        const struct offer *offers = disks == 0     ? none
                                     : disks == 1   ? one
                                     : disks == 2   ? two
                                     : disks < MANY ? some
                                                    : many;
        return index < OFFERS && offers[index].profile ? &offers[index] : NULL;
}
