/* What the parts of libnas/db share; nobody else includes this. */
#ifndef BULKHEAD_DB_PARTS_H
#define BULKHEAD_DB_PARTS_H

#include "db/db.h"

#include <libpq-fe.h>

enum {
        DB_GROUP_MAX = 128,        /* batches that share a commit */
        DB_GATHERED_MAX = 1 << 20, /* bytes of gathered rows after which no further batch shares it */
        DB_BACKOFF_FIRST_MS = 50,  /* doubled up to: */
        DB_BACKOFF_MAX_MS = 5000,
        DB_CONNECT_MS = 5000,     /* one try to connect, authenticate and prepare */
        DB_ANSWER_MS = 15 * 1000, /* without a byte from a server that owes an answer: it is dead */
        DB_MESSAGE_SIZE = 384
};

struct db_rows {
        PGresult *result;
        int first, count;
};

struct db_command { /* one statement of a batch, or one row of what is gathered */
        size_t statement;
        const char **values; /* its texts lie behind the pointers, in one block */
        uint8_t *row;        /* gathered: for each value a u32 length and its bytes, as PostgreSQL takes them */
        size_t row_length, row_at;
        struct db_rows rows; /* a result of its own, or its part of what is gathered */
};

struct db_batch {
        struct db *db;
        struct db_batch *next;
        struct db_command *commands;
        size_t count, room;
        db_fill *fill; /* NULL unless late */
        db_done *done;
        void *context;
        bool alone;   /* was in a shared transaction that failed: tried by itself */
        bool crowded; /* came when too many were waiting */
};

struct db_queue {
        struct db_batch *first, **last;
        size_t length;
};

enum db_phase { DB_RESTING, DB_CONNECTING, DB_PREPARING, DB_SERVING };

struct db {
        struct loop *loop;
        char *conninfo;
        const struct db_statement *statements;
        size_t statement_count;
        db_changed *changed;
        void *context;

        PGconn *connection;
        enum db_phase phase;
        struct loop_watch *watch;    /* the connection's descriptor */
        struct loop_watch *retry;    /* next try to connect */
        struct loop_watch *patience; /* for the answer that is owed */
        struct loop_watch *kick;     /* look at the queues, soon */
        bool kicked;
        bool telling; /* the end of a group is being told */
        unsigned backoff_ms, answer_ms;
        char why[DB_MESSAGE_SIZE];

        struct db_queue waiting; /* not sent */
        struct db_queue flying;  /* sent, in one transaction; its end is awaited */
        struct db_queue failed;  /* to be told DB_GONE */
        struct db_batch *at;     /* batch and command whose result comes next */
        size_t at_command;
        PGresult *error; /* the first error of the transaction */

        struct db_gather gather;
        size_t gathered;            /* rows of the transaction under way */
        size_t gathered_bytes;      /* and their size */
        PGresult *gathered_results; /* all of them share it */
};

/* batch.c */
void queue_start(struct db_queue *queue);
void queue_push(struct db_queue *queue, struct db_batch *batch);
struct db_batch *queue_pop(struct db_queue *queue);          /* NULL when empty */
void queue_move(struct db_queue *from, struct db_queue *to); /* all, in order, to the end */
void queue_free(struct db_queue *queue);
void batch_clear(struct db_batch *batch);         /* its statements */
void batch_clear_results(struct db_batch *batch); /* only what came back */
void batch_tell(struct db_batch *batch, enum db_status status, const PGresult *error,
                const char *message); /* frees it */

/* gather.c */
uint8_t *gather_row(const struct db *db, const struct db_value *values, size_t *ret_length);
void gather_begin(struct db *db);
void gather_count(struct db *db, struct db_batch *batch); /* it will be sent with the others */
int gather_send(struct db *db);                           /* 0, or -1: the connection is bad */
void gather_result(struct db *db, PGresult *result);      /* takes it */
void gather_end(struct db *db);                           /* all were told */

/* group.c: what is sent together and what comes back. */
void group_send(struct db *db);                     /* if there is something and nothing is on its way */
void group_result(struct db *db, PGresult *result); /* takes it */
void group_end(struct db *db);                      /* the server ended the transaction */
void group_lost(struct db *db);                     /* the connection is gone */

/* link.c: the connection. */
void link_start(struct db *db); /* the first try, as soon as the loop runs */
void link_lose(struct db *db, const char *why);
void link_flush(struct db *db);
void link_stop(struct db *db);

#endif
