/* What is sent together: all batches that wait go out as one transaction, ended by one sync, and while its commit
 * is on its way the next ones gather. One transaction is under way at a time, so that a late batch is filled when
 * the fate of everything before it is known. When a shared transaction fails nothing of it was written, and each
 * of its batches is tried alone.
 * Rights: clerks; the connection to the database. */
#include "db/parts.h"

#include "base/log.h"

static int command_send(struct db *db, const struct db_command *command)
{
        const struct db_statement *statement = &db->statements[command->statement];

        return PQsendQueryPrepared(db->connection, statement->name, statement->params, command->values, NULL, NULL, 0)
                       ? 0
                       : -1;
}

static int batch_send(struct db *db, struct db_batch *batch)
{
        if (batch->fill) {
                batch_clear(batch);
                batch->fill(batch, batch->context);
        }
        gather_count(db, batch);
        for (size_t i = 0; i < batch->count; i++)
                if (!batch->commands[i].row && command_send(db, &batch->commands[i]))
                        return -1;
        return 0;
}

/* db->at is to stand on a command that has a result of its own to come, or be NULL: then that of what was gathered is
 * next. */
static void skip_finished(struct db *db)
{
        while (db->at && (db->at_command == db->at->count || db->at->commands[db->at_command].row)) {
                if (db->at_command++ < db->at->count)
                        continue;
                db->at = db->at->next;
                db->at_command = 0;
        }
}

void group_send(struct db *db)
{
        int result = 0;

        if (db->phase != DB_SERVING || db->flying.first || !db->waiting.first)
                return;
        gather_begin(db);
        do {
                struct db_batch *batch = queue_pop(&db->waiting);

                queue_push(&db->flying, batch);
                result = batch_send(db, batch);
                if (batch->alone)
                        break;
        } while (!result && db->waiting.first && !db->waiting.first->alone && db->flying.length < DB_GROUP_MAX &&
                 db->gathered_bytes < DB_GATHERED_MAX);
        if (result || gather_send(db) || !PQpipelineSync(db->connection)) {
                link_lose(db, PQerrorMessage(db->connection));
                return;
        }
        db->at = db->flying.first;
        db->at_command = 0;
        skip_finished(db);
        loop_timer_again(db->patience, db->answer_ms);
        link_flush(db);
}

/* One result for each statement, in order; an error may also come for the commit itself, after all of them. */
void group_result(struct db *db, PGresult *result)
{
        ExecStatusType status = PQresultStatus(result);
        bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;

        if (status == PGRES_PIPELINE_SYNC) {
                PQclear(result);
                group_end(db);
                return;
        }
        if (good && db->at)
                db->at->commands[db->at_command].rows = (struct db_rows){.result = result, .count = PQntuples(result)};
        else if (good && db->gathered > 0)
                gather_result(db, result);
        else if (!good && status != PGRES_PIPELINE_ABORTED && !db->error)
                db->error = result;
        else
                PQclear(result);
        if (db->at) {
                db->at_command++;
                skip_finished(db);
        }
}

/* Back to the front of those that wait, in their order. */
static void each_alone(struct db *db, struct db_queue *group)
{
        for (struct db_batch *batch = group->first; batch; batch = batch->next) {
                batch_clear_results(batch);
                batch->alone = true;
        }
        queue_move(&db->waiting, group);
        queue_move(group, &db->waiting);
}

void group_end(struct db *db)
{
        struct db_queue group;
        struct db_batch *batch;
        PGresult *error = db->error;
        const char *message = error ? PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY) : NULL;

        queue_start(&group);
        queue_move(&db->flying, &group);
        db->error = NULL;
        db->at = NULL;
        if (error && group.length > 1)
                each_alone(db, &group);
        db->telling = true;
        while ((batch = queue_pop(&group)) != NULL)
                batch_tell(batch, error ? DB_REFUSED : DB_OK, error, message ? message : "");
        db->telling = false;
        gather_end(db);
        PQclear(error);
        group_send(db);
}

void group_lost(struct db *db)
{
        struct db_queue lost, gone;
        struct db_batch *batch;

        queue_start(&lost);
        queue_start(&gone);
        queue_move(&db->flying, &lost);
        queue_move(&db->waiting, &gone);
        gather_end(db);
        PQclear(db->error);
        db->error = NULL;
        db->at = NULL;
        while ((batch = queue_pop(&lost)) != NULL)
                batch_tell(batch, DB_LOST, NULL, db->why);
        while ((batch = queue_pop(&gone)) != NULL)
                batch_tell(batch, DB_GONE, NULL, db->why);
}
