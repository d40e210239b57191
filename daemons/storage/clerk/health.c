/* The health of disks: each is asked when it is new here and every ten minutes from then on, one after the other, and
 * none is woken for it. What a disk said last stays until it says something else.
 * Rights: the storage clerk; asks its hand. */
#include "daemons/storage/clerk/storage.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY_MS = 10 * 60 * 1000, EVERY_TESTING_MS = 30 * 1000 };

struct health {
        char id[128];
        uint64_t instance;
        struct arena *arena; /* of what it said; NULL: nothing yet */
        const struct smart *smart;
        int64_t asked_us;
        uint64_t next_ms, uses; /* how often it had been read and written when it was asked */
};

static struct {
        struct health known[MACHINE_DISKS_MAX];
        size_t count;
        bool asking; /* by ourselves */
} all;

struct asking {
        struct arena *arena;
        const char *id;
        uint64_t instance;
        enum smart_kind kind;
        bool by_itself;
        loop_tick *done; /* NULL */
        void *context;
};

enum smart_kind disk_kind(const struct disk *disk)
{
        if (!disk->id)
                return SMART_KIND_NONE;
        if (strncmp(disk->block.name, "nvme", 4) == 0)
                return SMART_KIND_NVME;
        if (disk->ata)
                return SMART_KIND_ATA;
        return disk->bus && strcmp(disk->bus, "scsi") == 0 ? SMART_KIND_SCSI : SMART_KIND_NONE;
}

static struct health *health_with(const char *id, uint64_t instance)
{
        for (size_t i = 0; id && i < all.count; i++)
                if (strcmp(all.known[i].id, id) == 0 && all.known[i].instance == instance)
                        return &all.known[i];
        return NULL;
}

const struct smart *health_of(const struct disk *disk, int64_t *ret_asked_us)
{
        const struct health *health = health_with(disk->id, disk->instance);
        if (!health || !health->smart)
                return NULL;
        *ret_asked_us = health->asked_us;
        return health->smart;
}

enum nas_storage_smart health_verdict(const struct disk *disk)
{
        static const enum nas_storage_smart verdicts[] = {
                [SMART_NONE] = NAS_STORAGE_SMART_NONE,       [SMART_UNKNOWN] = NAS_STORAGE_SMART_UNKNOWN,
                [SMART_ASLEEP] = NAS_STORAGE_SMART_ASLEEP,   [SMART_HEALTHY] = NAS_STORAGE_SMART_HEALTHY,
                [SMART_WARNING] = NAS_STORAGE_SMART_WARNING, [SMART_FAILING] = NAS_STORAGE_SMART_FAILING};
        int64_t asked_us;
        const struct smart *smart = health_of(disk, &asked_us);
        if (smart)
                return verdicts[smart->verdict];
        return disk_kind(disk) == SMART_KIND_NONE ? NAS_STORAGE_SMART_NONE : NAS_STORAGE_SMART_UNKNOWN;
}

/* --- what they say --- */

/* What is known of a bad disk, and its numbers, is not forgotten because it has fallen asleep. */
static void keep(struct health *health, struct smart *smart, struct arena *arena)
{
        const struct smart *before = health->smart;
        health->next_ms = clock_boot_ms() + (uint64_t)(smart->testing ? EVERY_TESTING_MS : EVERY_MS);
        if (smart->verdict == SMART_ASLEEP && before && before->verdict != SMART_UNKNOWN) {
                struct smart *asleep = arena_alloc(health->arena, sizeof(*asleep));
                *asleep = *before;
                if (before->verdict == SMART_HEALTHY || before->verdict == SMART_ASLEEP) {
                        asleep->verdict = SMART_ASLEEP;
                        asleep->message = "It sleeps, and is not woken for this.";
                }
                if (before->verdict != SMART_ASLEEP)
                        health->smart = asleep;
                arena_free(arena);
                return;
        }
        if (health->arena)
                arena_free(health->arena);
        health->arena = arena;
        health->smart = smart;
        health->asked_us = clock_real_us();
}

static void on_answer(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct asking *asking = context;
        struct health *health = health_with(asking->id, asking->instance);
        bool good = reply && reply->outcome == OUTCOME_SUCCESS && output_length <= SMART_BYTES_MAX;
        if (asking->by_itself)
                all.asking = false;
        if (health) {
                struct arena *arena = arena_new();
                struct smart *smart =
                        smart_read(asking->kind, (const uint8_t *)output, good ? output_length : 0, arena);
                if (!good)
                        smart->message = "It could not be asked.";
                history_note(asking->id, smart);
                keep(health, smart, arena);
        }
        topic_changed(topics.disks);
        topic_changed(topics.disk);
        topic_changed(topics.suggestions);
        if (asking->done)
                asking->done(asking->context);
        arena_free(asking->arena);
}

/* --- asking --- */

static struct health *health_make(const struct disk *disk)
{
        struct health *health = health_with(disk->id, disk->instance);
        if (health || all.count == ARRAY_SIZE(all.known))
                return health;
        health = &all.known[all.count++];
        *health = (struct health){.instance = disk->instance};
        snprintf(health->id, sizeof(health->id), "%s", disk->id);
        return health;
}

static void ask(const struct disk *disk, bool wake, struct asking *asking)
{
        static const uint16_t operations[] = {[SMART_KIND_ATA] = STORAGE_SMART_ATA,
                                              [SMART_KIND_SCSI] = STORAGE_SMART_SCSI,
                                              [SMART_KIND_NVME] = STORAGE_SMART_NVME};
        const char *flag = wake ? "yes" : "no";
        struct value values[] = {{.text = asking->id, .length = (uint16_t)strlen(asking->id)},
                                 {.text = flag, .length = (uint16_t)strlen(flag)}};
        struct action action = {.operation = operations[asking->kind], .count = 2, .values = values};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        struct health *health = health_make(disk);
        if (health) {
                health->next_ms = clock_boot_ms() + EVERY_MS;
                health->uses = live_uses(disk->block.name);
        }
        request.plan = action_encode(&action, asking->arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        hand_ask_much(clerk.hand, &request, SMART_BYTES_MAX + 1, on_answer, asking);
}

static struct asking *asking_new(const struct disk *disk)
{
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        *asking = (struct asking){.arena = arena,
                                  .id = arena_text(arena, disk->id, strlen(disk->id)),
                                  .instance = disk->instance,
                                  .kind = disk_kind(disk)};
        return asking;
}

void health_ask(const struct disk *disk, bool wake, loop_tick *done, void *context)
{
        ASSERT(disk && disk_kind(disk) != SMART_KIND_NONE);
        struct asking *asking = asking_new(disk);
        asking->done = done;
        asking->context = context;
        ask(disk, wake, asking);
}

static void forget_gone(const struct machine *machine)
{
        for (size_t i = 0; i < all.count;) {
                struct health *health = &all.known[i];
                size_t n = 0;
                while (n < machine->disk_count &&
                       (machine->disks[n].instance != health->instance || !machine->disks[n].id ||
                        strcmp(machine->disks[n].id, health->id) != 0))
                        n++;
                if (n < machine->disk_count) {
                        i++;
                        continue;
                }
                if (health->arena)
                        arena_free(health->arena);
                *health = all.known[--all.count];
        }
}

/* What the kernel has suspended would wake by being opened. */
static bool sleeps(const struct disk *disk)
{
        if (!live_suspended(disk->block.name))
                return false;
        struct health *health = health_make(disk);
        struct arena *arena = arena_new();
        struct smart *smart = arena_alloc(arena, sizeof(*smart));
        *smart = (struct smart){.verdict = SMART_ASLEEP, .message = "It sleeps, and is not woken for this."};
        if (health)
                keep(health, smart, arena);
        else
                arena_free(arena);
        return true;
}

/* One that is to stop when nobody uses it, and has been left alone: to be asked again would be a use. */
static bool rests(const struct disk *disk, struct health *health)
{
        int64_t minutes;
        if (!health || !health->smart || health->smart->testing || !disk_spin_down(disk->id, &minutes) ||
            minutes == 0 || health->uses != live_uses(disk->block.name))
                return false;
        health->next_ms = clock_boot_ms() + EVERY_MS;
        return true;
}

void health_tick(void)
{
        const struct machine *machine = machine_now();
        if (all.asking)
                return;
        forget_gone(machine);
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                struct health *health = health_with(disk->id, disk->instance);
                if (disk_kind(disk) == SMART_KIND_NONE || disk->twin || (health && clock_boot_ms() < health->next_ms) ||
                    sleeps(disk) || rests(disk, health))
                        continue;
                struct asking *asking = asking_new(disk);
                asking->by_itself = all.asking = true;
                ask(disk, false, asking);
                return;
        }
}
