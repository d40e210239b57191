/* The history of disks: when the verdict on one changed, when it became warmer or colder, and what its tests of itself
 * found. Written only when it differs from what was written last, so that it stays small.
 * Rights: the storage clerk; reads and writes its table. */
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 256 };

enum history_statement {
        HISTORY_ADD = CHANGE_STATEMENT_COUNT,
        HISTORY_TEMPERATURE,
        HISTORY_TRIM,
        HISTORY_LIST,
};

#define LAST_VALUE "(select value from storage.disk_history where disk = $1 and what = $2 order by id desc limit 1)"

const struct db_statement storage_statements[] = {
        CHANGE_STATEMENTS("storage"),
        {"history_add",
         "insert into storage.disk_history (disk, what, value) select $1, $2, $3 where $3 is distinct from " LAST_VALUE,
         3},
        /* Five degrees more or less than what was written last. */
        {"history_temperature",
         "insert into storage.disk_history (disk, what, value) select $1, $2, $3 "
         "where coalesce(abs($3::text::int - " LAST_VALUE "::int) >= 5, true)",
         3},
        {"history_trim",
         "delete from storage.disk_history where disk = $1 and id <= "
         "(select id from storage.disk_history where disk = $1 order by id desc offset 500 limit 1)",
         1},
        {"history_list",
         "select (extract(epoch from at) * 1000000)::bigint, what, value from storage.disk_history where disk = $1 "
         "order by id desc limit 500",
         1},
};
const size_t storage_statement_count = ARRAY_SIZE(storage_statements);

static void add(struct db_batch *batch, enum history_statement statement, const char *const *values)
{
        db_add(batch, clerk.first_statement + statement, values);
}

/* --- writing --- */

static void on_written(const struct db_done *done, void *context)
{
        (void)context;
        if (done->status == DB_REFUSED)
                log_warn("the history of a disk cannot be written: %s", done->message);
}

static const char *verdict_word(enum smart_verdict verdict)
{
        static const char *const words[] = {[SMART_UNKNOWN] = "unknown",
                                            [SMART_HEALTHY] = "healthy",
                                            [SMART_WARNING] = "warning",
                                            [SMART_FAILING] = "failing"};
        return words[verdict];
}

static const char *test_word(enum smart_outcome outcome)
{
        static const char *const words[] = {[SMART_TEST_PASSED] = "passed",
                                            [SMART_TEST_STOPPED] = "stopped",
                                            [SMART_TEST_FAILED] = "failed",
                                            [SMART_TEST_UNKNOWN] = "unknown"};
        return words[outcome];
}

void history_note(const char *disk, const struct smart *smart)
{
        ASSERT(disk && smart);
        if (smart->verdict == SMART_NONE || smart->verdict == SMART_ASLEEP)
                return;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct db_batch *batch = db_batch_new(clerk.db);
        const char *verdict = verdict_word(smart->verdict);
        if (smart->message)
                verdict = arena_printf(arena, "%s: %.*s", verdict, TEXT_SIZE - 16, smart->message);
        add(batch, HISTORY_ADD, (const char *[]){disk, "smart", verdict});
        if (smart->has_temperature)
                add(batch, HISTORY_TEMPERATURE,
                    (const char *[]){disk, "temperature", arena_printf(arena, "%lld", (long long)smart->temperature)});
        if (smart->test_count > 0)
                add(batch, HISTORY_ADD,
                    (const char *[]){disk, "test",
                                     arena_printf(arena, "%s, after %lld hours: %s", smart->tests[0].kind,
                                                  (long long)smart->tests[0].hours,
                                                  test_word(smart->tests[0].outcome))});
        add(batch, HISTORY_TRIM, (const char *[]){disk});
        db_submit(batch, on_written, NULL);
}

/* --- showing --- */

static enum nas_storage_disk_event_kind kind_of(const char *word)
{
        if (strcmp(word, "temperature") == 0)
                return NAS_STORAGE_DISK_EVENT_KIND_TEMPERATURE;
        return strcmp(word, "test") == 0 ? NAS_STORAGE_DISK_EVENT_KIND_TEST : NAS_STORAGE_DISK_EVENT_KIND_SMART;
}

static void on_read(const struct db_done *done, void *context)
{
        struct call *call = context;
        struct arena *arena = call_arena(call);
        struct failure failure = {0};
        if (done->status != DB_OK) {
                failure_set(&failure, done->status == DB_REFUSED ? FAILURE_FAILED : FAILURE_UNAVAILABLE, "",
                            "Try again in a moment.", "the history cannot be read now");
                if (done->status == DB_REFUSED)
                        log_fail("the history of a disk cannot be read: %s", done->message);
                call_fail(call, &failure);
                return;
        }
        const struct db_rows *rows = done->rows[0];
        int count = db_rows_count(rows);
        struct nas_storage_disk_event *events = arena_array(arena, (size_t)count + 1, sizeof(*events));
        for (int i = 0; i < count; i++)
                events[i] = (struct nas_storage_disk_event){
                        .at = moment(arena, strtoll(db_value(rows, i, 0), NULL, 10)),
                        .what = kind_of(db_value(rows, i, 1)),
                        .value = arena_text(arena, db_value(rows, i, 2), db_value_length(rows, i, 2))};
        struct nas_storage_list_disk_history_out reply = {.events = events, .events_count = (size_t)count};
        nas_storage_list_disk_history_reply(call, &reply);
}

/* Also of a disk that is not here any more. */
void nas_storage_list_disk_history(struct call *call, const struct nas_storage_list_disk_history_in *in)
{
        struct db_batch *batch = db_batch_new(clerk.db);
        add(batch, HISTORY_LIST, (const char *[]){in->id});
        db_submit(batch, on_read, call);
}
