/* An audited change (intent and outcome through libnas/db and libnas/ledger) beside two bare committed inserts by plain
 * libpq, alternating in short rounds on the same server; then 32 at once beside one. fsync is on. The ratio is the
 * median of the rounds': how long a disk takes for a commit changes from moment to moment, for both alike. Lines:
 * figure, ours, peer, ratio, target, met. Changes a round from CHANGES (50). Rights: none; a private PostgreSQL under
 * /tmp. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "ledger/ledger.h"
#include "tests/lib/pg.h"

#include <stdbool.h>
#include <time.h>

enum { ROUNDS = 48, CLIENTS = 32 };

#define DETAIL                                                                                                         \
        "{\"steps\":[{\"words\":\"Create the group alice with number 20001\",\"literal\":\"/usr/sbin/groupadd "        \
        "--gid=20001 -- "                                                                                              \
        "alice\"}],\"plan\":\"YnVsa2hlYWQgcGxhbiAxAAAFdXNlcnMAAAAAAAAAAAAAAAAAAAAAAAEAFAIAAmc0AAUyMDAwNA\"}"

static const struct db_statement statements[] = {LEDGER_STATEMENTS("users")};

struct client {
        bool meant; /* the intent is written */
};

static struct {
        struct loop *loop;
        struct db *db;
        struct ledger *ledger;
        struct client clients[CLIENTS];
        long left, under_way;
} bench;

static double seconds(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void changed(enum db_state state, void *context)
{
        (void)context;
        if (state == DB_READY)
                ledger_resume(bench.ledger);
        loop_stop(bench.loop);
}

static void written(enum db_status status, int64_t id, const char *message, void *context);

static void append(struct client *client, bool intent)
{
        const struct ledger_row row = {
                .kind = intent ? LEDGER_INTENT : LEDGER_OUTCOME,
                .request = "3cbd25ac-3d31-4df8-9541-fb88fd243b50",
                .plan = "1edfac7ee6012bee0ea33fc9ad69490f",
                .actor = 20000,
                .actor_name = "alice",
                .source = "console",
                .method = "nas.users.CreateGroup",
                .object = "group alice",
                .outcome = intent ? "" : "success",
                .detail = intent ? DETAIL : "{\"step\":1,\"steps\":1}",
        };

        ledger_append(bench.ledger, &row, NULL, written, client);
}

static void written(enum db_status status, int64_t id, const char *message, void *context)
{
        struct client *client = context;

        (void)id;
        if (status != DB_OK)
                log_fatal("a row was not written: %s", message);
        client->meant = !client->meant;
        if (client->meant) {
                append(client, false);
        } else if (bench.left > 0) {
                bench.left--;
                append(client, true);
        } else if (--bench.under_way == 0) {
                loop_stop(bench.loop);
        }
}

/* Seconds for so many changes by so many clients. */
static double ours(long changes, long clients)
{
        double begun = seconds();

        bench.left = changes - clients;
        bench.under_way = clients;
        for (long i = 0; i < clients; i++)
                append(&bench.clients[i], true);
        loop_run(bench.loop);
        return seconds() - begun;
}

static void bare_insert(PGconn *connection, bool intent)
{
        const char *const values[] = {"users",
                                      "17",
                                      "2026-11-21T06:29:21.658982Z",
                                      intent ? "intent" : "outcome",
                                      "3cbd25ac-3d31-4df8-9541-fb88fd243b50",
                                      "1edfac7ee6012bee0ea33fc9ad69490f",
                                      "20000",
                                      "alice",
                                      "console",
                                      "nas.users.CreateGroup",
                                      "group alice",
                                      intent ? "" : "success",
                                      intent ? DETAIL : "{\"step\":1,\"steps\":1}",
                                      "909ac21d1f0561b791dd37636f189d8f1c5faceeb8f4b1f40be430c24314d470",
                                      "909ac21d1f0561b791dd37636f189d8f1c5faceeb8f4b1f40be430c24314d470",
                                      "909ac21d1f0561b791dd37636f189d8f1c5faceeb8f4b1f40be430c24314d470"};
        PGresult *result = PQexecPrepared(connection, "bare", 16, values, NULL, NULL, 0);

        if (PQresultStatus(result) != PGRES_TUPLES_OK)
                log_fatal("%s", PQerrorMessage(connection));
        PQclear(result);
}

static double peer(PGconn *connection, long changes)
{
        double begun = seconds();

        for (long i = 0; i < changes; i++) {
                bare_insert(connection, true);
                bare_insert(connection, false);
        }
        return seconds() - begun;
}

static PGconn *peer_begin(void)
{
        PGconn *connection;

        if (!pg_sql("create table public.bare (id bigserial primary key, chain text, number bigint, at timestamptz, "
                    "kind text, "
                    "request text, plan text, actor bigint, actor_name text, source text, method text, object text, "
                    "outcome text, "
                    "detail text, digest bytea, before bytea, hash bytea)"))
                log_fatal("no table for the peer");
        connection = PQconnectdb(pg_conninfo("postgres"));
        PQclear(PQprepare(
                connection, "bare",
                "insert into public.bare (chain, number, at, kind, request, plan, actor, actor_name, "
                "source, method, object, outcome, detail, digest, before, hash) values ($1, $2, $3, $4, $5, $6, $7, "
                "$8, $9, "
                "$10, $11, $12, $13, decode($14, 'hex'), decode($15, 'hex'), decode($16, 'hex')) returning id",
                16, NULL));
        return connection;
}

static int by_size(const void *a, const void *b)
{
        const double *first = a, *second = b;
        return *first < *second ? -1 : *first > *second;
}

static double median(double values[ROUNDS])
{
        qsort(values, ROUNDS, sizeof(*values), by_size);
        return (values[ROUNDS / 2 - 1] + values[ROUNDS / 2]) / 2;
}

struct rounds {
        double ours[ROUNDS], peer[ROUNDS], ratio[ROUNDS]; /* a second */
};

static void line(const char *figure, struct rounds *rounds, double target)
{
        double ratio = median(rounds->ratio);
        printf("%s\t%.0f/s\t%.0f/s\t%.2f\t>= %.1f\t%s\n", figure, median(rounds->ours), median(rounds->peer), ratio,
               target, ratio >= target ? "yes" : "no");
}

static void run(long changes)
{
        PGconn *connection = peer_begin();
        struct rounds one, many;

        ours(4 * changes, 1);
        peer(connection, 4 * changes);
        for (int i = 0; i < ROUNDS; i++) {
                double first = i % 2 ? peer(connection, changes) : 0, own = ours(changes, 1);
                double their = i % 2 ? first : peer(connection, changes);
                one.ours[i] = (double)changes / own;
                one.peer[i] = (double)changes / their;
                one.ratio[i] = their / own;
        }
        for (int i = 0; i < ROUNDS; i++) {
                double own = ours(changes * 4, CLIENTS), single = ours(changes, 1);
                many.ours[i] = 4 * (double)changes / own;
                many.peer[i] = (double)changes / single;
                many.ratio[i] = 4 * single / own;
        }
        line("audited change, 1 client, beside two bare committed inserts", &one, 0.8);
        line("audited change, 32 clients, beside 1 client", &many, 5);
        PQfinish(connection);
}

int main(void)
{
        const char *changes = getenv("CHANGES");

        setenv("PG_FSYNC", "on", 1);
        crypto_start();
        if (pg_start())
                log_fatal("no PostgreSQL");
        bench.loop = loop_new();
        bench.db = db_new(bench.loop, pg_conninfo("bulkhead-users"), statements, ARRAY_SIZE(statements), changed, NULL);
        bench.ledger = ledger_new(bench.loop, bench.db, "users", 0);
        loop_run(bench.loop);
        run(changes ? strtol(changes, NULL, 10) : 50);
        ledger_free(bench.ledger);
        db_free(bench.db);
        loop_free(bench.loop);
        return pg_do("stop");
}
