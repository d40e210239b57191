/* What only the hand can see: whether somebody has a disk open, and what a pool is made of. Asked when something has
 * changed; what was seen last stays until then.
 * Rights: the storage clerk; asks its hand. */
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SURVEY_BYTES_MAX = 64 * 1024 * 1024 };

struct look { /* one asking */
        struct arena *arena;
        const char *disk; /* its id; or */
        const char *pool;
        uint64_t instance;
        struct file_system_age age;
};

void look_ask(uint16_t operation, const char *value, struct arena *arena, hand_done *done, void *context)
{
        ASSERT(value && arena && done);
        const struct operation *asked = &storage_operations.list[operation];
        struct value one = {.text = value, .length = (uint16_t)strlen(value)};
        struct action action = {.operation = operation, .count = 1, .values = &one};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        request.plan = action_encode(&action, arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        if (strcmp(asked->params[0], "pool:pool_name") == 0)
                hand_ask_much(clerk.hand, &request, SURVEY_BYTES_MAX, done, context);
        else
                hand_send(clerk.hand, &request, NULL, done, context);
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
        if (!reply || reply->outcome != OUTCOME_SUCCESS || reply->answer_length != 1)
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
        if (--disks.asked == 0) {
                topic_changed(topics.disks);
                topic_changed(topics.disk);
                topic_changed(topics.importable);
        }
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
        if (disks.asked > 0)
                return;
        forget_gone(machine);
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                if (!disk->id || disk->block.mounted || disk->block.swap || disk->block.held)
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

static void on_pool(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct look *look = context;
        bool good = reply && reply->outcome == OUTCOME_SUCCESS && output_length < SURVEY_BYTES_MAX;
        struct tree *tree = good ? tree_read(output, output_length) : NULL;
        struct seen *seen = seen_pool(look->pool);
        if (!tree)
                log_warn("pool %s cannot be looked into: %s", look->pool,
                         reply && !good ? reply->failure.message : "what was read makes no sense");
        if (tree && !seen && pools.count < ARRAY_SIZE(pools.seen)) {
                seen = &pools.seen[pools.count++];
                *seen = (struct seen){.tree = NULL};
                snprintf(seen->name, sizeof(seen->name), "%s", look->pool);
        }
        if (tree && seen) {
                if (seen->tree)
                        arena_free(seen->tree->arena);
                facts_add(tree, look->pool);
                pools.looks++;
                seen->tree = tree;
                seen->age = look->age;
        }
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
                const struct seen *seen = seen_pool(wanted->name);
                if (!system || !system->mounted || (!all && seen && same_age(seen->age, system->age)))
                        continue;
                struct arena *arena = arena_new();
                struct look *look = arena_alloc(arena, sizeof(*look));
                *look = (struct look){.arena = arena,
                                      .pool = arena_text(arena, wanted->name, strlen(wanted->name)),
                                      .age = system->age};
                pools.asked++;
                look_ask(STORAGE_SURVEY, look->pool, arena, on_pool, look);
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
