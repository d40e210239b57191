/* Batches of statements, their queues, and the rows they gave.
 * Rights: clerks; memory only. */
#include "db/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct db_batch *db_batch_new(struct db *db)
{
        ASSERT(db);
        struct db_batch *batch = mem_new(1, sizeof(*batch));

        batch->db = db;
        return batch;
}

/* One block: the pointers, then the texts. */
static const char **values_copy(const char *const *values, size_t count)
{
        size_t bytes = (count + 1) * sizeof(char *);
        const char **copy;
        char *text;

        for (size_t i = 0; i < count; i++)
                bytes += values[i] ? strlen(values[i]) + 1 : 0;
        copy = mem_new(1, bytes);
        text = (char *)(copy + count + 1);
        for (size_t i = 0; i < count; i++) {
                if (!values[i])
                        continue;
                size_t length = strlen(values[i]) + 1;

                memcpy(text, values[i], length);
                copy[i] = text;
                text += length;
        }
        return copy;
}

size_t db_count(const struct db_batch *batch)
{
        ASSERT(batch);
        return batch->count;
}

static struct db_command *command_new(struct db_batch *batch, size_t statement)
{
        if (batch->count == batch->room) {
                batch->room = batch->room ? 2 * batch->room : 4;
                batch->commands = mem_grow(batch->commands, batch->room, sizeof(*batch->commands));
        }
        struct db_command *command = &batch->commands[batch->count++];
        *command = (struct db_command){.statement = statement};
        return command;
}

void db_add(struct db_batch *batch, size_t statement, const char *const *values)
{
        ASSERT(batch && statement < batch->db->statement_count);
        size_t count = (size_t)batch->db->statements[statement].params;

        ASSERT(count == 0 || values);
        command_new(batch, statement)->values = values_copy(values, count);
}

void db_add_row(struct db_batch *batch, const struct db_value *values)
{
        ASSERT(batch && batch->db->gather.types && values);
        const struct db_gather *gather = &batch->db->gather;
        size_t length = 0;
        struct db_command *command = command_new(batch, gather->one);

        command->row = gather_row(batch->db, values, &length);
        command->row_length = length;
}

void batch_clear_results(struct db_batch *batch)
{
        for (size_t i = 0; i < batch->count; i++) {
                if (!batch->commands[i].row) /* else it is shared */
                        PQclear(batch->commands[i].rows.result);
                batch->commands[i].rows = (struct db_rows){0};
        }
}

void batch_clear(struct db_batch *batch)
{
        batch_clear_results(batch);
        for (size_t i = 0; i < batch->count; i++) {
                free(batch->commands[i].values);
                free(batch->commands[i].row);
        }
        batch->count = 0;
}

void db_batch_free(struct db_batch *batch)
{
        if (!batch)
                return;
        batch_clear(batch);
        free(batch->commands);
        free(batch);
}

void queue_start(struct db_queue *queue)
{
        *queue = (struct db_queue){.last = &queue->first};
}

void queue_push(struct db_queue *queue, struct db_batch *batch)
{
        batch->next = NULL;
        *queue->last = batch;
        queue->last = &batch->next;
        queue->length++;
}

struct db_batch *queue_pop(struct db_queue *queue)
{
        struct db_batch *batch = queue->first;

        if (!batch)
                return NULL;
        queue->first = batch->next;
        if (!queue->first)
                queue->last = &queue->first;
        queue->length--;
        batch->next = NULL;
        return batch;
}

void queue_move(struct db_queue *from, struct db_queue *to)
{
        if (!from->first)
                return;
        *to->last = from->first;
        to->last = from->last;
        to->length += from->length;
        queue_start(from);
}

void queue_free(struct db_queue *queue)
{
        struct db_batch *batch;

        while ((batch = queue_pop(queue)) != NULL)
                db_batch_free(batch);
}

static const char *error_field(const PGresult *error, int field)
{
        const char *text = error ? PQresultErrorField(error, field) : NULL;

        return text ? text : "";
}

void batch_tell(struct db_batch *batch, enum db_status status, const PGresult *error, const char *message)
{
        struct db_done told = {
                .status = status,
                .sqlstate = error_field(error, PG_DIAG_SQLSTATE),
                .message = message,
                .constraint = error_field(error, PG_DIAG_CONSTRAINT_NAME),
        };
        const struct db_rows **rows = NULL;

        if (status == DB_OK) {
                rows = mem_new(batch->count + 1, sizeof(*rows));
                for (size_t i = 0; i < batch->count; i++)
                        rows[i] = &batch->commands[i].rows;
                told.count = batch->count;
                told.rows = rows;
        }
        if (batch->done)
                batch->done(&told, batch->context);
        free(rows);
        db_batch_free(batch);
}

int db_rows_count(const struct db_rows *rows)
{
        return rows ? rows->count : 0;
}

static bool is_there(const struct db_rows *rows, int row, int column)
{
        return row >= 0 && row < db_rows_count(rows) && column >= 0 && column < PQnfields(rows->result);
}

const char *db_value(const struct db_rows *rows, int row, int column)
{
        ASSERT(is_there(rows, row, column));
        return PQgetvalue(rows->result, rows->first + row, column);
}

bool db_is_null(const struct db_rows *rows, int row, int column)
{
        ASSERT(is_there(rows, row, column));
        return PQgetisnull(rows->result, rows->first + row, column) != 0;
}

size_t db_value_length(const struct db_rows *rows, int row, int column)
{
        ASSERT(is_there(rows, row, column));
        return (size_t)PQgetlength(rows->result, rows->first + row, column);
}
