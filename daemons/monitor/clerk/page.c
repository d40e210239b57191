/* Pages of the ledger: from what is asked to a statement's values, and cursors.
 * Rights: the monitor clerk; pure functions. */
#include "daemons/monitor/clerk/page.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

bool page_by_time(const struct nas_monitor_list_ledger_in *in)
{
        ASSERT(in);
        return in->since || in->until;
}

int64_t page_limit(const struct nas_monitor_list_ledger_in *in)
{
        ASSERT(in);
        return in->has_limit ? in->limit : PAGE_ROWS;
}

/* The id, and for a page by time the time before it. */
void cursor_write(const struct place *place, bool by_time, char ret_text[PAGE_CURSOR_SIZE])
{
        ASSERT(place && ret_text);
        uint8_t bytes[16];
        struct writer writer = writer_of(bytes, sizeof(bytes));

        if (by_time)
                writer_u64(&writer, (uint64_t)place->at_us);
        writer_u64(&writer, (uint64_t)place->id);
        text_base64(bytes, writer_length(&writer), ret_text);
}

int cursor_read(const char *text, bool by_time, struct place *ret_place)
{
        ASSERT(text && ret_place);
        uint8_t bytes[16];
        long length = text_unbase64(text, strlen(text), bytes, sizeof(bytes));
        struct place place = {.id = 0};
        struct reader reader;

        if (length != (by_time ? 16 : 8))
                return -1;
        reader = reader_of(bytes, (size_t)length);
        if (by_time)
                place.at_us = (int64_t)reader_u64(&reader);
        place.id = (int64_t)reader_u64(&reader);
        if (place.id < 1)
                return -1;
        *ret_place = place;
        return 0;
}

int page_values(const struct nas_monitor_list_ledger_in *in, struct arena *arena, const char *ret_values[PAGE_VALUES],
                struct failure *failure)
{
        ASSERT(in && arena && ret_values);
        struct place place = {.id = 0};

        if (in->cursor && cursor_read(in->cursor, page_by_time(in), &place))
                return failure_set(failure, FAILURE_INVALID, "cursor",
                                   "Leave it out for the first page; keep the filters as they were.",
                                   "This is not where a page of this list ended.");
        ret_values[0] = in->actor;
        ret_values[1] = in->method;
        ret_values[2] = in->has_kind ? nas_monitor_kind_word(in->kind) : NULL;
        ret_values[3] = in->outcome;
        ret_values[4] = arena_printf(arena, "%" PRId64, page_limit(in) + 1);
        ret_values[5] = in->cursor ? arena_printf(arena, "%" PRId64, place.id) : NULL;
        ret_values[6] = in->cursor ? arena_printf(arena, "%" PRId64, place.at_us) : NULL;
        ret_values[7] = in->since;
        ret_values[8] = in->until;
        return 0;
}
