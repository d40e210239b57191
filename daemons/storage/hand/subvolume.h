/* Subvolumes by where they lie: what datasets and snapshots share. */
#ifndef BULKHEAD_STORAGE_HAND_SUBVOLUME_H
#define BULKHEAD_STORAGE_HAND_SUBVOLUME_H

#include "daemons/storage/hand/storage.h"

struct place_in_pool { /* of a dataset or a snapshot: the folder it lies in, and its name there */
        int folder;
        const char *name;
};
static inline void place_closep(struct place_in_pool *place)
{
        fd_closep(&place->folder);
}
#define PLACE CLEANUP(place_closep) struct place_in_pool

/* The action's dataset. 0, or -1 with *failure; close the folder. */
int dataset_place(const struct act_context *context, struct place_in_pool *ret_place, struct failure *failure);
/* The same for another name of a dataset. */
int dataset_place_named(const struct act_context *context, const char *dataset, struct place_in_pool *ret_place,
                        struct failure *failure);
/* The name of the folder of a dataset's snapshots, in .snapshots. In the arena. */
const char *snapshots_folder(const struct act_context *context, const char *dataset);
/* The action's snapshot; make: its folder is made when there is none yet, else it is below 0 then. */
int snapshot_place(const struct act_context *context, bool make, struct place_in_pool *ret_place,
                   struct failure *failure);
/* Opens it when it is a subvolume and has that number. A descriptor, or -ENOENT or -1 with *failure. */
int subvolume_open(const struct place_in_pool *place, uint64_t number, struct failure *failure);
bool subvolume_is_there(const struct place_in_pool *place);
/* Makes one, root's own, with that mode. 0 or -errno. */
int subvolume_make(int folder, const char *name, mode_t mode);
/* One as that one is now, named so; flags as libbtrfsutil has them. 0 or -errno. */
int subvolume_copy(int source, const struct place_in_pool *to, int flags);
/* Takes away one that is empty; none is as good. */
int subvolume_remove_empty(const struct place_in_pool *place, struct failure *failure);
/* A new name; flags as renameat2 has them. 0 or -errno (rename.c). */
int subvolume_move(const struct place_in_pool *from, const struct place_in_pool *to, unsigned flags);
/* The action's dataset, with its number, or -1 (access.c). */
int dataset_open(const struct act_context *context, struct failure *failure);
/* Deletes the one with that number, and all that is in it; none is as good. */
int subvolume_delete(const struct place_in_pool *place, uint64_t number, struct failure *failure);

/* Those of the snapshots of "dataset" are of those of "to" (hold.c). 0 or -1 with *failure. */
int holds_rename(struct act_context *context, struct failure *failure);

/* How much it may refer to, in bytes; 0: as much as there is. 0 or -errno (access.c). */
int subvolume_limit(int fd, uint64_t number, uint64_t bytes);
int subvolume_compress(int fd, const char *how);

#endif
