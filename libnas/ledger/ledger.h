/* The ledger: what was meant, what became of it, what was refused. Each clerk writes a chain of its own, a table of
 * its own name (its database role can insert there and nowhere else, and nobody can change or remove a row), each row
 * hashed with the one before. Every so often the users hand signs the head of a chain (checkpoint), so
 * that who owns the database can neither rewrite nor cut what is signed. */
#ifndef BULKHEAD_LEDGER_LEDGER_H
#define BULKHEAD_LEDGER_LEDGER_H

#include "base/crypto.h"
#include "db/db.h"

#include <stdint.h>

enum ledger_kind { LEDGER_INTENT = 1, LEDGER_OUTCOME = 2, LEDGER_REFUSAL = 3, LEDGER_EVENT = 4, LEDGER_CHECKPOINT = 5 };
const char *ledger_kind_name(enum ledger_kind kind);
int ledger_kind_parse(const char *word, enum ledger_kind *ret_kind); /* 0 or -1 */

/* One row. Texts are never NULL; "" where there is nothing to say. Everything but the id is hashed: LEDGER_DOMAIN with
 * its NUL, chain, before, number, at_us, kind (one byte), actor, the texts in this order, digest; integers as in
 * bytes.h, texts with a u32 length before them. */
#define LEDGER_DOMAIN "bulkhead ledger row 1"
struct ledger_row {
        const char *chain;
        uint64_t number; /* from 1, no gaps */
        int64_t at_us;
        enum ledger_kind kind;
        const char *request; /* request id (UUID text) */
        const char *plan;    /* plan id, hex; joins intent and outcome */
        uint32_t actor;      /* uid from the ticket */
        const char *actor_name;
        const char *source;         /* "console", "session 17", "key 3", "nobody"; and the address */
        const char *method;         /* "nas.users.CreateUser" */
        const char *object;         /* what it was about: "user alice" */
        const char *outcome;        /* "" for an intent; "success", "failed", "aborted", "refused" */
        const char *detail;         /* JSON: the literal steps with secrets masked, or the failure */
        uint8_t digest[HASH_BYTES]; /* of the plan; zeros where none */
        uint8_t before[HASH_BYTES], hash[HASH_BYTES];
        int64_t id; /* its place in the whole ledger, which the database gives; not hashed. 0: none yet */
};

/* Fills hash from all the rest. Pure. */
void ledger_row_hash(struct ledger_row *row);

/* Reading: a result that begins with these columns gives rows. Texts point into the result. 0, or -1 when a value is
 * none that was ever written (the kind is then 0, so that no hash can fit): somebody changed the table. */
#define LEDGER_COLUMNS                                                                                                 \
        "id, chain, number, case when isfinite(at) then (extract(epoch from at) * 1000000)::bigint else 0 end, kind, " \
        "request, plan, actor, actor_name, source, method, object, outcome, detail, encode(digest, 'hex'), "           \
        "encode(before, 'hex'), encode(hash, 'hex')"
enum { LEDGER_COLUMN_COUNT = 17 };
int ledger_row_read(const struct db_rows *rows, int at, struct ledger_row *ret_row);

/* Writing: hands out numbers and links, in the order rows are sent. */
struct ledger;
/* Its statements, for the list of a clerk; chain is a literal. Where the name is known later: ledger_statements. */
/* clang-format off */
#define LEDGER_COLUMNS_WRITTEN \
        "number, at, kind, request, plan, actor, actor_name, source, method, object, outcome, detail, digest, before, hash"
#define LEDGER_STATEMENTS(chain) \
        {"ledger_head", "select number, hash from ledger.resume('" chain "')", 0}, \
        {"ledger_append", "insert into ledger." chain " (" LEDGER_COLUMNS_WRITTEN ") values ($1, $2, $3, $4, $5, $6, $7, $8, " \
         "$9, $10, $11, $12, $13, $14, $15) returning id", 15}, \
        {"ledger_append_many", "insert into ledger." chain " (" LEDGER_COLUMNS_WRITTEN ") select n, t, k::ledger.kind, a, b, u, " \
         "c, d, e, f, g, h, x, y, z from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], " \
         "$6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[], " \
         "$14::bytea[], $15::bytea[]) as r(n, t, k, a, b, u, c, d, e, f, g, h, x, y, z) returning id", 15}, \
        {"ledger_look", "select number, encode(hash, 'hex'), id from ledger." chain " where number between $1 and $2", 2}, \
        {"ledger_stands", "select ledger." chain "_stands($1, decode($2, 'hex'))", 2}
/* clang-format on */
enum { LEDGER_STATEMENT_COUNT = 5 };

/* The same with a name of which the type chain (libnas/value) says that it is one. The texts are the caller's to free.
 */
void ledger_statements(const char *chain, struct db_statement ret_statements[LEDGER_STATEMENT_COUNT]);
void ledger_statements_free(struct db_statement statements[LEDGER_STATEMENT_COUNT]);

/* first_statement: place of these in the clerk's list. */
struct ledger *ledger_new(struct loop *loop, struct db *db, const char *chain, size_t first_statement);
void ledger_free(struct ledger *ledger);
/* Reads the head; call whenever the database becomes ready. Rows asked for before wait for it. */
void ledger_resume(struct ledger *ledger);

/* Told once, never from within ledger_append: the row is on disk (DB_OK; id: its number in the whole ledger), or why
 * not (DB_REFUSED, DB_GONE: it is not there and will not be). DB_LOST never reaches here: after a lost connection the
 * ledger waits until the database is back, looks whether the row is there, and writes it if not. So the answer may
 * take as long as the database is away, but only for rows that were on their way when it went. */
typedef void ledger_written(enum db_status status, int64_t id, const char *message, void *context);
/* Takes the row's kind to digest; chain, number, links, id and (when 0) the time are set here. Texts are copied; one
 * that is too long for its column is cut, bytes that are not UTF-8 become question marks. also (NULL is fine) adds
 * statements to the same transaction, after the row. */
void ledger_append(struct ledger *ledger, const struct ledger_row *row, db_fill *also, ledger_written *written,
                   void *context);
/* Two rows, one after the other, both or none: what was meant and what became of it, when one transaction is all there
 * is to do. id is the first one's. */
void ledger_append_pair(struct ledger *ledger, const struct ledger_row *first, const struct ledger_row *second,
                        db_fill *also, ledger_written *written, void *context);
/* The last row known to be on disk, for a checkpoint. */
void ledger_head(const struct ledger *ledger, uint64_t *ret_number, uint8_t ret_hash[HASH_BYTES]);

#endif
