/* Exports over NFS. An export is a file of lines that the policy's types allow; the server's own file names those that
 * are turned on.
 * Rights: the shares hand; writes that list. */
#include "daemons/shares/hand/shares.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define LIST "nfs.conf"
enum { BTRFS_MAGIC = (int)0x9123683E, LIST_MODE = 0644 };

/* The root of a dataset: what can be mounted by itself. */
int nfs_is_served(struct act_context *context, struct failure *failure)
{
        const char *path = act_text(context, "path");
        struct stat status;
        struct statfs system = {0};
        CLEANUP_FD int folder = folder_open(context, path, O_PATH);
        if (failure_system(failure, FAILURE_CONFLICT, "path", folder < 0 ? folder : 0) != 0 ||
            failure_system(failure, FAILURE_CONFLICT, "path",
                           fstat(folder, &status) != 0 || fstatfs(folder, &system) != 0 ? -errno : 0) != 0)
                return -1;
        if ((int)system.f_type == BTRFS_MAGIC && status.st_ino == DATASET_INODE)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "path", "Make a dataset of it, or export the one it is in.",
                           "%s is no dataset", path);
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
        return (int)strtol((*a)->d_name, NULL, 10) - (int)strtol((*b)->d_name, NULL, 10);
}

static int is_on(const struct dirent *entry)
{
        const char *dot = strchr(entry->d_name, '.');
        return dot && strcmp(dot, ".on") == 0 &&
               value_is(&value_nfs_number, entry->d_name, (size_t)(dot - entry->d_name));
}

/* Has the list follow the folder, whatever was done to it. */
int nfs_list(struct act_context *context, struct failure *failure)
{
        const struct shares *shares = context->state;
        struct dirent **entries = NULL;
        const char *text = "";
        int count = scandirat(shares->nfs, ".", &entries, is_on, by_number);
        if (failure_system(failure, FAILURE_FAILED, NFS_DIRECTORY, count < 0 ? -errno : 0) != 0)
                return -1;
        for (int i = 0; i < count; i++) {
                text = arena_printf(context->arena, "%s%%include \"" NFS_DIRECTORY "/%s\"\n", text, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        return failure_system(failure, FAILURE_FAILED, LIST,
                              file_put(shares->services, LIST, text, strlen(text), LIST_MODE));
}
