/* ListLedger: one page of rows, newest first.
 * Rights: the monitor clerk; reads ledger.row. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/monitor/clerk/monitor.h"
#include "daemons/monitor/clerk/page.h"
#include "ledger/ledger.h"
#include "serve/clerk.h"

#include <stdlib.h>

struct listing {
        struct call *call; /* NULL: the client is gone */
        size_t limit;
        bool by_time;
};

static void client_gone(void *context)
{
        ((struct listing *)context)->call = NULL;
}

static struct nas_monitor_row show(const struct ledger_row *row, bool readable, struct arena *arena)
{
        char *at = arena_alloc(arena, RFC3339_SIZE), *hash = arena_alloc(arena, 2 * HASH_BYTES + 1);

        clock_format(row->at_us, at);
        text_hex(row->hash, HASH_BYTES, hash);
        return (struct nas_monitor_row){
                .id = row->id,
                .chain = row->chain,
                .number = (int64_t)row->number,
                .at = at,
                .kind = readable ? (enum nas_monitor_kind)(row->kind - LEDGER_INTENT) : NAS_MONITOR_KIND_EVENT,
                .request = row->request,
                .plan = row->plan,
                .actor = row->actor,
                .actor_name = row->actor_name,
                .source = row->source,
                .method = row->method,
                .object = row->object,
                .outcome = row->outcome,
                .detail = readable ? row->detail : "\"This row was changed in the database; verify the ledger.\"",
                .hash = hash,
        };
}

static void answer(struct listing *listing, const struct db_rows *rows)
{
        struct arena *arena = call_arena(listing->call);
        size_t count = (size_t)db_rows_count(rows);
        size_t there = count ? strtoul(db_value(rows, 0, LEDGER_COLUMN_COUNT), NULL, 10) : 0;
        struct nas_monitor_row *shown;
        struct ledger_row row = {.id = 0};
        char cursor[PAGE_CURSOR_SIZE];

        if (count > listing->limit)
                count = listing->limit;
        shown = arena_array(arena, count, sizeof(*shown));
        for (size_t i = 0; i < count; i++) {
                bool readable = ledger_row_read(rows, (int)i, &row) == 0;

                shown[i] = show(&row, readable, arena);
        }
        cursor_write(&(struct place){.id = row.id, .at_us = row.at_us}, listing->by_time, cursor);
        nas_monitor_list_ledger_reply(listing->call, &(struct nas_monitor_list_ledger_out){
                                                             .rows = shown,
                                                             .rows_count = count,
                                                             .next = there > count ? cursor : NULL,
                                                     });
}

static void listed(const struct db_done *done, void *context)
{
        struct listing *listing = context;

        if (listing->call && done->status == DB_OK)
                answer(listing, done->rows[0]);
        else if (listing->call)
                monitor_fail(listing->call, done);
        free(listing);
}

void nas_monitor_list_ledger(struct call *call, const struct nas_monitor_list_ledger_in *in)
{
        const char *values[PAGE_VALUES];
        struct failure failure;
        struct listing *listing;
        struct db_batch *batch;

        if (page_values(in, call_arena(call), values, &failure)) {
                call_fail(call, &failure);
                return;
        }
        listing = mem_new(1, sizeof(*listing));
        *listing = (struct listing){.call = call, .limit = (size_t)page_limit(in), .by_time = page_by_time(in)};
        call_on_gone(call, client_gone, listing);
        batch = db_batch_new(clerk.db);
        monitor_add(batch, listing->by_time ? MONITOR_LIST_BY_TIME : MONITOR_LIST_BY_ID, values);
        db_submit(batch, listed, listing);
}
