/* A row on its way: a copy of its own that the database will take, and its insert.
 * Rights: clerks; memory only. */
#include "ledger/item.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { ROW_VALUES = 15 };

/* The columns' limits (sql/002_ledger.sql), in the order of the row: request to detail. */
static const size_t limits[LEDGER_TEXTS] = {64, 64, 64, 128, 128, 256, 32, 1024 * 1024};

/* In the order of LEDGER_COLUMNS_WRITTEN. */
const enum db_type ledger_types[] = {
        DB_INTEGER, DB_TIME, DB_TEXT, DB_TEXT, DB_TEXT,  DB_INTEGER, DB_TEXT,  DB_TEXT,
        DB_TEXT,    DB_TEXT, DB_TEXT, DB_TEXT, DB_BYTES, DB_BYTES,   DB_BYTES,
};
_Static_assert(ARRAY_SIZE(ledger_types) == ROW_VALUES, "the values of a row");

/* How much of it fits: whole characters only. */
static size_t fitting(const char *text, size_t max)
{
        size_t length = strnlen(text, max + 1);

        if (length <= max)
                return length;
        for (length = max; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
                length--;
        return length;
}

/* What is written must be written, even when a caller's text is too long or is not UTF-8. */
static void fit(char *copy, const char *text, size_t length)
{
        memcpy(copy, text, length);
        if (!text_utf8_valid(copy, length))
                for (size_t i = 0; i < length; i++)
                        if ((unsigned char)copy[i] >= 0x80)
                                copy[i] = '?';
}

struct ledger_item *ledger_item_new(struct ledger *ledger, const struct ledger_row *row)
{
        ASSERT(row);
        const char *const texts[LEDGER_TEXTS] = {row->request, row->plan,   row->actor_name, row->source,
                                                 row->method,  row->object, row->outcome,    row->detail};
        size_t lengths[LEDGER_TEXTS], bytes = 0;

        for (size_t i = 0; i < LEDGER_TEXTS; i++) {
                ASSERT(texts[i]);
                lengths[i] = fitting(texts[i], limits[i]);
                bytes += lengths[i] + 1;
        }
        struct ledger_item *item = mem_new(1, sizeof(*item) + bytes);
        const char **const places[LEDGER_TEXTS] = {&item->row.request, &item->row.plan,   &item->row.actor_name,
                                                   &item->row.source,  &item->row.method, &item->row.object,
                                                   &item->row.outcome, &item->row.detail};
        char *at = item->texts;
        item->ledger = ledger;
        item->row = *row;
        item->row.id = 0;
        if (item->row.at_us == 0)
                item->row.at_us = clock_real_us();
        for (size_t i = 0; i < LEDGER_TEXTS; i++, at++) {
                fit(at, texts[i], lengths[i]);
                *places[i] = at;
                at += lengths[i];
        }
        return item;
}

void ledger_item_free(struct ledger_item *item)
{
        if (!item)
                return;
        free(item->second);
        free(item);
}

static struct db_value text(const char *words)
{
        return (struct db_value){.bytes = words, .length = strlen(words)};
}

static struct db_value integer(int64_t number)
{
        return (struct db_value){.number = number};
}

static struct db_value hash(const uint8_t bytes[HASH_BYTES])
{
        return (struct db_value){.bytes = bytes, .length = HASH_BYTES};
}

static void add(const struct ledger_row *row, struct db_batch *batch)
{
        const struct db_value values[ROW_VALUES] = {
                integer((int64_t)row->number),
                integer(row->at_us),
                text(ledger_kind_name(row->kind)),
                text(row->request),
                text(row->plan),
                integer(row->actor),
                text(row->actor_name),
                text(row->source),
                text(row->method),
                text(row->object),
                text(row->outcome),
                text(row->detail),
                hash(row->digest),
                hash(row->before),
                hash(row->hash),
        };
        db_add_row(batch, values);
}

void ledger_item_add(const struct ledger_item *item, struct db_batch *batch)
{
        ASSERT(item && batch);
        add(&item->row, batch);
        if (item->second)
                add(&item->second->row, batch);
}
