/* What takes long and is done to pools: btrfs and the units tell that it goes on, the hand is asked how far it is while
 * it does, and what became of it is read from what the units leave.
 * Rights: the storage clerk; reads those files and /sys, asks its hand. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/work_log.h"
#include "daemons/storage/clerk/zfs.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
enum { BOOT_SIZE = 37, LOGS_MAX = 256, TICKS = 2, ALL = 1000, LEAST_FOR_ESTIMATE = 10 };

struct logs {
        char name[32];
        bool has_scrub, has_work, asked;
        struct work_log scrub, work;
        int permille, array_permille; /* -1: not known */
};

static struct {
        int folder;
        char boot[BOOT_SIZE];
        struct arena *arena;
        struct logs logs[LOGS_MAX];
        size_t count;
        unsigned ticks;
} works = {.folder = -1};

int work_prepare(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *boot = machine_text(AT_FDCWD, BOOT_FILE, arena);
        works.folder = open(WORK_FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (works.folder < 0)
                return -errno;
        snprintf(works.boot, sizeof(works.boot), "%s", boot ? boot : "");
        return 0;
}

const char *work_said(const char *pool, const char *what, struct arena *arena)
{
        ASSERT(pool && what && arena);
        const char *text = machine_text(works.folder, arena_printf(arena, "%s.%s", pool, what), arena);
        return text ? text : "";
}

static struct logs *logs_of(const char *pool)
{
        for (size_t i = 0; i < works.count; i++)
                if (strcmp(works.logs[i].name, pool) == 0)
                        return &works.logs[i];
        return NULL;
}

static bool read_log(const char *pool, const char *what, struct work_log *ret_log)
{
        const char *text = machine_text(works.folder, arena_printf(works.arena, "%s.%s", pool, what), works.arena);
        return text && work_log_read(text, works.arena, ret_log);
}

void work_read(void)
{
        CLEANUP(arena_freep) struct arena *before = TAKE(works.arena);
        works.arena = arena_new();
        for (size_t i = 0; i < wanted_count(); i++) {
                const char *name = wanted_at(i)->name;
                struct logs *logs = logs_of(name);
                if (!logs && works.count < LOGS_MAX) {
                        logs = &works.logs[works.count++];
                        *logs = (struct logs){.permille = -1};
                        snprintf(logs->name, sizeof(logs->name), "%s", name);
                }
                if (!logs)
                        continue;
                logs->has_scrub = read_log(name, "scrub", &logs->scrub);
                logs->has_work = read_log(name, "work", &logs->work);
        }
        for (size_t i = 0; i < works.count;) /* of pools that are gone */
                if (wanted_named(works.logs[i].name))
                        i++;
                else
                        works.logs[i] = works.logs[--works.count];
}

/* --- now --- */

static bool goes_on(bool has, const struct work_log *log)
{
        return has && log->ended_us == 0 && strcmp(log->boot, works.boot) == 0;
}

static const char *kind_of_log(const struct work_log *log)
{
        return log->words[0] ? log->words[0] : "other";
}

/* As btrfs calls it, else as the units do; NULL: nothing. What the kernel took up again after a reboot has no unit. */
static const char *kind_now(const struct wanted *pool, const struct logs *logs)
{
        static const char *const kinds[][2] = {{"balance", "balance"},
                                               {"balance paused", "balance"},
                                               {"device replace", "replace"},
                                               {"device remove", "remove"}};
        const struct file_system *system = pool_system(pool);
        for (size_t i = 0; system && system->busy && i < ARRAY_SIZE(kinds); i++)
                if (strcmp(system->busy, kinds[i][0]) == 0)
                        return kinds[i][1];
        if (zfs_does(pool))
                return zfs_does(pool);
        if (!logs || !system || !system->mounted)
                return NULL;
        if (goes_on(logs->has_work, &logs->work))
                return kind_of_log(&logs->work);
        if (goes_on(logs->has_scrub, &logs->scrub))
                return "scrub";
        return system->busy ? "other" : NULL;
}

bool pool_is_busy(const struct wanted *pool)
{
        ASSERT(pool);
        return kind_now(pool, logs_of(pool->name)) != NULL;
}

static enum nas_storage_work_kind kind_word(const char *kind)
{
        for (int i = 0; i < NAS_STORAGE_WORK_KIND_OTHER; i++)
                if (strcmp(nas_storage_work_kind_word((enum nas_storage_work_kind)i), kind) == 0)
                        return (enum nas_storage_work_kind)i;
        return NAS_STORAGE_WORK_KIND_OTHER;
}

static const struct work_log *log_of(const struct logs *logs, const char *kind)
{
        if (logs && strcmp(kind, "scrub") == 0)
                return logs->has_scrub ? &logs->scrub : NULL;
        return logs && logs->has_work && strcmp(kind_of_log(&logs->work), kind) == 0 ? &logs->work : NULL;
}

/* On an array these are md's, which says itself how far it is. */
static bool md_does(const char *kind)
{
        return strcmp(kind, "scrub") == 0 || strcmp(kind, "grow") == 0;
}

bool work_now(const struct wanted *pool, struct arena *arena, struct nas_storage_work *ret_work)
{
        ASSERT(pool && arena && ret_work);
        const struct logs *logs = logs_of(pool->name);
        const struct array *array = pool_array(pool);
        const char *kind = kind_now(pool, logs);
        if (!kind)
                return array && array_work(array, arena, ret_work);
        const struct work_log *log = log_of(logs, kind);
        const int permille = logs ? logs->permille : -1;
        const int64_t now_us = clock_real_us();
        if (array && md_does(kind) && array_work(array, arena, ret_work)) {
                ret_work->kind = kind_word(kind);
                ret_work->started = log ? moment(arena, log->started_us) : NULL;
                return true;
        }
        *ret_work = (struct nas_storage_work){.kind = kind_word(kind), .has_percent = permille >= 0};
        ret_work->percent = permille / 10;
        if (pool_is_zfs(pool)) {
                zfs_work(pool, arena, ret_work);
                return true;
        }
        if (!log || log->ended_us != 0)
                return true;
        ret_work->started = moment(arena, log->started_us);
        if (permille >= LEAST_FOR_ESTIMATE && now_us > log->started_us)
                ret_work->estimate = moment(arena, log->started_us + (now_us - log->started_us) / permille * ALL /
                                                                             1000000 * 1000000);
        return true;
}

int work_refuse(const char *pool, struct failure *failure)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct wanted *wanted = wanted_named(pool);
        struct nas_storage_work work;
        if (!wanted || !work_now(wanted, arena, &work))
                return 0;
        if (pool_array(wanted) && !pool_is_busy(wanted)) /* md stops in order, and goes on by itself */
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "name", "Wait until that is over, or stop it.",
                           "Something is being done to the pool %s already (%s).", pool,
                           nas_storage_work_kind_word(work.kind));
}

/* --- the last --- */

static enum nas_storage_work_outcome outcome_of(const struct work_log *log)
{
        if (log->ended_us == 0)
                return NAS_STORAGE_WORK_OUTCOME_INTERRUPTED;
        if (log->stopped)
                return NAS_STORAGE_WORK_OUTCOME_STOPPED;
        return log->finished ? NAS_STORAGE_WORK_OUTCOME_FINISHED : NAS_STORAGE_WORK_OUTCOME_FAILED;
}

bool work_past(const struct wanted *pool, bool scrub, struct arena *arena, struct nas_storage_past_work *ret_past)
{
        ASSERT(pool && arena && ret_past);
        const struct logs *logs = logs_of(pool->name);
        if (pool_is_zfs(pool))
                return scrub && zfs_scrubbed(pool, logs && logs->has_scrub ? &logs->scrub : NULL, arena, ret_past);
        if (!logs || !(scrub ? logs->has_scrub : logs->has_work))
                return false;
        const struct work_log *log = scrub ? &logs->scrub : &logs->work;
        const char *now = kind_now(pool, logs), *kind = scrub ? "scrub" : kind_of_log(log);
        if (log->ended_us == 0 && now && strcmp(now, kind) == 0)
                return false; /* it goes on */
        *ret_past = (struct nas_storage_past_work){.kind = kind_word(kind),
                                                   .outcome = outcome_of(log),
                                                   .started = moment(arena, log->started_us),
                                                   .ended = log->ended_us ? moment(arena, log->ended_us) : NULL,
                                                   .has_scrubbed = scrub && !log->compared,
                                                   .scrubbed = (int64_t)log->scrubbed,
                                                   .has_found = scrub,
                                                   .found = (int64_t)log->found,
                                                   .has_repaired = scrub && !log->compared,
                                                   .repaired = (int64_t)log->repaired,
                                                   .has_lost = scrub && !log->compared,
                                                   .lost = (int64_t)log->lost};
        if (ret_past->outcome == NAS_STORAGE_WORK_OUTCOME_FAILED && log->message)
                ret_past->message = arena_text(arena, log->message, strlen(log->message));
        return true;
}

/* --- how far --- */

struct asking {
        struct arena *arena;
        const char *pool;
        struct work_asked asked;
};

static void on_look(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct asking *asking = context;
        struct logs *logs = logs_of(asking->pool);
        bool good = reply && reply->outcome == OUTCOME_SUCCESS;
        int permille = good ? work_permille(output, output_length, &asking->asked) : -1;
        if (logs) {
                logs->asked = false;
                bool same = logs->permille == permille;
                logs->permille = permille;
                if (!same) {
                        topic_changed(topics.pools);
                        topic_changed(topics.pool);
                }
        }
        arena_free(asking->arena);
}

static void ask(struct logs *logs, const char *kind)
{
        logs->asked = true;
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        const struct work_log *log = log_of(logs, kind);
        *asking = (struct asking){.arena = arena,
                                  .pool = arena_text(arena, logs->name, strlen(logs->name)),
                                  .asked.kind = arena_text(arena, kind, strlen(kind))};
        if (log && log->words[0] && log->words[1])
                asking->asked.device = strtoull(log->words[1], NULL, 10);
        if (log && log->words[0] && log->words[1] && log->words[2])
                asking->asked.bytes = strtoull(log->words[2], NULL, 10);
        look_ask(STORAGE_WORK_LOOK, asking->pool, arena, on_look, asking);
}

/* md says itself how far it is. */
static void tell_of_array(const struct wanted *pool, struct logs *logs)
{
        const struct array *array = pool_array(pool);
        int64_t left_s;
        if (!logs || !array)
                return;
        const int permille = array->action ? live_array_permille(array->block.name, &left_s) : -1;
        if (permille == logs->array_permille)
                return;
        logs->array_permille = permille;
        topic_changed(topics.pools);
        topic_changed(topics.pool);
}

void work_tick(void)
{
        if (++works.ticks % TICKS != 0)
                return;
        for (size_t i = 0; i < wanted_count(); i++) {
                struct logs *logs = logs_of(wanted_at(i)->name);
                tell_of_array(wanted_at(i), logs);
                const char *kind = logs ? kind_now(wanted_at(i), logs) : NULL;
                if (!kind && logs)
                        logs->permille = -1;
                if (kind && !logs->asked && pool_is_mounted(wanted_at(i)) && !pool_is_zfs(wanted_at(i)) &&
                    !(md_does(kind) && pool_array(wanted_at(i))))
                        ask(logs, kind);
        }
}
