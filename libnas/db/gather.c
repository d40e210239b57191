/* Rows that all batches of a transaction add are one statement: its parameters are arrays, made here as PostgreSQL
 * takes them, and its results are dealt out again. A row that comes alone is sent by itself, which is cheaper.
 * Rights: clerks; memory, and the connection to the database. */
#include "db/parts.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 20, EPOCH_S = 946684800 /* of PostgreSQL, since 1970 */ };

static const Oid oids[] = {[DB_TEXT] = 25, [DB_INTEGER] = 20, [DB_TIME] = 1184, [DB_BYTES] = 17};

static size_t columns_of(const struct db *db)
{
        return (size_t)db->statements[db->gather.one].params;
}

void db_gather(struct db *db, const struct db_gather *gather)
{
        ASSERT(db && gather && gather->types && !db->gather.types);
        ASSERT(gather->one < db->statement_count && gather->many < db->statement_count);
        ASSERT(db->statements[gather->one].params == db->statements[gather->many].params);
        db->gather = *gather;
}

static bool is_number(enum db_type type)
{
        return type == DB_INTEGER || type == DB_TIME;
}

uint8_t *gather_row(const struct db *db, const struct db_value *values, size_t *ret_length)
{
        ASSERT(db && values && ret_length);
        const enum db_type *types = db->gather.types;
        size_t columns = columns_of(db), length = 0;

        for (size_t i = 0; i < columns; i++)
                length += sizeof(uint32_t) + (is_number(types[i]) ? sizeof(uint64_t) : values[i].length);
        uint8_t *row = mem_new(length, 1);
        struct writer writer = writer_of(row, length);
        for (size_t i = 0; i < columns; i++) {
                int64_t number = values[i].number - (types[i] == DB_TIME ? EPOCH_S * INT64_C(1000000) : 0);
                if (!is_number(types[i])) {
                        writer_field32(&writer, values[i].bytes, values[i].length);
                        continue;
                }
                writer_u32(&writer, sizeof(number));
                writer_u64(&writer, (uint64_t)number);
        }
        ASSERT(!writer.bad && writer_length(&writer) == length);
        *ret_length = length;
        return row;
}

void gather_begin(struct db *db)
{
        db->gathered = 0;
        db->gathered_bytes = 0;
}

void gather_count(struct db *db, struct db_batch *batch)
{
        for (size_t i = 0; i < batch->count; i++) {
                batch->commands[i].row_at = 0; /* it may be sent again */
                db->gathered += batch->commands[i].row != NULL;
                db->gathered_bytes += batch->commands[i].row_length;
        }
}

/* The gathered rows of the transaction, in order; NULL after the last. */
struct walk {
        struct db_batch *batch;
        size_t at;
};

static struct db_command *next_row(struct walk *walk)
{
        for (; walk->batch; walk->batch = walk->batch->next, walk->at = 0)
                while (walk->at < walk->batch->count) {
                        struct db_command *command = &walk->batch->commands[walk->at++];
                        if (command->row)
                                return command;
                }
        return NULL;
}

static uint32_t length_at(const uint8_t *bytes)
{
        uint32_t length;
        memcpy(&length, bytes, sizeof(length));
        return be32toh(length);
}

static int send_one(struct db *db, const struct db_command *command)
{
        const struct db_statement *statement = &db->statements[db->gather.one];
        const char *values[DB_PARAMS_MAX];
        int lengths[DB_PARAMS_MAX], formats[DB_PARAMS_MAX];
        const uint8_t *at = command->row;

        for (int i = 0; i < statement->params; i++) {
                lengths[i] = (int)length_at(at);
                formats[i] = 1;
                values[i] = (const char *)at + sizeof(uint32_t);
                at += sizeof(uint32_t) + (size_t)lengths[i];
        }
        return PQsendQueryPrepared(db->connection, statement->name, statement->params, values, lengths, formats, 0)
                       ? 0
                       : -1;
}

/* One column as an array: of one dimension, without NULL, from 1 on. */
static void put_column(const struct db *db, enum db_type type, struct writer *writer)
{
        struct walk walk = {.batch = db->flying.first};
        struct db_command *command;

        writer_u32(writer, 1);
        writer_u32(writer, 0);
        writer_u32(writer, oids[type]);
        writer_u32(writer, (uint32_t)db->gathered);
        writer_u32(writer, 1);
        while ((command = next_row(&walk)) != NULL) {
                size_t length = sizeof(uint32_t) + length_at(command->row + command->row_at);
                writer_copy(writer, command->row + command->row_at, length);
                command->row_at += length;
        }
}

static int send_many(struct db *db)
{
        const struct db_statement *statement = &db->statements[db->gather.many];
        size_t columns = columns_of(db), size = columns * HEAD_BYTES + db->gathered_bytes;
        const char *values[DB_PARAMS_MAX];
        int lengths[DB_PARAMS_MAX], formats[DB_PARAMS_MAX], result;
        uint8_t *bytes = mem_new(size, 1);
        struct writer writer = writer_of(bytes, size);

        for (size_t i = 0; i < columns; i++) {
                const uint8_t *start = writer.at;
                put_column(db, db->gather.types[i], &writer);
                values[i] = (const char *)start;
                lengths[i] = (int)(writer.at - start);
                formats[i] = 1;
        }
        ASSERT(!writer.bad && writer_length(&writer) == size);
        result = PQsendQueryPrepared(db->connection, statement->name, statement->params, values, lengths, formats, 0);
        free(bytes);
        return result ? 0 : -1;
}

int gather_send(struct db *db)
{
        struct walk walk = {.batch = db->flying.first};
        const struct db_command *first = next_row(&walk);

        if (!first)
                return 0;
        return db->gathered == 1 ? send_one(db, first) : send_many(db);
}

void gather_result(struct db *db, PGresult *result)
{
        struct walk walk = {.batch = db->flying.first};
        struct db_command *command;

        PQclear(db->gathered_results);
        db->gathered_results = result;
        if ((size_t)PQntuples(result) != db->gathered) {
                link_lose(db, "the database server answered something else than it was asked");
                return;
        }
        for (int i = 0; (command = next_row(&walk)) != NULL; i++)
                command->rows = (struct db_rows){.result = result, .first = i, .count = 1};
}

void gather_end(struct db *db)
{
        PQclear(db->gathered_results);
        db->gathered_results = NULL;
}
