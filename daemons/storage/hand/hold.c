/* Holds: a snapshot that is held is not deleted, whoever asks. Each is an empty file in .snapshots/.holds, named after
 * dataset and snapshot; so it lies with what it protects and goes with the disks.
 * Rights: the storage hand; makes, renames and removes empty files in pools. */
#include "daemons/storage/hand/subvolume.h"

#include <stdio.h>

#define HOLDS SNAPSHOTS "/.holds"

static const char *hold_name(const struct act_context *context)
{
        return arena_printf(context->arena, "%s@%s", snapshots_folder(context, act_text(context, "dataset")),
                            act_text(context, "snapshot"));
}

static int open_holds(const struct act_context *context, bool make, struct failure *failure)
{
        CLEANUP_FD int pool = pool_open(context, failure);
        if (pool < 0)
                return -1;
        if (make && mkdirat(pool, HOLDS, 0755) != 0 && errno != EEXIST)
                return failure_system(failure, FAILURE_FAILED, HOLDS, -errno);
        if (make && (fchownat(pool, HOLDS, 0, 0, AT_SYMLINK_NOFOLLOW) != 0 || fchmodat(pool, HOLDS, 0755, 0) != 0))
                return failure_system(failure, FAILURE_FAILED, HOLDS, -errno);
        int fd = file_open_below(pool, HOLDS, O_RDONLY | O_DIRECTORY, 0);
        return fd >= 0 ? fd : failure_system(failure, FAILURE_FAILED, HOLDS, fd);
}

int snapshot_hold(struct act_context *context, struct failure *failure)
{
        PLACE place;
        if (snapshot_place(context, false, &place, failure) != 0)
                return -1;
        if (!subvolume_is_there(&place))
                return failure_set(failure, FAILURE_NOT_FOUND, "snapshot", "", "is not there any more");
        CLEANUP_FD int holds = open_holds(context, true, failure);
        if (holds < 0)
                return -1;
        int result = file_create(holds, hold_name(context), "", 0, 0644);
        return result == -EEXIST ? 0 : failure_system(failure, FAILURE_FAILED, HOLDS, result);
}

int snapshot_release(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int holds = open_holds(context, true, failure);
        if (holds < 0)
                return -1;
        return failure_system(failure, FAILURE_FAILED, HOLDS, file_remove(holds, hold_name(context)));
}

/* A hold is of the dataset's name: under another one nobody would know of it, and what was held could be deleted. */
int holds_rename(struct act_context *context, struct failure *failure)
{
        const char *from = snapshots_folder(context, act_text(context, "dataset"));
        const char *to = snapshots_folder(context, act_text(context, "to"));
        const size_t length = strlen(from);
        CLEANUP_FD int holds = open_holds(context, false, NULL);
        CLEANUP(listing_closep) DIR *listing = holds >= 0 ? file_list(holds) : NULL;
        for (const struct dirent *entry; listing && (entry = readdir(listing));)
                if (strncmp(entry->d_name, from, length) == 0 && entry->d_name[length] == '@' &&
                    renameat(holds, entry->d_name, holds,
                             arena_printf(context->arena, "%s%s", to, entry->d_name + length)) != 0)
                        return failure_system(failure, FAILURE_FAILED, HOLDS, -errno);
        return listing && fsync(holds) != 0 ? failure_system(failure, FAILURE_FAILED, HOLDS, -errno) : 0;
}

int snapshot_is_let_go(struct act_context *context, struct failure *failure)
{
        struct stat status;
        CLEANUP_FD int holds = open_holds(context, false, NULL);
        if (holds < 0 || fstatat(holds, hold_name(context), &status, AT_SYMLINK_NOFOLLOW) != 0)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "snapshot", "Release it first.", "%s is held",
                           act_text(context, "snapshot"));
}
