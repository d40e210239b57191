/* The connection: made, prepared, watched and made again, without ever waiting for it.
 * Rights: clerks; the database's socket. A host given by name is looked up by libpq, which waits for the resolver: use
 * hostaddr for a remote server. */
#include "db/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static void on_ready(int fd, unsigned events, void *context);

static void notice_drop(void *context, const PGresult *notice)
{
        (void)context;
        (void)notice;
}

static void watch(struct db *db, unsigned events)
{
        loop_unwatch(db->watch);
        db->watch = loop_fd(db->loop, PQsocket(db->connection), events, on_ready, db);
}

/* Before the caller's conninfo stands what it may overrule (no password file, for one: none is needed, and looking for
 * one would need a home directory); after it what it may not. Time-outs and forms are the role's own (policy-print
 * grants), so that they hold through a relay too. */
static PGconn *connection_begin(const char *conninfo)
{
        const char *const keywords[] = {
                "fallback_application_name", "passfile",   "keepalives_idle", "keepalives_interval", "keepalives_count",
                "tcp_user_timeout",          "gssencmode", "dbname",          "client_encoding",     NULL,
        };
        const char *const values[] = {
                "bulkhead", "/nonexistent", "10", "5", "3", "15000", "disable", conninfo, "UTF8", NULL,
        };

        return PQconnectStartParams(keywords, values, 1);
}

static void connect_tick(void *context)
{
        struct db *db = context;

        if (db->phase != DB_RESTING)
                return;
        db->phase = DB_CONNECTING;
        db->connection = connection_begin(db->conninfo);
        if (!db->connection || PQstatus(db->connection) == CONNECTION_BAD) {
                link_lose(db, db->connection ? PQerrorMessage(db->connection) : "out of memory");
                return;
        }
        PQsetNoticeReceiver(db->connection, notice_drop, NULL);
        loop_timer_again(db->patience, DB_CONNECT_MS);
        watch(db, LOOP_WRITE);
}

static void patience_tick(void *context)
{
        struct db *db = context;

        if (db->phase == DB_CONNECTING || db->phase == DB_PREPARING || db->flying.first)
                link_lose(db, "the database server does not answer");
}

void link_start(struct db *db)
{
        db->backoff_ms = DB_BACKOFF_FIRST_MS;
        db->answer_ms = DB_ANSWER_MS;
        db->patience = loop_timer(db->loop, DB_CONNECT_MS, patience_tick, db);
        db->retry = loop_timer(db->loop, 0, connect_tick, db);
}

void link_stop(struct db *db)
{
        loop_unwatch(db->watch);
        loop_unwatch(db->retry);
        loop_unwatch(db->patience);
        PQfinish(db->connection);
}

void link_lose(struct db *db, const char *why)
{
        bool served = db->phase == DB_SERVING;

        snprintf(db->why, sizeof(db->why), "%.*s", (int)strcspn(why, "\n"), why);
        loop_unwatch(db->watch);
        db->watch = NULL;
        PQfinish(db->connection);
        db->connection = NULL;
        db->phase = DB_RESTING;
        loop_timer_again(db->retry, db->backoff_ms);
        db->backoff_ms = db->backoff_ms * 2 > DB_BACKOFF_MAX_MS ? DB_BACKOFF_MAX_MS : db->backoff_ms * 2;
        group_lost(db);
        if (served && db->changed)
                db->changed(DB_AWAY, db->context);
}

void link_flush(struct db *db)
{
        int left = PQflush(db->connection);

        if (left < 0)
                link_lose(db, PQerrorMessage(db->connection));
        else
                loop_fd_events(db->watch, left ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

static void prepare(struct db *db)
{
        int good = PQsetnonblocking(db->connection, 1) == 0 && PQenterPipelineMode(db->connection);

        for (size_t i = 0; good && i < db->statement_count; i++)
                good = PQsendPrepare(db->connection, db->statements[i].name, db->statements[i].sql,
                                     db->statements[i].params, NULL);
        if (!good || !PQpipelineSync(db->connection)) {
                link_lose(db, PQerrorMessage(db->connection));
                return;
        }
        db->phase = DB_PREPARING;
        watch(db, LOOP_READ);
        link_flush(db);
}

static void connect_go_on(struct db *db)
{
        PostgresPollingStatusType status;

        /* libpq may close the descriptor and open another under the same number. */
        loop_unwatch(db->watch);
        db->watch = NULL;
        status = PQconnectPoll(db->connection);
        if (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING)
                watch(db, status == PGRES_POLLING_READING ? LOOP_READ : LOOP_WRITE);
        else if (status == PGRES_POLLING_OK)
                prepare(db);
        else
                link_lose(db, PQerrorMessage(db->connection));
}

/* Takes the result. */
static void prepare_result(struct db *db, PGresult *result)
{
        ExecStatusType status = PQresultStatus(result);
        char message[DB_MESSAGE_SIZE];

        snprintf(message, sizeof(message), "%s", PQresultErrorMessage(result));
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) {
                db->phase = DB_SERVING;
                db->backoff_ms = DB_BACKOFF_FIRST_MS;
                db->why[0] = '\0';
                if (db->changed)
                        db->changed(DB_READY, db->context);
                group_send(db);
        } else if (status != PGRES_COMMAND_OK) {
                link_lose(db, message);
        }
}

/* Takes what has come, as far as it is complete. A NULL of libpq's ends each statement; two mean that there is no more.
 */
static void results_read(struct db *db)
{
        int ends = 0;

        while (ends < 2 && (db->phase == DB_PREPARING || db->flying.first) && !PQisBusy(db->connection)) {
                PGresult *result;

                if (PQstatus(db->connection) == CONNECTION_BAD)
                        break;
                result = PQgetResult(db->connection);
                ends = result ? 0 : ends + 1;
                if (result && db->phase == DB_PREPARING)
                        prepare_result(db, result);
                else if (result)
                        group_result(db, result);
        }
        if (db->connection && PQstatus(db->connection) == CONNECTION_BAD)
                link_lose(db, PQerrorMessage(db->connection));
}

static void on_ready(int fd, unsigned events, void *context)
{
        struct db *db = context;

        (void)fd;
        if (db->phase == DB_CONNECTING) {
                connect_go_on(db);
                return;
        }
        if (events & LOOP_READ) {
                if (!PQconsumeInput(db->connection)) {
                        link_lose(db, PQerrorMessage(db->connection));
                        return;
                }
                loop_timer_again(db->patience, db->answer_ms);
                results_read(db);
        }
        if (db->phase == DB_PREPARING || db->phase == DB_SERVING)
                link_flush(db);
}
