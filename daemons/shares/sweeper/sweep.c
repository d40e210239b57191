/* One bin: what is in it is whatever its owner has put there. It is walked by descriptors that never followed a link
 * and never left the file system; what is moved away meanwhile is at worst removed by who may remove it anyway.
 *
 * Rights: the sweeper, as the owner of the bin and nobody else. */
#include "daemons/shares/sweeper/sweeper.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, FILES_MAX = 1 << 20, DAY_S = 86400, SECTOR = 512, EMPTY_S = 3600 };
#define SECOND_NS INT64_C(1000000000)

struct deleted {
        int64_t at; /* as came() */
        uint64_t size;
};

struct walk {
        dev_t device;
        int64_t now;   /* in seconds */
        int64_t until; /* what came until then goes */
        bool removes;       /* else it only counts */
        struct deleted *files;
        size_t count, room;
        int removed;
};

/* When it came here, in nanoseconds: a whole folder comes in one second. Its owner cannot choose that. */
static int64_t came(const struct stat *status)
{
        return status->st_ctim.tv_sec * SECOND_NS + status->st_ctim.tv_nsec;
}

static void count_file(struct walk *walk, const struct stat *status)
{
        if (walk->count == FILES_MAX)
                return;
        if (walk->count == walk->room) {
                walk->room = walk->room ? 2 * walk->room : 1024;
                walk->files = mem_grow(walk->files, walk->room, sizeof(*walk->files));
        }
        walk->files[walk->count++] =
                (struct deleted){.at = came(status), .size = (uint64_t)status->st_blocks * SECTOR};
}

/* A folder below; -1: it is none, or no more, or of another file system. */
static int enter(const struct walk *walk, int folder, const char *name)
{
        struct stat status;
        CLEANUP_FD int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        return inner >= 0 && fstat(inner, &status) == 0 && status.st_dev == walk->device ? TAKE_FD(inner) : -1;
}

static void look(struct walk *walk, int folder, const char *name, unsigned depth);

static void look_into(struct walk *walk, int folder, unsigned depth)
{
        CLEANUP(listing_closep) DIR *listing = file_list(folder);
        for (struct dirent *entry; listing && (entry = readdir(listing));)
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        look(walk, folder, entry->d_name, depth);
}

/* A folder that has just been made may be about to be moved into. */
static void look(struct walk *walk, int folder, const char *name, unsigned depth)
{
        struct stat status;
        if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_dev != walk->device)
                return;
        if (!S_ISDIR(status.st_mode)) {
                if (!walk->removes)
                        count_file(walk, &status);
                else if (came(&status) <= walk->until && unlinkat(folder, name, 0) == 0)
                        walk->removed++;
                return;
        }
        CLEANUP_FD int inner = depth < DEPTH_MAX ? enter(walk, folder, name) : -1;
        if (inner < 0)
                return;
        look_into(walk, inner, depth + 1);
        if (walk->removes && status.st_ctim.tv_sec < walk->now - EMPTY_S)
                (void)unlinkat(folder, name, AT_REMOVEDIR); /* as long as something is in it, it stays */
}

static int by_age(const void *a, const void *b)
{
        const struct deleted *left = a, *right = b;
        return (left->at > right->at) - (left->at < right->at);
}

/* The moment until which all goes. */
static int64_t last_to_go(struct walk *walk, const struct rules *rules)
{
        const int64_t old = rules->days > 0 ? (walk->now - rules->days * DAY_S) * SECOND_NS : INT64_MIN;
        int64_t until = old;
        uint64_t size = 0;
        qsort(walk->files, walk->count, sizeof(*walk->files), by_age);
        for (size_t i = 0; i < walk->count; i++)
                size += walk->files[i].at > old ? walk->files[i].size : 0;
        for (size_t i = 0; rules->most_size > 0 && i < walk->count && size > rules->most_size; i++)
                if (walk->files[i].at > old) {
                        size -= walk->files[i].size;
                        until = walk->files[i].at;
                }
        return until;
}

int sweep(int folder, const struct rules *rules, int64_t now)
{
        ASSERT(folder >= 0 && rules);
        struct stat status;
        if (fstat(folder, &status) != 0)
                return -errno;
        struct walk walk = {.device = status.st_dev, .now = now, .files = mem_new(1, sizeof(*walk.files)), .room = 1};
        look_into(&walk, folder, 0);
        walk.until = last_to_go(&walk, rules);
        walk.removes = true;
        look_into(&walk, folder, 0);
        free(walk.files);
        return walk.removed;
}
