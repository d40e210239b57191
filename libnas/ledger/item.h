/* A row on its way to the ledger; shared by the parts of libnas/ledger only. */
#ifndef BULKHEAD_LEDGER_ITEM_H
#define BULKHEAD_LEDGER_ITEM_H

#include "ledger/ledger.h"

#include <sys/queue.h>

enum { LEDGER_TEXTS = 8, LEDGER_STALE_MAX = 8 };

struct ledger_item {
        TAILQ_ENTRY(ledger_item) link;
        struct ledger *ledger;
        struct ledger_item *second; /* written with it, both or none; NULL */
        struct ledger_row row;
        db_fill *also;
        ledger_written *written;
        void *context;
        bool filled;    /* has a number and links, for the try under way */
        unsigned stale; /* times the head had moved without us */
        char texts[];   /* of the row */
};

extern const enum db_type ledger_types[];

/* Copies what the caller says of the row, so that every text fits its column. */
struct ledger_item *ledger_item_new(struct ledger *ledger, const struct ledger_row *row);
void ledger_item_free(struct ledger_item *item);
/* Adds the row, or the two, which must be complete. */
void ledger_item_add(const struct ledger_item *item, struct db_batch *batch);

#endif
