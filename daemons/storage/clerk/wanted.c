/* The pools that are wanted: the files by which they are mounted say which, the database since when.
 * Rights: the storage clerk; reads the hand's files of pools, and its own schema. */
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/etc/bulkhead/pools"
enum { POOLS_MAX = 256, UUID_LENGTH = 36 };

enum storage_statement { POOL_ALL = CHANGE_STATEMENT_COUNT, POOL_WANTED, POOL_FORGOTTEN, STORAGE_STATEMENT_END };
const struct db_statement storage_statements[] = {
        CHANGE_STATEMENTS("storage"),
        {"pool_all",
         "select id, name, " CHANGE_RFC3339("created") " from storage.pool where gone is null order by id limit 256",
         0},
        {"pool_wanted",
         "insert into storage.pool (name, uuid) values ($1, $2) on conflict (name) where gone is null do update set "
         "uuid = excluded.uuid, created = now()",
         2},
        {"pool_forgotten", "update storage.pool set gone = now() where name = $1 and gone is null", 1},
};
const size_t storage_statement_count = ARRAY_SIZE(storage_statements);
_Static_assert(ARRAY_SIZE(storage_statements) == STORAGE_STATEMENT_END, "one statement a name");

struct row { /* of the database */
        int64_t id;
        const char *name, *created;
};

static struct {
        int folder;
        struct arena *arena, *row_arena;
        struct wanted pools[POOLS_MAX];
        size_t count;
        struct row rows[POOLS_MAX];
        size_t row_count;
        unsigned changes;
} all = {.folder = -1};

void storage_settle(struct db_batch *batch, const struct action *action)
{
        const struct value *values = action->values;
        all.changes += action->operation == STORAGE_POOL_WANT || action->operation == STORAGE_POOL_FORGET;
        if (action->operation == STORAGE_POOL_WANT)
                db_add(batch, clerk.first_statement + POOL_WANTED, (const char *[]){values[0].text, values[1].text});
        if (action->operation == STORAGE_POOL_FORGET)
                db_add(batch, clerk.first_statement + POOL_FORGOTTEN, (const char *[]){values[0].text});
}

int wanted_prepare(void)
{
        all.folder = open(FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return all.folder >= 0 ? 0 : -errno;
}

static void join_rows(void)
{
        for (size_t i = 0; i < all.count; i++) {
                all.pools[i].id = 0;
                all.pools[i].created = "1970-01-01T00:00:00Z";
                for (size_t n = 0; n < all.row_count; n++)
                        if (strcmp(all.rows[n].name, all.pools[i].name) == 0) {
                                all.pools[i].id = all.rows[n].id;
                                all.pools[i].created = all.rows[n].created;
                        }
        }
}

/* "btrfs UUID", then an option a line. */
static bool read_one(const char *name, struct wanted *ret_pool)
{
        static const char kind[] = "btrfs ";
        const char *text = value_pool_name.check(name, strlen(name)) ? machine_text(all.folder, name, all.arena) : NULL;
        if (!text || strncmp(text, kind, strlen(kind)) != 0 || strcspn(text, "\n") != strlen(kind) + UUID_LENGTH)
                return false;
        *ret_pool = (struct wanted){.name = name, .uuid = arena_text(all.arena, text + strlen(kind), UUID_LENGTH)};
        return value_uuid.check(ret_pool->uuid, UUID_LENGTH);
}

void wanted_read(void)
{
        const char *const *names;
        arena_free(all.arena);
        all.arena = arena_new();
        all.count = 0;
        size_t count = machine_names(all.folder, ".", POOLS_MAX, all.arena, &names);
        for (size_t i = 0; i < count; i++)
                all.count += read_one(names[i], &all.pools[all.count]);
        join_rows();
}

unsigned wanted_changes(void)
{
        return all.changes;
}

size_t wanted_count(void)
{
        return all.count;
}

const struct wanted *wanted_at(size_t index)
{
        ASSERT(index < all.count);
        return &all.pools[index];
}

const struct wanted *wanted_named(const char *name)
{
        for (size_t i = 0; i < all.count; i++)
                if (strcmp(all.pools[i].name, name) == 0)
                        return &all.pools[i];
        return NULL;
}

const struct wanted *wanted_with(const char *uuid)
{
        for (size_t i = 0; uuid && i < all.count; i++)
                if (strcmp(all.pools[i].uuid, uuid) == 0)
                        return &all.pools[i];
        return NULL;
}

/* --- what the database says of them --- */

struct loading {
        loop_tick *done;
        void *context;
};

static void on_read(const struct db_done *done, void *context)
{
        struct loading *loading = context;
        if (done->status == DB_OK) {
                arena_free(all.row_arena);
                all.row_arena = arena_new();
                all.row_count = (size_t)db_rows_count(done->rows[0]);
                for (int i = 0; i < db_rows_count(done->rows[0]); i++) {
                        const char *name = db_value(done->rows[0], i, 1), *created = db_value(done->rows[0], i, 2);
                        all.rows[i] = (struct row){.id = strtoll(db_value(done->rows[0], i, 0), NULL, 10),
                                                   .name = arena_text(all.row_arena, name, strlen(name)),
                                                   .created = arena_text(all.row_arena, created, strlen(created))};
                }
                join_rows();
                topic_changed(topics.pools);
                topic_changed(topics.pool);
        } else if (done->status == DB_REFUSED) {
                log_fail("the pools cannot be read: %s", done->message);
        }
        if (loading->done)
                loading->done(loading->context);
        free(loading);
}

void wanted_load(loop_tick *done, void *context)
{
        struct loading *loading = mem_new(1, sizeof(*loading));
        *loading = (struct loading){.done = done, .context = context};
        struct db_batch *batch = db_batch_new(clerk.db);
        db_add(batch, clerk.first_statement + POOL_ALL, NULL);
        db_submit(batch, on_read, loading);
}
