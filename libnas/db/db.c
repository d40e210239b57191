/* PostgreSQL on the event loop: what callers see. The connection is link.c, transactions are group.c.
 * Rights: clerks; the database's socket. */
#include "db/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

static void kick_tick(void *context)
{
        struct db *db = context;
        struct db_queue failed;
        struct db_batch *batch;

        db->kicked = false;
        queue_start(&failed);
        queue_move(&db->failed, &failed);
        while ((batch = queue_pop(&failed)) != NULL)
                batch_tell(batch, DB_GONE, NULL,
                           batch->crowded ? "too many requests are waiting for the database" : db_why_away(db));
        group_send(db);
}

struct db *db_new(struct loop *loop, const char *conninfo, const struct db_statement *statements, size_t count,
                  db_changed *changed, void *context)
{
        ASSERT(loop && conninfo && (statements || count == 0));
        struct db *db = mem_new(1, sizeof(*db));

        for (size_t i = 0; i < count; i++)
                ASSERT(statements[i].params >= 0 && statements[i].params <= DB_PARAMS_MAX);
        db->loop = loop;
        db->conninfo = mem_copy_text(conninfo);
        db->statements = statements;
        db->statement_count = count;
        db->changed = changed;
        db->context = context;
        queue_start(&db->waiting);
        queue_start(&db->flying);
        queue_start(&db->failed);
        db->kick = loop_timer(loop, 0, kick_tick, db);
        link_start(db);
        return db;
}

void db_free(struct db *db)
{
        if (!db)
                return;
        loop_unwatch(db->kick);
        link_stop(db);
        gather_end(db);
        PQclear(db->error);
        queue_free(&db->flying);
        queue_free(&db->waiting);
        queue_free(&db->failed);
        free(db->conninfo);
        free(db);
}

enum db_state db_state_of(const struct db *db)
{
        ASSERT(db);
        return db->phase == DB_SERVING ? DB_READY : DB_AWAY;
}

const char *db_why_away(const struct db *db)
{
        ASSERT(db);
        return db->why[0] ? db->why : "the database is not connected yet";
}

static void submit(struct db *db, struct db_batch *batch)
{
        batch->crowded = db->waiting.length >= DB_WAITING_MAX;
        bool sendable = db->phase == DB_SERVING && !batch->crowded;

        queue_push(sendable ? &db->waiting : &db->failed, batch);
        if (db->kicked || (db->telling && sendable)) /* who was just told: goes out right after that */
                return;
        db->kicked = true;
        loop_timer_again(db->kick, 0);
}

void db_submit(struct db_batch *batch, db_done *done, void *context)
{
        ASSERT(batch);
        batch->done = done;
        batch->context = context;
        submit(batch->db, batch);
}

void db_submit_late(struct db *db, db_fill *fill, db_done *done, void *context)
{
        ASSERT(db && fill);
        struct db_batch *batch = db_batch_new(db);

        batch->fill = fill;
        batch->done = done;
        batch->context = context;
        submit(db, batch);
}
