/* Who has how much in pools of ext4 and XFS, and how much they may have. What the kernel counts a unit writes down that
 * the hand has started; it is read here. The limits are the file system's: nothing else keeps them.
 *
 * Rights: the storage clerk; reads what that unit wrote, plans, its hand has PID 1 act. */
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/account.h"
#include "sys/file.h"
#include "value/folder_owner.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/run/bulkhead/quotas"
enum { QUOTAS_MAX = 65536, BYTES_MAX = 8 * 1024 * 1024 };

static int folder = -1;

int quotas_prepare(void)
{
        folder = open(FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return folder >= 0 ? 0 : -errno;
}

struct asking {
        struct arena *arena; /* holds it */
        struct call *call;
        const char *pool;
        bool sets;                           /* else they are to be listed */
        struct nas_storage_set_quota_in set; /* what it points to is the call's */
        uint32_t elsewhere;                  /* the number of who is not of this machine; 0: it is somebody of ours */
        struct nas_storage_quota *list;
        size_t count;
};

/* --- what the unit wrote --- */

/* "user|group NUMBER BYTES LIMIT FILES"; it is taken apart. */
static bool quota_read(char *line, struct nas_storage_quota *ret_quota)
{
        const char *kind = strsep(&line, " ");
        int64_t numbers[4];
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
                const char *number = strsep(&line, " ");
                if (!number || !value_is(&value_bytes, number, strlen(number)))
                        return false;
                numbers[i] = strtoll(number, NULL, 10);
        }
        *ret_quota = (struct nas_storage_quota){.kind = strcmp(kind, "group") == 0 ? NAS_STORAGE_QUOTA_KIND_GROUP
                                                                                   : NAS_STORAGE_QUOTA_KIND_USER,
                                                .id = numbers[0],
                                                .used = numbers[1],
                                                .has_limit = numbers[2] > 0,
                                                .limit = numbers[2],
                                                .files = numbers[3]};
        return true;
}

static const char *name_of(const struct accounts *accounts, const struct nas_storage_quota *quota, struct arena *arena)
{
        const bool user = quota->kind == NAS_STORAGE_QUOTA_KIND_USER;
        const struct account *account = user ? accounts_numbered(accounts, (uint64_t)quota->id) : NULL;
        const struct account_group *group = user ? NULL : accounts_group_numbered(accounts, (uint64_t)quota->id);
        const char *elsewhere = account || group ? NULL : people_named((uint32_t)quota->id, !user);
        return account     ? account->name
               : group     ? group->name
               : elsewhere ? elsewhere
                           : arena_printf(arena, "%lld", (long long)quota->id);
}

static int read_all(struct asking *asking, const struct accounts *accounts)
{
        uint8_t *bytes = NULL;
        size_t length;
        int error = file_read_below(folder, asking->pool, BYTES_MAX, &bytes, &length);
        asking->list = arena_array(asking->arena, QUOTAS_MAX, sizeof(*asking->list));
        char *rest = (char *)bytes;
        for (char *line; error == 0 && asking->count < QUOTAS_MAX && (line = strsep(&rest, "\n"));)
                if (quota_read(line, &asking->list[asking->count])) {
                        struct nas_storage_quota *quota = &asking->list[asking->count++];
                        quota->name = name_of(accounts, quota, asking->arena);
                }
        free(bytes);
        return error;
}

/* --- setting one --- */

static bool is_counted(const struct wanted *pool)
{
        return pool_wants(pool, "usrquota");
}

/* The number of who is to have a limit; false: there is nobody of that name. */
static bool number_of(const struct asking *asking, const struct accounts *accounts, uint32_t *ret_number)
{
        const struct nas_storage_set_quota_in *in = &asking->set;
        *ret_number = asking->elsewhere;
        if (asking->elsewhere > 0)
                return true;
        const bool user = in->kind == NAS_STORAGE_QUOTA_KIND_USER;
        const struct account *account = user ? accounts_named(accounts, in->account) : NULL;
        const struct account_group *group = user ? NULL : accounts_group(accounts, in->account);
        *ret_number = account ? account->uid : group ? group->gid : 0;
        return account || group;
}

static int64_t limit_now(const struct asking *asking, uint32_t number)
{
        for (size_t i = 0; i < asking->count; i++)
                if (asking->list[i].kind == asking->set.kind && asking->list[i].id == number)
                        return asking->list[i].limit;
        return 0;
}

/* Both sides of the step that changes how it is mounted have PID 1 read it, so that it is right also when all is
 * undone.
 */
static int plan_count(struct change *change, const struct wanted *pool, struct failure *failure)
{
        struct wanted counted = *pool;
        ASSERT(counted.option_count + 2 <= WANTED_OPTIONS_MAX); /* compression, the last of them, is btrfs' */
        counted.options[counted.option_count++] = "usrquota";
        counted.options[counted.option_count++] = "grpquota";
        if (plan_step(change->plan, failure, STORAGE_POOL_UNMOUNT, pool->name, NULL) != 0 ||
            plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            plan_want(change->plan, &counted, failure) != 0 ||
            plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0)
                return -1;
        if (strcmp(pool->type, "ext4") == 0 &&
            plan_step(change->plan, failure, STORAGE_QUOTAS_COUNT, pool->name, pool->uuid, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_POOL_MOUNT, pool->name, NULL);
}

static int plan_set(struct change *change, const struct asking *asking, const struct wanted *pool,
                    const struct accounts *accounts, struct failure *failure)
{
        const struct nas_storage_set_quota_in *in = &asking->set;
        const bool user = in->kind == NAS_STORAGE_QUOTA_KIND_USER;
        uint32_t number;
        ASSERT(pool);
        if (!number_of(asking, accounts, &number))
                return failure_set(failure, FAILURE_NOT_FOUND, "account",
                                   user ? "Look at the list of accounts." : "Look at the list of groups.",
                                   user ? "There is no account %s." : "There is no group %s.", in->account);
        if (number == 0)
                return failure_set(failure, FAILURE_CONFLICT, "account", "Choose another.",
                                   "The system itself is held to no limit.");
        change->who = is_counted(pool) ? arena_printf(change->arena, "%s", in->account)
                                       : "all who use what is on the pool: it is unmounted for a moment";
        const struct ability *lacks = strcmp(pool->type, "ext4") == 0 ? unable_to("quotas") : NULL;
        if (lacks)
                return failure_set(failure, FAILURE_CONFLICT, "name", lacks->next ? lacks->next : "",
                                   "This machine cannot count who has how much on ext4. %s", lacks->reason);
        if (!is_counted(pool) && plan_count(change, pool, failure) != 0)
                return -1;
        return plan_step(change->plan, failure, user ? STORAGE_QUOTA_USER : STORAGE_QUOTA_GROUP, pool->name,
                         in->account, arena_printf(change->arena, "%u", number),
                         arena_printf(change->arena, "%lld", (long long)in->limit),
                         arena_printf(change->arena, "%lld", (long long)limit_now(asking, number)), NULL);
}

/* --- asking --- */

static void end(struct asking *asking, const struct failure *wrong)
{
        struct failure failure = {0};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct accounts accounts = {0};
        const struct wanted *pool = wrong ? NULL : pool_find(asking->pool, &failure);
        if (wrong)
                failure = *wrong;
        else if (accounts_read(arena, &accounts) != 0 || (is_counted(pool) && read_all(asking, &accounts) != 0))
                failure_set(&failure, FAILURE_FAILED, "name", "Try again in a moment.",
                            "Who has how much in the pool %s cannot be read.", asking->pool);
        const bool good = failure.code == FAILURE_NONE;
        struct nas_storage_list_quotas_out out = {.quotas = asking->list, .quotas_count = asking->count};
        if (asking->sets) {
                struct change *change = storage_change("pool", asking->pool);
                storage_run(asking->call, change, good ? plan_set(change, asking, pool, &accounts, &failure) : -1,
                            &failure);
        } else if (good) {
                nas_storage_list_quotas_reply(asking->call, &out);
        } else {
                call_fail(asking->call, &failure);
        }
        arena_free(asking->arena);
}

static void looked(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        (void)output;
        (void)output_length;
        struct failure failure = {0};
        end(context, hand_answered(reply, &failure) ? NULL : &failure);
}

/* A pool that could count it, and is mounted. */
static const struct wanted *find(const char *name, struct failure *failure)
{
        const struct wanted *pool = pool_find(name, failure);
        if (pool && pool_is_btrfs(pool))
                failure_set(failure, FAILURE_CONFLICT, "name",
                            "Give each their own dataset, and that a limit: bulkhead datasets set --quota.",
                            "The pool %s is btrfs, which does not count who has how much.", name);
        else if (pool && pool_is_ceph(pool))
                failure_set(failure, FAILURE_CONFLICT, "name", "Limit its folders on the cluster.",
                            "The pool %s is cephfs, which does not count who has how much.", name);
        else if (pool && pool_is_zfs(pool))
                failure_set(failure, FAILURE_CONFLICT, "name",
                            "Have ZFS itself hold them to it: zfs set userquota@NAME.",
                            "The pool %s is zfs, whose own counting is not used here.", name);
        else if (pool && !pool_is_mounted(pool))
                failure_set(failure, FAILURE_CONFLICT, "name", "Mount it.", "The pool %s is not mounted.", name);
        return failure->code == FAILURE_NONE ? pool : NULL;
}

static void look(struct asking *asking)
{
        struct failure failure = {0};
        const struct wanted *pool = find(asking->pool, &failure);
        if (pool && is_counted(pool))
                look_ask(STORAGE_QUOTAS_LOOK, asking->pool, asking->arena, looked, asking);
        else
                end(asking, pool ? NULL : &failure);
}

/* Of the domain and the directory: which number they have. */
static void named(const char *const given[PEOPLE], const struct failure *failure, void *context)
{
        struct asking *asking = context;
        const bool user = asking->set.kind == NAS_STORAGE_QUOTA_KIND_USER;
        if (failure) {
                end(asking, failure);
                return;
        }
        if (owner_is_elsewhere(asking->set.account))
                asking->elsewhere = (uint32_t)strtoul(given[user ? 0 : 1], NULL, 10);
        look(asking);
}

static void ask(struct call *call, const char *name, const struct nas_storage_set_quota_in *set)
{
        static const char *const fields[PEOPLE] = {"account", "account"};
        struct failure failure = {0};
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        *asking = (struct asking){
                .arena = arena, .call = call, .pool = arena_text(arena, name, strlen(name)), .sets = set != NULL};
        if (!set) {
                look(asking);
        } else if (!find(name, &failure)) {
                end(asking, &failure);
        } else {
                const bool user = set->kind == NAS_STORAGE_QUOTA_KIND_USER;
                asking->set = *set;
                people_find(fields, (const char *const[PEOPLE]){user ? set->account : NULL, user ? NULL : set->account},
                            named, asking);
        }
}

void nas_storage_list_quotas(struct call *call, const struct nas_storage_list_quotas_in *in)
{
        ask(call, in->name, NULL);
}

void nas_storage_set_quota(struct call *call, const struct nas_storage_set_quota_in *in)
{
        ask(call, in->name, in);
}
