/* A dataset as one of its snapshots has it, and the other way round: what is replaced is kept as a snapshot. The two
 * change places in one go, so there is never a moment without the dataset.
 * Rights: the storage hand; makes and exchanges subvolumes in pools. */
#include "daemons/storage/hand/subvolume.h"

#include <btrfsutil.h>
#include <stdio.h>

struct places {
        struct place_in_pool dataset, snapshot, kept;
};

static void close_places(struct places *places)
{
        fd_closep(&places->dataset.folder);
        fd_closep(&places->snapshot.folder);
}

static int find_places(const struct act_context *context, struct places *ret_places, struct failure *failure)
{
        *ret_places = (struct places){.dataset.folder = -1, .snapshot.folder = -1};
        if (dataset_place(context, &ret_places->dataset, failure) != 0 ||
            snapshot_place(context, false, &ret_places->snapshot, failure) != 0)
                return -1;
        ret_places->kept =
                (struct place_in_pool){.folder = ret_places->snapshot.folder, .name = act_text(context, "kept")};
        return 0;
}

static int exchange(const struct places *places)
{
        return subvolume_move(&places->kept, &places->dataset, RENAME_EXCHANGE);
}

static int set_read_only(const struct place_in_pool *place, bool read_only)
{
        CLEANUP_FD int fd = file_open_below(place->folder, place->name, O_RDONLY | O_DIRECTORY, 0);
        if (fd < 0)
                return fd;
        return btrfs_util_set_subvolume_read_only_fd(fd, read_only) == BTRFS_UTIL_OK ? 0 : -errno;
}

/* A copy of the snapshot that can be written to, where the replaced dataset will lie, with the dataset's limit. */
static int prepare_copy(const struct act_context *context, const struct places *places)
{
        uint64_t number;
        CLEANUP_FD int source = subvolume_open(&places->snapshot, act_number(context, "of"), NULL);
        if (source < 0)
                return -ESTALE;
        int result = subvolume_copy(source, &places->kept, 0);
        if (result != 0)
                return result;
        CLEANUP_FD int copy = file_open_below(places->kept.folder, places->kept.name, O_RDONLY | O_DIRECTORY, 0);
        if (copy < 0 || btrfs_util_subvolume_id_fd(copy, &number) != BTRFS_UTIL_OK)
                return copy < 0 ? copy : -errno;
        return *act_text(context, "bytes") ? subvolume_limit(copy, number, act_number(context, "bytes")) : 0;
}

int dataset_rollback(struct act_context *context, struct failure *failure)
{
        CLEANUP(close_places) struct places places;
        if (find_places(context, &places, failure) != 0)
                return -1;
        CLEANUP_FD int dataset = subvolume_open(&places.dataset, act_number(context, "number"), failure);
        if (dataset < 0)
                return -1;
        int result = prepare_copy(context, &places);
        if (result == 0)
                result = exchange(&places);
        if (result == 0)
                result = set_read_only(&places.kept, true);
        return failure_system(failure, FAILURE_FAILED, act_text(context, "snapshot"), result);
}

/* What lies at the kept name is the replaced dataset (it has the number) or the copy that was not put in place yet. */
int dataset_rollback_undo(struct act_context *context, struct failure *failure)
{
        CLEANUP(close_places) struct places places;
        if (find_places(context, &places, failure) != 0)
                return -1;
        CLEANUP_FD int replaced = subvolume_open(&places.kept, act_number(context, "number"), NULL);
        int result = 0;
        if (replaced >= 0) {
                result = set_read_only(&places.kept, false);
                if (result == 0)
                        result = exchange(&places);
        }
        fd_closep(&replaced);
        if (result == 0 && subvolume_is_there(&places.kept) &&
            btrfs_util_delete_subvolume_fd(places.kept.folder, places.kept.name, 0) != BTRFS_UTIL_OK)
                result = -errno;
        return failure_system(failure, FAILURE_FAILED, act_text(context, "dataset"), result);
}

/* --- a dataset of its own from a snapshot --- */

int snapshot_clone(struct act_context *context, struct failure *failure)
{
        PLACE snapshot, to = {.folder = -1};
        if (snapshot_place(context, false, &snapshot, failure) != 0)
                return -1;
        CLEANUP_FD int source = subvolume_open(&snapshot, act_number(context, "number"), failure);
        if (source < 0 || dataset_place_named(context, act_text(context, "to"), &to, failure) != 0)
                return -1;
        return failure_system(failure, FAILURE_FAILED, to.name, subvolume_copy(source, &to, 0));
}

/* Only to take back one that was just made. */
int clone_unmake(struct act_context *context, struct failure *failure)
{
        PLACE place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        if (!subvolume_is_there(&place) || btrfs_util_delete_subvolume_fd(place.folder, place.name, 0) == BTRFS_UTIL_OK)
                return 0;
        return failure_system(failure, FAILURE_FAILED, place.name, -errno);
}
