/* The tables in memory: read as a whole, replaced as a whole.
 * Rights: the users clerk; its schema in the database. */
#include "daemons/users/clerk/tables.h"

#include "base/log.h"
#include "base/mem.h"
#include "policy/users_operations.h"
#include "serve/clerk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME(column) "coalesce(" CHANGE_RFC3339(column) ", '')"

const struct db_statement users_statements[] = {
        CHANGE_STATEMENTS("users"),
        {"table_facts",
         "select uid, " TIME("created") ", " TIME("last_login") ", totp from users.account "
                                                                "where gone is null order by uid",
         0},
        {"table_sessions",
         "select id, uid, name, " TIME("created") ", address from users.session where ended is null "
                                                  "and until > now() order by created desc, id limit 4096",
         0},
        {"table_keys",
         "select id, uid, name, label, role, " TIME("created") ", " TIME(
                 "expires") ", read_only, no_destroy, "
                            "array_to_string(networks, ' ') from users.api_key where made and revoked is null order by "
                            "id limit 4096",
         0},
        {"table_last",
         "select coalesce((select max(number) from users.number), 0), "
         "coalesce((select max(id) from users.api_key), 0)",
         0},
        {"group_made",
         "insert into users.number (number, name) values ($1, $2) on conflict (number) do update "
         "set name = excluded.name, made = now(), gone = null",
         2},
        {"number_gone",
         "with gone as (update users.number set gone = now() where number = $1) "
         "update users.account set gone = now(), totp = false where uid = $1",
         1},
        {"account_made",
         "insert into users.account (uid, name) values ($1, $2) on conflict (uid) do update "
         "set name = excluded.name, created = now(), last_login = null, totp = false, gone = null",
         2},
        {"totp_is", "update users.account set totp = $2 where uid = $1", 2},
        {"session_add",
         "insert into users.session (id, uid, name, address, created, until) values ($1, $2, $3, $4, $5, "
         "$5::timestamptz + interval '7 days') on conflict (id) do nothing",
         5},
        {"session_ended", "update users.session set ended = now() where id = $1 and ended is null", 1},
        {"sessions_ended", "update users.session set ended = now() where uid = $1 and ended is null", 1},
        {"sessions_all_ended", "update users.session set ended = now() where ended is null", 0},
        {"login_at", "update users.account set last_login = $2 where uid = $1", 2},
        {"key_wanted",
         "insert into users.api_key (id, uid, name, label, role, read_only, no_destroy, networks, expires) "
         "values ($1, $2, $3, $4, $5, $6, $7, string_to_array($8, ' '), $9)",
         9},
        {"key_made", "update users.api_key set made = true, created = now() where id = $1 and uid = $2", 2},
        {"key_label", "update users.api_key set label = $2 where id = $1 and revoked is null", 2},
        {"key_revoked", "update users.api_key set revoked = now() where id = $1 and revoked is null", 1},
        {"keys_revoked", "update users.api_key set revoked = now() where uid = $1 and revoked is null", 1},
        {"chain_heads", "select chain, number, encode(hash, 'hex') from ledger.head where number > 0", 0},
        {"checkpoint_add",
         "insert into ledger.checkpoint (chain, number, hash, at, key_id, signature) values ($1, $2, "
         "decode($3, 'hex'), to_timestamp($4::bigint), $5, decode($6, 'hex')) on conflict do nothing",
         6},
};
const size_t users_statement_count = ARRAY_SIZE(users_statements);
_Static_assert(ARRAY_SIZE(users_statements) == USERS_STATEMENT_END, "one statement a name");

struct waiter { /* who waits for a reading of the tables */
        struct waiter *next;
        loop_tick *done;
        void *context;
};

static struct {
        struct tables *now;
        struct waiter *reading, *next; /* for the reading under way; for the one after it */
        bool busy, again;
        void (*changed)(void);
} mirror;

void tables_watch(void (*changed)(void))
{
        mirror.changed = changed;
}

const struct tables *tables_now(void)
{
        return mirror.now;
}

void users_add(struct db_batch *batch, enum users_statement statement, const char *const *values)
{
        ASSERT(batch && statement < USERS_STATEMENT_END);
        db_add(batch, clerk.first_statement + statement, values);
}

/* --- rows as they are in memory --- */

static const char *text(struct tables *tables, const struct db_rows *rows, int row, int column)
{
        return arena_text(tables->arena, db_value(rows, row, column), db_value_length(rows, row, column));
}

static bool truth(const struct db_rows *rows, int row, int column)
{
        return *db_value(rows, row, column) == 't';
}

static int64_t number(const struct db_rows *rows, int row, int column)
{
        return strtoll(db_value(rows, row, column), NULL, 10);
}

static void read_facts(struct tables *tables, const struct db_rows *rows)
{
        tables->fact_count = (size_t)db_rows_count(rows);
        tables->facts = arena_array(tables->arena, tables->fact_count, sizeof(*tables->facts));
        for (int i = 0; i < db_rows_count(rows); i++)
                tables->facts[i] = (struct fact){.uid = (uint32_t)number(rows, i, 0),
                                                 .created = text(tables, rows, i, 1),
                                                 .last_login = text(tables, rows, i, 2),
                                                 .totp = truth(rows, i, 3)};
}

static void read_sessions(struct tables *tables, const struct db_rows *rows)
{
        tables->session_count = (size_t)db_rows_count(rows);
        tables->sessions = arena_array(tables->arena, tables->session_count, sizeof(*tables->sessions));
        for (int i = 0; i < db_rows_count(rows); i++)
                tables->sessions[i] = (struct session_entry){.id = number(rows, i, 0),
                                                             .uid = (uint32_t)number(rows, i, 1),
                                                             .name = text(tables, rows, i, 2),
                                                             .created = text(tables, rows, i, 3),
                                                             .address = text(tables, rows, i, 4)};
}

static void read_networks(struct tables *tables, struct key_entry *key, const char *joined)
{
        char *copy = arena_text(tables->arena, joined, strlen(joined)), *rest = copy;
        const char **networks = arena_array(tables->arena, strlen(joined) / 2 + 1, sizeof(*networks));
        for (char *one; (one = strsep(&rest, " "));)
                if (*one)
                        networks[key->network_count++] = one;
        key->networks = networks;
}

static void read_keys(struct tables *tables, const struct db_rows *rows)
{
        tables->key_count = (size_t)db_rows_count(rows);
        tables->keys = arena_array(tables->arena, tables->key_count, sizeof(*tables->keys));
        for (int i = 0; i < db_rows_count(rows); i++) {
                tables->keys[i] = (struct key_entry){.id = number(rows, i, 0),
                                                     .uid = (uint32_t)number(rows, i, 1),
                                                     .name = text(tables, rows, i, 2),
                                                     .label = arena_alloc(tables->arena, LABEL_MAX + 1),
                                                     .role = text(tables, rows, i, 4),
                                                     .created = text(tables, rows, i, 5),
                                                     .expires = text(tables, rows, i, 6),
                                                     .read_only = truth(rows, i, 7),
                                                     .no_destroy = truth(rows, i, 8)};
                snprintf(tables->keys[i].label, LABEL_MAX + 1, "%s", db_value(rows, i, 3));
                read_networks(tables, &tables->keys[i], db_value(rows, i, 9));
        }
}

/* --- reading --- */

static void begin_reading(void);

static void tell(struct waiter *waiters)
{
        while (waiters) {
                struct waiter *waiter = waiters;
                waiters = waiter->next;
                waiter->done(waiter->context);
                free(waiter);
        }
}

static void on_read(const struct db_done *done, void *context)
{
        (void)context;
        if (done->status == DB_OK) {
                struct arena *arena = arena_new();
                struct tables *tables = arena_alloc(arena, sizeof(*tables));
                tables->arena = arena;
                read_facts(tables, done->rows[0]);
                read_sessions(tables, done->rows[1]);
                read_keys(tables, done->rows[2]);
                tables->last_number = (uint32_t)number(done->rows[3], 0, 0);
                tables->last_key = number(done->rows[3], 0, 1);
                if (mirror.now)
                        arena_free(mirror.now->arena);
                mirror.now = tables;
                if (mirror.changed)
                        mirror.changed();
        } else if (done->status == DB_REFUSED) {
                log_fail("the tables cannot be read: %s", done->message);
        }
        struct waiter *waiters = TAKE(mirror.reading);
        mirror.busy = false;
        if (mirror.again)
                begin_reading();
        tell(waiters);
}

static void begin_reading(void)
{
        mirror.busy = true;
        mirror.again = false;
        mirror.reading = TAKE(mirror.next);
        struct db_batch *batch = db_batch_new(clerk.db);
        for (enum users_statement i = TABLE_FACTS; i <= TABLE_LAST; i++)
                users_add(batch, i, NULL);
        db_submit(batch, on_read, NULL);
}

void tables_load(loop_tick *done, void *context)
{
        if (done) {
                struct waiter *waiter = mem_new(1, sizeof(*waiter));
                *waiter = (struct waiter){.next = mirror.next, .done = done, .context = context};
                mirror.next = waiter;
        }
        mirror.again = true;
        if (!mirror.busy)
                begin_reading();
}

/* What was read before this was told is not newer: results come in the order of their statements. */
bool users_mirror(const struct action *action)
{
        ASSERT(action);
        if (action->operation != USERS_KEY_LABEL || !mirror.now)
                return false;
        const struct key_entry *key = key_of(mirror.now, strtoll(action->values[2].text, NULL, 10));
        if (!key)
                return false;
        snprintf(key->label, LABEL_MAX + 1, "%s", action->values[3].text);
        if (mirror.changed)
                mirror.changed();
        return true;
}

/* --- finding --- */

const struct fact *fact_of(const struct tables *tables, uint32_t uid)
{
        for (size_t i = 0; tables && i < tables->fact_count; i++)
                if (tables->facts[i].uid == uid)
                        return &tables->facts[i];
        return NULL;
}

const struct session_entry *session_of(const struct tables *tables, int64_t id)
{
        for (size_t i = 0; tables && i < tables->session_count; i++)
                if (tables->sessions[i].id == id)
                        return &tables->sessions[i];
        return NULL;
}

const struct key_entry *key_of(const struct tables *tables, int64_t id)
{
        for (size_t i = 0; tables && i < tables->key_count; i++)
                if (tables->keys[i].id == id)
                        return &tables->keys[i];
        return NULL;
}
