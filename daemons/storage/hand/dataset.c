/* Datasets: subvolumes that people name and share.
 * Rights: the storage hand; makes and deletes subvolumes in pools. */
#include "daemons/storage/hand/subvolume.h"

int dataset_is_free(struct act_context *context, struct failure *failure)
{
        struct place_in_pool place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        CLEANUP_FD int folder = place.folder;
        if (!subvolume_is_there(&place))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "dataset", "Choose another name.", "is there already");
}

int dataset_make(struct act_context *context, struct failure *failure)
{
        struct place_in_pool place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        CLEANUP_FD int folder = place.folder;
        return failure_system(failure, FAILURE_FAILED, place.name, subvolume_make(folder, place.name, 0755));
}

int dataset_unmake(struct act_context *context, struct failure *failure)
{
        struct place_in_pool place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        CLEANUP_FD int folder = place.folder;
        return subvolume_remove_empty(&place, failure);
}

int dataset_delete(struct act_context *context, struct failure *failure)
{
        struct place_in_pool place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        CLEANUP_FD int folder = place.folder;
        return subvolume_delete(&place, act_number(context, "number"), failure);
}
