/* What a person has confirmed, and the storage hand has written down for one pool: a word that says what, and what it
 * is about. Each can be done once more after it was killed at any step: what is done already is found so, and the rest
 * is gone on with. The order is away when it is done. Rights: those of zfs-set (main.c); reads and removes orders. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/zfs-set/tool.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ORDERS "/var/lib/bulkhead-storage-hand/zfs"
enum { ORDER_MAX = 32 * 1024 };

enum key { DO, DATASET, NUMBER, SNAPSHOT, TO, QUOTA, RESERVED, COMPRESSION, ALL, ALSO, KEYS };

static const struct {
        const char *word;
        const struct value_type *type;
} keys[KEYS] = {
        [DO] = {"DO", NULL},
        [DATASET] = {"DATASET", &value_dataset},
        [NUMBER] = {"NUMBER", &value_number},
        [SNAPSHOT] = {"SNAPSHOT", &value_snapshot},
        [TO] = {"TO", &value_dataset},
        [QUOTA] = {"QUOTA", &value_bytes},
        [RESERVED] = {"RESERVED", &value_bytes},
        [COMPRESSION] = {"COMPRESSION", &value_zfs_compression},
        [ALL] = {"ALL", &value_flag},
        [ALSO] = {"ALSO", &value_dataset}, /* may be said again and again */
};

struct order {
        struct arena *arena;
        const char *pool, *values[KEYS];
        const char *dataset, *snapshot, *to; /* as ZFS calls them */
        const char *also[WORDS_MAX];
        size_t also_count;
};

/* --- what it works with --- */

/* "KEY=VALUE", in any order; false: that is not what the hand writes. */
static bool read_order(struct order *order, char *text)
{
        for (char *line; (line = strsep(&text, "\n"));) {
                char *value = strchr(line, '=');
                size_t i = 0;
                if (*line == '\0')
                        continue;
                if (!value)
                        return false;
                *value++ = '\0';
                while (i < KEYS && strcmp(keys[i].word, line) != 0)
                        i++;
                if (i == KEYS || (*value && keys[i].type && !value_is(keys[i].type, value, strlen(value))))
                        return false;
                if (i == ALSO && order->also_count == WORDS_MAX)
                        return false;
                if (i == ALSO && *value)
                        order->also[order->also_count++] = value;
                order->values[i] = *value ? value : NULL;
        }
        const char *dataset = order->values[DATASET], *snapshot = order->values[SNAPSHOT], *to = order->values[TO];
        if (!order->values[DO] || !dataset)
                return false;
        order->dataset = arena_printf(order->arena, "%s/%s", order->pool, dataset);
        order->snapshot = snapshot ? arena_printf(order->arena, "%s@%s", order->dataset, snapshot) : NULL;
        order->to = to ? arena_printf(order->arena, "%s/%s", order->pool, to) : NULL;
        return true;
}

/* Is it what was confirmed, and not another of the same name? */
static bool is_that(const struct order *order, const char *name)
{
        return order->values[NUMBER] &&
               strcmp(tool_property(name, "objsetid", order->arena), order->values[NUMBER]) == 0;
}

/* What is mounted of it and below it: all or nothing. */
static int unmount(const struct order *order)
{
        return RUN(MOUNT, order->pool, "end", order->values[DATASET]);
}

/* The folder that it was mounted on; when it is empty. */
static void remove_folder(const struct order *order)
{
        const char *path = order->values[DATASET], *slash = strrchr(path, '/');
        CLEANUP_FD int top = file_mounted("/srv", order->pool, O_RDONLY | O_DIRECTORY);
        CLEANUP_FD int above = top < 0 ? -1
                               : slash ? file_open_below(top, arena_text(order->arena, path, (size_t)(slash - path)),
                                                         O_RDONLY | O_DIRECTORY, 0)
                                       : fcntl(top, F_DUPFD_CLOEXEC, 0);
        if (above >= 0)
                (void)unlinkat(above, slash ? slash + 1 : path, AT_REMOVEDIR);
}

/* --- what can be ordered --- */

struct words {
        const char *list[WORDS_MAX + 1];
        size_t count;
};

static void add(struct words *words, const char *word)
{
        if (words->count < WORDS_MAX)
                words->list[words->count++] = word;
}

static void add_setting(const struct order *order, struct words *words, const char *option, const char *property,
                        const char *value)
{
        if (!value)
                return;
        if (option)
                add(words, option);
        add(words, arena_printf(order->arena, "%s=%s", property, value));
}

/* 0 bytes: no such limit, nothing kept. */
static const char *size_word(const char *bytes)
{
        return bytes && strcmp(bytes, "0") == 0 ? "none" : bytes;
}

/* Nothing is "off" of ZFS's. */
static void add_settings(const struct order *order, struct words *words, const char *option)
{
        const char *compression = order->values[COMPRESSION];
        add_setting(order, words, option, "refquota", size_word(order->values[QUOTA]));
        add_setting(order, words, option, "refreservation", size_word(order->values[RESERVED]));
        if (compression && strcmp(compression, "inherit") != 0)
                add_setting(order, words, option, "compression",
                            strcmp(compression, "none") == 0 ? "off" : compression);
}

/* What every one of ours has: access lists, and where they and the like are kept. */
#define OURS "-o", "acltype=posixacl", "-o", "xattr=sa"
/* What is made of a snapshot would be mounted by ZFS itself, which knows no other word against that. */
#define CLONE ZFS, "clone", OURS, "-o", "canmount=noauto"

static int make(const struct order *order)
{
        struct words words = {.list = {ZFS, "create", "-u", OURS}, .count = 7};
        if (tool_knows(order->dataset, order->arena))
                return 0;
        add_settings(order, &words, "-o");
        add(&words, order->dataset);
        return child_run(words.list, false);
}

static int set(const struct order *order)
{
        struct words words = {.list = {ZFS, "set"}, .count = 2};
        const char *compression = order->values[COMPRESSION];
        if (!is_that(order, order->dataset))
                return -ESTALE;
        int result = compression && strcmp(compression, "inherit") == 0
                             ? RUN(ZFS, "inherit", "compression", order->dataset)
                             : 0;
        add_settings(order, &words, NULL);
        if (result != 0 || words.count == 2)
                return result;
        add(&words, order->dataset);
        return child_run(words.list, false);
}

static int delete (const struct order *order)
{
        if (!tool_knows(order->dataset, order->arena)) {
                remove_folder(order);
                return 0;
        }
        if (!is_that(order, order->dataset))
                return -ESTALE;
        int result = unmount(order);
        if (result == 0)
                result = order->values[ALL] && strcmp(order->values[ALL], "yes") == 0
                                 ? RUN(ZFS, "destroy", "-r", order->dataset)
                                 : RUN(ZFS, "destroy", order->dataset);
        if (result == 0)
                remove_folder(order);
        return result;
}

static int rename_one(const struct order *order)
{
        if (!order->to)
                return -EINVAL;
        int result = 0;
        if (tool_knows(order->dataset, order->arena) || !tool_knows(order->to, order->arena)) {
                result = is_that(order, order->dataset) ? unmount(order) : -ESTALE;
                if (result == 0)
                        result = RUN(ZFS, "rename", "-u", order->dataset, order->to);
        }
        if (result == 0)
                remove_folder(order);
        return result;
}

static int snapshot(const struct order *order)
{
        if (!order->snapshot)
                return -EINVAL;
        if (tool_knows(order->snapshot, order->arena))
                return 0; /* and so are the others: ZFS makes all that it is told at once, or none */
        struct words words = {.list = {ZFS, "snapshot", order->snapshot}, .count = 3};
        for (size_t i = 0; i < order->also_count; i++)
                add(&words,
                    arena_printf(order->arena, "%s/%s@%s", order->pool, order->also[i], order->values[SNAPSHOT]));
        return child_run(words.list, false);
}

static int drop(const struct order *order)
{
        if (!order->snapshot)
                return -EINVAL;
        if (!tool_knows(order->snapshot, order->arena))
                return 0;
        return is_that(order, order->snapshot) ? RUN(ZFS, "destroy", order->snapshot) : -ESTALE;
}

/* Others may hold it too; ours has a name of its own. */
#define HOLD "bulkhead"
static bool is_held(const struct order *order)
{
        char *rest = HEAR(order->arena, ZFS, "holds", "-H", order->snapshot);
        for (char *line; (line = strsep(&rest, "\n"));) {
                (void)strsep(&line, "\t");
                const char *tag = line ? strsep(&line, "\t") : NULL;
                if (tag && strcmp(tag, HOLD) == 0)
                        return true;
        }
        return false;
}

static int hold(const struct order *order)
{
        if (!order->snapshot)
                return -EINVAL;
        return is_held(order) ? 0 : RUN(ZFS, "hold", HOLD, order->snapshot);
}

static int release(const struct order *order)
{
        if (!order->snapshot)
                return -EINVAL;
        return is_held(order) ? RUN(ZFS, "release", HOLD, order->snapshot) : 0;
}

/* From now on it is mounted as others are. This alone mounts nothing. */
static int let_mount(const char *dataset)
{
        return RUN(ZFS, "set", "canmount=on", dataset);
}

static int clone_one(const struct order *order)
{
        if (!order->snapshot || !order->to)
                return -EINVAL;
        int result = tool_knows(order->to, order->arena) ? 0 : RUN(CLONE, order->snapshot, order->to);
        return result == 0 ? let_mount(order->to) : result;
}

/* What was set for the one that is replaced is set for what takes its place. */
static int take_place(const struct order *order)
{
        struct words words = {.list = {CLONE}, .count = 8};
        char *rest = HEAR(order->arena, ZFS, "get", "-Hp", "-s", "local", "-o", "property,value",
                          "refquota,compression,recordsize", order->to);
        for (char *line; (line = strsep(&rest, "\n"));) {
                const char *property = strsep(&line, "\t");
                add_setting(order, &words, "-o", property, line);
        }
        add(&words, arena_printf(order->arena, "%s@%s", order->to, order->values[SNAPSHOT]));
        add(&words, order->dataset);
        return child_run(words.list, false);
}

/* What is kept for the one that is replaced is kept for what takes its place, where the pool has room for both until
 * then; else it stays as it is, and is shown there. */
static void hand_over(const struct order *order)
{
        const char *kept = tool_property(order->to, "refreservation", order->arena);
        if (strspn(kept, "0123456789") == 0 || strcmp(kept, "0") == 0)
                return;
        const char *setting = arena_printf(order->arena, "refreservation=%s", kept);
        if (RUN(ZFS, "set", setting, order->dataset) == 0)
                (void)RUN(ZFS, "set", "refreservation=none", order->to);
}

/* Nothing is lost: what is there now, with the snapshots that were made since, is another dataset then; those up to
 * that snapshot are of the one that takes its place. */
static int roll_back(const struct order *order)
{
        if (!order->snapshot || !order->to)
                return -EINVAL;
        int result = 0;
        if (!tool_knows(order->to, order->arena)) {
                result = is_that(order, order->dataset) ? unmount(order) : -ESTALE;
                if (result == 0)
                        result = RUN(ZFS, "rename", "-u", order->dataset, order->to);
        }
        if (result == 0 && !tool_knows(order->dataset, order->arena) && (result = take_place(order)) != 0)
                (void)RUN(ZFS, "rename", "-u", order->to, order->dataset);
        if (result == 0)
                result = let_mount(order->dataset);
        if (result == 0 && strcmp(tool_property(order->dataset, "origin", order->arena), "-") != 0)
                result = RUN(ZFS, "promote", order->dataset);
        if (result == 0)
                hand_over(order);
        return result;
}

static const struct deed {
        const char *word;
        int (*act)(const struct order *order);
        bool mounts; /* something is mounted, or was unmounted */
} deeds[] = {
        {"make", make, true},          {"set", set, false},           {"delete", delete, true},
        {"rename", rename_one, true},  {"snapshot", snapshot, false}, {"drop", drop, false},
        {"hold", hold, false},         {"release", release, false},   {"clone", clone_one, true},
        {"rollback", roll_back, true},
};

static int act(const struct order *order)
{
        size_t i = 0;
        while (i < ARRAY_SIZE(deeds) && strcmp(deeds[i].word, order->values[DO]) != 0)
                i++;
        if (i == ARRAY_SIZE(deeds))
                return -EINVAL;
        int result = deeds[i].act(order);
        int mounted = deeds[i].mounts ? RUN(MOUNT, order->pool) : 0;
        return result == 0 ? mounted : result;
}

int order_do(const char *pool, struct arena *arena)
{
        struct order order = {.arena = arena, .pool = pool};
        uint8_t *bytes = NULL;
        size_t length = 0;
        CLEANUP_FD int orders = file_directory(ORDERS);
        int result = orders < 0 ? orders : file_read_below(orders, pool, ORDER_MAX, &bytes, &length);
        if (result == 0)
                result = read_order(&order, arena_text(arena, (const char *)bytes, length)) ? act(&order) : -EBADMSG;
        else if (orders >= 0 && result == -ENOENT) /* it is away as soon as it is done, and not before */
                return 0;
        free(bytes);
        return result == 0 ? file_remove(orders, pool) : result;
}
