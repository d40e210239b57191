/* Writing a chain: numbers and links are given in the order rows are sent, and a row whose commit nobody confirmed
 * is looked for before it is written again. Exactly once, because every connection before ours is ended before we look
 * (ledger.resume), and because the row tried again has the same number and time and the database takes a number once:
 * should the first try win after all, the second is refused as stale and finds the row there.
 * Rights: clerks; the database. */
#include "ledger/ledger.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/item.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIQUE_VIOLATION "23505"
#define NUMBER_INDEX     "chain_number_" /* how the unique indexes of the number begin: somebody else has it */
enum { HEAD_STATEMENT, APPEND_STATEMENT, MANY_STATEMENT, LOOK_STATEMENT, STANDS_STATEMENT };
enum { ASK_AGAIN_MS = 1000, STANDS_MS = 50 };

struct head {
        uint64_t number;
        uint8_t hash[HASH_BYTES];
};

TAILQ_HEAD(items, ledger_item);

struct ledger {
        struct loop *loop;
        struct db *db;
        char *chain;
        size_t first; /* of our statements */
        struct loop_watch *tick;
        struct loop_watch *stands; /* to say where the chain stands */
        bool standing;             /* that is to come */
        struct head kept, sent;    /* on disk; and after what is on its way */
        bool known;                /* kept is the head */
        bool asking;
        struct items waiting; /* until the head is known */
        struct items flying;  /* given to the database */
        struct items lost;    /* may be there or not */
        struct items refused; /* to be told so */
};

static void ask(struct ledger *ledger);

static void tell(struct ledger_item *item, enum db_status status, const char *message)
{
        if (item->written)
                item->written(status, item->row.id, message, item->context);
        ledger_item_free(item);
}

static void tell_all(struct items *items, const char *message)
{
        struct items told = TAILQ_HEAD_INITIALIZER(told);
        struct ledger_item *item;

        TAILQ_CONCAT(&told, items, link);
        while ((item = TAILQ_FIRST(&told)) != NULL) {
                TAILQ_REMOVE(&told, item, link);
                tell(item, DB_GONE, message);
        }
}

static void number(struct ledger *ledger, struct ledger_row *row)
{
        row->number = ledger->sent.number + 1;
        memcpy(row->before, ledger->sent.hash, HASH_BYTES);
        ledger_row_hash(row);
        ledger->sent.number = row->number;
        memcpy(ledger->sent.hash, row->hash, HASH_BYTES);
}

static void fill(struct db_batch *batch, void *context)
{
        struct ledger_item *item = context;
        struct ledger *ledger = item->ledger;

        if (item->filled) /* again, alone: all that was sent with it was rolled back */
                ledger->sent = ledger->kept;
        item->filled = true;
        number(ledger, &item->row);
        if (item->second)
                number(ledger, &item->second->row);
        ledger_item_add(item, batch);
        if (item->also)
                item->also(batch, item->context);
}

/* When nothing is on its way any more and the head is in doubt. */
static void settle(struct ledger *ledger)
{
        if (ledger->known || ledger->asking || !TAILQ_EMPTY(&ledger->flying))
                return;
        if (db_state_of(ledger->db) == DB_READY)
                ask(ledger);
        else
                tell_all(&ledger->waiting, db_why_away(ledger->db));
}

static bool is_stale(const struct db_done *done)
{
        return strcmp(done->sqlstate, UNIQUE_VIOLATION) == 0 &&
               strncmp(done->constraint, NUMBER_INDEX, strlen(NUMBER_INDEX)) == 0;
}

static void row_refused(struct ledger *ledger, struct ledger_item *item, const struct db_done *done)
{
        if (is_stale(done) && ++item->stale < LEDGER_STALE_MAX) {
                ledger->known = false;
                TAILQ_INSERT_TAIL(&ledger->lost, item, link);
                return;
        }
        ledger->sent = ledger->kept;
        tell(item, DB_REFUSED, done->message);
}

/* Every moment, not for every row: one more statement that shares a commit. Nothing depends on its success. */
static void stands_tick(void *context)
{
        struct ledger *ledger = context;
        char number[24], hash[2 * HASH_BYTES + 1];
        struct db_batch *batch;

        ledger->standing = false;
        if (!ledger->known || ledger->kept.number == 0 || db_state_of(ledger->db) == DB_AWAY)
                return;
        batch = db_batch_new(ledger->db);
        snprintf(number, sizeof(number), "%" PRIu64, ledger->kept.number);
        text_hex(ledger->kept.hash, HASH_BYTES, hash);
        db_add(batch, ledger->first + STANDS_STATEMENT, (const char *const[]){number, hash});
        db_submit(batch, NULL, NULL);
}

static void stands_soon(struct ledger *ledger)
{
        if (ledger->standing)
                return;
        ledger->standing = true;
        loop_timer_again(ledger->stands, STANDS_MS);
}

static void row_done(const struct db_done *done, void *context)
{
        struct ledger_item *item = context;
        struct ledger *ledger = item->ledger;

        const struct ledger_row *last = item->second ? &item->second->row : &item->row;

        TAILQ_REMOVE(&ledger->flying, item, link);
        switch (done->status) {
        case DB_OK:
                ledger->kept.number = last->number;
                memcpy(ledger->kept.hash, last->hash, HASH_BYTES);
                item->row.id = strtoll(db_value(done->rows[0], 0, 0), NULL, 10);
                stands_soon(ledger);
                tell(item, DB_OK, "");
                break;
        case DB_REFUSED:
                row_refused(ledger, item, done);
                break;
        case DB_LOST:
                ledger->known = false;
                TAILQ_INSERT_TAIL(&ledger->lost, item, link);
                break;
        case DB_GONE:
                tell(item, DB_GONE, done->message);
                break;
        }
        settle(ledger);
}

static void submit(struct ledger *ledger, struct ledger_item *item)
{
        item->filled = false;
        TAILQ_INSERT_TAIL(&ledger->flying, item, link);
        db_submit_late(ledger->db, fill, row_done, item);
}

/* Is the row, as we tried to write it, among those that are there? */
static bool look(struct ledger_item *item, const struct db_rows *rows)
{
        char hash[2 * HASH_BYTES + 1];

        text_hex(item->row.hash, HASH_BYTES, hash);
        for (int i = 0; i < db_rows_count(rows); i++) {
                if (strtoull(db_value(rows, i, 0), NULL, 10) != item->row.number ||
                    strcmp(db_value(rows, i, 1), hash) != 0)
                        continue;
                item->row.id = strtoll(db_value(rows, i, 2), NULL, 10);
                return true;
        }
        return false;
}

static void head_known(struct ledger *ledger, const struct db_done *done)
{
        struct items lost = TAILQ_HEAD_INITIALIZER(lost), waiting = TAILQ_HEAD_INITIALIZER(waiting);
        struct ledger_item *item;

        TAILQ_CONCAT(&lost, &ledger->lost, link);
        TAILQ_CONCAT(&waiting, &ledger->waiting, link);
        while ((item = TAILQ_FIRST(&lost)) != NULL) {
                TAILQ_REMOVE(&lost, item, link);
                if (look(item, done->rows[1]))
                        tell(item, DB_OK, "");
                else
                        submit(ledger, item);
        }
        while ((item = TAILQ_FIRST(&waiting)) != NULL) {
                TAILQ_REMOVE(&waiting, item, link);
                submit(ledger, item);
        }
}

static void head_done(const struct db_done *done, void *context)
{
        struct ledger *ledger = context;
        struct head head = {.number = 0};

        ledger->asking = false;
        if (done->status == DB_OK && db_rows_count(done->rows[0]) == 1 &&
            text_unhex(db_value(done->rows[0], 0, 1), db_value_length(done->rows[0], 0, 1), head.hash, HASH_BYTES) ==
                    0) {
                head.number = strtoull(db_value(done->rows[0], 0, 0), NULL, 10);
                ledger->kept = ledger->sent = head;
                ledger->known = true;
                head_known(ledger, done);
                return;
        }
        tell_all(&ledger->waiting, done->message);
        loop_timer_again(ledger->tick, ASK_AGAIN_MS);
}

/* The head, once every writer before us has ended, and the rows whose fate is open. */
static void ask(struct ledger *ledger)
{
        struct db_batch *batch = db_batch_new(ledger->db);
        const struct ledger_item *item;
        uint64_t least = UINT64_MAX, most = 0;
        char from[24], to[24];

        TAILQ_FOREACH(item, &ledger->lost, link)
        {
                least = item->row.number < least ? item->row.number : least;
                most = item->row.number > most ? item->row.number : most;
        }
        snprintf(from, sizeof(from), "%" PRIu64, most == 0 ? 0 : least);
        snprintf(to, sizeof(to), "%" PRIu64, most);
        ledger->asking = true;
        db_add(batch, ledger->first + HEAD_STATEMENT, NULL);
        db_add(batch, ledger->first + LOOK_STATEMENT, (const char *const[]){from, to});
        db_submit(batch, head_done, ledger);
}

static void tick(void *context)
{
        struct ledger *ledger = context;

        tell_all(&ledger->refused, db_why_away(ledger->db));
        if (!TAILQ_EMPTY(&ledger->lost) || !TAILQ_EMPTY(&ledger->waiting))
                settle(ledger);
}

struct ledger *ledger_new(struct loop *loop, struct db *db, const char *chain, size_t first_statement)
{
        ASSERT(loop && db && chain);
        struct ledger *ledger = mem_new(1, sizeof(*ledger));

        ledger->loop = loop;
        ledger->db = db;
        ledger->chain = mem_copy_text(chain);
        ledger->first = first_statement;
        db_gather(db, &(struct db_gather){.one = first_statement + APPEND_STATEMENT,
                                          .many = first_statement + MANY_STATEMENT,
                                          .types = ledger_types});
        TAILQ_INIT(&ledger->waiting);
        TAILQ_INIT(&ledger->flying);
        TAILQ_INIT(&ledger->lost);
        TAILQ_INIT(&ledger->refused);
        ledger->tick = loop_timer(loop, 0, tick, ledger);
        ledger->stands = loop_timer(loop, STANDS_MS, stands_tick, ledger);
        return ledger;
}

static void items_free(struct items *items)
{
        struct ledger_item *item;

        while ((item = TAILQ_FIRST(items)) != NULL) {
                TAILQ_REMOVE(items, item, link);
                ledger_item_free(item);
        }
}

void ledger_free(struct ledger *ledger)
{
        if (!ledger)
                return;
        loop_unwatch(ledger->tick);
        loop_unwatch(ledger->stands);
        items_free(&ledger->waiting);
        items_free(&ledger->flying);
        items_free(&ledger->lost);
        items_free(&ledger->refused);
        free(ledger->chain);
        free(ledger);
}

void ledger_resume(struct ledger *ledger)
{
        ASSERT(ledger);
        if (TAILQ_EMPTY(&ledger->flying))
                ledger->known = false;
        settle(ledger);
}

static void append(struct ledger *ledger, struct ledger_item *item)
{
        if (db_state_of(ledger->db) == DB_AWAY) {
                TAILQ_INSERT_TAIL(&ledger->refused, item, link);
                loop_timer_again(ledger->tick, 0);
        } else if (ledger->known) {
                submit(ledger, item);
        } else {
                TAILQ_INSERT_TAIL(&ledger->waiting, item, link);
                settle(ledger);
        }
}

static struct ledger_item *item_of(struct ledger *ledger, const struct ledger_row *row)
{
        struct ledger_item *item = ledger_item_new(ledger, row);

        item->row.chain = ledger->chain;
        return item;
}

void ledger_append(struct ledger *ledger, const struct ledger_row *row, db_fill *also, ledger_written *written,
                   void *context)
{
        ASSERT(ledger && row);
        struct ledger_item *item = item_of(ledger, row);

        item->also = also;
        item->written = written;
        item->context = context;
        append(ledger, item);
}

void ledger_append_pair(struct ledger *ledger, const struct ledger_row *first, const struct ledger_row *second,
                        db_fill *also, ledger_written *written, void *context)
{
        ASSERT(ledger && first && second);
        struct ledger_item *item = item_of(ledger, first);

        item->second = item_of(ledger, second);
        item->also = also;
        item->written = written;
        item->context = context;
        append(ledger, item);
}

void ledger_head(const struct ledger *ledger, uint64_t *ret_number, uint8_t ret_hash[HASH_BYTES])
{
        ASSERT(ledger && ret_number && ret_hash);
        *ret_number = ledger->kept.number;
        memcpy(ret_hash, ledger->kept.hash, HASH_BYTES);
}
