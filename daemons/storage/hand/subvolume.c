/* Subvolumes by where they lie. Folders are opened below the pool's and never through a link; what is deleted or kept
 * is known by its number, so that nobody can put another in its place.
 * Rights: the storage hand; opens, removes and deletes subvolumes in pools. */
#include "daemons/storage/hand/subvolume.h"

#include <btrfsutil.h>
#include <linux/btrfs_tree.h>

static int open_folder(int pool, const char *path)
{
        return file_open_below(pool, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0);
}

int dataset_place(const struct act_context *context, struct place_in_pool *ret_place, struct failure *failure)
{
        return dataset_place_named(context, act_text(context, "dataset"), ret_place, failure);
}

int dataset_place_named(const struct act_context *context, const char *dataset, struct place_in_pool *ret_place,
                        struct failure *failure)
{
        ASSERT(context && ret_place);
        ret_place->folder = -1;
        const char *slash = strrchr(dataset, '/');
        CLEANUP_FD int pool = pool_open(context, failure);
        if (pool < 0)
                return -1;
        ret_place->name = slash ? slash + 1 : dataset;
        ret_place->folder =
                open_folder(pool, slash ? arena_text(context->arena, dataset, (size_t)(slash - dataset)) : "");
        if (ret_place->folder >= 0)
                return 0;
        return failure_set(failure, FAILURE_NOT_FOUND, "dataset", "Make that one first.",
                           "lies in a dataset that is not there");
}

/* Of a dataset in a dataset: "media/films" has its snapshots in .snapshots/media:films. */
const char *snapshots_folder(const struct act_context *context, const char *dataset)
{
        char *name = arena_text(context->arena, dataset, strlen(dataset));
        for (char *at = name; *at; at++)
                if (*at == '/')
                        *at = ':';
        return name;
}

int subvolume_copy(int source, const struct place_in_pool *to, int flags)
{
        return btrfs_util_create_snapshot_fd2(source, to->folder, to->name, flags, NULL, NULL) == BTRFS_UTIL_OK
                       ? 0
                       : -errno;
}

int subvolume_make(int folder, const char *name, mode_t mode)
{
        if (btrfs_util_create_subvolume_fd(folder, name, 0, NULL, NULL) != BTRFS_UTIL_OK && errno != EEXIST)
                return -errno;
        return fchownat(folder, name, 0, 0, AT_SYMLINK_NOFOLLOW) == 0 && fchmodat(folder, name, mode, 0) == 0 ? 0
                                                                                                              : -errno;
}

static int make_folder(int pool, const char *path)
{
        CLEANUP_FD int all = open_folder(pool, SNAPSHOTS);
        const char *name = path + sizeof(SNAPSHOTS);
        if (all < 0)
                return all;
        int result = subvolume_make(all, name, 0755);
        return result == 0 ? open_folder(pool, path) : result;
}

int snapshot_place(const struct act_context *context, bool make, struct place_in_pool *ret_place,
                   struct failure *failure)
{
        ASSERT(context && ret_place);
        const char *path =
                arena_printf(context->arena, SNAPSHOTS "/%s", snapshots_folder(context, act_text(context, "dataset")));
        CLEANUP_FD int pool = pool_open(context, failure);
        ret_place->folder = -1;
        if (pool < 0)
                return -1;
        ret_place->name = act_text(context, "snapshot");
        ret_place->folder = open_folder(pool, path);
        if (ret_place->folder == -ENOENT && make)
                ret_place->folder = make_folder(pool, path);
        return ret_place->folder == -ENOENT && !make ? 0
                                                     : failure_system(failure, FAILURE_FAILED, path, ret_place->folder);
}

bool subvolume_is_there(const struct place_in_pool *place)
{
        struct stat status;
        return place->folder >= 0 && fstatat(place->folder, place->name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

int subvolume_open(const struct place_in_pool *place, uint64_t number, struct failure *failure)
{
        struct stat status;
        uint64_t found = 0;
        CLEANUP_FD int fd = place->folder < 0 ? -ENOENT : open_folder(place->folder, place->name);
        if (fd == -ENOENT) {
                failure_set(failure, FAILURE_NOT_FOUND, "id", "", "%s is not there any more", place->name);
                return -ENOENT;
        }
        if (failure_system(failure, FAILURE_FAILED, place->name, fd) != 0)
                return -1;
        /* ZFS's is mounted there by its name, and its number is looked at by who changes it. */
        if (!file_is_zfs_top(fd) && (fstat(fd, &status) != 0 || status.st_ino != BTRFS_FIRST_FREE_OBJECTID ||
                                     btrfs_util_subvolume_id_fd(fd, &found) != BTRFS_UTIL_OK || found != number))
                return failure_set(failure, FAILURE_CONFLICT, "dataset", "Look at the list again.",
                                   "%s is no longer what the plan was made for", place->name);
        return TAKE_FD(fd);
}

int subvolume_remove_empty(const struct place_in_pool *place, struct failure *failure)
{
        if (place->folder < 0 || unlinkat(place->folder, place->name, AT_REMOVEDIR) == 0 || errno == ENOENT)
                return 0;
        return failure_system(failure, FAILURE_FAILED, place->name, -errno);
}

int subvolume_delete(const struct place_in_pool *place, uint64_t number, struct failure *failure)
{
        CLEANUP_FD int fd = subvolume_open(place, number, failure);
        if (fd < 0)
                return fd == -ENOENT ? 0 : -1;
        if (btrfs_util_delete_subvolume_fd(place->folder, place->name, 0) == BTRFS_UTIL_OK)
                return 0;
        return failure_system(failure, FAILURE_FAILED, place->name, -errno);
}
