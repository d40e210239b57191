/* Files and folders of a snapshot: shown, and put back into their dataset. All goes by descriptors: no link leads out
 * of the snapshot or the dataset, whoever makes one meanwhile. What is put back is made in a folder that is closed to
 * all others, and gets its name when it is whole; what had that name keeps its contents under another.
 * Rights: the storage hand; reads snapshots, makes files, folders and links in datasets. */
#include "daemons/storage/hand/subvolume.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW };
#define CLOSED ".restoring"

/* The snapshot that the action names by its number "of", or -1. */
static int open_snapshot(const struct act_context *context, struct failure *failure)
{
        PLACE place;
        return snapshot_place(context, false, &place, failure) == 0
                       ? subvolume_open(&place, act_number(context, "of"), failure)
                       : -1;
}

int folder_look(struct act_context *context, struct failure *failure)
{
        const char *path = act_text(context, "path");
        CLEANUP_FD int snapshot = open_snapshot(context, failure);
        if (snapshot < 0)
                return -1;
        int fd = file_open_below(snapshot, *path ? path : ".", FOLDER, 0), result = 0;
        DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
        if (!listing)
                return failure_system(failure, FAILURE_NOT_FOUND, "path", fd < 0 ? fd : -errno);
        for (struct dirent *entry; result == 0 && (entry = readdir(listing));) {
                struct stat status;
                uint8_t bytes[NAME_MAX + 64];
                struct writer writer = writer_of(bytes, sizeof(bytes));
                if (fstatat(dirfd(listing), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                        continue;
                writer_u32(&writer, status.st_mode);
                writer_u32(&writer, status.st_uid);
                writer_u32(&writer, status.st_gid);
                writer_u64(&writer, (uint64_t)status.st_size);
                writer_u64(&writer, (uint64_t)status.st_mtime);
                writer_field(&writer, entry->d_name, strlen(entry->d_name));
                result = file_write_all(context->output_fd, bytes, writer_length(&writer));
        }
        closedir(listing);
        return failure_system(failure, FAILURE_FAILED, "path", result);
}

/* --- putting it back --- */

/* The folder that a path's last part lies in, below top and on its device: another dataset is another device. */
static int open_above(const struct act_context *context, int top, const char *path, const char **ret_name)
{
        struct stat one, other;
        const char *slash = strrchr(path, '/');
        *ret_name = slash ? slash + 1 : path;
        CLEANUP_FD int fd =
                file_open_below(top, slash ? arena_text(context->arena, path, (size_t)(slash - path)) : ".", FOLDER, 0);
        if (fd < 0)
                return fd;
        return fstat(top, &one) == 0 && fstat(fd, &other) == 0 && one.st_dev == other.st_dev ? TAKE_FD(fd) : -EXDEV;
}

static int give_name(const struct act_context *context, const struct place_in_pool *made,
                     const struct place_in_pool *place)
{
        const char *behind = act_text(context, "kept");
        const struct place_in_pool kept = {place->folder, arena_printf(context->arena, "%s.%s", place->name, behind)};
        int result = *behind ? subvolume_move(place, &kept, RENAME_NOREPLACE) : 0;
        return result == 0 || result == -ENOENT ? subvolume_move(made, place, RENAME_NOREPLACE) : result;
}

/* The tool starts in the closed folder, which nobody else can enter or put another in the place of; it reads what
 * nobody can change, by a path that was found to have no link in it. */
static int copy(const struct act_context *context, int closed, struct failure *failure)
{
        const char *from = arena_printf(context->arena, SERVED "/%s/" SNAPSHOTS "/%s/%s/%s", act_text(context, "pool"),
                                        snapshots_folder(context, act_text(context, "dataset")),
                                        act_text(context, "snapshot"), act_text(context, "path"));
        const char *const args[] = {"/usr/bin/cp", "--archive", "--reflink=always", "--", from, ".", NULL};
        if (fchdir(closed) != 0)
                return failure_system(failure, FAILURE_FAILED, CLOSED, -errno);
        int result = act_run(context, args, NULL, failure);
        return chdir("/") == 0 ? result : -1;
}

int files_restore(struct act_context *context, struct failure *failure)
{
        struct place_in_pool from = {.folder = -1}, to = {.folder = -1}, made;
        struct stat status;
        CLEANUP_FD int snapshot = open_snapshot(context, failure);
        CLEANUP_FD int dataset = snapshot < 0 ? -1 : dataset_open(context, failure);
        if (dataset < 0)
                return -1;
        CLEANUP_FD int from_folder = open_above(context, snapshot, act_text(context, "path"), &from.name);
        CLEANUP_FD int to_folder = open_above(context, dataset, act_text(context, "to"), &to.name);
        if (from_folder < 0 || fstatat(from_folder, from.name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                return failure_system(failure, FAILURE_NOT_FOUND, "path", from_folder < 0 ? from_folder : -errno);
        CLEANUP_FD int closed = to_folder < 0                         ? to_folder
                                : mkdirat(dataset, CLOSED, 0700) != 0 ? -errno
                                                                      : file_open_below(dataset, CLOSED, FOLDER, 0);
        if (failure_system(failure, FAILURE_CONFLICT, "to", closed) != 0 || fstat(closed, &status) != 0 ||
            status.st_uid != geteuid() || copy(context, closed, failure) != 0)
                return -1;
        to.folder = to_folder;
        made = (struct place_in_pool){closed, from.name};
        int result = give_name(context, &made, &to);
        if (result == 0 && unlinkat(dataset, CLOSED, AT_REMOVEDIR) != 0)
                result = -errno;
        return failure_system(failure, FAILURE_CONFLICT, act_text(context, "to"), result);
}
