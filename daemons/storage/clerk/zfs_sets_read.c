/* What is in a pool of ZFS's, made of what "zfs list" said of it: file systems as datasets, and their snapshots, in the
 * same shape as those of btrfs (tree.h). Names are as whoever made the pool liked them: what fits no name of a dataset
 * or a snapshot here is known to be there, and shown by none.
 * Rights: the storage clerk; pure. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

enum field { NAME, TYPE, NUMBER, CREATED, USED, OWN, REFERENCED, LIMIT, RESERVED, COMPRESSION, HOLDS, ORIGIN, FIELDS };

struct reading {
        struct tree *tree;
        const char *pool;
        uint64_t top; /* the number of the file system that the pool is named after */
};

static uint64_t number_of(const char *text)
{
        const size_t digits = strspn(text, "0123456789");
        const unsigned long long value =
                digits > 0 && digits < 20 && text[digits] == '\0' ? strtoull(text, NULL, 10) : 0;
        return value <= INT64_MAX ? value : 0;
}

static const char *kept(const struct tree *tree, const char *text)
{
        return machine_printable(tree->arena, text, strlen(text));
}

/* As the contract calls it; what it has no word for is none of these. */
static const char *compression_of(const char *word)
{
        static const char *const words[][2] = {
                {"lz4", "lz4"}, {"on", "lz4"}, {"zstd", "zstd"}, {"gzip", "zlib"}, {"off", "none"}};
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strncmp(word, words[i][0], strlen(words[i][0])) == 0)
                        return words[i][1];
        return NULL;
}

static struct subvolume *add(struct tree *tree, const char *const *fields)
{
        const uint64_t number = number_of(fields[NUMBER]);
        if (number == 0 || number > ZFS_NUMBER_MAX || tree->subvolume_count == TREE_SUBVOLUMES_MAX)
                return NULL;
        struct subvolume *one = &tree->subvolumes[tree->subvolume_count++];
        *one = (struct subvolume){
                .number = ZFS_NUMBERS + number,
                .parent = UINT64_MAX,
                .counted = true,
                .created_us = (int64_t)(number_of(fields[CREATED]) % (uint64_t)(INT64_MAX / 1000000)) * 1000000,
                .referenced = number_of(fields[REFERENCED])};
        return one;
}

/* "POOL/DATASET@NAME": as it would be called if it were one of btrfs'. */
static void add_snapshot(struct reading *reading, const char *name, const char *const *fields)
{
        const size_t of = strcspn(name, "@");
        struct subvolume *one = of > 0 && name[of] ? add(reading->tree, fields) : NULL;
        if (!one)
                return;
        char *folder = arena_text(reading->tree->arena, name, of);
        for (char *at = folder; *at; at++)
                if (*at == '/')
                        *at = ':';
        /* A colon of its own would be taken for a slash: no dataset here has one. */
        one->whole_path = !memchr(name, ':', of);
        one->name = kept(reading->tree, name + of + 1);
        one->path = kept(reading->tree, arena_printf(reading->tree->arena, SNAPSHOTS "/%s/%s", folder, one->name));
        one->read_only = true;
        one->exclusive = number_of(fields[USED]);
        one->held = number_of(fields[HOLDS]) > 0;
}

static void add_dataset(struct reading *reading, const char *name, const char *const *fields)
{
        struct subvolume *one = add(reading->tree, fields);
        if (!one)
                return;
        const char *slash = strrchr(name, '/');
        one->path = kept(reading->tree, name);
        one->name = slash ? one->path + (slash - name) + 1 : one->path;
        one->whole_path = strcmp(fields[TYPE], "filesystem") == 0; /* a volume is none */
        one->exclusive = number_of(fields[OWN]);
        one->limit = number_of(fields[LIMIT]);
        one->reserved = number_of(fields[RESERVED]);
        one->compression = compression_of(fields[COMPRESSION]);
        one->clone = strcmp(fields[ORIGIN], "-") != 0 ? kept(reading->tree, fields[ORIGIN]) : NULL;
}

static void read_line(struct reading *reading, char *line)
{
        const char *fields[FIELDS];
        const size_t length = strlen(reading->pool);
        for (size_t i = 0; i < FIELDS; i++)
                if (!(fields[i] = strsep(&line, "\t")))
                        return;
        if (line || strncmp(fields[NAME], reading->pool, length) != 0)
                return;
        const char *name = fields[NAME] + length;
        if (*name == '\0')
                reading->top = ZFS_NUMBERS + number_of(fields[NUMBER]);
        else if (*name != '/') /* snapshots of the pool's own file system are shown by none: it is no dataset */
                return;
        else if (strcmp(fields[TYPE], "snapshot") == 0)
                add_snapshot(reading, name + 1, fields);
        else
                add_dataset(reading, name + 1, fields);
}

static int by_number(const void *a, const void *b)
{
        const struct subvolume *left = a, *right = b;
        return left->number < right->number ? -1 : left->number > right->number;
}

static int by_path(const void *a, const void *b)
{
        const struct subvolume *const *left = a, *const *right = b;
        return strcmp((*left)->path, (*right)->path);
}

static struct subvolume *named(struct subvolume **sorted, size_t count, const char *path)
{
        struct subvolume key = {.path = path}, *wanted = &key;
        struct subvolume **found = bsearch(&wanted, sorted, count, sizeof(*sorted), by_path);
        return found ? *found : NULL;
}

/* What each lies in. Snapshots lie in nothing that counts, and those of what is no file system are none. */
static void find_parents(struct reading *reading)
{
        struct tree *tree = reading->tree;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct subvolume **sorted = arena_array(arena, tree->subvolume_count + 1, sizeof(*sorted));
        for (size_t i = 0; i < tree->subvolume_count; i++)
                sorted[i] = &tree->subvolumes[i];
        if (tree->subvolume_count > 1)
                qsort(sorted, tree->subvolume_count, sizeof(*sorted), by_path);
        for (size_t i = 0; i < tree->subvolume_count; i++) {
                struct subvolume *one = &tree->subvolumes[i];
                const char *slash = strrchr(one->path, '/');
                if (one->read_only) {
                        const char *folder = one->path + sizeof(SNAPSHOTS);
                        char *of = arena_text(arena, folder, strcspn(folder, "/"));
                        for (char *at = of; *at; at++)
                                if (*at == ':')
                                        *at = '/';
                        const struct subvolume *dataset = named(sorted, tree->subvolume_count, of);
                        one->whole_path = one->whole_path && dataset && dataset->whole_path;
                        continue;
                }
                const struct subvolume *above = slash ? named(sorted, tree->subvolume_count,
                                                              arena_text(arena, one->path, (size_t)(slash - one->path)))
                                                      : NULL;
                one->parent = slash && above ? above->number : reading->top;
        }
}

struct tree *zfs_sets_read(const char *pool, const char *text)
{
        ASSERT(pool && text);
        struct arena *arena = arena_new();
        struct tree *tree = arena_alloc(arena, sizeof(*tree));
        size_t lines = 1;
        for (const char *at = text; (at = strchr(at, '\n')) && lines < TREE_SUBVOLUMES_MAX; at++)
                lines++;
        *tree = (struct tree){.arena = arena,
                              .zfs = true,
                              .room = lines + TREE_SPARE,
                              .subvolumes = arena_array(arena, lines + TREE_SPARE, sizeof(*tree->subvolumes)),
                              .members = arena_array(arena, 1, sizeof(*tree->members))};
        struct reading reading = {.tree = tree, .pool = pool};
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        char *rest = arena_text(scratch, text, strlen(text));
        for (char *line; (line = strsep(&rest, "\n"));)
                if (tree->subvolume_count < lines)
                        read_line(&reading, line);
        if (reading.top == 0) { /* it is another pool's, or nothing */
                arena_free(arena);
                return NULL;
        }
        if (tree->subvolume_count > 1)
                qsort(tree->subvolumes, tree->subvolume_count, sizeof(*tree->subvolumes), by_number);
        find_parents(&reading);
        return tree;
}

/* There may be many. What they take is worth a look only now and then (all), and only if all that is in the pool takes
 * more or less. */
bool zfs_is_other(struct file_system_age was, struct file_system_age is, bool all)
{
        return was.generation != is.generation || (all && (is.generation == 0 || was.groups != is.groups));
}
