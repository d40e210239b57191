/* The fake machine: in place of what live.c, look.c and wanted.c read, changed as the operations say.
 * Rights: none. */
#include "tests/unit/storage_clerk/machine.h"
#include "daemons/storage/clerk/encryption.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/zfs.h"
#include "state/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_machine fake_machine;
static struct {
        struct machine machine;
        struct tree tree, *zfs;
        unsigned changes;
        char ids[FAKE_DISKS][32], names[FAKE_DISKS][8], texts[16][64];
        size_t text_count;
} behind;

static const char *keep(const char *text)
{
        char *kept = behind.texts[behind.text_count++ % ARRAY_SIZE(behind.texts)];
        snprintf(kept, sizeof(behind.texts[0]), "%s", text);
        return kept;
}

static void tell(void)
{
        struct topic *const told[] = {topics.disks, topics.pools, topics.datasets, topics.snapshots};
        for (size_t i = 0; i < ARRAY_SIZE(told); i++)
                if (told[i])
                        topic_changed(told[i]);
}

void fake_machine_clear(void)
{
        fake_machine = (struct fake_machine){.disk_count = 6};
        for (size_t i = 0; i < fake_machine.disk_count; i++) {
                snprintf(behind.ids[i], sizeof(behind.ids[i]), "trial-disk%zu", i + 1);
                snprintf(behind.names[i], sizeof(behind.names[i]), "sd%c", (int)('a' + i));
                fake_machine.disks[i] =
                        (struct disk){.id = behind.ids[i],
                                      .serial = "S1",
                                      .block = {.name = behind.names[i], .size = 4ULL << 30, .record = ""}};
                fake_machine.verdicts[i] = VERDICT_FREE;
        }
        tell();
}

void fake_machine_tank(void)
{
        static const char *const names[] = {"sda", "sdb"};
        static const struct device_errors devices[] = {{.number = 1}, {.number = 2}};
        static const char *const parts[] = {"00000000-0000-4000-8000-000000000001",
                                            "00000000-0000-4000-8000-000000000002"};
        for (size_t i = 0; i < 2; i++) {
                struct block *block = &fake_machine.disks[i].block;
                block->holds = "btrfs";
                block->uuid = UUID_TANK;
                block->uuid_sub = parts[i];
                fake_machine.verdicts[i] = VERDICT_USED;
        }
        fake_machine.systems[0] = (struct file_system){.type = "btrfs",
                                                       .uuid = UUID_TANK,
                                                       .mounted = "/srv/tank",
                                                       .profile = "raid1",
                                                       .device_count = 2,
                                                       .devices = devices,
                                                       .name_count = 2,
                                                       .names = names};
        fake_machine.system_count = 1;
        fake_machine.pools[0] = (struct wanted){.name = "tank", .uuid = UUID_TANK, .type = "btrfs", .id = 17};
        fake_machine.pool_count = 1;
        tell();
}

void fake_machine_subvolume(uint64_t number, uint64_t parent, const char *path, bool whole_path)
{
        const char *name = path ? strrchr(path, '/') : NULL;
        struct subvolume *one = &fake_machine.subvolumes[fake_machine.subvolume_count++];
        *one = (struct subvolume){.number = number, .parent = parent, .path = path, .whole_path = whole_path};
        one->name = name ? name + 1 : path;
}

/* --- as the clerk reads it --- */

int live_prepare(void)
{
        return 0;
}

void live_watch(void)
{
}

void live_tick(void)
{
}

void live_reload(void)
{
}

void live_acted(const struct plan *plan, loop_tick *done, void *context)
{
        (void)plan;
        done(context);
}

const struct machine *machine_now(void)
{
        behind.machine = (struct machine){.disks = fake_machine.disks,
                                          .disk_count = fake_machine.disk_count,
                                          .file_systems = fake_machine.systems,
                                          .file_system_count = fake_machine.system_count,
                                          .arrays = fake_machine.arrays,
                                          .array_count = fake_machine.array_count};
        return &behind.machine;
}

int tang_prepare(void)
{
        return 0;
}

const char *tang_said(struct arena *arena)
{
        (void)arena;
        return fake_machine.tang;
}

int live_array_permille(const char *name, int64_t *ret_left_s)
{
        (void)name;
        *ret_left_s = 60;
        return 250;
}

const char *live_ceph(const char *file, struct arena *arena)
{
        (void)arena;
        const bool why = strstr(file, ".why") != NULL;
        return why                    ? "authentication failed: (110) Connection timed out"
               : fake_machine.answers ? "00000000000000001000 00000000000000003000\n"
                                      : "                                         \n";
}

const char *live_zfs(const char *file, struct arena *arena)
{
        (void)arena;
        if (strstr(file, ".set"))
                return fake_machine.set_why ? fake_machine.set_why : "";
        return strstr(file, ".why") ? "cannot import '1': one or more devices is currently unavailable" : "";
}

/* As the real one, later. */
struct fake_question {
        struct arena *arena;
        names_said *said;
        void *context;
        size_t count;
        struct names_answer answers[2];
};

static void say_names(void *context)
{
        struct fake_question *question = context;
        question->said(question->answers, question->count, question->context);
        arena_free(question->arena);
}

void names_ask(struct loop *loop, const char *const *questions, size_t count, names_said *said, void *context)
{
        struct arena *arena = arena_new();
        struct fake_question *question = arena_alloc(arena, sizeof(*question));
        *question = (struct fake_question){.arena = arena, .said = said, .context = context, .count = count};
        ASSERT(count <= ARRAY_SIZE(question->answers));
        for (size_t i = 0; i < count; i++)
                question->answers[i] = fake_machine.named ? names_answer_read(questions[i], fake_machine.named, arena)
                                                          : (struct names_answer){.found = NAMES_NOT_SAID};
        (void)loop_timer(loop, 1, say_names, question);
}

bool live_installed(const char *program)
{
        (void)program;
        return !fake_machine.not_installed;
}

bool live_room(const char *mounted, uint64_t *ret_used, uint64_t *ret_available)
{
        (void)mounted;
        *ret_used = 1000;
        *ret_available = 3000;
        return true;
}

void look_at_disks(const struct machine *machine)
{
        (void)machine;
}

enum verdict look_verdict(const struct disk *disk)
{
        return fake_machine.verdicts[disk - fake_machine.disks];
}

const struct tree *look_tree(const char *pool)
{
        if (fake_machine.not_seen || fake_machine.pool_count == 0 || strcmp(pool, fake_machine.pools[0].name) != 0)
                return NULL;
        if (fake_machine.sets) {
                static const char *read; /* as the clerk: what was found stays until it is looked for again */
                if (behind.zfs && read == fake_machine.sets)
                        return behind.zfs;
                read = fake_machine.sets;
                if (behind.zfs)
                        arena_free(behind.zfs->arena);
                behind.zfs = zfs_sets_read(pool, fake_machine.sets);
                if (behind.zfs)
                        facts_count(behind.zfs);
                return behind.zfs;
        }
        struct arena *arena = behind.tree.arena ? behind.tree.arena : arena_new();
        behind.tree = (struct tree){.arena = arena,
                                    .subvolumes = fake_machine.subvolumes,
                                    .subvolume_count = fake_machine.subvolume_count,
                                    .room = fake_machine.subvolume_count + 1,
                                    .members = fake_machine.members,
                                    .member_count = ARRAY_SIZE(fake_machine.members)};
        facts_count(&behind.tree);
        return &behind.tree;
}

void look_into_pool(const char *pool, bool fresh, loop_tick *done, void *context)
{
        (void)pool;
        (void)fresh;
        if (done)
                done(context);
}

void look_into_pools(bool all, loop_tick *done, void *context)
{
        (void)all;
        if (done)
                done(context);
}

int wanted_prepare(void)
{
        return 0;
}

size_t wanted_count(void)
{
        return fake_machine.pool_count;
}

unsigned wanted_changes(void)
{
        return behind.changes;
}

const struct wanted *wanted_at(size_t index)
{
        return &fake_machine.pools[index];
}

const struct wanted *wanted_named(const char *name)
{
        for (size_t i = 0; i < fake_machine.pool_count; i++)
                if (strcmp(fake_machine.pools[i].name, name) == 0)
                        return &fake_machine.pools[i];
        return NULL;
}

const struct wanted *wanted_with(const char *uuid)
{
        for (size_t i = 0; uuid && i < fake_machine.pool_count; i++)
                if (strcmp(fake_machine.pools[i].uuid, uuid) == 0)
                        return &fake_machine.pools[i];
        return NULL;
}

/* --- what steps bring about --- */

static void do_step(const struct action *step)
{
        static uint64_t number = 1000;
        switch (step->operation) {
        case STORAGE_POOL_WANT:
                fake_machine.pools[0] = (struct wanted){.name = keep(step->values[0].text),
                                                        .uuid = keep(step->values[1].text),
                                                        .type = keep(step->values[2].text),
                                                        .id = 1};
                fake_machine.pool_count = 1;
                behind.changes++;
                break;
        case STORAGE_POOL_FORGET:
                fake_machine.pool_count = 0;
                behind.changes++;
                break;
        case STORAGE_DATASET_MAKE:
                fake_machine_subvolume(number++, 5, keep(step->values[1].text), true);
                break;
        default:
                break;
        }
}

static void act(const struct plan *plan)
{
        for (size_t i = 0; i < plan->count; i++)
                do_step(&plan->steps[i]);
        tell();
}

static void answer(const struct action *action, struct writer *writer)
{
        (void)action;
        (void)writer;
}

static const char *output(const struct action *action)
{
        return action->operation == STORAGE_LUKS_LOOK && fake_machine.header ? fake_machine.header : "";
}

const struct fake_clerk fake_clerk = {.description = storage_clerk,
                                      .role = "bulkhead-storage",
                                      .interface = "nas.storage.",
                                      .act = act,
                                      .answer = answer,
                                      .output = output};
