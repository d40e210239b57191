/* Snapshots: a dataset as it was, read-only, in a folder that each dataset has for them.
 * Rights: the storage hand; makes and deletes subvolumes in pools. */
#include "daemons/storage/hand/subvolume.h"

#include <btrfsutil.h>

int snapshot_is_free(struct act_context *context, struct failure *failure)
{
        PLACE place;
        if (snapshot_place(context, false, &place, failure) != 0)
                return -1;
        if (!subvolume_is_there(&place))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "snapshot", "Choose another name.", "is there already");
}

int snapshot_make(struct act_context *context, struct failure *failure)
{
        PLACE place = {.folder = -1};
        CLEANUP_FD int source = dataset_open(context, failure);
        if (source < 0 || snapshot_place(context, true, &place, failure) != 0)
                return -1;
        return failure_system(failure, FAILURE_FAILED, place.name,
                              subvolume_copy(source, &place, BTRFS_UTIL_CREATE_SNAPSHOT_READ_ONLY));
}

/* Only to take back one that was just made: whatever has its name then is it, when it is read-only; nobody loses by
 * that what can be written. */
int snapshot_unmake(struct act_context *context, struct failure *failure)
{
        PLACE place;
        bool read_only = false;
        if (snapshot_place(context, false, &place, failure) != 0)
                return -1;
        CLEANUP_FD int fd =
                place.folder < 0 ? -ENOENT : file_open_below(place.folder, place.name, O_RDONLY | O_DIRECTORY, 0);
        if (fd == -ENOENT)
                return 0;
        if (fd < 0 || btrfs_util_get_subvolume_read_only_fd(fd, &read_only) != BTRFS_UTIL_OK || !read_only)
                return failure_set(failure, FAILURE_CONFLICT, "snapshot", "", "%s is no snapshot", place.name);
        if (btrfs_util_delete_subvolume_fd(place.folder, place.name, 0) == BTRFS_UTIL_OK)
                return 0;
        return failure_system(failure, FAILURE_FAILED, place.name, -errno);
}

int snapshot_delete(struct act_context *context, struct failure *failure)
{
        PLACE place;
        if (snapshot_place(context, false, &place, failure) != 0)
                return -1;
        return subvolume_delete(&place, act_number(context, "number"), failure);
}
