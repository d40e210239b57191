/* Where modules lie, and whether all in them is root's.
 * Rights: the front end, the modules clerk and hand, the command line; reads their folders. */
#include "sys/modules.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const module_folders[] = {"/usr/local/lib/bulkhead/modules", "/usr/lib/bulkhead/modules", NULL};

static bool is_name(const char *name)
{
        size_t length = strlen(name);
        return value_is(&value_module_name, name, length);
}

static int named(const struct dirent *entry)
{
        return is_name(entry->d_name);
}

const char *const *modules_in(struct arena *arena, const char *folder)
{
        ASSERT(arena && folder);
        struct dirent **entries = NULL;
        const char **names = arena_array(arena, MODULES_MAX + 1, sizeof(*names));
        int count = scandir(folder, &entries, named, alphasort);
        for (int i = 0; i < count; i++) {
                if (i < MODULES_MAX)
                        names[i] = arena_text(arena, entries[i]->d_name, strlen(entries[i]->d_name));
                free(entries[i]);
        }
        free(entries);
        return names;
}

int module_open(struct arena *arena, const char *name, const char **ret_path)
{
        ASSERT(arena && name);
        if (!is_name(name))
                return -EINVAL;
        for (size_t i = 0; module_folders[i]; i++) {
                const char *path = arena_printf(arena, "%s/%s", module_folders[i], name);
                int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (folder < 0 && errno == ENOENT)
                        continue;
                if (ret_path)
                        *ret_path = path;
                return folder < 0 ? -errno : folder;
        }
        return -ENOENT;
}

const char *module_contract(struct arena *arena, const char *name)
{
        ASSERT(arena && name);
        return arena_printf(arena, "module.%s.varlink", name);
}

/* --- whose is it? --- */

struct judging {
        uid_t owner;
        unsigned files;
        struct failure *failure;
};

static int judge_one(const struct judging *judging, const char *path, const struct stat *status)
{
        if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode))
                return failure_set(judging->failure, FAILURE_CONFLICT, "module", "Put a copy in its place.",
                                   "%s is no plain file or folder", path);
        if (status->st_uid != judging->owner || (status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
                return failure_set(judging->failure, FAILURE_CONFLICT, "module",
                                   "chown -R root: FOLDER; chmod -R go-w FOLDER",
                                   "%s can be written by others than root", path);
        return 0;
}

static int judge_folder(struct judging *judging, int folder, const char *path, unsigned depth);

static int judge_entry(struct judging *judging, int folder, const char *path, const char *name, unsigned depth)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *here = arena_printf(arena, "%s%s%s", path, *path ? "/" : "", name);
        struct stat status;
        if (++judging->files > MODULE_FILES_MAX || depth == MODULE_DEPTH_MAX)
                return failure_set(judging->failure, FAILURE_CONFLICT, "module", "", "%s: there is too much in it",
                                   here);
        if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                return failure_system(judging->failure, FAILURE_CONFLICT, here, -errno);
        if (judge_one(judging, here, &status) != 0)
                return -1;
        if (!S_ISDIR(status.st_mode))
                return 0;
        CLEANUP_FD int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inner < 0)
                return failure_system(judging->failure, FAILURE_CONFLICT, here, -errno);
        return judge_folder(judging, inner, here, depth + 1);
}

static int judge_folder(struct judging *judging, int folder, const char *path, unsigned depth)
{
        CLEANUP(listing_closep) DIR *listing = file_list(folder);
        if (!listing)
                return failure_system(judging->failure, FAILURE_CONFLICT, path, -errno);
        for (struct dirent *entry; (entry = readdir(listing));)
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                    judge_entry(judging, folder, path, entry->d_name, depth) != 0)
                        return -1;
        return 0;
}

static int must_be_there(int folder, const char *name, mode_t mode, struct failure *failure)
{
        struct stat status;
        if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
            (status.st_mode & mode) == mode)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "module", "docs/modules.md says what belongs into it.",
                           "There is no %s in it that everybody may %s", name, (mode & S_IXOTH) != 0 ? "run" : "read");
}

int module_judge(int folder, const char *name, uid_t owner, struct failure *failure)
{
        ASSERT(folder >= 0 && name);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct judging judging = {.owner = owner, .failure = failure};
        struct stat status;
        if (fstat(folder, &status) != 0)
                return failure_system(failure, FAILURE_CONFLICT, name, -errno);
        if (judge_one(&judging, name, &status) != 0 || judge_folder(&judging, folder, "", 0) != 0 ||
            must_be_there(folder, module_contract(arena, name), S_IROTH, failure) != 0)
                return -1;
        return must_be_there(folder, MODULE_PROGRAM, S_IROTH | S_IXOTH, failure);
}
