/* bulkhead-zfs-mount: mounts a ZFS pool at its place below /srv, and its file systems in it, each by its name.
 *
 *     zfs-mount POOL
 *     zfs-mount POOL end       unmounts what is in it: all of it or nothing
 *     zfs-mount POOL end NAME  the same of one file system in it, and of what is in that
 *
 * Where they say themselves that they want to be mounted counts for nothing here, so that none of them lands anywhere
 * else, whoever made the pool. Nothing that is there is covered: a file system whose folder has something in it is left
 * out, and that is said.
 *
 * Rights: CAP_SYS_ADMIN, to mount; CAP_DAC_OVERRIDE, since folders in the pool may be closed to all but their owners.
 * Run by PID 1 for a moment; reaches the pool's folder alone, through no link. */
#include "base/mem.h"
#include "sys/child.h"
#include "sys/file.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_MAX = 4 * 1024 * 1024, NAME_MAX_ZFS = 256, OPTIONS_MAX = 512, MOUNTS_MAX = 4096 };
#define FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME)

/* What "zfs list" says of the pool; NULL: nothing. */
static char *listed(const char *pool, struct arena *arena)
{
        const char *const words[] = {"/usr/sbin/zfs",           "list", "-Hr", "-t", "filesystem", "-o",
                                     "name,canmount,keystatus", pool,   NULL};
        return child_hear(words, false, arena);
}

/* By descriptor: what is mounted on is what was looked at. */
static int mount_on(const char *name, int folder)
{
        char place[64], options[OPTIONS_MAX];
        snprintf(place, sizeof(place), "/proc/self/fd/%d", folder);
        /* ZFS mounts snapshots by itself, and has to know where. */
        if ((size_t)snprintf(options, sizeof(options), "mntpoint=/srv/%s", name) >= sizeof(options))
                return -ENAMETOOLONG;
        return mount(name, place, "zfs", FLAGS, options) == 0 ? 0 : -errno;
}

static bool is_empty(int folder)
{
        CLEANUP(listing_closep) DIR *listing = file_list(folder);
        for (struct dirent *entry; listing && (entry = readdir(listing));)
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        return false;
        return listing != NULL;
}

static bool same_device(int one, int other)
{
        struct stat first, second;
        return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev;
}

/* The folder "a/b/c" in the pool, made where it is not there; no link leads anywhere. *ret_above: what it lies in. */
static int folder_of(int pool, const char *path, int *ret_above)
{
        char part[NAME_MAX_ZFS];
        CLEANUP_FD int at = fcntl(pool, F_DUPFD_CLOEXEC, 0);
        *ret_above = -1;
        while (at >= 0 && *path) {
                const size_t length = strcspn(path, "/");
                snprintf(part, sizeof(part), "%.*s", (int)length, path);
                if (length == 0 || length >= sizeof(part) || strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
                        return -EINVAL;
                if (mkdirat(at, part, 0755) != 0 && errno != EEXIST)
                        return -errno;
                fd_closep(ret_above);
                *ret_above = TAKE_FD(at);
                at = openat(*ret_above, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                path += length;
                path += *path == '/';
        }
        return at < 0 ? -errno : TAKE_FD(at);
}

static int mount_child(int pool, const char *name, const char *path)
{
        CLEANUP_FD int above = -1;
        CLEANUP_FD int folder = folder_of(pool, path, &above);
        if (folder < 0)
                return folder;
        if (!same_device(folder, above))
                return 0; /* it is mounted already */
        return is_empty(folder) ? mount_on(name, folder) : -ENOTEMPTY;
}

/* One line "NAME CANMOUNT KEYSTATUS"; the pool's own is the first. */
static int mount_line(const char *pool, char *line)
{
        const char *name = strsep(&line, "\t"), *wanted = strsep(&line, "\t"), *key = line;
        const size_t length = strlen(pool);
        if (!wanted || !key || strncmp(name, pool, length) != 0 || name[length] != '/')
                return -EINVAL;
        if (strcmp(wanted, "on") != 0)
                return 0; /* it says that it is not to be mounted by itself */
        if (strcmp(key, "unavailable") == 0)
                return -ENOKEY;
        CLEANUP_FD int top = file_mounted("/srv", pool, O_RDONLY | O_DIRECTORY);
        return top < 0 ? top : mount_child(top, name, name + length + 1);
}

/* --- and back --- */

/* Where something of ZFS's is mounted in the pool, from a line of mountinfo: behind "/srv/POOL/"; NULL: it is not, or
 * not in that folder, if there is one. */
static const char *place_in(const char *pool, const char *folder, char *line)
{
        enum { PLACE = 4, FIELDS };
        char *fields[FIELDS] = {NULL}, *rest = line, top[64];
        for (size_t i = 0; i < FIELDS; i++)
                if (!(fields[i] = strsep(&rest, " ")) || !rest)
                        return NULL;
        const size_t length = (size_t)snprintf(top, sizeof(top), "/srv/%s/", pool);
        if (strncmp(fields[PLACE], top, length) != 0 || !strstr(rest, " - zfs "))
                return NULL;
        const char *place = file_mount_text(fields[PLACE]) + length;
        const size_t inner = folder ? strlen(folder) : 0;
        return !folder || (strncmp(place, folder, inner) == 0 && (place[inner] == '\0' || place[inner] == '/')) ? place
                                                                                                                : NULL;
}

/* From the folder that it lies in, to which no link leads. */
static int unmount_one(const char *pool, const char *path)
{
        const char *slash = strrchr(path, '/');
        CLEANUP_FD int above = file_mounted("/srv", pool, O_PATH);
        for (const char *at = path; above >= 0 && slash && at <= slash; at = strchr(at, '/') + 1) {
                char part[NAME_MAX_ZFS];
                snprintf(part, sizeof(part), "%.*s", (int)strcspn(at, "/"), at);
                const int inner = openat(above, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                fd_closep(&above);
                above = inner;
        }
        if (above < 0 || fchdir(above) != 0)
                return -errno;
        return umount2(slash ? slash + 1 : path, UMOUNT_NOFOLLOW) == 0 ? 0 : -errno;
}

/* The last that was mounted first. */
static int unmount_all(const char *pool, const char *folder, struct arena *arena)
{
        CLEANUP_FD int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        char *rest = mounts < 0 ? NULL : file_text_of(mounts, LIST_MAX, arena);
        const char **places = arena_array(arena, MOUNTS_MAX, sizeof(*places));
        size_t count = 0;
        int result = rest ? 0 : -EIO;
        for (char *line; rest && count < MOUNTS_MAX && (line = strsep(&rest, "\n"));)
                if ((places[count] = place_in(pool, folder, line)))
                        count++;
        while (result == 0 && count > 0) {
                result = unmount_one(pool, places[--count]);
                if (result != 0)
                        fprintf(stderr, "/srv/%s/%s: %s\n", pool, places[count], strerror(-result));
        }
        return result;
}

/* --- there --- */

static int mount_pool(const char *pool)
{
        CLEANUP_FD int served = file_directory("/srv");
        CLEANUP_FD int place =
                served < 0 ? served : openat(served, pool, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (place < 0)
                return -errno;
        return same_device(place, served) ? mount_on(pool, place) : 0;
}

static int mount_all(const char *pool, struct arena *arena)
{
        char *rest = listed(pool, arena);
        int result = rest ? mount_pool(pool) : -EIO;
        if (result != 0)
                return result;
        (void)strsep(&rest, "\n");
        for (char *line; (line = strsep(&rest, "\n"));) {
                const char *name = line;
                if (*line && (result = mount_line(pool, line)) != 0)
                        printf("%s is left out: %s\n", name,
                               result == -ENOTEMPTY ? "something lies in the folder that it would cover"
                                                    : strerror(-result));
        }
        return 0;
}

int main(int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *pool = argc > 1 && value_is(&value_pool_name, argv[1], strlen(argv[1])) ? argv[1] : NULL;
        int result = -EINVAL;
        if (pool && argc == 2)
                result = mount_all(pool, arena);
        const char *folder = argc == 4 && value_is(&value_dataset, argv[3], strlen(argv[3])) ? argv[3] : NULL;
        if (pool && (argc == 3 || folder) && strcmp(argv[2], "end") == 0 &&
            (result = unmount_all(pool, folder, arena)) != 0)
                (void)mount_all(pool, arena); /* what was unmounted before that which is in use */
        if (result == 0)
                return EXIT_SUCCESS;
        fprintf(stderr, "zfs-mount: %s\n", result == -EACCES ? "its key is not loaded" : strerror(-result));
        return EXIT_FAILURE;
}
