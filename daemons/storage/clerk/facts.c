/* What the trees do not say of datasets and snapshots: whose they are, and which are held.
 * Rights: the storage clerk; looks at folders in pools (and into none of them but the list of holds), and reads
 * /etc/passwd and /etc/group. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/storage.h"
#include "sys/account.h"
#include "sys/file.h"
#include "value/access_preset.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { HOLDS_MAX = TREE_SUBVOLUMES_MAX, ACL_BYTES_MAX = 512 };

static struct subvolume *changeable(struct tree *tree, const struct subvolume *one)
{
        return &tree->subvolumes[one - tree->subvolumes];
}

static const char *owner_name(const struct accounts *accounts, uint32_t uid, struct arena *arena)
{
        const struct account *account = accounts_numbered(accounts, uid);
        const char *elsewhere = account ? NULL : people_named(uid, false);
        return account ? account->name : elsewhere ? elsewhere : arena_printf(arena, "%u", uid);
}

static const char *group_name(const struct accounts *accounts, uint32_t gid, struct arena *arena)
{
        const struct account_group *group = accounts_group_numbered(accounts, gid);
        const char *elsewhere = group ? NULL : people_named(gid, true);
        return group ? group->name : elsewhere ? elsewhere : arena_printf(arena, "%u", gid);
}

/* Of what will be made in it; the trees of btrfs say it themselves. */
static void look_at_acl(struct subvolume *one, const char *pool_name, struct arena *arena)
{
        uint8_t acl[ACL_BYTES_MAX];
        const char *path = arena_printf(arena, SERVED "/%s/%s", pool_name, one->path);
        const ssize_t length = lgetxattr(path, "system.posix_acl_default", acl, sizeof(acl));
        if (length <= 0)
                return;
        one->acl = memcpy(arena_alloc(arena, (size_t)length), acl, (size_t)length);
        one->acl_length = (size_t)length;
}

static void look_at(struct subvolume *one, int pool, const struct accounts *accounts, struct arena *arena)
{
        struct stat status;
        if (fstatat(pool, one->path, &status, AT_SYMLINK_NOFOLLOW) != 0)
                return;
        const char *owner = owner_name(accounts, status.st_uid, arena),
                   *group = group_name(accounts, status.st_gid, arena);
        one->owner = arena_text(arena, owner, strlen(owner));
        one->group = arena_text(arena, group, strlen(group));
        one->mode = arena_printf(arena, "%o", status.st_mode & 07777);
        one->access = access_preset_of(status.st_mode & 07777, one->acl, one->acl_length);
}

static int compare(const void *a, const void *b)
{
        const char *const *left = a, *const *right = b;
        return strcmp(*left, *right);
}

/* .snapshots/FOLDER/NAME is held when .snapshots/.holds has FOLDER@NAME. */
static void find_held(struct tree *tree, int pool)
{
        const size_t folder = sizeof(SNAPSHOTS);
        const char *const *names;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        size_t count = machine_names(pool, SNAPSHOTS "/.holds", HOLDS_MAX, arena, &names);
        if (count == 0)
                return;
        const char **sorted = arena_array(arena, count, sizeof(*sorted));
        memcpy(sorted, names, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), compare);
        for (size_t i = 0; i < tree->subvolume_count; i++) {
                struct subvolume *one = &tree->subvolumes[i];
                const char *of, *name;
                if (!snapshot_read(one, arena, &of, &name))
                        continue;
                char *hold = arena_text(arena, one->path + folder, strlen(one->path + folder));
                hold[strcspn(hold, "/")] = '@';
                one->held = bsearch(&(const char *){hold}, sorted, count, sizeof(*sorted), compare) != NULL;
        }
}

/* The first place in a sorted list that is not before name or, after: not before or at it. */
static size_t place_of(const char *const *sorted, size_t count, const char *name, bool after)
{
        size_t low = 0, high = count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(sorted[middle], name);
                if (order < 0 || (after && order == 0))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Numbers are given out in order. */
static int newest_first(const void *a, const void *b)
{
        const struct subvolume *left = ((const struct tree_snapshot *)a)->subvolume,
                               *right = ((const struct tree_snapshot *)b)->subvolume;
        if (left->created_us != right->created_us)
                return left->created_us > right->created_us ? -1 : 1;
        return left->number > right->number ? -1 : left->number < right->number;
}

/* Once for all: there may be many of both. */
void facts_count(struct tree *tree)
{
        ASSERT(tree);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char **of = arena_array(arena, tree->subvolume_count + 1, sizeof(*of));
        struct tree_snapshot *all = arena_array(tree->arena, tree->room, sizeof(*all));
        size_t count = 0;
        tree->datasets = arena_array(tree->arena, tree->room, sizeof(*tree->datasets));
        tree->dataset_count = 0;
        for (size_t i = 0; i < tree->subvolume_count; i++) {
                struct tree_snapshot *one = &all[count];
                if (dataset_name(&tree->subvolumes[i]))
                        tree->datasets[tree->dataset_count++] = &tree->subvolumes[i];
                one->subvolume = &tree->subvolumes[i];
                if (snapshot_read(one->subvolume, tree->arena, &one->dataset, &one->name))
                        of[count++] = one->dataset;
        }
        if (count > 1)
                qsort(all, count, sizeof(*all), newest_first);
        tree->snapshots = all;
        tree->snapshot_count = count;
        qsort(of, count, sizeof(*of), compare);
        for (size_t i = 0; i < tree->dataset_count; i++) {
                struct subvolume *one = changeable(tree, tree->datasets[i]);
                one->snapshots = place_of(of, count, one->path, true) - place_of(of, count, one->path, false);
        }
}

/* Its folder, with the accounts of this machine. -1: one of them cannot be read. */
static int open_pool(const char *name, struct accounts *accounts, struct arena *arena)
{
        CLEANUP_FD int pool = open(arena_printf(arena, SERVED "/%s", name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return pool >= 0 && accounts_read(arena, accounts) == 0 ? TAKE_FD(pool) : -1;
}

void facts_add(struct tree *tree, const char *pool_name)
{
        ASSERT(tree && pool_name);
        struct accounts accounts = {.count = 0};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        facts_count(tree);
        CLEANUP_FD int pool = open_pool(pool_name, &accounts, arena);
        if (pool < 0)
                return;
        for (size_t i = 0; i < tree->dataset_count; i++) {
                if (tree->zfs)
                        look_at_acl(changeable(tree, tree->datasets[i]), pool_name, tree->arena);
                look_at(changeable(tree, tree->datasets[i]), pool, &accounts, tree->arena);
        }
        if (!tree->zfs) /* ZFS says so itself */
                find_held(tree, pool);
}

static void add_snapshot(struct tree *tree, struct tree_snapshot added)
{
        size_t at = 0;
        while (at < tree->snapshot_count && newest_first(&tree->snapshots[at], &added) < 0)
                at++;
        memmove(&tree->snapshots[at + 1], &tree->snapshots[at], (tree->snapshot_count++ - at) * sizeof(added));
        tree->snapshots[at] = added;
        const struct subvolume *dataset = dataset_with(tree, added.dataset);
        if (dataset)
                changeable(tree, dataset)->snapshots++;
}

static void add_dataset(struct tree *tree, struct subvolume *added)
{
        for (size_t i = 0; i < tree->snapshot_count; i++)
                added->snapshots += strcmp(tree->snapshots[i].dataset, added->path) == 0;
        tree->datasets[tree->dataset_count++] = added;
}

void facts_extend(struct tree *tree, const char *pool_name, size_t first)
{
        ASSERT(tree && pool_name && tree->snapshots);
        struct accounts accounts = {.count = 0};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP_FD int pool = open_pool(pool_name, &accounts, arena);
        for (size_t i = first; i < tree->subvolume_count; i++) {
                struct subvolume *one = &tree->subvolumes[i];
                struct tree_snapshot snapshot = {.subvolume = one};
                if (snapshot_read(one, tree->arena, &snapshot.dataset, &snapshot.name)) {
                        add_snapshot(tree, snapshot);
                } else if (dataset_name(one)) {
                        add_dataset(tree, one);
                        if (pool >= 0)
                                look_at(one, pool, &accounts, tree->arena);
                }
        }
}
