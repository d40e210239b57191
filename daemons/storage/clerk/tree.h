/* What a pool is made of, as the file system's own trees say: read from what the hand copied out of them. Everything in
 * it is taken for hostile: a pool may come from another machine. */
#ifndef BULKHEAD_STORAGE_CLERK_TREE_H
#define BULKHEAD_STORAGE_CLERK_TREE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TREE_SUBVOLUMES_MAX = 65536, TREE_MEMBERS_MAX = 1024, TREE_UUID_BYTES = 16, TREE_SPARE = 256 };

struct subvolume {
        uint64_t number, parent; /* of the subvolume it lies in; 0: it is being deleted */
        const char *name;        /* printable; NULL: it has none, or none that could be shown */
        const char *path;        /* from the pool's top; NULL: not known */
        bool whole_path;         /* no part of it is a plain folder, whose name is not known */
        bool read_only, counted;
        int64_t created_us;
        uint64_t referenced, exclusive; /* bytes; when counted */
        uint64_t limit;                 /* of what it refers to; 0: none */
        uint64_t reserved;              /* for it alone, where that can be; 0: nothing */
        const char *compression;        /* NULL: none of its own */
        bool in_place;                  /* no copy-on-write */
        const uint8_t *acl;             /* of what will be made in it; NULL: none */
        size_t acl_length;
        const char *clone; /* the snapshot that it was made of and lives on, as ZFS calls it; NULL: none */
        bool held;         /* the rest is not in the trees: facts.c */
        const char *owner, *group, *mode;                            /* of a dataset's folder; NULL: not known */
        const char *access;                                          /* the preset that it has; NULL: none */
        size_t snapshots;                                            /* of a dataset */
        uint8_t uuid[TREE_UUID_BYTES], parent_uuid[TREE_UUID_BYTES]; /* zeros: none */
        uint8_t received_uuid[TREE_UUID_BYTES];                      /* what it was sent as, when it was received */
};

struct member { /* a device of the file system */
        uint64_t number, size, used;
        char uuid[37]; /* its own, as udev calls ID_FS_UUID_SUB */
};

struct tree_snapshot { /* one that is a snapshot of a dataset: facts.c */
        const struct subvolume *subvolume;
        const char *dataset, *name;
};

struct tree {
        struct arena *arena;
        bool zfs; /* its subvolumes are file systems and snapshots of ZFS's */
        size_t subvolume_count, member_count, snapshot_count, dataset_count;
        struct tree_snapshot *snapshots;   /* newest first */
        const struct subvolume **datasets; /* those that are some, by number: facts.c */
        int64_t created_us;                /* of the whole; 0: not known */
        struct subvolume *subvolumes;      /* by number, without the top */
        size_t room;                       /* for so many of them */
        struct member *members;
};

/* NULL: the bytes are not what the hand writes. Free its arena. Pure; fuzzed. */
struct tree *tree_read(const void *bytes, size_t length);
/* Adds what was copied out of subvolumes with greater numbers. False, and nothing is added: that is not what the hand
 * writes, or there is no room for so many. */
bool tree_extend(struct tree *tree, const void *bytes, size_t length);
const struct subvolume *tree_find(const struct tree *tree, uint64_t number); /* NULL: there is none */

#endif
