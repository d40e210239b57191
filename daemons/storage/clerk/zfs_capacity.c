/* What a pool of ZFS's would hold, and survive, before it is made: as ZFS itself counts it.
 * Rights: the storage clerk; pure. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/zfs.h"

#include <stdlib.h>
#include <string.h>

#define MIB (1024ULL * 1024)
enum { SECTORS = 32 /* of 4 KiB in the 128 KiB by which ZFS reckons */, SLOP = 32, LEAST_PARTS = 16, PARTS = 200 };
enum { PART_SHIFT = 29, PART_SHIFT_LEAST = 24, PART_SHIFT_MOST = 34 }; /* of how it divides a disk */
#define AT_ENDS    (10 * MIB)          /* of each disk: where its partition begins, and another behind it */
#define LABELS     (4 * MIB + MIB / 2) /* of each partition */
#define SLOP_LEAST (128 * MIB)         /* ZFS keeps a 32nd for itself, but within these bounds */
#define SLOP_MOST  (128ULL * 1024 * MIB)

#define RAIDZ(n)                                                                                                       \
        {                                                                                                              \
                "raidz" #n,                                                                                            \
                {                                                                                                      \
                        NULL, NULL, (n) + 2, 1, n, n, NULL, false, NULL                                                \
                }                                                                                                      \
        }
static const struct {
        const char *profile;
        struct layout layout;
} layouts[] = {
        {"single", {NULL, NULL, 1, 1, 0, 0, "All is lost with any of these disks.", false, NULL}},
        {"raid1", {NULL, NULL, 2, 2, 0, 1, NULL, false, NULL}},
        {"raid10", {NULL, NULL, 4, 2, 0, 1, NULL, true, NULL}},
        RAIDZ(1),
        RAIDZ(2),
        RAIDZ(3),
};
static const struct layout alone = {NULL, NULL, 1, 1, 0, 0, "All is lost with this disk.", false, NULL};

const struct layout *zfs_layout_of(const char *profile, size_t disks)
{
        ASSERT(profile);
        static struct layout mirror; /* all is on each, however many */
        for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
                if (strcmp(layouts[i].profile, profile) != 0)
                        continue;
                if (strcmp(profile, "raid1") != 0 || disks <= 2)
                        return i == 0 && disks == 1 ? &alone : &layouts[i].layout;
                mirror = layouts[i].layout;
                mirror.copies = (unsigned)disks;
                mirror.survives = mirror.copies - 1;
                return &mirror;
        }
        return NULL;
}

bool profile_is_zfs(enum nas_storage_profile profile, bool has_system, enum nas_storage_file_system system)
{
        if (has_system)
                return system == NAS_STORAGE_FILE_SYSTEM_ZFS;
        return profile == NAS_STORAGE_PROFILE_RAIDZ1 || profile == NAS_STORAGE_PROFILE_RAIDZ2 ||
               profile == NAS_STORAGE_PROFILE_RAIDZ3;
}

bool zfs_is_asked(const struct nas_storage_create_pool_in *in)
{
        ASSERT(in);
        return profile_is_zfs(in->profile, in->has_file_system, in->file_system);
}

int zfs_layout_fits(const char *profile, size_t disks, struct failure *failure)
{
        const struct layout *layout = zfs_layout_of(profile, disks);
        if (!layout)
                return failure_set(failure, FAILURE_INVALID, "profile",
                                   "Choose single, raid1, raid10, raidz1, raidz2 or raidz3.", "is none of ZFS");
        if (layout_fits(layout, profile, disks, failure) != 0)
                return -1;
        if (layout->striped && disks % 2 != 0)
                return failure_set(failure, FAILURE_INVALID, "disks", "Add one, or leave one out.",
                                   "must be an even number for %s", profile);
        return 0;
}

/* --- how much --- */

/* Of the disks of a part, of each as much as the smallest has, what can be given out: in pieces of one size. */
static uint64_t given_out(uint64_t smallest, size_t disks)
{
        const uint64_t each = smallest > AT_ENDS + LABELS ? smallest - AT_ENDS - LABELS : 0, all = each * disks;
        uint64_t pieces = all >> PART_SHIFT, size = pieces;
        unsigned shift = PART_SHIFT;
        if (pieces < LEAST_PARTS || pieces > PARTS) {
                size = all / (pieces < LEAST_PARTS ? LEAST_PARTS : PARTS);
                for (shift = 0; size > 0; size >>= 1)
                        shift++;
        }
        shift = shift < PART_SHIFT_LEAST ? PART_SHIFT_LEAST : shift > PART_SHIFT_MOST ? PART_SHIFT_MOST : shift;
        return all >> shift << shift;
}

/* Of what is given out, how much is data: by what 128 KiB take, with their parity. */
static uint64_t data_of(uint64_t room, unsigned parity, size_t disks)
{
        const uint64_t strips = disks - parity, each = parity + 1;
        uint64_t sectors = SECTORS + (parity > 0 ? parity * ((SECTORS + strips - 1) / strips) : 0);
        sectors = (sectors + each - 1) / each * each;
        return parity > 0 ? room / sectors * SECTORS : room;
}

static int largest_first(const void *a, const void *b)
{
        const uint64_t *left = a, *right = b;
        return *left > *right ? -1 : *left < *right;
}

uint64_t zfs_capacity_of(const struct layout *layout, uint64_t *sizes, size_t count, uint64_t *ret_unused)
{
        ASSERT(layout && sizes && ret_unused);
        const size_t width = layout->parity > 0 ? count : layout->copies;
        uint64_t fits = 0, used = 0, all = 0;
        qsort(sizes, count, sizeof(*sizes), largest_first);
        for (size_t i = 0; i < count; i++)
                all += sizes[i];
        for (size_t i = 0; i + width <= count; i += width) { /* the largest with each other */
                const uint64_t least = sizes[i + width - 1];
                fits += layout->parity > 0 ? data_of(given_out(least, width), layout->parity, width)
                                           : given_out(least, 1);
                used += least * width;
        }
        uint64_t slop = fits / SLOP < SLOP_MOST ? fits / SLOP : SLOP_MOST;
        const uint64_t least = fits / 2 < SLOP_LEAST ? fits / 2 : SLOP_LEAST;
        slop = slop < least ? least : slop;
        *ret_unused = all - used;
        return fits - slop;
}
