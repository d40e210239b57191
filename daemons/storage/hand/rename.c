/* A dataset under another name, or in another dataset; its snapshots follow it.
 * Rights: the storage hand; renames subvolumes in pools and never replaces one. */
#include "daemons/storage/hand/subvolume.h"

#include <stdio.h>
#include <sys/syscall.h>

int subvolume_move(const struct place_in_pool *from, const struct place_in_pool *to, unsigned flags)
{
        return syscall(SYS_renameat2, from->folder, from->name, to->folder, to->name, flags) == 0 ? 0 : -errno;
}

int dataset_rename(struct act_context *context, struct failure *failure)
{
        PLACE from, to = {.folder = -1};
        const uint64_t number = act_number(context, "number");
        if (dataset_place(context, &from, failure) != 0 ||
            dataset_place_named(context, act_text(context, "to"), &to, failure) != 0)
                return -1;
        CLEANUP_FD int done = subvolume_open(&to, number, NULL);
        if (done >= 0) /* before a crash */
                return 0;
        CLEANUP_FD int fd = subvolume_open(&from, number, failure);
        if (fd < 0)
                return -1;
        int result = subvolume_move(&from, &to, RENAME_NOREPLACE);
        if (result == -EEXIST)
                return failure_set(failure, FAILURE_CONFLICT, "to", "Choose another name.", "is there already");
        return failure_system(failure, FAILURE_FAILED, act_text(context, "to"), result);
}

/* Their folder has the dataset's name, and so have their holds. One of that name that is empty is of no dataset any
 * more. */
int snapshots_rename(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int pool = pool_open(context, failure);
        if (pool < 0)
                return -1;
        /* Before the folder, whether that has been moved or not: also what was cut off in the middle is gone over
         * whole. */
        if (holds_rename(context, failure) != 0)
                return -1;
        CLEANUP_FD int all = file_open_below(pool, SNAPSHOTS, O_RDONLY | O_DIRECTORY, 0);
        struct place_in_pool from = {.folder = all, .name = snapshots_folder(context, act_text(context, "dataset"))},
                             to = {.folder = all, .name = snapshots_folder(context, act_text(context, "to"))};
        if (all < 0 || !subvolume_is_there(&from))
                return 0;
        (void)unlinkat(all, to.name, AT_REMOVEDIR);
        int result = subvolume_move(&from, &to, RENAME_NOREPLACE);
        return failure_system(failure, FAILURE_FAILED, to.name, result);
}
