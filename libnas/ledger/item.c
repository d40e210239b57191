/* A row on its way: a copy of its own that the database will take, and its insert.
 * Rights: clerks; memory only. */
#include "ledger/item.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The columns' limits (sql/002_ledger.sql), in the order of the row: request to detail. */
static const size_t limits[LEDGER_TEXTS] = {64, 64, 64, 128, 128, 256, 32, 1024 * 1024};

/* What is written must be written, even when a caller's text is too long or is not UTF-8. */
static char *fit(const char *text, size_t max)
{
        size_t length = strnlen(text, max + 1);
        char *copy;

        if (length > max)
                for (length = max; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
                        length--;
        copy = mem_new(length + 1, 1);
        memcpy(copy, text, length);
        if (!text_utf8_valid(copy, length))
                for (size_t i = 0; i < length; i++)
                        if ((unsigned char)copy[i] >= 0x80)
                                copy[i] = '?';
        return copy;
}

struct ledger_item *ledger_item_new(struct ledger *ledger, const struct ledger_row *row)
{
        struct ledger_item *item = mem_new(1, sizeof(*item));
        const char *const texts[LEDGER_TEXTS] = {row->request, row->plan,   row->actor_name, row->source,
                                                 row->method,  row->object, row->outcome,    row->detail};
        const char **const places[LEDGER_TEXTS] = {&item->row.request, &item->row.plan,   &item->row.actor_name,
                                                   &item->row.source,  &item->row.method, &item->row.object,
                                                   &item->row.outcome, &item->row.detail};

        item->ledger = ledger;
        item->row = *row;
        item->row.id = 0;
        if (item->row.at_us == 0)
                item->row.at_us = clock_real_us();
        for (size_t i = 0; i < LEDGER_TEXTS; i++) {
                ASSERT(texts[i]);
                item->texts[i] = fit(texts[i], limits[i]);
                *places[i] = item->texts[i];
        }
        return item;
}

void ledger_item_free(struct ledger_item *item)
{
        if (!item)
                return;
        ledger_item_free(item->second);
        for (size_t i = 0; i < LEDGER_TEXTS; i++)
                free(item->texts[i]);
        free(item);
}

enum { ROW_VALUES = 15 };

struct row_texts { /* what is not text in the row */
        char number[24], actor[16], at[RFC3339_SIZE];
        char digest[2 * HASH_BYTES + 1], before[2 * HASH_BYTES + 1], hash[2 * HASH_BYTES + 1];
};

static void row_values(const struct ledger_row *row, struct row_texts *texts, const char *values[ROW_VALUES])
{
        snprintf(texts->number, sizeof(texts->number), "%" PRIu64, row->number);
        snprintf(texts->actor, sizeof(texts->actor), "%" PRIu32, row->actor);
        clock_format(row->at_us, texts->at);
        text_hex(row->digest, HASH_BYTES, texts->digest);
        text_hex(row->before, HASH_BYTES, texts->before);
        text_hex(row->hash, HASH_BYTES, texts->hash);
        const char *const all[ROW_VALUES] = {texts->number,   texts->at,     ledger_kind_name(row->kind),
                                             row->request,    row->plan,     texts->actor,
                                             row->actor_name, row->source,   row->method,
                                             row->object,     row->outcome,  row->detail,
                                             texts->digest,   texts->before, texts->hash};
        memcpy(values, all, sizeof(all));
}

void ledger_item_add(const struct ledger_item *item, struct db_batch *batch, size_t one, size_t pair)
{
        struct row_texts texts[2];
        const char *values[2 * ROW_VALUES];

        row_values(&item->row, &texts[0], values);
        if (item->second)
                row_values(&item->second->row, &texts[1], values + ROW_VALUES);
        db_add(batch, item->second ? pair : one, values);
}
