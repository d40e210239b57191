/* Replication: standing orders to send the newest snapshot of a dataset elsewhere. When it is time the hand is
 * told which one, and since which; from where to where is in the order that a person has confirmed. What becomes
 * of it is read from what the units leave.
 * Rights: the storage clerk; reads the hand's files of orders, the units' files, asks its hand. */
#include "daemons/storage/clerk/replications.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/schedules.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER    "/etc/bulkhead/replications"
#define DRILL     ".drill"
#define CARRIED   "/run/bulkhead-carry"
#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
enum { ORDERS_MAX = 256, AGAIN_S = 10 * 60, LATE_S = 15 * 60, AHEAD_S = 3600, BOOT_SIZE = 37 };

struct run {           /* what is known of one beside its files */
        char name[32]; /* also of a drill */
        bool asking, late, ran, seen, compares;
        int64_t quiet_until_s, since_s,
                noted_us; /* since when it is known here; when what the ledger was told last began */
        uint64_t bytes;
};

static struct {
        int folder, work, carried;
        char boot[BOOT_SIZE];
        struct arena *arena;
        struct replication list[ORDERS_MAX];
        size_t count, run_count;
        struct run runs[ORDERS_MAX];
} all = {.folder = -1};

int replications_prepare(void)
{
        const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *boot = machine_text(AT_FDCWD, BOOT_FILE, arena);
        snprintf(all.boot, sizeof(all.boot), "%s", boot ? boot : "");
        all.folder = open(FOLDER, flags);
        all.work = open(WORK_FOLDER, flags);
        all.carried = open(CARRIED, flags);
        return all.folder >= 0 && all.work >= 0 && all.carried >= 0 ? 0 : -errno;
}

static struct run *run_of(const char *name)
{
        for (size_t i = 0; i < all.run_count; i++)
                if (strcmp(all.runs[i].name, name) == 0)
                        return &all.runs[i];
        if (all.run_count == ORDERS_MAX)
                all.run_count = 0; /* of many that are gone */
        struct run *run = &all.runs[all.run_count++];
        *run = (struct run){.since_s = clock_real_s()};
        snprintf(run->name, sizeof(run->name), "%s", name);
        return run;
}

/* --- reading them --- */

const char *order_line(char **rest, const char *key, const struct value_type *type)
{
        const char *line = *rest ? strsep(rest, "\n") : NULL;
        const size_t length = strlen(key);
        if (!line || strncmp(line, key, length) != 0)
                return NULL;
        line += length;
        size_t size = strlen(line);
        return !type || (size > 0 && value_is(type, line, size)) ? line : NULL;
}

/* "/srv/POOL" and what is behind it, each of their types. */
static bool read_place(char *path, const char **ret_pool, const char **ret_folder)
{
        static const char between[] = "/" SNAPSHOTS "/";
        if (!path || strncmp(path, SERVED "/", sizeof(SERVED)) != 0)
                return false;
        char *pool = path + sizeof(SERVED), *middle = strstr(pool, between);
        if (!middle)
                return false;
        *middle = '\0';
        *ret_pool = pool;
        *ret_folder = middle + sizeof(between) - 1;
        const size_t size = strlen(*ret_folder);
        return value_is(&value_pool_name, pool, strlen(pool)) && size > 0 &&
               value_is(&value_dataset_folder, *ret_folder, size);
}

/* The pool of "/srv/POOL"; NULL. */
static const char *read_pool(const char *path)
{
        const char *pool = strncmp(path, SERVED "/", sizeof(SERVED)) == 0 ? path + sizeof(SERVED) : "";
        return *pool && value_is(&value_pool_name, pool, strlen(pool)) ? pool : NULL;
}

static bool is_name(const char *name, size_t length)
{
        return length > 0 && value_is(&value_schedule, name, length);
}

/* What lies there is taken for snapshots of that name. */
static void read_far(struct replication *one)
{
        one->remote = arena_text(all.arena, one->to, strcspn(one->to, ":"));
        one->to_folder = FAR_FOLDER;
        one->there = remote_snapshots(one->name, one->to, all.arena);
}

static bool read_one(const char *name, struct replication *ret_replication)
{
        const size_t length = strcspn(name, ".");
        const bool drill = strcmp(name + length, DRILL) == 0;
        const char *bytes =
                is_name(name, length) && (drill || !name[length]) ? machine_text(all.folder, name, all.arena) : NULL;
        char *rest = bytes ? arena_text(all.arena, bytes, strlen(bytes)) : NULL;
        struct replication one = {.name = name, .drill = drill};
        const char *from = order_line(&rest, "FROM=", NULL);
        const bool far = rest && strncmp(rest, "TO=", 3) == 0;
        const char *into = far ? NULL : order_line(&rest, "INTO=", NULL),
                   *keep = far ? NULL : order_line(&rest, "KEEP=", NULL);
        one.to = far ? order_line(&rest, "TO=", &value_remote_place) : NULL;
        const char *rate = order_line(&rest, "RATE=", NULL);
        one.every = order_line(&rest, "EVERY=", &value_period);
        one.at = order_line(&rest, "AT=", &value_clock_time);
        if (!from || !(one.to || (into && keep)) || !rate || !one.every || !one.at || (far && drill) ||
            !read_place(arena_text(all.arena, from, strlen(from)), &one.pool, &one.folder))
                return false;
        if (far)
                read_far(&one);
        else if (drill ? !(one.to_pool = read_pool(into))
                       : !read_place(arena_text(all.arena, keep, strlen(keep)), &one.to_pool, &one.to_folder))
                return false;
        one.rate = strtoll(rate, NULL, 10);
        *ret_replication = one;
        return true;
}

const struct tree *replication_there(const struct replication *replication)
{
        return replication->remote ? replication->there : look_tree(replication->to_pool);
}

static const char *file_of(const struct replication *one, const char *what)
{
        return machine_text(all.work, arena_printf(all.arena, "%s.%s", one->name, what), all.arena);
}

/* Who sends knows best what is wrong, then who receives, then who is between; but whoever takes it to another machine
 * knows better than who could not send. */
static void read_log(struct replication *one)
{
        const char *text = file_of(one, "replication"), *others[] = {file_of(one, "send"), file_of(one, "carry")};
        one->has_log = text && work_log_read(text, all.arena, &one->log);
        for (size_t i = 0; one->has_log && i < ARRAY_SIZE(others); i++) {
                struct work_log log;
                const char *whole = others[i] ? arena_printf(all.arena, "started 1\n%s\n", others[i]) : NULL;
                if (whole && work_log_read(whole, all.arena, &log) && log.message &&
                    ((i == 0 && !one->remote) || !one->log.message))
                        one->log.message = log.message;
        }
}

void replications_read(void)
{
        const char *const *names;
        arena_free(all.arena);
        all.arena = arena_new();
        all.count = 0;
        size_t count = machine_names(all.folder, ".", ORDERS_MAX, all.arena, &names);
        for (size_t i = 0; i < count; i++)
                if (read_one(names[i], &all.list[all.count]))
                        read_log(&all.list[all.count++]);
        remotes_read();
        topic_changed(topics.replications);
}

size_t replication_count(void)
{
        return all.count;
}

const struct replication *replication_at(size_t index)
{
        ASSERT(index < all.count);
        return &all.list[index];
}

const struct replication *replication_named(const char *name)
{
        for (size_t i = 0; i < all.count; i++)
                if (strcmp(all.list[i].name, name) == 0)
                        return &all.list[i];
        return NULL;
}

const struct replication *replication_drill(const struct replication *replication)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        return replication_named(arena_printf(arena, "%s" DRILL, replication->name));
}

bool replication_runs(const struct replication *replication)
{
        return replication->has_log && replication->log.ended_us == 0 && strcmp(replication->log.boot, all.boot) == 0;
}

bool replication_is_late(const struct replication *replication)
{
        return run_of(replication->name)->late;
}

uint64_t replication_bytes(const struct replication *replication, bool *ret_compares)
{
        const struct run *run = run_of(replication->name);
        *ret_compares = run->compares;
        return run->bytes;
}

/* --- doing them --- */

static void note_event(const struct replication *one, bool good, const char *what)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct change_event event = {.method = one->drill ? "nas.storage.RunDrill" : "nas.storage.RunReplication",
                                     .object = arena_printf(arena, "replication %s", one->name),
                                     .outcome = good ? "success" : "failed",
                                     .detail = arena_printf(arena, "{\"snapshot\":\"%s\"}", what),
                                     .actor_name = "storage-clerk",
                                     .source = "by itself",
                                     .request = "",
                                     .actor = UINT32_MAX};
        changes_event(clerk.changes, &event, NULL, NULL, NULL);
}

static void ask(uint16_t operation, const struct value *values, uint8_t count, hand_done *done, struct run *run)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct action action = {.operation = operation, .count = count, .values = (struct value *)values};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        request.plan = action_encode(&action, arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        hand_send(clerk.hand, &request, NULL, done, run);
}

static bool went_well(const struct reply *reply, struct run *run)
{
        if (reply && reply->outcome == OUTCOME_SUCCESS)
                return true;
        run->quiet_until_s = clock_real_s() + AGAIN_S;
        log_warn("replication %s: %s", run->name, reply ? reply->failure.message : "the hand went away");
        return false;
}

static void on_begun(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct run *run = context;
        (void)output;
        (void)output_length;
        run->asking = false;
        (void)went_well(reply, run);
}

static struct value text_value(const char *text)
{
        return (struct value){.text = text, .length = (uint16_t)strlen(text)};
}

/* As operations name it: a drill goes by the name of what it is a drill of. */
static struct value name_value(const char *name)
{
        struct value value = text_value(name);
        value.length = (uint16_t)strcspn(name, ".");
        value.text = arena_text(all.arena, name, value.length);
        return value;
}

static void on_chosen(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct run *run = context;
        const struct replication *one = replication_named(run->name);
        const struct value value = name_value(run->name);
        (void)output;
        (void)output_length;
        run->asking = went_well(reply, run);
        if (run->asking)
                ask(strchr(run->name, '.') ? STORAGE_DRILL_DUE
                    : one && one->remote   ? STORAGE_FAR_DUE
                                           : STORAGE_REPLICATION_DUE,
                    &value, 1, on_begun, run);
}

static void begin(const struct replication *one, const struct replication_next *next, struct run *run)
{
        struct value values[] = {name_value(one->name), text_value(next->name), text_value(one->pool),
                                 text_value(one->folder), text_value(next->parent_name ? next->parent_name : "")};
        run->asking = true;
        /* Should it never begin, or end at once, it is tried again after a while. */
        run->quiet_until_s = clock_real_s() + AGAIN_S;
        if (one->drill)
                ask(STORAGE_DRILL_DUE_NEXT, values, 2, on_chosen, run);
        else if (next->parent)
                ask(STORAGE_REPLICATION_DUE_SINCE, values, ARRAY_SIZE(values), on_chosen, run);
        else
                ask(STORAGE_REPLICATION_DUE_WHOLE, values, 2, on_chosen, run);
}

static void look_how_far(const struct replication *one, struct run *run)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *text = machine_text(all.carried, arena_printf(arena, "%s/progress", one->name), arena);
        uint64_t before = run->bytes;
        run->compares = text && strncmp(text, "compared", 8) == 0;
        run->bytes = text && strlen(text) > 10 ? strtoull(text + 10, NULL, 10) : 0;
        if (run->bytes != before)
                topic_changed(topics.replications);
}

/* Each that ended since this clerk has looked, however short it was: the ledger is told, once. */
static void note_end(const struct replication *one, struct run *run, bool runs)
{
        const bool ended = one->has_log && one->log.ended_us != 0;
        if (!run->seen)
                run->noted_us = ended ? one->log.started_us : 0;
        if (ended && run->noted_us != one->log.started_us) {
                run->noted_us = one->log.started_us;
                note_event(one, one->log.finished, one->log.words[0] ? one->log.words[0] : "unknown");
        }
        if (run->ran != runs || !run->seen)
                topic_changed(topics.replications);
        run->ran = runs;
        run->seen = true;
        if (!runs)
                run->bytes = 0;
}

static void note_late(const struct replication *one, struct run *run, bool late)
{
        if (late == run->late)
                return;
        run->late = late;
        if (late)
                note_event(one, false, "none");
        topic_changed(topics.replications);
}

/* When it was last begun, as far as that can be: the clock may have been set back. */
static int64_t last_begun(const struct replication *one, int64_t now)
{
        int64_t last = one->has_log ? one->log.started_us / 1000000 : 0;
        return last <= now + AHEAD_S ? last : 0;
}

static void look_at(const struct replication *one, int64_t now)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct run *run = run_of(one->name);
        const bool runs = replication_runs(one);
        note_end(one, run, runs);
        if (runs)
                look_how_far(one, run);
        const struct tree *from = look_tree(one->pool), *to = replication_there(one);
        struct replication_next next =
                one->drill ? replication_find_drill(from, to, one) : replication_find(from, to, one, arena);
        const int64_t begun = schedule_begin(one->every, one->at, now);
        const bool tried = last_begun(one, now) >= begun, wanted = next.snapshot || next.why_not;
        const int64_t since = begun > run->since_s ? begun : run->since_s;
        note_late(one, run, wanted && !runs && (!tried || !one->log.finished) && now - since > LATE_S);
        if (next.snapshot && !next.why_not && !runs && !run->asking && now >= run->quiet_until_s &&
            (!tried || !one->log.finished))
                begin(one, &next, run);
}

void replications_look(void)
{
        const int64_t now = clock_real_s();
        for (size_t i = 0; i < all.count; i++)
                look_at(&all.list[i], now);
}
