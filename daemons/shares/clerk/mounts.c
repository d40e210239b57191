/* Which pools are mounted: read when the kernel says that mounts have changed.
 * Rights: the shares clerk; reads /proc/self/mountinfo, opened before its fences close, and what is written down of
 * pools of Ceph clusters; sees which pools are encrypted. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#define CEPH       "/run/bulkhead/ceph"
#define ENCRYPTION "/etc/bulkhead/encryption" /* of storage: a file for each pool that is encrypted */
enum { SERVED_LENGTH = sizeof("/srv/") - 1, TEXT_MAX = 1024 * 1024, TEXT_STEP = 16 * 1024, ROOM_MAX = 64 };

struct mounted {
        const char *pool;
        bool read_only, of_cluster, may_count;
};

/* The kernel tells each descriptor once: one is for those who wait, one for those who ask. The loop waits for bytes to
 * read, of which there always are some; so it waits for what waits for the sign. */
static struct {
        int waited, sign, asked, ceph;
        char *text; /* as it was read; the pools' names are in it */
        struct mounted *pools;
        size_t count;
        loop_tick *changed;
} mounts = {.waited = -1, .sign = -1, .asked = -1, .ceph = -1};

int mounts_prepare(void)
{
        static const char path[] = "/proc/self/mountinfo";
        struct epoll_event event = {.events = EPOLLPRI};
        mounts.waited = open(path, O_RDONLY | O_CLOEXEC);
        mounts.asked = open(path, O_RDONLY | O_CLOEXEC);
        mounts.sign = epoll_create1(EPOLL_CLOEXEC);
        mounts.ceph = open(CEPH, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return mounts.waited < 0 || mounts.asked < 0 || mounts.sign < 0 || mounts.ceph < 0 ||
                               epoll_ctl(mounts.sign, EPOLL_CTL_ADD, mounts.waited, &event) != 0
                       ? -errno
                       : 0;
}

static char *read_text(void)
{
        size_t length = 0, size = TEXT_STEP;
        ssize_t got = lseek(mounts.asked, 0, SEEK_SET);
        char *text = mem_grow(NULL, size, 1);
        while (got >= 0 && (got = read(mounts.asked, text + length, size - length - 1)) > 0) {
                length += (size_t)got;
                if (size - length < TEXT_STEP && size < TEXT_MAX)
                        text = mem_grow(text, size *= 2, 1);
        }
        text[length] = '\0';
        return text;
}

/* "36 35 0:45 / /srv/tank rw,noatime shared:1 - btrfs /dev/vda rw": a whole file system, at the place of a pool. */
static bool read_line(char *line, struct mounted *ret_one)
{
        enum { ROOT = 3, PLACE = 4, WORDS = 5 };
        char *words[WORDS] = {NULL}, *super = strrchr(line, ' ');
        for (size_t i = 0; i < WORDS; i++)
                words[i] = strsep(&line, " ");
        if (!super || !words[PLACE] || strcmp(words[ROOT], "/") != 0 ||
            strncmp(words[PLACE], "/srv/", SERVED_LENGTH) != 0 || strchr(words[PLACE] + SERVED_LENGTH, '/'))
                return false;
        /* Of the file system: to this process all of them are mounted read-only. */
        *ret_one = (struct mounted){.pool = words[PLACE] + SERVED_LENGTH,
                                    .read_only = strncmp(super, " ro", 3) == 0,
                                    .of_cluster = line && strstr(line, " - fuse.cephfs "),
                                    .may_count = line && (strstr(line, " - ext4 ") || strstr(line, " - xfs "))};
        return true;
}

static void read_pools(char *text)
{
        size_t lines = 1;
        for (const char *at = text; (at = strchr(at, '\n')); at++)
                lines++;
        free(mounts.text);
        free(mounts.pools);
        mounts.text = text;
        mounts.pools = mem_new(lines, sizeof(*mounts.pools));
        mounts.count = 0;
        for (char *line; (line = strsep(&text, "\n"));)
                if (read_line(line, &mounts.pools[mounts.count]))
                        mounts.count++;
}

void live_tick(void)
{
        struct pollfd polled = {.fd = mounts.asked, .events = POLLPRI};
        if (poll(&polled, 1, 0) != 1 || (polled.revents & POLLPRI) == 0)
                return;
        read_pools(read_text());
        mounts.changed(NULL);
}

static void told(int fd, unsigned events, void *context)
{
        struct epoll_event event;
        (void)events;
        (void)context;
        (void)epoll_wait(fd, &event, 1, 0); /* so that it is told once */
        live_tick();
}

void mounts_watch(loop_tick *changed)
{
        mounts.changed = changed;
        loop_fd(clerk.loop, mounts.sign, LOOP_READ, told, NULL);
        read_pools(read_text());
}

static size_t pool_length(const char *path)
{
        return strcspn(path + SERVED_LENGTH, "/");
}

static const struct mounted *find(const char *path)
{
        ASSERT(path && strncmp(path, "/srv/", SERVED_LENGTH) == 0);
        const size_t length = pool_length(path);
        for (size_t i = 0; i < mounts.count; i++)
                if (strlen(mounts.pools[i].pool) == length &&
                    memcmp(mounts.pools[i].pool, path + SERVED_LENGTH, length) == 0)
                        return &mounts.pools[i];
        return NULL;
}

const char *live_pool_of(const char *path, struct arena *arena)
{
        return arena_text(arena, path + SERVED_LENGTH, pool_length(path));
}

/* Whoever looks into a pool whose cluster does not answer waits for it; so its folders are not here either. Who looks
 * at how much is in it (bulkhead-ceph-look@.service) writes blanks then. */
static bool is_silent(const struct mounted *mounted)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *room = file_text_below(mounts.ceph, mounted->pool, ROOM_MAX, arena);
        return room && *room == ' ';
}

bool live_path_is_here(const char *path)
{
        const struct mounted *mounted = find(path);
        return mounted && !(mounted->of_cluster && is_silent(mounted));
}

static bool is_encrypted(const char *path)
{
        char file[PATH_MAX];
        struct stat status;
        (void)snprintf(file, sizeof(file), ENCRYPTION "/%.*s", (int)pool_length(path), path + SERVED_LENGTH);
        return fstatat(AT_FDCWD, file, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

const char *live_path_why_not(const char *path)
{
        if (live_path_is_here(path))
                return NULL;
        return is_encrypted(path) ? "Its pool is away. It is encrypted, and may have to be unlocked."
                                  : "Its pool is away.";
}

/* What becomes of a file system elsewhere is told to nobody here. */
bool live_path_is_read_only(const char *path)
{
        read_pools(read_text());
        const struct mounted *mounted = find(path);
        return mounted && mounted->read_only;
}

bool live_path_may_count(const char *path)
{
        const struct mounted *mounted = find(path);
        return mounted && mounted->may_count;
}
