/* The fake machine of the storage clerk's tests: disks, file systems, pools and what is in them. */
#ifndef BULKHEAD_TESTS_STORAGE_CLERK_MACHINE_H
#define BULKHEAD_TESTS_STORAGE_CLERK_MACHINE_H

#include "daemons/storage/clerk/storage.h"
#include "tests/unit/fake/fake.h"

#define UUID_TANK  "11111111-2222-4333-8444-555555555555"
#define UUID_OTHER "99999999-2222-4333-8444-555555555555"

enum { FAKE_DISKS = 16, FAKE_SUBVOLUMES = 64 };

/* Changed by tests as they like; a test's own texts must outlive it. */
struct fake_machine {
        struct disk disks[FAKE_DISKS];
        size_t disk_count;
        enum verdict verdicts[FAKE_DISKS];
        struct file_system systems[2];
        size_t system_count;
        struct array arrays[1];
        size_t array_count;
        struct wanted pools[2];
        size_t pool_count;
        struct subvolume subvolumes[FAKE_SUBVOLUMES]; /* of the first pool */
        size_t subvolume_count;
        bool answers;       /* the cluster of a pool */
        bool not_installed; /* the programs of others that it may have */
        bool not_seen;      /* the pool was not looked into yet */
        struct member members[2];
        const char *sets;    /* what ZFS said is in the first pool; NULL: it is none of its */
        const char *set_why; /* and why the last change of that could not be made; NULL */
        const char *header;  /* what cryptsetup says of each encrypted disk; NULL: nothing */
        const char *tang;    /* what the Tang server says that was asked; NULL: none answers */
        const char *named;   /* what bulkhead-names says to any question; NULL: nothing in time */
};
extern struct fake_machine fake_machine;

/* Six free disks of one size ("trial-disk1" to 6), and nothing else. */
void fake_machine_clear(void);
/* A mounted pool "tank" on the first two of them, with nothing in it. */
void fake_machine_tank(void);
void fake_machine_subvolume(uint64_t number, uint64_t parent, const char *path, bool whole_path);

#endif
