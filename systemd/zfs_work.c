/* bulkhead-zfs-work: has ZFS's own tool make a pool, or change one that is in use, as the storage hand has ordered it.
 *
 *     zfs-work POOL make UUID LAYOUT DISK...     makes it, and writes its number where that UUID stands
 *     zfs-work POOL add [PART] DISK...           larger, by a part of that kind, or by disks alone
 *     zfs-work POOL attach NUMBER DISK           all that is on that disk, on another too
 *     zfs-work POOL replace NUMBER DISK
 *     zfs-work POOL detach NUMBER
 *     zfs-work POOL clear
 *     zfs-work POOL stop-scrub
 *
 * Each can be done once more after it was killed at any step: what is done already is found so, and a pool that was half
 * made is made anew.
 *
 * Rights: CAP_SYS_ADMIN, which ZFS asks for; opens disks. Run by PID 1 for a moment. */
#include "base/mem.h"
#include "sys/child.h"
#include "value/types.h"
#include "value/zfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZPOOL   "/usr/sbin/zpool"
#define ZFS     "/usr/sbin/zfs"
#define BY_ID   "/dev/disk/by-id/"
#define NOWHERE "/nonexistent" /* where it would be mounted, which is looked at */
enum { WORDS_MAX = 256, LINE_SIZE = 80 };
_Static_assert((int)WORDS_MAX <= (int)CHILD_WORDS_MAX, "as many as can be told");

struct words { /* NULL behind the last */
        const char *at[WORDS_MAX + 1];
        size_t count;
};

static void put(struct words *words, const char *word)
{
        if (words->count < WORDS_MAX)
                words->at[words->count++] = word;
}

static void put_all(struct words *words, const char *const *more)
{
        for (; *more; more++)
                put(words, *more);
}

static bool is(const struct value_type *type, const char *text)
{
        return value_is(type, text, strlen(text));
}

#define RUN(...)         child_run((const char *const[]){__VA_ARGS__, NULL}, false)
#define HEAR(arena, ...) child_hear((const char *const[]){__VA_ARGS__, NULL}, false, arena)

/* Does the pool say that it has this? A disk is told by its partition, which ZFS makes; what is a number stands alone. */
static bool has(const char *pool, const char *what, struct arena *arena)
{
        const bool disk = strncmp(what, BY_ID, strlen(BY_ID)) == 0;
        const char *said = HEAR(arena, ZPOOL, "status", disk ? "-P" : "-g", pool);
        const char *word = arena_printf(arena, "%s%s ", what, disk ? "-part1" : "");
        return said && strstr(said, word);
}

/* --- making one --- */

/* In twos, the largest with each other: they were put in that order. */
static void put_disks(struct words *words, const char *layout, char *const *disks, size_t count)
{
        const bool pairs = strcmp(layout, "raid10") == 0, alone = strcmp(layout, "single") == 0;
        if (!alone && !pairs)
                put(words, strcmp(layout, "raid1") == 0 ? "mirror" : layout);
        for (size_t i = 0; i < count; i++) {
                if (pairs && i % 2 == 0)
                        put(words, "mirror");
                put(words, disks[i]);
        }
}

/* Under a name that nobody else's has, so that whatever is called so is what was half made here; on its disks it is called
 * as it is to be. It would be mounted at once but for the last of these. */
static int create(const char *pool, const char *name, const char *layout, char *const *disks, size_t count)
{
        static const char *const fixed[] = {"-o", "ashift=12",        "-o", "cachefile=none", "-o", "autoexpand=on",
                                            "-O", "acltype=posixacl", "-O", "xattr=sa",       "-O", "compression=lz4",
                                            "-O", "relatime=on",      "-O", "canmount=off",   NULL};
        struct words words = {.count = 0};
        put_all(&words, (const char *const[]){ZPOOL, "create", "-f", "-t", name, "-R", NOWHERE, NULL});
        put_all(&words, fixed);
        put(&words, pool);
        put_disks(&words, layout, disks, count);
        return child_run(words.at, false);
}

/* What PID 1 has open for this is how the pool is to be mounted, where its UUID stands that was to be. */
static int write_number(const char *name, struct arena *arena)
{
        const char *said = HEAR(arena, ZPOOL, "get", "-Hp", "-o", "value", "guid", name);
        const char *digits = said ? arena_text(arena, said, strcspn(said, "\n")) : "";
        char line[LINE_SIZE], uuid[ZFS_UUID_SIZE];
        if (!is(&value_zfs_number, digits) || !zfs_uuid(digits, uuid))
                return -EIO;
        const int length = snprintf(line, sizeof(line), "zfs %s\nnoatime\n", uuid);
        if (pwrite(STDOUT_FILENO, line, (size_t)length, 0) != length || ftruncate(STDOUT_FILENO, length) != 0 ||
            fsync(STDOUT_FILENO) != 0)
                return -errno;
        return 0;
}

static void destroy(const char *name)
{
        (void)child_run((const char *const[]){ZPOOL, "destroy", "-f", name, NULL}, true);
}

static int make(const char *pool, char *const *given, size_t count, struct arena *arena)
{
        if (count < 3 || !is(&value_uuid, given[0]) || !is(&value_zfs_layout, given[1]))
                return -EINVAL;
        for (size_t i = 2; i < count; i++)
                if (!is(&value_disk_path, given[i]))
                        return -EINVAL;
        const char *name = arena_printf(arena, "bulkhead-%s", given[0]);
        destroy(name); /* what is left of one that was cut off */
        int result = create(pool, name, given[1], given + 2, count - 2);
        if (result == 0)
                result = RUN(ZFS, "set", "canmount=noauto", name);
        if (result == 0)
                result = write_number(name, arena);
        if (result == 0)
                result = RUN(ZPOOL, "export", name);
        if (result != 0)
                destroy(name);
        return result;
}

/* --- changing one --- */

static int add(const char *pool, char *const *given, size_t count, struct arena *arena)
{
        struct words words = {.count = 0};
        const bool part = count > 0 && is(&value_zfs_part, given[0]);
        put_all(&words, (const char *const[]){ZPOOL, "add", "-f", "-o", "ashift=12", pool, NULL});
        for (size_t i = 0; i < count; i++) {
                if (!is(&value_disk_path, given[i]) && !(part && i == 0))
                        return -EINVAL;
                put(&words, given[i]);
        }
        if (count <= part)
                return -EINVAL;
        return has(pool, given[part], arena) ? 0 : child_run(words.at, false);
}

/* A disk beside that one, or in its place. */
static int give(const char *pool, const char *how, char *const *given, size_t count, struct arena *arena)
{
        if (count != 2 || !is(&value_zfs_number, given[0]) || !is(&value_disk_path, given[1]))
                return -EINVAL;
        return has(pool, given[1], arena) ? 0 : RUN(ZPOOL, how, "-f", pool, given[0], given[1]);
}

static int detach(const char *pool, char *const *given, size_t count, struct arena *arena)
{
        if (count != 1 || !is(&value_zfs_number, given[0]))
                return -EINVAL;
        return has(pool, given[0], arena) ? RUN(ZPOOL, "detach", pool, given[0]) : 0;
}

/* One that was over just then is as good as stopped. */
static int stop_scrub(const char *pool, struct arena *arena)
{
        const char *said = HEAR(arena, ZPOOL, "status", pool);
        if (said && !strstr(said, "scrub in progress") && !strstr(said, "scrub paused"))
                return 0;
        return RUN(ZPOOL, "scrub", "-s", pool);
}

static int change(const char *pool, const char *what, char *const *given, size_t count, struct arena *arena)
{
        if (strcmp(what, "make") == 0)
                return make(pool, given, count, arena);
        if (strcmp(what, "add") == 0)
                return add(pool, given, count, arena);
        if (strcmp(what, "attach") == 0 || strcmp(what, "replace") == 0)
                return give(pool, what, given, count, arena);
        if (strcmp(what, "detach") == 0)
                return detach(pool, given, count, arena);
        if (strcmp(what, "clear") == 0 && count == 0)
                return RUN(ZPOOL, "clear", pool);
        return strcmp(what, "stop-scrub") == 0 && count == 0 ? stop_scrub(pool, arena) : -EINVAL;
}

int main(int argc, char **argv)
{
        enum { PROGRAM, POOL, WHAT, GIVEN };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        int result = -EINVAL;
        (void)!ftruncate(STDERR_FILENO, 0); /* what went wrong the last time is not what goes wrong now */
        if (argc >= GIVEN && is(&value_pool_name, argv[POOL]))
                result = change(argv[POOL], argv[WHAT], argv + GIVEN, (size_t)(argc - GIVEN), arena);
        if (result == 0)
                return EXIT_SUCCESS;
        fprintf(stderr, "zfs-work: %s\n", strerror(-result));
        return EXIT_FAILURE;
}
