/* Making, importing, exporting and destroying pools: what each comes down to.
 * Rights: the storage clerk; plans, its hand acts. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/capacity.h"
#include "daemons/storage/clerk/ceph.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"

#include <stdio.h>
#include <string.h>

void pool_answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct wanted *wanted = wanted_named(context);
        if (wanted) {
                struct nas_storage_create_pool_out answer = {.pool = pool_describe(wanted, arena)};
                nas_storage_create_pool_out_write(out, &answer);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

struct change *pool_change(const char *name)
{
        struct change *change = storage_change("pool", name);
        change->context = arena_text(change->arena, name, strlen(name));
        return change;
}

const char *pool_new_uuid(struct arena *arena, const char *of)
{
        uint8_t hash[HASH_BYTES];
        char digits[2 * HASH_BYTES + 1];
        crypto_keyed_hash(clerk.plan_key, of, strlen(of), hash);
        hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x40); /* as random ones are marked */
        hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
        text_hex(hash, sizeof(hash), digits);
        return arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16,
                            digits + 20);
}

/* The number by which it is known. Chosen here, so that the plan can say it and a crash cannot make two; and always the
 * same for the same request, so that what was confirmed is what is done, until a pool was made. */
static const char *new_uuid(struct arena *arena, const struct nas_storage_create_pool_in *in)
{
        const char *all = arena_printf(arena, "%u %s", wanted_changes(), in->name);
        for (size_t i = 0; i < in->disks_count; i++)
                all = arena_printf(arena, "%s %s", all, in->disks[i]);
        return pool_new_uuid(arena, all);
}

int pool_name_is_free(const char *name, struct failure *failure)
{
        if (!wanted_named(name))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.", "There is a pool %s already.",
                           name);
}

int plan_want(struct plan *plan, const struct wanted *pool, struct failure *failure)
{
        ASSERT(plan && pool);
        const char *values[4 + WANTED_OPTIONS_MAX] = {pool->name, pool->uuid, pool->type};
        size_t count = 3;
        for (size_t i = 0; i < pool->option_count; i++)
                values[count++] = pool->options[i];
        if (pool->degraded)
                values[count++] = "degraded";
        return plan_step_values(plan, failure, STORAGE_POOL_WANT, values, count);
}

/* From the disks to the mounted pool. */
int plan_mount(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        struct plan *plan = change->plan;
        if (plan_want(plan, pool, failure) != 0 || plan_step(plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            plan_open(change, pool, failure) != 0)
                return -1;
        /* Undone, a new one of a cluster is not tried again, and one of ZFS's lets go of its disks; one that is wanted
         * is as it was. */
        const bool fresh = !wanted_named(pool->name);
        return plan_step(plan, failure,
                         fresh && pool_is_ceph(pool)  ? STORAGE_CEPH_MOUNT
                         : fresh && pool_is_zfs(pool) ? STORAGE_ZFS_MOUNT
                                                      : STORAGE_POOL_MOUNT,
                         pool->name, NULL);
}

/* Where it is to be mounted comes before all else: whatever lies there already ends the plan before a disk is touched.
 */
static int plan_place(struct change *change, const char *name, struct failure *failure)
{
        return plan_step(change->plan, failure, STORAGE_PLACE_MAKE, name, NULL);
}

static int plan_begin(struct change *change, const char *name, const char *uuid, const char *type,
                      struct failure *failure)
{
        const struct wanted pool = {
                .name = name, .uuid = uuid, .type = type, .options = {"noatime"}, .option_count = 1};
        if (plan_mount(change, &pool, failure) != 0)
                return -1;
        if (!pool_is_btrfs(&pool))
                return 0;
        return plan_step(change->plan, failure, STORAGE_POOL_FURNISH, name, NULL);
}

/* Back from there. What is to be mounted is read again on both sides of the step that changes it, so that it is right
 * also when all of this is undone. */
int plan_unmount(struct change *change, const char *name, bool mounted, struct failure *failure)
{
        ASSERT(change && name);
        struct plan *plan = change->plan;
        const struct wanted *pool = wanted_named(name);
        const bool encrypted = pool && pool->encrypted;
        if (mounted && work_refuse(name, failure) != 0)
                return -1;
        if ((mounted && pool && plan_pool_unmount(change, pool, failure) != 0) ||
            (pool && plan_zfs_end(change, pool, failure) != 0) ||
            plan_step(plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            plan_step(plan, failure, STORAGE_POOL_FORGET, name, NULL) != 0 ||
            (encrypted && plan_step(plan, failure, STORAGE_LUKS_FORGET, name, NULL) != 0) ||
            (pool && pool_is_ceph(pool) && plan_step(plan, failure, STORAGE_CEPH_FORGET, name, NULL) != 0) ||
            (scrub_ordered(name) && plan_step(plan, failure, STORAGE_SCRUB_ORDER_FORGET, name, NULL) != 0) ||
            plan_step(plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0)
                return -1;
        return plan_step(plan, failure, STORAGE_PLACE_REMOVE, name, NULL);
}

/* --- making one --- */

static int plan_file_system(struct change *change, const struct wanted *pool, const struct layout *layout,
                            const char *const *names, size_t count, struct failure *failure)
{
        const char *values[4 + POOL_DISKS_MAX] = {pool->name, pool->uuid, layout->data, layout->metadata};
        const uint16_t format = pool_is_btrfs(pool)               ? STORAGE_POOL_FORMAT
                                : strcmp(pool->type, "ext4") == 0 ? STORAGE_EXT4_FORMAT
                                                                  : STORAGE_XFS_FORMAT;
        const size_t first = pool_is_btrfs(pool) ? 4 : 2;
        for (size_t i = 0; i < count; i++)
                values[first + i] = arena_printf(change->arena, "/dev/disk/by-id/%s", names[i]);
        if (plan_step_values(change->plan, failure, format, values, first + count) != 0)
                return -1;
        for (size_t i = 0; i < count; i++)
                if (plan_step(change->plan, failure, STORAGE_DISK_ANNOUNCE, names[i], NULL) != 0)
                        return -1;
        return 0;
}

static int plan_format(struct change *change, const struct wanted *pool, const struct layout *layout,
                       const struct disk *const *disks, size_t count, struct failure *failure)
{
        const char *names[POOL_DISKS_MAX];
        for (size_t i = 0; i < count; i++)
                if (plan_erase(change, disks[i], failure) != 0)
                        return -1;
        if (pool->encrypted && plan_encrypt(change, pool, disks, count, failure) != 0)
                return -1;
        if (layout->level) {
                names[0] = array_name(change->arena, pool->uuid);
                return plan_array(change, pool, layout->level, disks, count, failure) == 0
                               ? plan_file_system(change, pool, layout, names, 1, failure)
                               : -1;
        }
        for (size_t i = 0; i < count; i++)
                names[i] = pool->encrypted ? luks_name(change->arena, pool->luks[i]) : disks[i]->id;
        return plan_file_system(change, pool, layout, names, count, failure);
}

/* What it is made of, and what that can lie on. */
static int choose_ground(const struct nas_storage_create_pool_in *in, const struct layout *layout, struct wanted *pool,
                         struct failure *failure)
{
        pool->type = in->has_file_system ? nas_storage_file_system_word(in->file_system) : "btrfs";
        if (in->has_encrypt && (layout->level || !pool_is_btrfs(pool)))
                return failure_set(failure, FAILURE_INVALID, "encrypt",
                                   "Choose btrfs and one of its own profiles, or leave it out.",
                                   "is for pools of btrfs that lies on its disks itself");
        if (!pool_is_btrfs(pool) && !layout->level && in->disks_count != 1)
                return failure_set(failure, FAILURE_INVALID, "file_system",
                                   "Choose btrfs, one disk, or an array (md1, md5, md6, md10).",
                                   "%s lies on one disk or on an array", pool->type);
        if (!pool_is_btrfs(pool) && !layout->level && in->profile != NAS_STORAGE_PROFILE_SINGLE)
                return failure_set(failure, FAILURE_INVALID, "profile", "Choose single.", "is one of btrfs");
        return layout->level ? arrays_possible(failure) : 0;
}

/* How a new pool is encrypted, when it is to be. */
static int choose_encryption(const struct nas_storage_create_pool_in *in, struct wanted *pool, struct failure *failure)
{
        pool->encrypted = in->has_encrypt;
        pool->kept = in->has_encrypt && in->encrypt == NAS_STORAGE_FIRST_WAY_KEY;
        pool->given = in->has_encrypt && !pool->kept;
        if (pool->given && !in->passphrase)
                return failure_set(failure, FAILURE_INVALID, "passphrase", "Give one.", "is missing");
        if (!pool->given && in->passphrase)
                return failure_set(failure, FAILURE_INVALID, "passphrase",
                                   "Ask for a pool that is encrypted by a passphrase.", "opens nothing");
        return pool->encrypted ? encryption_possible(failure) : 0;
}

static int plan_create(struct change *change, const struct nas_storage_create_pool_in *in, struct failure *failure)
{
        const struct disk *disks[POOL_DISKS_MAX];
        const char *profile = nas_storage_profile_word(in->profile), *luks[POOL_DISKS_MAX];
        const struct layout *layout = layout_of(profile, in->disks_count);
        struct wanted pool = {.name = in->name, .luks = luks};
        if (pool_name_is_free(in->name, failure) != 0)
                return -1;
        if (in->disks_count == 0 || in->disks_count > POOL_DISKS_MAX)
                return failure_set(failure, FAILURE_INVALID, "disks", "", "must be 1 to %d disks", POOL_DISKS_MAX);
        if (zfs_is_asked(in))
                return plan_zfs_create(change, in, new_uuid(change->arena, in), failure);
        if (layout_fits(layout, profile, in->disks_count, failure) != 0 ||
            choose_ground(in, layout, &pool, failure) != 0 || choose_encryption(in, &pool, failure) != 0 ||
            disks_take("disks", in->disks, in->disks_count, in->has_erase && in->erase, disks, failure) != 0)
                return -1;
        pool.uuid = new_uuid(change->arena, in);
        for (size_t i = 0; pool.encrypted && i < in->disks_count; i++)
                luks[pool.luks_count++] = luks_new(change->arena, &pool, disks[i]);
        if (plan_place(change, in->name, failure) != 0 || plan_key(change, &pool, in->passphrase, true, failure) != 0 ||
            plan_format(change, &pool, layout, disks, in->disks_count, failure) != 0 ||
            plan_key_drop(change, &pool, failure) != 0)
                return -1;
        return plan_begin(change, in->name, pool.uuid, pool.type, failure);
}

void nas_storage_create_pool(struct call *call, const struct nas_storage_create_pool_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        change->who = "nobody yet; all that is on the disks is lost";
        change->answer = pool_answer;
        if (zfs_is_asked(in))
                change->explain = zfs_explain;
        storage_run(call, change, plan_create(change, in, &failure), &failure);
}

/* --- importing one --- */

static int nothing_is_copied(const char *uuid, struct failure *failure)
{
        const char *one, *other;
        if (!disks_copied(uuid, &one, &other))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "uuid", "Unplug the copy.",
                           "%s and %s say that they are the same disk of it, so nobody can say which would be used.",
                           one, other);
}

/* Its disks are opened before it is mounted. */
static int plan_unlock_new(struct change *change, const struct nas_storage_import_pool_in *in, struct failure *failure)
{
        struct wanted pool = {.name = in->name, .uuid = in->uuid, .encrypted = true};
        const char *luks[POOL_DISKS_MAX];
        pool.luks = luks;
        pool.luks_count = luks_of(in->uuid, luks, POOL_DISKS_MAX);
        pool.given = in->passphrase != NULL;
        pool.kept = !pool.given;
        if (pool.luks_count == 0)
                return !in->passphrase ? 0
                                       : failure_set(failure, FAILURE_INVALID, "passphrase", "Leave it out.",
                                                     "opens nothing: it is not encrypted");
        return encryption_possible(failure) == 0 ? plan_unlock(change, &pool, in->passphrase, true, failure) : -1;
}

static int plan_import(struct change *change, const struct nas_storage_import_pool_in *in, struct failure *failure)
{
        const struct wanted *same = wanted_with(in->uuid);
        const char *type = importable_type(in->uuid);
        if (pool_name_is_free(in->name, failure) != 0)
                return -1;
        if (same)
                return failure_set(failure, FAILURE_CONFLICT, "uuid", "", "It is the pool %s already.", same->name);
        if (!type)
                return failure_set(failure, FAILURE_NOT_FOUND, "uuid", "List what could be imported.",
                                   "There is no such file system on the disks here.");
        if (strcmp(type, "zfs") == 0 && zfs_possible(in->name, failure) != 0)
                return -1;
        if (nothing_is_copied(in->uuid, failure) != 0 || plan_place(change, in->name, failure) != 0 ||
            plan_array_find(change, in->uuid, failure) != 0 || plan_unlock_new(change, in, failure) != 0)
                return -1;
        return plan_begin(change, in->name, in->uuid, type, failure);
}

void nas_storage_import_pool(struct call *call, const struct nas_storage_import_pool_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        change->who = "nobody yet";
        change->answer = pool_answer;
        change->explain = zfs_explain;
        storage_run(call, change, plan_import(change, in, &failure), &failure);
}

/* --- letting go of one --- */

bool pool_is_mounted(const struct wanted *pool)
{
        const struct file_system *system = pool_system(pool);
        return system && system->mounted;
}

void nas_storage_export_pool(struct call *call, const struct nas_storage_export_pool_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find(in->name, &failure);
        struct change *change = pool_change(in->name);
        int result = pool ? plan_unmount(change, pool->name, pool_is_mounted(pool), &failure) : -1;
        if (result == 0)
                result = plan_close(change, pool, &failure);
        if (result == 0)
                result = plan_array_stop(change, pool, &failure);
        if (result == 0)
                result = plan_tang_forget(change, pool, &failure);
        if (result == 0)
                result = plan_ceph_forget(change, pool, &failure);
        change->who = pool && pool->kept && !pool->given
                              ? "all who use what is on the pool; only this machine has its key"
                              : "all who use what is on the pool";
        storage_run(call, change, result, &failure);
}

/* Not only a part of one, beside which others may be. */
static bool has_whole_disk(const struct wanted *pool)
{
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->disk_count; i++)
                if (machine->disks[i].block.uuid && strcmp(machine->disks[i].block.uuid, pool->uuid) == 0)
                        return true;
        return false;
}

static int plan_destroy(struct change *change, const struct wanted *pool, struct failure *failure)
{
        const struct machine *machine = machine_now();
        size_t erased = 0;
        if (pool_is_ceph(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Export it: what is there stays there.",
                                   "It lies on no disk of this machine, but on a Ceph cluster.");
        if (pool_is_zfs(pool) && zfs_may_be_erased(pool, failure) != 0)
                return -1;
        if (!pool_is_zfs(pool) && !pool_is_btrfs(pool) && !pool_on_array(pool) && !has_whole_disk(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name",
                                   "Export it: then its disk can be taken with erase.",
                                   "It was made elsewhere: it is %s.", pool->type);
        if (nothing_is_copied(pool->uuid, failure) != 0 ||
            plan_unmount(change, pool->name, pool_is_mounted(pool), failure) != 0 ||
            plan_close(change, pool, failure) != 0 || plan_array_stop(change, pool, failure) != 0)
                return -1;
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                const bool inside = pool->encrypted && pool_with_luks(disk->block.luks) == pool;
                if (!inside && !disk_in_array_of(disk, pool) && !zfs_has_whole(disk, pool) &&
                    (!disk->block.uuid || strcmp(disk->block.uuid, pool->uuid) != 0))
                        continue;
                if (!disk->id || disk->twin)
                        return failure_set(failure, FAILURE_CONFLICT, "name", "Export it instead, or unplug that disk.",
                                           "Its disk %s cannot be told from another.", disk->block.name);
                if ((inside && plan_erase_keys(change, disk, failure) != 0) || plan_erase(change, disk, failure) != 0)
                        return -1;
                erased++;
        }
        if (erased > 0)
                return plan_key_forget(change, pool, failure) == 0 ? plan_tang_forget(change, pool, failure) : -1;
        return failure_set(failure, FAILURE_CONFLICT, "name", "Plug them in, or export the pool.",
                           "None of its disks is here, so nothing could be erased.");
}

void nas_storage_destroy_pool(struct call *call, const struct nas_storage_destroy_pool_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find(in->name, &failure);
        struct change *change = pool_change(in->name);
        int result = pool ? plan_destroy(change, pool, &failure) : -1;
        change->who = "all who use what is on the pool; it is lost";
        storage_run(call, change, result, &failure);
}
