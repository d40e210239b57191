/* bulkhead-storage: a generator of systemd's (systemd.generator(7)). Says how each pool that is wanted is mounted, and
 * when it is read whole by itself, from the files that the storage hand keeps of them, and how each export over NFS is,
 * from that of the shares hand; so those hands can have them mounted and begun and can write no unit. A file with
 * anything unexpected in it makes none. And it has the sockets of modules that are enabled listened at, from the files
 * of the modules hand.
 *
 * Rights: root, run by PID 1 when it starts and when it reads its units again; reads /etc/bulkhead/pools, scrubs,
 * nfs and modules there, and writes where PID 1 says. */
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POOLS   "/etc/bulkhead/pools"
#define NFS     "/etc/bulkhead/nfs"
#define MODULES "/etc/bulkhead/modules"
#define UNITS   "/usr/lib/systemd/system"
#define SCRUBS  "/etc/bulkhead/scrubs"
#define WANTED  "multi-user.target.wants"
#define OURS    "bulkhead.target.wants" /* comes and goes with Bulkhead */
enum { BYTES_MAX = 4096, OPTIONS_SIZE = 256, UNIT_SIZE = 2048, NAME_SIZE = 64, DEVICE_SIZE = 128 };

struct pool {
        const char *name, *uuid, *system; /* its kind: btrfs, ext4 or xfs */
        char options[OPTIONS_SIZE];
        bool degraded;
};

static bool is(const struct value_type *type, const char *text)
{
        return *text != '\0' && value_is(type, text, strlen(text));
}

/* "SYSTEM UUID", then an option a line. text is taken apart. */
static bool read_pool(const char *name, char *text, struct pool *ret_pool)
{
        char *line = strsep(&text, "\n"), *uuid = line;
        const char *system = strsep(&uuid, " ");
        if (!is(&value_pool_name, name) || !is(&value_file_system, system) || !uuid || !is(&value_uuid, uuid))
                return false;
        *ret_pool = (struct pool){.name = name, .uuid = uuid, .system = system};
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

static bool is_btrfs(const struct pool *pool)
{
        return strcmp(pool->system, "btrfs") == 0;
}

static int link_to(int folder, const char *wants, const char *name, const char *target)
{
        char link[3 * NAME_SIZE];
        if (mkdirat(folder, wants, 0755) != 0 && errno != EEXIST)
                return -errno;
        snprintf(link, sizeof(link), "%s/%s", wants, name);
        return symlinkat(target, folder, link) == 0 ? 0 : -errno;
}

/* One that is made here. */
static int link_unit(int folder, const char *wants, const char *name)
{
        char target[2 * NAME_SIZE];
        snprintf(target, sizeof(target), "../%s", name);
        return link_to(folder, wants, name, target);
}

/* One of those that are shipped, of a template. */
static int link_shipped(int folder, const char *wants, const char *template, const char *instance)
{
        char name[2 * NAME_SIZE], target[3 * NAME_SIZE];
        snprintf(name, sizeof(name), "%s@%s.service", template, instance);
        snprintf(target, sizeof(target), UNITS "/%s@.service", template);
        return link_to(folder, wants, name, target);
}

/* What a shipped template needs for one of its kind. */
static int put_beside(int folder, const char *template, const char *instance, const char *text)
{
        char beside[2 * NAME_SIZE];
        snprintf(beside, sizeof(beside), "%s@%s.service.d", template, instance);
        if (mkdirat(folder, beside, 0755) != 0 && errno != EEXIST)
                return -errno;
        CLEANUP_FD int inner = openat(folder, beside, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return inner < 0 ? -errno : file_create(inner, "pool.conf", text, strlen(text), 0644);
}

/* systemd.unit(5) says how a path becomes a name; a number of a file system has nothing but digits and dashes. */
static const char *device_unit(const char *uuid, char ret_name[DEVICE_SIZE])
{
        size_t length = (size_t)snprintf(ret_name, DEVICE_SIZE, "dev-disk-by\\x2duuid-");
        for (; *uuid; uuid++)
                length +=
                        (size_t)snprintf(ret_name + length, DEVICE_SIZE - length, *uuid == '-' ? "\\x2d" : "%c", *uuid);
        snprintf(ret_name + length, DEVICE_SIZE - length, ".device");
        return ret_name;
}

/* It waits for its disks; one that may lack some waits for none, which udev would not call ready. */
static int put_pool(int folder, const struct pool *pool)
{
        char text[UNIT_SIZE], device[DEVICE_SIZE], waits[2 * DEVICE_SIZE + 16] = "";
        device_unit(pool->uuid, device);
        if (!pool->degraded)
                snprintf(waits, sizeof(waits), "Wants=%s\nAfter=%s\n", device, device);
        snprintf(text, sizeof(text),
                 "# Made by bulkhead-storage\n[Unit]\nSourcePath=" POOLS "/%s\n%s\n[Service]\n"
                 "ExecStart=\nExecStart=/usr/bin/mount -t %s -o %snosuid,nodev,noexec%s /dev/disk/by-uuid/%s /srv/%s\n",
                 pool->name, waits, pool->system, is_btrfs(pool) ? "subvolid=5," : "", pool->options, pool->uuid,
                 pool->name);
        int result = put_beside(folder, "bulkhead-mount", pool->name, text);
        return result == 0 ? link_shipped(folder, WANTED, "bulkhead-mount", pool->name) : result;
}

/* When it is mounted, what is offered of it by other ways is shown, and what accounts have of their own in it is made.
 */
static int link_shares(int folder, const struct pool *pool)
{
        char wants[NAME_SIZE + 16];
        snprintf(wants, sizeof(wants), "srv-%s.mount.wants", pool->name);
        int result = link_shipped(folder, wants, "bulkhead-transfers-pool", pool->name);
        return result == 0 ? link_shipped(folder, wants, "bulkhead-homes", pool->name) : result;
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
        else if ((result = put_pool(folder, &pool)) != 0 || (result = link_shares(folder, &pool)) != 0)
                fprintf(stderr, "bulkhead-mount@%s.service: %s\n", name, strerror(-result));
        free(bytes);
        return good && result == 0;
}

/* --- exports over NFS: each is mounted for the server alone, since it serves whole file systems. By the name of the
 * dataset, which the kernel looks up in the pool and nowhere else, whatever lies in the way. --- */

struct export
{
        const char *number, *dataset; /* NULL: the pool itself */
        struct pool pool;
};

static int put_export(int folder, const struct export *export)
{
        char text[UNIT_SIZE], wants[NAME_SIZE + 16];
        const struct pool *pool = &export->pool;
        snprintf(text, sizeof(text),
                 "# Made by bulkhead-storage\n[Unit]\nSourcePath=" NFS "/%s.on\n"
                 "Requires=bulkhead-mount@%s.service\nAfter=bulkhead-mount@%s.service srv-%s.mount\n"
                 "StopPropagatedFrom=srv-%s.mount\n\n[Service]\n"
                 "ExecStart=\nExecStart=/usr/bin/mount -t btrfs \"-osubvol=/%s,nosuid,nodev,noexec%s\" "
                 "/dev/disk/by-uuid/%s "
                 "/run/bulkhead/nfs/%s\n",
                 export->number, pool->name, pool->name, pool->name, pool->name, export->dataset ? export->dataset : "",
                 pool->options, pool->uuid, export->number);
        snprintf(wants, sizeof(wants), "srv-%s.mount.wants", pool->name);
        int result = put_beside(folder, "bulkhead-export", export->number, text);
        if (result == 0)
                result = link_shipped(folder, WANTED, "bulkhead-export", export->number);
        return result == 0 ? link_shipped(folder, wants, "bulkhead-export", export->number) : result;
}

static char *read_text(int folder, const char *name)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        if (file_read_below(folder, name, BYTES_MAX * 16, &bytes, &length) == 0 && strlen((char *)bytes) == length)
                return (char *)bytes;
        free(bytes);
        return NULL;
}

static void freep(char **text)
{
        free(*text);
}

/* "# CREATED PATH", then what the server reads. Its pool may be none of ours: then there is nothing to mount. */
static bool make_export(int pools, int exports, int folder, const char *file)
{
        CLEANUP(freep) char *text = read_text(exports, file), *wanted = NULL;
        char number[NAME_SIZE];
        struct export export = {.number = number};
        snprintf(number, sizeof(number), "%.*s", (int)strcspn(file, "."), file);
        char *path = text && strncmp(text, "# ", 2) == 0 ? strchr(text + 2, ' ') : NULL;
        if (path)
                path[strcspn(path, "\n")] = '\0';
        if (!path || !is(&value_nfs_number, number) || !is(&value_nfs_path, path + 1)) {
                fprintf(stderr, NFS "/%s is not as the shares hand writes it; no unit is made of it\n", file);
                return false;
        }
        char *pool = path + 1 + strlen("/srv/"), *dataset = strchr(pool, '/');
        if (dataset) {
                *dataset = '\0';
                export.dataset = dataset + 1;
        }
        wanted = read_text(pools, pool);
        if (!wanted)
                return true;
        return read_pool(pool, wanted, &export.pool) && is_btrfs(&export.pool) && put_export(folder, &export) == 0;
}

static bool make_exports(int pools, int folder)
{
        int exports = open(NFS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *listing = exports >= 0 ? fdopendir(exports) : NULL;
        bool all = true;
        if (!listing)
                return errno == ENOENT;
        for (struct dirent *entry; (entry = readdir(listing));) {
                const char *dot = strchr(entry->d_name, '.');
                if (entry->d_name[0] != '.' && dot && strcmp(dot, ".on") == 0)
                        all = make_export(pools, exports, folder, entry->d_name) && all;
        }
        closedir(listing);
        return all;
}

/* --- pools that are read whole by themselves. The timer comes and goes with the mount: a pool that is away is not
 * mounted for it, and what was missed is made up for when it is there again. --- */

static int write_timer(int folder, const char *pool, const char *every, const char *at)
{
        char unit[UNIT_SIZE], name[NAME_SIZE], wants[2 * NAME_SIZE], when[NAME_SIZE];
        if (strcmp(every, "hour") == 0)
                snprintf(when, sizeof(when), "*-*-* *:%s:00", at + 3);
        else
                snprintf(when, sizeof(when), "%s*-*-%s %s:00", strcmp(every, "week") == 0 ? "Mon " : "",
                         strcmp(every, "month") == 0 ? "01" : "*", at);
        snprintf(name, sizeof(name), "bulkhead-scrub@%s.timer", pool);
        int length =
                snprintf(unit, sizeof(unit),
                         "# Made by bulkhead-storage from " SCRUBS "/%s\n[Unit]\nDescription=Bulkhead: when all of the "
                         "pool %s is read\nDocumentation=man:bulkhead-pools(1)\nSourcePath=" SCRUBS "/%s\n"
                         "BindsTo=srv-%s.mount\nAfter=srv-%s.mount\n\n[Timer]\nOnCalendar=%s\nPersistent=yes\n",
                         pool, pool, pool, pool, pool, when);
        int result = file_create(folder, name, unit, (size_t)length, 0644);
        snprintf(wants, sizeof(wants), "srv-%s.mount.wants", pool);
        return result == 0 ? link_unit(folder, wants, name) : result;
}

/* "PERIOD TIME". */
static bool make_timer(int scrubs, int folder, const char *pool)
{
        CLEANUP(freep) char *text = read_text(scrubs, pool);
        char *rest = text, *every = text ? strsep(&rest, " ") : NULL, *at = rest ? strsep(&rest, "\n") : NULL;
        int result = 0;
        if (!at || !rest || *rest || !is(&value_pool_name, pool) || !is(&value_period, every) ||
            !is(&value_clock_time, at)) {
                fprintf(stderr, SCRUBS "/%s is not as the storage hand writes it; no timer is made of it\n", pool);
                return false;
        }
        if ((result = write_timer(folder, pool, every, at)) != 0)
                fprintf(stderr, "bulkhead-scrub@%s.timer: %s\n", pool, strerror(-result));
        return result == 0;
}

static bool make_timers(int folder)
{
        bool all = true;
        int scrubs = open(SCRUBS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *listing = scrubs >= 0 ? fdopendir(scrubs) : NULL;
        if (!listing)
                return errno == ENOENT;
        for (struct dirent *entry; (entry = readdir(listing));)
                if (entry->d_name[0] != '.')
                        all = make_timer(scrubs, folder, entry->d_name) && all;
        closedir(listing);
        return all;
}

/* --- modules that are enabled: their sockets --- */

static bool listen_for(int folder, const char *name)
{
        char link[NAME_MAX + NAME_SIZE];
        snprintf(link, sizeof(link), OURS "/bulkhead-module@%s.socket", name);
        return symlinkat("/usr/lib/systemd/system/bulkhead-module@.socket", folder, link) == 0;
}

static bool listen_for_modules(int folder)
{
        bool all = true;
        DIR *listing = opendir(MODULES);
        if (!listing)
                return errno == ENOENT;
        for (struct dirent *entry; (entry = readdir(listing));)
                if (is(&value_module_name, entry->d_name))
                        all = listen_for(folder, entry->d_name) && all;
        closedir(listing);
        return all;
}

static bool make_pools(int folder)
{
        bool all = true;
        int pools = open(POOLS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *listing = pools >= 0 ? fdopendir(pools) : NULL;
        if (!listing)
                return errno == ENOENT;
        for (struct dirent *entry; (entry = readdir(listing));)
                if (entry->d_name[0] != '.')
                        all = make_one(pools, folder, entry->d_name) && all;
        all = make_exports(pools, folder) && all;
        closedir(listing);
        return all;
}

int main(int argc, char **argv)
{
        if (argc != 4) {
                fprintf(stderr, "usage: bulkhead-storage NORMAL EARLY LATE (run by systemd)\n");
                return 2;
        }
        CLEANUP_FD int folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0 || (mkdirat(folder, WANTED, 0755) != 0 && errno != EEXIST) ||
            (mkdirat(folder, OURS, 0755) != 0 && errno != EEXIST))
                return 1;
        bool pools = make_pools(folder), timers = make_timers(folder), modules = listen_for_modules(folder);
        return !pools || !timers || !modules;
}
