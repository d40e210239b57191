/* One disk and its health as people see it, asking it now, and its tests of itself.
 * Rights: the storage clerk; works on what is in memory, plans, its hand acts. */
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_words[] = {
        [SMART_KIND_NONE] = "none", [SMART_KIND_ATA] = "ata", [SMART_KIND_SCSI] = "scsi", [SMART_KIND_NVME] = "nvme"};

static const struct disk *find(const char *id, struct failure *failure)
{
        const struct disk *disk = disk_with(id);
        if (!disk)
                failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of disks.", "There is no disk %s.", id);
        return disk;
}

/* --- showing --- */

static void describe_attributes(const struct smart *smart, struct nas_storage_disk_health *health, struct arena *arena)
{
        struct nas_storage_disk_attribute *all = arena_array(arena, smart->attribute_count + 1, sizeof(*all));
        for (size_t i = 0; i < smart->attribute_count; i++) {
                const struct smart_attribute *one = &smart->attributes[i];
                all[i] = (struct nas_storage_disk_attribute){.number = one->number,
                                                             .name = one->name,
                                                             .has_value = one->has_value,
                                                             .value = one->value,
                                                             .has_worst = one->has_worst,
                                                             .worst = one->worst,
                                                             .has_threshold = one->has_threshold,
                                                             .threshold = one->threshold,
                                                             .raw = one->raw,
                                                             .meaning = one->meaning,
                                                             .prefailure = one->prefailure,
                                                             .bad = one->bad};
        }
        health->attributes = all;
        health->attributes_count = smart->attribute_count;
}

static void describe_tests(const struct smart *smart, struct nas_storage_disk_health *health, struct arena *arena)
{
        static const enum nas_storage_self_test_outcome outcomes[] = {
                [SMART_TEST_PASSED] = NAS_STORAGE_SELF_TEST_OUTCOME_PASSED,
                [SMART_TEST_STOPPED] = NAS_STORAGE_SELF_TEST_OUTCOME_STOPPED,
                [SMART_TEST_FAILED] = NAS_STORAGE_SELF_TEST_OUTCOME_FAILED,
                [SMART_TEST_UNKNOWN] = NAS_STORAGE_SELF_TEST_OUTCOME_UNKNOWN};
        struct nas_storage_disk_test *all = arena_array(arena, smart->test_count + 1, sizeof(*all));
        for (size_t i = 0; i < smart->test_count; i++)
                all[i] = (struct nas_storage_disk_test){.kind = smart->tests[i].kind,
                                                        .outcome = outcomes[smart->tests[i].outcome],
                                                        .has_hours = smart->tests[i].has_hours,
                                                        .hours = smart->tests[i].hours};
        health->tests = all;
        health->tests_count = smart->test_count;
}

/* False: it was not asked yet. */
static bool describe(const struct disk *disk, struct arena *arena, struct nas_storage_disk_health *health)
{
        int64_t asked_us;
        const struct smart *smart = health_of(disk, &asked_us);
        if (!smart)
                return false;
        *health = (struct nas_storage_disk_health){.smart = health_verdict(disk),
                                                   .message = smart->message,
                                                   .asked_at = moment(arena, asked_us),
                                                   .has_temperature = smart->has_temperature,
                                                   .temperature = smart->temperature,
                                                   .has_power_on_hours = smart->has_hours,
                                                   .power_on_hours = smart->hours,
                                                   .has_power_cycles = smart->has_cycles,
                                                   .power_cycles = smart->cycles,
                                                   .has_bad_sectors = smart->has_bad_sectors,
                                                   .bad_sectors = smart->bad_sectors,
                                                   .has_worn = smart->has_worn,
                                                   .worn = smart->worn,
                                                   .can_test = smart->can_test,
                                                   .has_test_progress = smart->testing,
                                                   .test_progress = smart->test_done};
        describe_attributes(smart, health, arena);
        describe_tests(smart, health, arena);
        return true;
}

/* For each call its own: which one it asks for is in its parameters. */
void disk_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_storage_get_disk_in in;
        struct failure failure;
        const struct disk *disk = NULL;
        if (nas_storage_get_disk_in_read(call_parameters(call), arena, &in, &failure) == 0)
                disk = disk_with(in.id);
        if (disk) {
                struct nas_storage_get_disk_out reply = {.disk = disk_describe(disk, arena)};
                reply.has_health = describe(disk, arena, &reply.health);
                nas_storage_get_disk_out_write(out, &reply);
                return;
        }
        json_out_object(out); /* it was unplugged while somebody watched it */
        json_out_object_end(out);
}

void nas_storage_get_disk(struct call *call, const struct nas_storage_get_disk_in *in)
{
        struct failure failure = {0};
        if (find(in->id, &failure))
                topic_serve(topics.disk, call);
        else
                call_fail(call, &failure);
}

/* --- asking it now --- */

struct check {
        struct call *call;
        char id[128];
};

static void on_checked(void *context)
{
        struct check *check = context;
        struct failure failure = {0};
        const struct disk *disk = find(check->id, &failure);
        if (disk) {
                struct arena *arena = call_arena(check->call);
                struct nas_storage_check_disk_out reply = {.disk = disk_describe(disk, arena)};
                reply.has_health = describe(disk, arena, &reply.health);
                nas_storage_check_disk_reply(check->call, &reply);
        } else {
                call_fail(check->call, &failure);
        }
        free(check);
}

void nas_storage_check_disk(struct call *call, const struct nas_storage_check_disk_in *in)
{
        struct failure failure = {0};
        const struct disk *disk = find(in->id, &failure);
        if (disk && disk_kind(disk) == SMART_KIND_NONE) {
                failure_set(&failure, FAILURE_CONFLICT, "id", "", "%s keeps no record of its health.", in->id);
                disk = NULL;
        }
        if (!disk) {
                call_fail(call, &failure);
                return;
        }
        struct check *check = mem_new(1, sizeof(*check));
        check->call = call;
        memcpy(check->id, in->id, strlen(in->id) + 1);
        health_ask(disk, in->has_wake && in->wake, on_checked, check);
}

/* --- its tests of itself --- */

const struct disk *disk_alone(const char *id, struct failure *failure)
{
        const struct disk *disk = find(id, failure);
        if (!disk || !disk->twin)
                return disk;
        failure_set(failure, FAILURE_CONFLICT, "id", "Unplug one of them.", "%s cannot be told from %s.", id,
                    disk->twin);
        return NULL;
}

int disk_can_test(const char *id, const struct disk **ret_disk, struct failure *failure)
{
        int64_t asked_us;
        const struct disk *disk = disk_alone(id, failure);
        const struct smart *smart = disk ? health_of(disk, &asked_us) : NULL;
        *ret_disk = disk;
        if (!disk || (smart && smart->can_test))
                return disk ? 0 : -1;
        return failure_set(failure, FAILURE_CONFLICT, "id", "", "%s cannot test itself, as far as is known.", id);
}

static bool is_testing(const struct disk *disk)
{
        int64_t asked_us;
        const struct smart *smart = health_of(disk, &asked_us);
        return smart && smart->testing;
}

/* The disk is asked anew a moment later, so that its progress is seen. */
static void answer_test(struct json_out *out, const struct reply *reply, void *context)
{
        const struct disk *disk = disk_with(context);
        (void)reply;
        if (disk && disk_kind(disk) != SMART_KIND_NONE)
                health_ask(disk, false, NULL, NULL);
        json_out_object(out);
        json_out_object_end(out);
}

static struct change *test_change(const char *id)
{
        struct change *change = storage_change("disk", id);
        change->who = "nobody; the disk may be slower meanwhile";
        change->answer = answer_test;
        change->context = arena_text(change->arena, id, strlen(id));
        return change;
}

void nas_storage_start_self_test(struct call *call, const struct nas_storage_start_self_test_in *in)
{
        struct failure failure = {0};
        const struct disk *disk;
        struct change *change = test_change(in->id);
        int result = disk_can_test(in->id, &disk, &failure);
        if (result == 0 && is_testing(disk))
                result = failure_set(&failure, FAILURE_CONFLICT, "id", "Wait for its end, or stop it.",
                                     "%s is doing a test already.", in->id);
        if (result == 0)
                result = plan_step(change->plan, &failure, STORAGE_SELF_TEST, in->id, kind_words[disk_kind(disk)],
                                   nas_storage_self_test_word(in->test), NULL);
        storage_run(call, change, result, &failure);
}

void nas_storage_stop_self_test(struct call *call, const struct nas_storage_stop_self_test_in *in)
{
        struct failure failure = {0};
        const struct disk *disk;
        struct change *change = test_change(in->id);
        int result = disk_can_test(in->id, &disk, &failure);
        if (result == 0 && !is_testing(disk))
                result = failure_set(&failure, FAILURE_CONFLICT, "id", "", "%s is doing no test.", in->id);
        if (result == 0)
                result = plan_step(change->plan, &failure, STORAGE_SELF_TEST_STOP, in->id, kind_words[disk_kind(disk)],
                                   NULL);
        storage_run(call, change, result, &failure);
}
