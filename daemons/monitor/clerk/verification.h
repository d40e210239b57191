/* One verification of the whole ledger under way. It goes chain by chain and page by page, each page one statement,
 * so that everybody else is served between two pages. How long it takes is up to the machine: what the server broke off
 * is asked again, and fewer rows at a time. */
#ifndef BULKHEAD_MONITOR_VERIFICATION_H
#define BULKHEAD_MONITOR_VERIFICATION_H

#include "base/arena.h"
#include "daemons/monitor/clerk/monitor.h"
#include "ledger/verify.h"
#include "nas_monitor.h"

enum {
        VERIFY_PROBLEMS_MAX = 1000,
        VERIFY_CHAINS_MAX = 128,
        VERIFY_AT_ONCE = 2,
        VERIFY_MESSAGE_SIZE = 256,
        VERIFY_PAGE_MAX = 500,           /* rows asked for at once */
        VERIFY_AGAIN_MS = 1000,          /* to the next try when the database is away */
        VERIFY_PATIENCE_MS = 300 * 1000, /* without any answer, when there was one before */
        VERIFY_TELL_MS = 1000            /* from one progress to the next */
};

struct verification {
        struct call *call; /* NULL: the client is gone, and so is the purpose */
        struct arena *arena;
        char chains[VERIFY_CHAINS_MAX][32];
        size_t chain_count, chain_at;

        struct verifier verifier;
        int64_t number, id; /* of the last row seen */
        unsigned idle;      /* pages without a row in a row */
        unsigned page;      /* rows to ask for */

        struct { /* what is asked just now, to ask it again */
                enum monitor_statement statement;
                char values[4][64];
                db_done *done;
        } asked;
        struct loop_watch *again;
        uint64_t well_ms, told_ms; /* the last answer (0: none yet) and the last progress */
        int64_t expected;          /* rows, when it began */

        uint8_t public_key[PUBLIC_KEY_BYTES];
        bool has_key;
        char signed_number[24], signed_at[64], signed_key[24]; /* the last checkpoint seen */
        struct checkpoint kept;                                /* the file's */

        int64_t rows, checkpoints;
        size_t problems; /* all of them; the first ones are in list */
        struct nas_monitor_problem *list;
};

void verification_problem(struct verification *verification, int64_t number, const char *message);
/* Asks the next thing, once more as often as need be; goes on in done. */
void verification_ask(struct verification *verification, enum monitor_statement statement, const char *const *values,
                      db_done *done);
bool verification_broken_off(const struct db_done *done);
/* False when it cannot go on after this answer (it is then answered and freed), or need not. */
bool verification_goes_on(struct verification *verification, const struct db_done *done);
const char *verification_chain(const struct verification *verification);

/* One more chain to verify; a name that no daemon has is a problem. */
void verification_add_chain(struct verification *verification, const char *name);
void verification_next_chain(struct verification *verification);

/* signed.c. Reads the key, and adds the chains that files name. */
void verification_read_files(struct verification *verification);
/* The chain's checkpoints, in the table and in the file; then the next chain. */
void verification_signed(struct verification *verification);

#endif
