/* Before the fences close: what a kill left half written in the folders that the policy lets this process write to.
 * Rights: every process; its own folders. */
#include "base/log.h"
#include "base/mem.h"
#include "jail/jail_parts.h"
#include "sys/file.h"

#include <fcntl.h>

enum { OLDER_S = 600 };

/* The folder and those right below it. */
static void sweep(const char *path)
{
        CLEANUP(listing_closep) DIR *directory = opendir(path);
        if (!directory)
                return;
        (void)file_sweep(dirfd(directory), OLDER_S); /* what stays costs a few bytes; the next start tries again */
        for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
                if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
                        continue;
                CLEANUP_FD int below = file_open_below(dirfd(directory), entry->d_name, O_DIRECTORY | O_RDONLY, 0);
                if (below >= 0)
                        (void)file_sweep(below, OLDER_S);
        }
}

void leftovers_sweep(const struct process_policy *policy)
{
        ASSERT(policy);
        for (const struct process_path *path = policy->paths; path && path->path; path++)
                if (path->rights & PATH_WRITE)
                        sweep(path->path);
}
