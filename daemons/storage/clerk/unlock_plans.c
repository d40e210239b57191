/* Encrypting disks, opening and closing them: what each comes down to.
 * Rights: the storage clerk; plans, its hand acts. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"
#include "value/tang.h"

#include <string.h>

enum { LUKS_MAX = 256 };

const char *luks_name(struct arena *arena, const char *luks)
{
        return arena_printf(arena, "dm-name-luks-%s", luks);
}

const char *luks_new(struct arena *arena, const struct wanted *pool, const struct disk *disk)
{
        ASSERT(pool && disk);
        return pool_new_uuid(arena, arena_printf(arena, "luks %s %s", pool->uuid, disk->id));
}

const char *key_place_of(const struct wanted *pool)
{
        ASSERT(pool);
        return pool->kept ? "kept" : "given";
}

/* --- keys --- */

int plan_key(struct change *change, const struct wanted *pool, const char *passphrase, bool fresh,
             struct failure *failure)
{
        ASSERT(change && pool);
        if (pool->kept && fresh &&
            plan_step(change->plan, failure, STORAGE_KEY_MAKE, pool->name, pool->uuid, NULL) != 0)
                return -1;
        if (!pool->given)
                return 0;
        return plan_step(change->plan, failure, STORAGE_KEY_GIVE, pool->name, pool->uuid, "given", passphrase, NULL);
}

int plan_key_drop(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        return pool->given ? plan_step(change->plan, failure, STORAGE_KEY_DROP, pool->name, pool->uuid, "given", NULL)
                           : 0;
}

int plan_key_forget(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        return pool->kept ? plan_step(change->plan, failure, STORAGE_KEY_UNMAKE, pool->name, pool->uuid, NULL) : 0;
}

int plan_erase_keys(struct change *change, const struct disk *disk, struct failure *failure)
{
        ASSERT(change && disk);
        return plan_step(change->plan, failure, STORAGE_LUKS_ERASE,
                         arena_printf(change->arena, "/dev/disk/by-id/%s", disk->id), NULL);
}

/* --- disks --- */

/* Read again on both sides, so that it is right also when all of this is undone. */
int plan_luks_want(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool && pool->luks_count <= LUKS_MAX);
        const char *values[4 + LUKS_MAX] = {pool->name, pool->uuid, pool->kept ? "yes" : "no",
                                            pool->given ? "yes" : "no"};
        for (size_t i = 0; i < pool->luks_count; i++)
                values[4 + i] = pool->luks[i];
        if (plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            plan_step_values(change->plan, failure, STORAGE_LUKS_WANT, values, 4 + pool->luks_count) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL);
}

/* The last ones of the pool's are to be these disks. */
int plan_encrypt(struct change *change, const struct wanted *pool, const struct disk *const *disks, size_t count,
                 struct failure *failure)
{
        ASSERT(change && pool && pool->luks_count >= count);
        const char *const *luks = pool->luks + pool->luks_count - count;
        const uint16_t format = pool->kept ? STORAGE_LUKS_FORMAT_KEPT : STORAGE_LUKS_FORMAT;
        for (size_t i = 0; i < count; i++)
                if (plan_step(change->plan, failure, format, pool->name, pool->uuid, key_place_of(pool), luks[i],
                              arena_printf(change->arena, "/dev/disk/by-id/%s", disks[i]->id), NULL) != 0 ||
                    (pool->kept && pool->given &&
                     plan_step(change->plan, failure, STORAGE_LUKS_KEY_ADD, pool->name, pool->uuid, luks[i], "kept",
                               "given", NULL) != 0))
                        return -1;
        if (plan_luks_want(change, pool, failure) != 0)
                return -1;
        for (size_t i = 0; i < count; i++)
                if (plan_step(change->plan, failure, STORAGE_LUKS_OPEN, pool->name, luks[i], NULL) != 0)
                        return -1;
        return 0;
}

int plan_open(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        for (size_t i = 0; i < pool->luks_count; i++) {
                const struct disk *disk = disk_with_luks(pool->luks[i]);
                if (disk && !disk->block.opened &&
                    plan_step(change->plan, failure, STORAGE_LUKS_OPEN, pool->name, pool->luks[i], NULL) != 0)
                        return -1;
        }
        return 0;
}

int plan_close(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        if (pool->tang && plan_step(change->plan, failure, STORAGE_TANG_STOP, pool->name, pool->uuid, NULL) != 0)
                return -1;
        for (size_t i = 0; i < pool->luks_count; i++) {
                const struct disk *disk = disk_with_luks(pool->luks[i]);
                if (disk && disk->block.opened &&
                    plan_step(change->plan, failure, STORAGE_LUKS_CLOSE, pool->name, pool->luks[i], NULL) != 0)
                        return -1;
        }
        return 0;
}

int plan_let_go(struct change *change, const struct disk *disk, struct failure *failure)
{
        ASSERT(change && disk && pool_with_luks(disk->block.luks));
        struct wanted pool = *pool_with_luks(disk->block.luks);
        const char **kept = arena_array(change->arena, pool.luks_count, sizeof(*kept));
        size_t count = 0;
        for (size_t i = 0; i < pool.luks_count; i++)
                if (strcmp(pool.luks[i], disk->block.luks) != 0)
                        kept[count++] = pool.luks[i];
        pool.luks = kept;
        pool.luks_count = count;
        if (plan_step(change->plan, failure, STORAGE_LUKS_CLOSE, pool.name, disk->block.luks, NULL) != 0)
                return -1;
        return plan_luks_want(change, &pool, failure);
}

/* --- the key of a pool that is there --- */

/* The key is there, and is the right one, before anything is changed. */
static int plan_key_known(struct change *change, const struct wanted *pool, const char *passphrase,
                          struct failure *failure)
{
        const char *first = NULL;
        for (size_t i = 0; !first && i < pool->luks_count; i++)
                first = disk_with_luks(pool->luks[i]) ? pool->luks[i] : NULL;
        if (!first)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Plug them in.", "None of its disks is here.");
        if (pool->given && !passphrase)
                return failure_set(failure, FAILURE_INVALID, "passphrase", "Give that of the pool.", "is missing");
        if (!pool->given && passphrase)
                return failure_set(failure, FAILURE_INVALID, "passphrase", "Leave it out.",
                                   "opens nothing: this machine keeps the key");
        if (plan_key(change, pool, passphrase, false, failure) != 0 ||
            (pool->kept &&
             plan_step(change->plan, failure, STORAGE_KEY_CHECK, pool->name, pool->uuid, "kept", first, NULL) != 0))
                return -1;
        return pool->given ? plan_step(change->plan, failure, STORAGE_KEY_CHECK, pool->name, pool->uuid, "given", first,
                                       NULL)
                           : 0;
}

static void tang_explain(struct failure *failure, void *context)
{
        const struct wanted *pool = wanted_named(context);
        if (pool && pool->tang && strstr(failure->message, "bulkhead-tang-recall@"))
                failure_set(failure, FAILURE_CONFLICT, "name",
                            "Start it. When it has lost its keys: forget that way (pools forget-way), and set it anew "
                            "when the disk is part of the pool.",
                            "The Tang server %s does not open the key that the new disk is to have, too.", pool->tang);
}

/* The key that only the server helps to open is had from it before anything is lost, for the new disk is to have it too.
 * The hand makes the file, which is its own then; PID 1 has the key written there. */
static int plan_recall(struct change *change, const struct wanted *pool, struct failure *failure)
{
        if (!pool->tang)
                return 0;
        change->explain = tang_explain;
        if (plan_step(change->plan, failure, STORAGE_KEY_CHANCE, pool->name, pool->uuid, "new", NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_TANG_RECALL, pool->name, pool->uuid, NULL);
}

static int plan_seal_for(struct change *change, const struct wanted *pool, const char *luks, struct failure *failure)
{
        const char *slot = arena_printf(change->arena, "%u", (unsigned)TANG_SLOT_FIRST);
        if (!pool->tang)
                return 0;
        if (plan_step(change->plan, failure, STORAGE_LUKS_KEY_ADD_SEALED, pool->name, pool->uuid, luks,
                      key_place_of(pool), "new", slot, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_KEY_DROP, pool->name, pool->uuid, "new", NULL);
}

int plan_take(struct change *change, const struct wanted *pool, const struct disk *disk, const char *passphrase,
              const char **ret_name, struct failure *failure)
{
        ASSERT(change && pool && disk && ret_name);
        struct wanted more = *pool;
        const char **luks = arena_array(change->arena, pool->luks_count + 1, sizeof(*luks));
        *ret_name = disk->id;
        if (!pool->encrypted)
                return plan_erase(change, disk, failure);
        more.luks_count = 0;
        for (size_t i = 0; i < pool->luks_count; i++) /* but for what is erased with it */
                if (!disk->block.luks || strcmp(disk->block.luks, pool->luks[i]) != 0)
                        luks[more.luks_count++] = pool->luks[i];
        luks[more.luks_count++] = luks_new(change->arena, pool, disk);
        more.luks = luks;
        *ret_name = luks_name(change->arena, luks[more.luks_count - 1]);
        if (plan_key_known(change, pool, passphrase, failure) != 0 || plan_recall(change, pool, failure) != 0 ||
            plan_erase(change, disk, failure) != 0 || plan_encrypt(change, &more, &disk, 1, failure) != 0 ||
            plan_seal_for(change, pool, luks[more.luks_count - 1], failure) != 0)
                return -1;
        return plan_key_drop(change, pool, failure);
}

/* --- unlocking and locking --- */

int plan_unlock(struct change *change, const struct wanted *pool, const char *passphrase, bool want,
                struct failure *failure)
{
        ASSERT(change && pool);
        if (plan_key_known(change, pool, passphrase, failure) != 0 ||
            (want && plan_luks_want(change, pool, failure) != 0) || plan_open(change, pool, failure) != 0)
                return -1;
        return plan_key_drop(change, pool, failure);
}

static void run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        change->who = "all who use what is on the pool";
        change->answer = pool_answer;
        storage_run(call, change, result, failure);
}

const struct wanted *pool_find_encrypted(const char *name, struct failure *failure)
{
        const struct wanted *pool = pool_find(name, failure);
        if (!pool || pool->encrypted)
                return pool;
        failure_set(failure, FAILURE_CONFLICT, "name", "Mount or unmount it.", "The pool %s is not encrypted.", name);
        return NULL;
}

void nas_storage_unlock_pool(struct call *call, const struct nas_storage_unlock_pool_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find_encrypted(in->name, &failure);
        struct change *change = pool_change(in->name);
        int result = pool ? 0 : -1;
        if (pool && !pool->given)
                result = failure_set(&failure, FAILURE_CONFLICT, "name", "Mount it.",
                                     "This machine keeps the key of the pool %s: it has no passphrase.", pool->name);
        if (result == 0 && !pool_is_mounted(pool)) {
                struct wanted alone = *pool; /* that passphrase opens it, whatever else does */
                alone.kept = false;
                result = plan_unlock(change, &alone, in->passphrase, false, &failure) == 0
                                 ? plan_step(change->plan, &failure, STORAGE_POOL_MOUNT, pool->name, NULL)
                                 : -1;
                if (result == 0 && pool->tang) /* nobody waits for it any more */
                        result = plan_step(change->plan, &failure, STORAGE_TANG_STOP, pool->name, pool->uuid, NULL);
        }
        run(call, change, result, &failure);
}

void nas_storage_lock_pool(struct call *call, const struct nas_storage_lock_pool_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find_encrypted(in->name, &failure);
        struct change *change = pool_change(in->name);
        int result = pool ? work_refuse(pool->name, &failure) : -1;
        if (result == 0 && pool_is_mounted(pool))
                result = plan_step(change->plan, &failure, STORAGE_POOL_UNMOUNT, pool->name, NULL);
        if (result == 0)
                result = plan_close(change, pool, &failure);
        run(call, change, result, &failure);
}
