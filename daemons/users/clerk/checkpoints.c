/* Checkpoints: now and then the heads of all chains are signed by the hand, so that who owns the database can neither
 * rewrite nor cut off what is before them. Every minute, after a thousand rows, and at the end.
 * Rights: the users clerk; reads the heads, asks its hand, writes ledger.checkpoint. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_CHAIN "users"
enum { EVERY_S = 60, EVERY_ROWS = 1000, CHAINS_MAX = 32 };

struct signed_head { /* the last one of a chain */
        char chain[32];
        uint64_t number;
};

static struct {
        struct signed_head heads[CHAINS_MAX];
        size_t count;
        unsigned under_way, seconds;
        uint64_t own_number; /* of our chain, when we looked last */
        bool busy;
        loop_tick *stopped;
} checkpoints;

struct heading { /* one head on its way to be signed; malloced */
        char chain[32], number[24], hash[2 * HASH_BYTES + 1];
};

static struct signed_head *head_of(const char *chain)
{
        for (size_t i = 0; i < checkpoints.count; i++)
                if (strcmp(checkpoints.heads[i].chain, chain) == 0)
                        return &checkpoints.heads[i];
        if (checkpoints.count == CHAINS_MAX)
                return NULL;
        struct signed_head *head = &checkpoints.heads[checkpoints.count++];
        snprintf(head->chain, sizeof(head->chain), "%s", chain);
        return head;
}

static void one_less(struct heading *heading)
{
        free(heading);
        if (--checkpoints.under_way > 0)
                return;
        checkpoints.busy = false;
        if (checkpoints.stopped)
                TAKE(checkpoints.stopped)(NULL);
}

static void on_added(const struct db_done *done, void *context)
{
        struct heading *heading = context;
        struct signed_head *head = head_of(heading->chain);
        if (done->status == DB_OK && head)
                head->number = strtoull(heading->number, NULL, 10);
        else if (done->status == DB_REFUSED)
                log_fail("a checkpoint cannot be written: %s", done->message);
        one_less(heading);
}

static void on_signed(struct call *call, struct reader *reader, void *context)
{
        struct heading *heading = context;
        uint8_t signature[SIGNATURE_BYTES];
        char key[16], at[24], hex[2 * SIGNATURE_BYTES + 1];
        (void)call;
        snprintf(key, sizeof(key), "%u", reader_u32(reader));
        snprintf(at, sizeof(at), "%" PRIu64, reader_u64(reader));
        reader_copy(reader, signature, sizeof(signature));
        if (!reader_ended(reader)) {
                log_fail("the hand's signature of chain %s cannot be read", heading->chain);
                one_less(heading);
                return;
        }
        text_hex(signature, sizeof(signature), hex);
        struct db_batch *batch = db_batch_new(clerk.db);
        users_add(batch, CHECKPOINT_ADD,
                  (const char *[]){heading->chain, heading->number, heading->hash, at, key, hex});
        db_submit(batch, on_added, heading);
}

static void not_signed(struct call *call, const struct failure *failure, void *context)
{
        struct heading *heading = context;
        (void)call;
        /* A head that does not follow the one signed before: somebody rewrote or cut off the chain. */
        if (failure->code == FAILURE_CONFLICT)
                log_fail("the ledger's chain %s was tampered with: %s", heading->chain, failure->message);
        else
                log_warn("chain %s is not signed now: %s", heading->chain, failure->message);
        one_less(heading);
}

static void sign(const char *chain, const char *number, const char *hash)
{
        const struct signed_head *head = head_of(chain);
        if (!head || head->number == strtoull(number, NULL, 10))
                return;
        struct heading *heading = mem_new(1, sizeof(*heading));
        snprintf(heading->chain, sizeof(heading->chain), "%s", chain);
        snprintf(heading->number, sizeof(heading->number), "%s", number);
        snprintf(heading->hash, sizeof(heading->hash), "%s", hash);
        checkpoints.under_way++;
        struct ask ask = {
                .operation = USERS_CHECKPOINT, .answered = on_signed, .failed = not_signed, .context = heading};
        ask_hand(NULL, &ask, heading->chain, heading->number, heading->hash, NULL);
}

/* Our own chain stands in memory, up to the last row on disk; what the database says of heads may lag behind. */
static void sign_own(void)
{
        uint8_t hash[HASH_BYTES];
        uint64_t number;
        char text[24], hex[2 * HASH_BYTES + 1];
        ledger_head(clerk.ledger, &number, hash);
        snprintf(text, sizeof(text), "%" PRIu64, number);
        text_hex(hash, sizeof(hash), hex);
        if (number > 0)
                sign(OWN_CHAIN, text, hex);
}

static void on_heads(const struct db_done *done, void *context)
{
        (void)context;
        for (int i = 0; done->status == DB_OK && i < db_rows_count(done->rows[0]); i++)
                if (strcmp(db_value(done->rows[0], i, 0), OWN_CHAIN) != 0)
                        sign(db_value(done->rows[0], i, 0), db_value(done->rows[0], i, 1),
                             db_value(done->rows[0], i, 2));
        if (done->status == DB_OK)
                sign_own();
        else if (done->status == DB_REFUSED)
                log_fail("the heads of the ledger cannot be read: %s", done->message);
        one_less(NULL);
}

static void begin(void)
{
        if (checkpoints.busy)
                return;
        checkpoints.busy = true;
        checkpoints.under_way = 1; /* the reading itself */
        struct db_batch *batch = db_batch_new(clerk.db);
        users_add(batch, CHAIN_HEADS, NULL);
        db_submit(batch, on_heads, NULL);
}

void checkpoints_look(void)
{
        uint8_t hash[HASH_BYTES];
        uint64_t number;
        ledger_head(clerk.ledger, &number, hash);
        if (++checkpoints.seconds < EVERY_S && number < checkpoints.own_number + EVERY_ROWS)
                return;
        checkpoints.seconds = 0;
        checkpoints.own_number = number;
        if (db_state_of(clerk.db) == DB_READY)
                begin();
}

void checkpoints_stop(loop_tick *done)
{
        if (db_state_of(clerk.db) != DB_READY) {
                done(NULL);
                return;
        }
        checkpoints.stopped = done;
        begin();
}
