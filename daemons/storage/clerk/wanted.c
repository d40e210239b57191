/* The pools that are wanted: the files by which they are mounted.
 * Rights: the storage clerk; reads the hand's files of pools. */
#include "daemons/storage/clerk/ceph.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"
#include "value/zfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER     "/etc/bulkhead/pools"
#define ENCRYPTION "/etc/bulkhead/encryption"
#define CEPH       "/etc/bulkhead/ceph"
#define TANG       "/etc/bulkhead/tang"
enum { POOLS_MAX = 256, LUKS_MAX = 256, UUID_LENGTH = 36, ID_DIGITS = 12 };

static struct {
        int folder, encryption, tang, ceph;
        struct arena *arena;
        struct wanted pools[POOLS_MAX];
        size_t count;
        unsigned changes;
} all = {.folder = -1, .encryption = -1, .tang = -1, .ceph = -1};

int wanted_prepare(void)
{
        all.folder = open(FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        all.encryption = open(ENCRYPTION, O_PATH | O_DIRECTORY | O_CLOEXEC);
        all.tang = open(TANG, O_PATH | O_DIRECTORY | O_CLOEXEC);
        all.ceph = open(CEPH, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return all.folder >= 0 && all.encryption >= 0 && all.tang >= 0 && all.ceph >= 0 ? 0 : -errno;
}

/* A number of its own for who wants one: made of the UUID, so nobody has to keep it. */
static int64_t id_of(const char *uuid)
{
        char digits[ID_DIGITS + 1] = "";
        size_t used = 0;
        if (strncmp(uuid, ZFS_UUID, strlen(ZFS_UUID)) == 0)
                uuid += strlen(uuid) - ID_DIGITS; /* of ZFS's only the last digits differ */
        for (const char *at = uuid; *at && used < ID_DIGITS; at++)
                if (*at != '-')
                        digits[used++] = *at;
        return strtoll(digits, NULL, 16);
}

/* "SYSTEM UUID", then an option a line. */
static bool read_one(const char *name, struct wanted *ret_pool)
{
        const char *text =
                value_is(&value_pool_name, name, strlen(name)) ? machine_text(all.folder, name, all.arena) : NULL;
        const size_t type = text ? strcspn(text, " \n") : 0;
        if (!text || !value_is(&value_file_system, text, type) || strcspn(text, "\n") != type + 1 + UUID_LENGTH)
                return false;
        *ret_pool = (struct wanted){.name = name,
                                    .type = arena_text(all.arena, text, type),
                                    .uuid = arena_text(all.arena, text + type + 1, UUID_LENGTH)};
        ret_pool->id = id_of(ret_pool->uuid);
        for (const char *line = strchr(text, '\n'); line && ret_pool->option_count < WANTED_OPTIONS_MAX;
             line = strchr(line, '\n')) {
                const char *option = arena_text(all.arena, line + 1, strcspn(line + 1, "\n"));
                line++;
                if (strcmp(option, "degraded") == 0)
                        ret_pool->degraded = true;
                else if (*option != '\0')
                        ret_pool->options[ret_pool->option_count++] = option;
        }
        return value_is(&value_uuid, ret_pool->uuid, UUID_LENGTH);
}

/* "URL=...", "THP=...". */
static void read_tang(struct wanted *pool)
{
        const char *text = machine_text(all.tang, pool->uuid, all.arena);
        const char *second = text ? strchr(text, '\n') : NULL;
        if (!second || strncmp(text, "URL=", 4) != 0 || strncmp(second, "\nTHP=", 5) != 0)
                return;
        const char *url = arena_text(all.arena, text + 4, (size_t)(second - text) - 4);
        const char *print = arena_text(all.arena, second + 5, strcspn(second + 5, "\n"));
        if (!value_is(&value_tang_url, url, strlen(url)) || !value_is(&value_tang_thumbprint, print, strlen(print)))
                return;
        pool->tang = url;
        pool->thumbprint = print;
}

/* "UUID KEPT GIVEN", then the number of a disk a line. */
static void read_encryption(struct wanted *pool)
{
        const char *text = machine_text(all.encryption, pool->name, all.arena);
        if (!text || strncmp(text, pool->uuid, UUID_LENGTH) != 0)
                return;
        const char **luks = arena_array(all.arena, LUKS_MAX, sizeof(*luks)), *ways = text + UUID_LENGTH;
        pool->encrypted = true;
        pool->kept = strncmp(ways, " yes", 4) == 0;
        pool->given = strncmp(ways, pool->kept ? " yes yes" : " no yes", pool->kept ? 8 : 7) == 0;
        for (const char *line = strchr(text, '\n'); line && pool->luks_count < LUKS_MAX; line = strchr(line, '\n')) {
                line++;
                if (value_is(&value_uuid, line, strcspn(line, "\n")))
                        luks[pool->luks_count++] = arena_text(all.arena, line, UUID_LENGTH);
        }
        pool->luks = luks;
        read_tang(pool);
}

static void read_ceph(struct wanted *pool)
{
        const char *text = pool_is_ceph(pool) ? machine_text(all.ceph, pool->name, all.arena) : NULL;
        if (text)
                pool->ceph = ceph_read(text, all.arena);
}

void wanted_read(void)
{
        const char *const *names;
        CLEANUP(arena_freep) struct arena *before = TAKE(all.arena);
        const size_t count_before = all.count;
        struct wanted pools_before[POOLS_MAX];
        memcpy(pools_before, all.pools, sizeof(pools_before));
        all.arena = arena_new();
        all.count = 0;
        size_t count = machine_names(all.folder, ".", POOLS_MAX, all.arena, &names);
        for (size_t i = 0; i < count; i++)
                if (read_one(names[i], &all.pools[all.count])) {
                        read_ceph(&all.pools[all.count]);
                        read_encryption(&all.pools[all.count++]);
                }
        bool same = all.count == count_before;
        for (size_t i = 0; same && i < all.count; i++)
                same = strcmp(all.pools[i].uuid, pools_before[i].uuid) == 0;
        all.changes += !same;
}

unsigned wanted_changes(void)
{
        return all.changes;
}

size_t wanted_count(void)
{
        return all.count;
}

const struct wanted *wanted_at(size_t index)
{
        ASSERT(index < all.count);
        return &all.pools[index];
}

const struct wanted *wanted_named(const char *name)
{
        for (size_t i = 0; i < all.count; i++)
                if (strcmp(all.pools[i].name, name) == 0)
                        return &all.pools[i];
        return NULL;
}

const struct wanted *wanted_with(const char *uuid)
{
        for (size_t i = 0; uuid && i < all.count; i++)
                if (strcmp(all.pools[i].uuid, uuid) == 0)
                        return &all.pools[i];
        return NULL;
}
