/* PostgreSQL on the event loop: the only door to libpq. One connection a clerk, pipelined, prepared
 * statements only, reconnecting by itself. What is submitted as one batch is one transaction; batches
 * that wait while a commit is on its way share the next one, and when such a shared transaction fails
 * each batch is tried alone, so that one caller's fault is never another's. */
#ifndef BULKHEAD_DB_DB_H
#define BULKHEAD_DB_DB_H

#include "base/failure.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DB_PARAMS_MAX = 32, DB_WAITING_MAX = 4096 };

struct db_statement {
        const char *name; /* prepared under this name at every connect */
        const char *sql;
        int params;
};

enum db_state { DB_AWAY, DB_READY };

struct db;
struct db_batch;

enum db_status {
        DB_OK,
        DB_REFUSED, /* the server said no: constraint, right, type; nothing was written */
        DB_LOST,    /* the connection went while the commit was on its way: it may or may not have happened */
        DB_GONE     /* the database is away; nothing was sent */
};

/* Rows of one statement of a batch. */
struct db_rows;
int db_rows_count(const struct db_rows *rows);
const char *db_value(const struct db_rows *rows, int row, int column); /* "" for NULL; see db_is_null */
bool db_is_null(const struct db_rows *rows, int row, int column);
size_t db_value_length(const struct db_rows *rows, int row, int column);

struct db_done {
        enum db_status status;
        const char *sqlstate; /* of a refusal; else "" */
        const char *message;
        const char *constraint; /* name of the violated constraint, or "" */
        size_t count;           /* statements */
        const struct db_rows *const *rows;
};
typedef void db_done(const struct db_done *done, void *context);
typedef void db_changed(enum db_state state, void *context);

/* conninfo: as libpq takes it. Connecting goes on in the background with back-off up to 5 s; changed is told. */
struct db *db_new(struct loop *loop, const char *conninfo, const struct db_statement *statements, size_t count,
                  db_changed *changed, void *context);
void db_free(struct db *db);
enum db_state db_state_of(const struct db *db);
const char *db_why_away(const struct db *db); /* the last error, for people */

struct db_batch *db_batch_new(struct db *db);
/* Adds statement by its place in the list. values: text parameters, NULL for NULL; copied. */
void db_add(struct db_batch *batch, size_t statement, const char *const *values);
size_t db_count(const struct db_batch *batch); /* statements so far */

/* Rows of a kind that is written all the time: what all batches of a transaction add is sent as one statement, at its
 * end, and what that costs the server is paid once. one takes a row, its parameters being of these types; many takes
 * any number of rows, each parameter an array of that type, and gives back one row of results for each, in order. One
 * such kind a database. */
enum db_type { DB_TEXT, DB_INTEGER, DB_TIME, DB_BYTES };
struct db_value {
        const void *bytes; /* DB_TEXT, DB_BYTES */
        size_t length;
        int64_t number; /* DB_INTEGER; DB_TIME: microseconds since 1970 */
};
struct db_gather {
        size_t one, many; /* places in the list */
        const enum db_type *types;
};
void db_gather(struct db *db, const struct db_gather *gather);
void db_add_row(struct db_batch *batch, const struct db_value *values); /* copied */

/* Sends it; done is called exactly once, never from within. Takes the batch. */
void db_submit(struct db_batch *batch, db_done *done, void *context);
void db_batch_free(struct db_batch *batch); /* one that was not submitted */
/* Like db_submit, but asked for its rows just before it is sent (and again when it is retried): for rows
 * that depend on the one before, such as a hash chain. fill adds the statements. */
typedef void db_fill(struct db_batch *batch, void *context);
void db_submit_late(struct db *db, db_fill *fill, db_done *done, void *context);

#endif
