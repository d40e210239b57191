/* Datasets: subvolumes that people name and share.
 * Rights: the storage hand; makes and deletes subvolumes in pools. */
#include "daemons/storage/hand/subvolume.h"

#include <linux/fs.h>

int dataset_is_free(struct act_context *context, struct failure *failure)
{
        PLACE place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        if (!subvolume_is_there(&place))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "dataset", "Choose another name.", "is there already");
}

/* How it is written can be chosen while nothing is in it. Of flags its tree tells only when it was told to be on disk.
 */
static int prepare(const struct act_context *context, int fd)
{
        if (strcmp(act_text(context, "copy_on_write"), "no") == 0) {
                int result = folder_flag(fd, FS_NOCOW_FL, true);
                return result == 0 && fsync(fd) != 0 ? -errno : result;
        }
        return *act_text(context, "compression") ? subvolume_compress(fd, act_text(context, "compression")) : 0;
}

int dataset_make(struct act_context *context, struct failure *failure)
{
        PLACE place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        int result = subvolume_make(place.folder, place.name, 0755);
        CLEANUP_FD int fd = result != 0 ? result : file_open_below(place.folder, place.name, O_RDONLY | O_DIRECTORY, 0);
        return failure_system(failure, FAILURE_FAILED, place.name, fd < 0 ? fd : prepare(context, fd));
}

int dataset_unmake(struct act_context *context, struct failure *failure)
{
        PLACE place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        return subvolume_remove_empty(&place, failure);
}

int dataset_delete(struct act_context *context, struct failure *failure)
{
        PLACE place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        return subvolume_delete(&place, act_number(context, "number"), failure);
}
