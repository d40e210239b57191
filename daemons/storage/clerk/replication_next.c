/* What is to be sent next, and since which snapshot: found by what both sides have. A snapshot that was received
 * keeps the UUID that it was sent as.
 * Rights: the storage clerk; pure. */
#include "daemons/storage/clerk/replications.h"

#include "base/log.h"

#include <string.h>

static const char *renamed(const char *text, char from, char to, struct arena *arena)
{
        char *copy = arena_text(arena, text, strlen(text));
        for (char *at = copy; *at; at++)
                if (*at == from)
                        *at = to;
        return copy;
}

const char *replication_dataset(const char *folder, struct arena *arena)
{
        return renamed(folder, ':', '/', arena);
}

const char *replication_folder(const char *dataset, struct arena *arena)
{
        return renamed(dataset, '/', ':', arena);
}

static bool is_none(const uint8_t uuid[TREE_UUID_BYTES])
{
        static const uint8_t none[TREE_UUID_BYTES];
        return memcmp(uuid, none, TREE_UUID_BYTES) == 0;
}

/* As which it is sent: one that was itself received is passed on as what it was. */
static const uint8_t *sent_as(const struct subvolume *one)
{
        return is_none(one->received_uuid) ? one->uuid : one->received_uuid;
}

/* The name of a snapshot in that folder; NULL: it is none of it. */
static const char *name_in(const struct subvolume *one, const char *folder)
{
        const size_t length = strlen(folder), before = sizeof(SNAPSHOTS);
        const char *path = one->whole_path && one->read_only ? one->path : NULL;
        if (!path || strncmp(path, SNAPSHOTS "/", before) != 0 || strncmp(path + before, folder, length) != 0 ||
            path[before + length] != '/')
                return NULL;
        return path + before + length + 1;
}

static const struct subvolume *received(const struct tree *to, const char *folder, const struct subvolume *one)
{
        for (size_t i = 0; i < to->subvolume_count; i++)
                if (!is_none(to->subvolumes[i].received_uuid) && name_in(&to->subvolumes[i], folder) &&
                    memcmp(to->subvolumes[i].received_uuid, sent_as(one), TREE_UUID_BYTES) == 0)
                        return &to->subvolumes[i];
        return NULL;
}

static bool is_taken(const struct tree *to, const char *folder, const char *name)
{
        for (size_t i = 0; i < to->subvolume_count; i++) {
                const char *found = name_in(&to->subvolumes[i], folder);
                if (found && strcmp(found, name) == 0)
                        return true;
        }
        return false;
}

static bool is_newer(const struct subvolume *one, const struct subvolume *other)
{
        return !other || one->created_us > other->created_us ||
               (one->created_us == other->created_us && one->number > other->number);
}

struct replication_next replication_find(const struct tree *from, const struct tree *to,
                                         const struct replication *replication, struct arena *arena)
{
        ASSERT(replication && arena);
        struct replication_next next = {.snapshot = NULL};
        if (!from || !to) {
                next.why_not = "Its pool is away.";
                return next;
        }
        for (size_t i = 0; i < from->subvolume_count; i++) {
                const struct subvolume *one = &from->subvolumes[i];
                if (!name_in(one, replication->folder))
                        continue;
                if (is_newer(one, next.snapshot))
                        next.snapshot = one;
                if (is_newer(one, next.parent) && received(to, replication->to_folder, one))
                        next.parent = one;
        }
        if (!next.snapshot) {
                next.why_not = "There is no snapshot yet.";
                return next;
        }
        next.name = name_in(next.snapshot, replication->folder);
        if (next.parent)
                next.newest_there = next.parent_name = name_in(next.parent, replication->folder);
        if (next.parent == next.snapshot)
                next.snapshot = NULL; /* it is there */
        else if (is_taken(to, replication->to_folder, next.name))
                next.why_not = "There is another snapshot of its name.";
        return next;
}

struct replication_next replication_find_drill(const struct tree *from, const struct tree *to,
                                               const struct replication *drill)
{
        ASSERT(drill && drill->drill);
        struct replication_next next = {.why_not = from && to ? NULL : "Its pool is away."};
        for (size_t i = 0; from && to && i < from->subvolume_count; i++) {
                const struct subvolume *one = &from->subvolumes[i];
                if (!is_none(one->received_uuid) && name_in(one, drill->folder) && is_newer(one, next.snapshot))
                        next.snapshot = one;
        }
        if (next.snapshot)
                next.name = name_in(next.snapshot, drill->folder);
        else if (!next.why_not)
                next.why_not = "Nothing was sent yet.";
        return next;
}
