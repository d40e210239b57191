/* bulkhead-storage: a generator of systemd's (systemd.generator(7)). Makes a mount unit for each pool that is wanted,
 * from the file that the storage hand keeps of it; so that hand can have pools mounted and can write no unit. A file
 * with anything unexpected in it makes none.
 *
 * Rights: root, run by PID 1 when it starts and when it reads its units again; reads /etc/bulkhead/pools and writes
 * where PID 1 says. */
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POOLS  "/etc/bulkhead/pools"
#define WANTED "multi-user.target.wants"
enum { BYTES_MAX = 4096, OPTIONS_SIZE = 256, UNIT_SIZE = 2048, NAME_SIZE = 64 };

struct pool {
        const char *name, *uuid;
        char options[OPTIONS_SIZE];
        bool degraded;
};

static bool is(const struct value_type *type, const char *text)
{
        size_t length = strlen(text);
        return length > 0 && length <= type->max_bytes && type->check(text, length);
}

/* "btrfs UUID", then an option a line. text is taken apart. */
static bool read_pool(const char *name, char *text, struct pool *ret_pool)
{
        char *line = strsep(&text, "\n");
        if (!is(&value_pool_name, name) || strncmp(line, "btrfs ", 6) != 0 || !is(&value_uuid, line + 6))
                return false;
        *ret_pool = (struct pool){.name = name, .uuid = line + 6};
        while ((line = strsep(&text, "\n"))) {
                size_t used = strlen(ret_pool->options);
                if (*line == '\0')
                        continue;
                if (!is(&value_mount_option, line) || used + strlen(line) + 2 > OPTIONS_SIZE)
                        return false;
                ret_pool->degraded = ret_pool->degraded || strcmp(line, "degraded") == 0;
                snprintf(ret_pool->options + used, OPTIONS_SIZE - used, ",%s", line);
        }
        return true;
}

/* A pool that lacks a disk is not ready for udev, so its device unit never comes up. A path outside of /dev has no
 * device unit, and mount follows it all the same. */
static const char *root_of(const struct pool *pool)
{
        return pool->degraded ? "/proc/self/root/dev" : "/dev";
}

static int write_unit(int folder, const struct pool *pool)
{
        char unit[UNIT_SIZE], name[NAME_SIZE], link[2 * NAME_SIZE], target[2 * NAME_SIZE];
        snprintf(name, sizeof(name), "srv-%s.mount", pool->name);
        int length = snprintf(unit, sizeof(unit),
                              "# Made by bulkhead-storage from " POOLS "/%s\n[Unit]\nDescription=Bulkhead pool %s\n"
                              "Documentation=man:bulkhead-pools(1)\nSourcePath=" POOLS "/%s\nDefaultDependencies=no\n"
                              "Conflicts=umount.target\nBefore=umount.target\n\n[Mount]\nWhat=%s/disk/by-uuid/%s\n"
                              "Where=/srv/%s\nType=btrfs\nOptions=subvolid=5,nosuid,nodev,noexec%s\nTimeoutSec=90\n",
                              pool->name, pool->name, pool->name, root_of(pool), pool->uuid, pool->name, pool->options);
        int result = file_create(folder, name, unit, (size_t)length, 0644);
        snprintf(link, sizeof(link), WANTED "/%s", name);
        snprintf(target, sizeof(target), "../%s", name);
        if (result == 0 && symlinkat(target, folder, link) != 0)
                result = -errno;
        return result;
}

static bool make_one(int pools, int folder, const char *name)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        struct pool pool;
        int result = file_read_below(pools, name, BYTES_MAX, &bytes, &length);
        bool good = result == 0 && strlen((char *)bytes) == length && read_pool(name, (char *)bytes, &pool);
        if (!good)
                fprintf(stderr, POOLS "/%s is not as the storage hand writes it; no unit is made of it\n", name);
        else if ((result = write_unit(folder, &pool)) != 0)
                fprintf(stderr, "srv-%s.mount: %s\n", name, strerror(-result));
        free(bytes);
        return good && result == 0;
}

int main(int argc, char **argv)
{
        if (argc != 4) {
                fprintf(stderr, "usage: bulkhead-storage NORMAL EARLY LATE (run by systemd)\n");
                return 2;
        }
        bool all = true;
        int pools = open(POOLS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        CLEANUP_FD int folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = pools >= 0 ? fdopendir(pools) : NULL;
        if (!listing)
                return errno != ENOENT;
        if (folder < 0 || (mkdirat(folder, WANTED, 0755) != 0 && errno != EEXIST))
                return 1;
        for (struct dirent *entry; (entry = readdir(listing));)
                if (entry->d_name[0] != '.')
                        all = make_one(pools, folder, entry->d_name) && all;
        closedir(listing);
        return !all;
}
