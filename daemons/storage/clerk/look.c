/* What only the hand can see: whether somebody has a disk open, and what a pool is made of. Asked when something has
 * changed; what was seen last stays until then.
 * Rights: the storage clerk; asks its hand. */
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SURVEY_BYTES_MAX = 64 * 1024 * 1024, ANEW_FIRST_MS = 1000, ANEW_MOST_MS = 64 * 1000 };

struct look { /* one asking */
        struct arena *arena;
        const char *disk; /* its id; or */
        const char *pool;
        bool fresh; /* only those that are more than before */
        bool zfs;   /* a unit writes it down */
        uint64_t instance;
        struct file_system_age age;
};

static void ask(uint16_t operation, const char *value, const char *other, struct arena *arena, hand_done *done,
                void *context)
{
        const struct operation *asked = &storage_operations.list[operation];
        struct value values[] = {{.text = value, .length = (uint16_t)strlen(value)},
                                 {.text = other, .length = (uint16_t)strlen(other ? other : "")}};
        struct action action = {.operation = operation, .count = other ? 2 : 1, .values = values};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        request.plan = action_encode(&action, arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        if (asked->act == ACT_RUN || strcmp(asked->params[0], "pool:pool_name") == 0) /* it prints */
                hand_ask_much(clerk.hand, &request, SURVEY_BYTES_MAX, done, context);
        else
                hand_send(clerk.hand, &request, NULL, done, context);
}

void look_ask(uint16_t operation, const char *value, struct arena *arena, hand_done *done, void *context)
{
        ASSERT(value && arena && done);
        ask(operation, value, NULL, arena, done, context);
}

/* --- its hand died over it: what is known may be from before what it had just done --- */

static struct {
        struct loop_watch *timer;
        unsigned wait_ms;
} anew;

static void ask_anew(void *context)
{
        (void)context;
        loop_unwatch(TAKE(anew.timer));
        look_at_disks(machine_now());
        look_into_pools(false, live_tell, NULL);
}

/* Is there an answer? Else it is asked for again: soon, then ever less often. */
static bool is_answered(const struct reply *reply)
{
        if (reply && reply->failure.code != FAILURE_UNAVAILABLE) {
                anew.wait_ms = anew.timer ? anew.wait_ms : 0;
                return reply->outcome == OUTCOME_SUCCESS;
        }
        if (!anew.timer) {
                anew.wait_ms = anew.wait_ms == 0             ? ANEW_FIRST_MS
                               : anew.wait_ms < ANEW_MOST_MS ? 2 * anew.wait_ms
                                                             : ANEW_MOST_MS;
                anew.timer = loop_timer(clerk.loop, anew.wait_ms, ask_anew, NULL);
        }
        return false;
}

/* --- disks --- */

struct known {
        char id[128];
        uint64_t instance;
        enum verdict verdict;
};

static struct {
        struct known known[MACHINE_DISKS_MAX];
        size_t count;
        unsigned asked;
        bool again; /* something changed while they were asked about */
} disks;

static struct known *known_disk(const char *id, uint64_t instance)
{
        for (size_t i = 0; i < disks.count; i++)
                if (strcmp(disks.known[i].id, id) == 0 && disks.known[i].instance == instance)
                        return &disks.known[i];
        return NULL;
}

enum verdict look_verdict(const struct disk *disk)
{
        const struct known *known = disk->id ? known_disk(disk->id, disk->instance) : NULL;
        return known ? known->verdict : VERDICT_UNKNOWN;
}

static enum verdict verdict_of(const struct reply *reply)
{
        if (!is_answered(reply) || reply->answer_length != 1)
                return VERDICT_UNKNOWN;
        switch (reply->answer[0]) {
        case FAILURE_NONE:
                return VERDICT_FREE;
        case FAILURE_NOT_FOUND:
                return VERDICT_AWAY;
        default:
                return VERDICT_USED;
        }
}

static void on_disk(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct look *look = context;
        (void)output;
        (void)output_length;
        struct known *known = known_disk(look->disk, look->instance);
        if (!known && disks.count < ARRAY_SIZE(disks.known)) {
                known = &disks.known[disks.count++];
                snprintf(known->id, sizeof(known->id), "%s", look->disk);
                known->instance = look->instance;
        }
        if (known)
                known->verdict = verdict_of(reply);
        arena_free(look->arena);
        if (--disks.asked > 0)
                return;
        topic_changed(topics.disks);
        topic_changed(topics.disk);
        topic_changed(topics.importable);
        topic_changed(topics.suggestions);
        if (disks.again)
                look_at_disks(machine_now());
}

static void forget_gone(const struct machine *machine)
{
        size_t kept = 0;
        for (size_t i = 0; i < disks.count; i++)
                for (size_t n = 0; n < machine->disk_count; n++)
                        if (machine->disks[n].id && strcmp(machine->disks[n].id, disks.known[i].id) == 0 &&
                            machine->disks[n].instance == disks.known[i].instance) {
                                disks.known[kept++] = disks.known[i];
                                break;
                        }
        disks.count = kept;
}

void look_at_disks(const struct machine *machine)
{
        ASSERT(machine);
        disks.again = disks.asked > 0;
        if (disks.again)
                return;
        forget_gone(machine);
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                /* One of a pool that is away is mounted by PID 1 the moment it comes: nobody has it open just then. */
                if (!disk->id || disk->block.mounted || disk->block.swap || disk->block.held ||
                    disk_says_its_pool(disk))
                        continue;
                struct arena *arena = arena_new();
                struct look *look = arena_alloc(arena, sizeof(*look));
                *look = (struct look){.arena = arena,
                                      .disk = arena_text(arena, disk->id, strlen(disk->id)),
                                      .instance = disk->instance};
                disks.asked++;
                look_ask(STORAGE_DISK_LOOK, look->disk, arena, on_disk, look);
        }
}

/* --- pools --- */

struct seen {
        char name[32];
        struct file_system_age age;
        bool stale, more; /* somebody knows that it has changed, whatever its age; that there is more in it */
        struct tree *tree;
};

struct waiter {
        struct waiter *next;
        loop_tick *done;
        void *context;
};

static struct {
        struct seen seen[MACHINE_FILE_SYSTEMS_MAX];
        size_t count;
        unsigned asked, looks;
        bool again, again_all;
        struct waiter *waiting, *next; /* for the looks under way; for the ones after them */
} pools;

static struct seen *seen_pool(const char *name)
{
        for (size_t i = 0; i < pools.count; i++)
                if (strcmp(pools.seen[i].name, name) == 0)
                        return &pools.seen[i];
        return NULL;
}

const struct tree *look_tree(const char *pool)
{
        const struct seen *seen = seen_pool(pool);
        return seen ? seen->tree : NULL;
}

unsigned look_count(void)
{
        return pools.looks;
}

static void drop_away(void)
{
        pools.looks++;
        for (size_t i = 0; i < pools.count;) {
                const struct wanted *wanted = wanted_named(pools.seen[i].name);
                const struct file_system *system = wanted ? pool_system(wanted) : NULL;
                if (system && system->mounted) {
                        i++;
                        continue;
                }
                if (pools.seen[i].tree)
                        arena_free(pools.seen[i].tree->arena);
                pools.seen[i] = pools.seen[--pools.count];
        }
}

static void begin(bool all);

static void look_ended(void)
{
        struct waiter *waiting = TAKE(pools.waiting);
        bool all = pools.again_all;
        if (pools.again) {
                pools.again = pools.again_all = false;
                begin(all);
        }
        while (waiting) {
                struct waiter *one = waiting;
                waiting = one->next;
                one->done(one->context);
                free(one);
        }
}

static void on_pool(const struct reply *reply, const char *output, size_t output_length, void *context);

static void ask_pool(const char *pool, struct file_system_age age, const struct tree *known)
{
        struct arena *arena = arena_new();
        struct look *look = arena_alloc(arena, sizeof(*look));
        const struct wanted *wanted = wanted_named(pool);
        *look = (struct look){.arena = arena,
                              .pool = arena_text(arena, pool, strlen(pool)),
                              .age = age,
                              .fresh = known != NULL,
                              .zfs = wanted && pool_is_zfs(wanted)};
        const uint64_t last = known ? known->subvolumes[known->subvolume_count - 1].number : 0;
        const char *after = known ? arena_printf(arena, "%llu", (unsigned long long)last) : "";
        pools.asked++;
        ask(look->zfs ? STORAGE_ZFS_SETS_LOOK : STORAGE_SURVEY, look->pool, look->zfs ? NULL : after, arena, on_pool,
            look);
}

/* Takes what is more. False: all of it must be asked for. */
static bool take_more(struct seen *seen, const char *output, size_t length)
{
        const size_t before = seen && seen->tree ? seen->tree->subvolume_count : 0;
        if (before == 0 || !tree_extend(seen->tree, output, length))
                return false;
        facts_extend(seen->tree, seen->name, before);
        return true;
}

static void take_all(struct seen *seen, const struct look *look, struct tree *tree)
{
        if (!tree)
                log_warn("pool %s cannot be looked into: what was read makes no sense", look->pool);
        if (tree && !seen && pools.count < ARRAY_SIZE(pools.seen)) {
                seen = &pools.seen[pools.count++];
                *seen = (struct seen){.tree = NULL};
                snprintf(seen->name, sizeof(seen->name), "%s", look->pool);
        }
        if (!tree || !seen)
                return;
        if (seen->tree)
                arena_free(seen->tree->arena);
        facts_add(tree, look->pool);
        seen->tree = tree;
        seen->age = look->age;
}

static void on_pool(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct look *look = context;
        struct seen *seen = seen_pool(look->pool);
        const bool good = is_answered(reply);
        if (seen)
                seen->stale = seen->stale || !good;
        const char *text = good && look->zfs ? live_zfs_sets(look->pool, look->arena) : NULL;
        if (!good || output_length >= SURVEY_BYTES_MAX || (look->zfs && !text))
                log_warn("pool %s cannot be looked into: %s", look->pool,
                         reply ? reply->failure.message : "its hand does not answer");
        else if (look->zfs)
                take_all(seen, look, zfs_sets_read(look->pool, text));
        else if (!look->fresh)
                take_all(seen, look, tree_read(output, output_length));
        else if (!take_more(seen, output, output_length))
                ask_pool(look->pool, look->age, NULL);
        pools.looks++;
        arena_free(look->arena);
        if (--pools.asked == 0)
                look_ended();
}

static bool same_age(struct file_system_age a, struct file_system_age b)
{
        return a.generation == b.generation && a.groups == b.groups;
}

static void begin(bool all)
{
        struct waiter **last = &pools.waiting;
        while (*last)
                last = &(*last)->next;
        *last = TAKE(pools.next);
        drop_away();
        for (size_t i = 0; i < wanted_count(); i++) {
                const struct wanted *wanted = wanted_at(i);
                const struct file_system *system = pool_system(wanted);
                struct seen *seen = seen_pool(wanted->name);
                const bool zfs = pool_is_zfs(wanted);
                if (!system || !system->mounted || (!pool_is_btrfs(wanted) && !zfs) || zfs_waits(system))
                        continue;
                const bool whole =
                        !seen || seen->stale ||
                        (zfs ? zfs_is_other(seen->age, system->age, all) : all || !same_age(seen->age, system->age));
                if (whole || seen->more)
                        ask_pool(wanted->name, system->age, whole ? NULL : seen->tree);
                if (seen)
                        seen->stale = seen->more = false;
        }
        if (pools.asked == 0)
                look_ended();
}

void look_into_pools(bool all, loop_tick *done, void *context)
{
        if (done) {
                struct waiter *waiter = mem_new(1, sizeof(*waiter));
                *waiter = (struct waiter){.next = pools.next, .done = done, .context = context};
                pools.next = waiter;
        }
        if (pools.asked > 0) {
                pools.again = true;
                pools.again_all = pools.again_all || all;
                return;
        }
        begin(all);
}

void look_into_pool(const char *pool, bool fresh, loop_tick *done, void *context)
{
        ASSERT(pool);
        struct seen *seen = seen_pool(pool);
        const bool can = fresh && seen && seen->tree && seen->tree->subvolume_count > 0;
        if (seen) {
                seen->more = seen->more || can;
                seen->stale = seen->stale || !can;
        }
        look_into_pools(false, done, context);
}
