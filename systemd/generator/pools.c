/* Pools that are wanted: how each is mounted, from the files of the storage hand.
 * Rights: root, run by PID 1; reads /etc/bulkhead/pools, and writes where PID 1 says. */
#include "base/mem.h"
#include "systemd/generator/generator.h"
#include "value/zfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "SYSTEM UUID", then an option a line. */
bool pool_read(const char *name, char *text, struct pool *ret_pool)
{
        char *line = strsep(&text, "\n"), *uuid = line;
        const char *system = strsep(&uuid, " ");
        if (!is(&value_pool_name, name) || !is(&value_file_system, system) || !uuid || !is(&value_uuid, uuid) ||
            (strcmp(system, "zfs") == 0 && strncmp(uuid, ZFS_UUID, strlen(ZFS_UUID)) != 0))
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

bool pool_is_btrfs(const struct pool *pool)
{
        return strcmp(pool->system, "btrfs") == 0;
}

/* systemd.unit(5) says how a path becomes a name; a number of a file system has nothing but digits and dashes. */
const char *device_unit(const char *uuid, char ret_name[DEVICE_SIZE])
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
                 pool->name, waits, pool->system, pool_is_btrfs(pool) ? "subvolid=5," : "", pool->options, pool->uuid,
                 pool->name);
        int result = put_beside(folder, "bulkhead-mount", pool->name, text);
        if (result == 0 && !waits_locked(pool->name))
                result = link_shipped(folder, WANTED, "bulkhead-mount", pool->name);
        /* What comes when nobody waits any more: a disk that was plugged in late is mounted when it comes. */
        snprintf(text, sizeof(text), "%s.wants", device);
        return result == 0 ? link_shipped(folder, text, "bulkhead-mount", pool->name) : result;
}

/* When it is mounted, what is offered of it by other ways is shown, what accounts have of their own in it is made, and
 * it goes on to grow when that was ordered. */
static int tell_others(int folder, const struct pool *pool)
{
        int result = begin_shipped_with_mount(folder, pool->name, "bulkhead-transfers-pool", pool->name);
        if (result == 0)
                result = begin_shipped_with_mount(folder, pool->name, "bulkhead-homes", pool->name);
        return result == 0 ? begin_shipped_with_mount(folder, pool->name, "bulkhead-grow", pool->name) : result;
}

/* Ceph's client is a service of its own, which waits for the network and for nobody else, and is begun again until it
 * could mount it; that it is mounted is said by the same unit as of other pools. */
static int put_ceph(int folder, const struct pool *pool)
{
        char text[UNIT_SIZE];
        snprintf(text, sizeof(text),
                 "# Made by bulkhead-storage\n[Unit]\nSourcePath=" POOLS
                 "/%s\nWants=bulkhead-mount@%s.service\n\n[Service]\n"
                 "Environment=NUMBER=%s\nLoadCredential=key:" KEYS "/kept/%s\n",
                 pool->name, pool->name, pool->uuid, pool->uuid);
        int result = put_beside(folder, "bulkhead-ceph", pool->name, text);
        snprintf(text, sizeof(text),
                 "# Made by bulkhead-storage\n[Unit]\nSourcePath=" POOLS "/%s\nRequires=bulkhead-ceph@%s.service\n"
                 "After=bulkhead-ceph@%s.service "
                 "bulkhead-ceph-look@%s.service\nConditionPathIsMountPoint=\n\n[Service]\nExecStart=\n"
                 "ExecStart=/usr/bin/true\n",
                 pool->name, pool->name, pool->name, pool->name);
        if (result == 0)
                result = put_beside(folder, "bulkhead-mount", pool->name, text);
        return result == 0 ? link_shipped(folder, WANTED, "bulkhead-ceph", pool->name) : result;
}

/* ZFS's own number of a pool, which it writes in tens. */
static unsigned long long zfs_number(const struct pool *pool)
{
        char digits[17] = "";
        size_t count = 0;
        for (const char *at = pool->uuid + strlen(ZFS_UUID); *at && count < sizeof(digits) - 1; at++)
                if (*at != '-')
                        digits[count++] = *at;
        return strtoull(digits, NULL, 16);
}

/* The pool is taken up by a service of its own, as its name here, whatever it is called on its disks; and forced, for
 * it may have been another machine's. That it is mounted is said by the same unit as of others. */
static int put_zfs(int folder, const struct pool *pool)
{
        char text[UNIT_SIZE], device[DEVICE_SIZE], number[NAME_SIZE];
        snprintf(number, sizeof(number), "%llu", zfs_number(pool));
        snprintf(text, sizeof(text),
                 "# Made by bulkhead-storage\n[Unit]\nSourcePath=" POOLS
                 "/%s\nWants=bulkhead-mount@%s.service\n\n[Service]\n"
                 "ExecStart=\nExecStart=/usr/sbin/zpool import -f -N -t -R /srv/%s -d /dev/disk/by-id %s %s\n",
                 pool->name, pool->name, pool->name, number, pool->name);
        int result = put_beside(folder, "bulkhead-zfs", pool->name, text);
        snprintf(text, sizeof(text),
                 "# Made by bulkhead-storage\n[Unit]\nSourcePath=" POOLS "/%s\nRequires=bulkhead-zfs-mount@%s.service\n"
                 "After=bulkhead-zfs-mount@%s.service bulkhead-zfs-look@%s.service\nConditionPathIsMountPoint=\n\n"
                 "[Service]\nExecStart=\nExecStart=/usr/bin/true\n",
                 pool->name, pool->name, pool->name, pool->name);
        if (result == 0)
                result = put_beside(folder, "bulkhead-mount", pool->name, text);
        if (result == 0)
                result = link_shipped(folder, WANTED, "bulkhead-zfs", pool->name);
        snprintf(text, sizeof(text), "%s.wants", device_unit(number, device));
        return result == 0 ? link_shipped(folder, text, "bulkhead-mount", pool->name) : result;
}

static int put(int folder, const struct pool *pool)
{
        if (strcmp(pool->system, "cephfs") == 0)
                return put_ceph(folder, pool);
        return strcmp(pool->system, "zfs") == 0 ? put_zfs(folder, pool) : put_pool(folder, pool);
}

static bool make_pool(int pools, const char *name, int folder)
{
        CLEANUP(textp) char *text = file_text(pools, name, ORDER_MAX);
        struct pool pool;
        if (!text || !pool_read(name, text, &pool)) {
                fprintf(stderr, POOLS "/%s is not as the storage hand writes it; no unit is made of it\n", name);
                return false;
        }
        int result = put(folder, &pool);
        if (result == 0)
                result = tell_others(folder, &pool);
        if (result != 0)
                fprintf(stderr, "bulkhead-mount@%s.service: %s\n", name, strerror(-result));
        return result == 0;
}

bool make_pools(int folder)
{
        return each_file(POOLS, make_pool, folder);
}
