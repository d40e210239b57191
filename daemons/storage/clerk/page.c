/* Long lists in pages: a cursor says behind which two numbers the next one begins, so that what comes and goes
 * meanwhile neither repeats others nor leaves them out.
 * Rights: the storage clerk; pure. A cursor comes from outside and is read as anything else. */
#include "base/bytes.h"
#include "base/text.h"
#include "daemons/storage/clerk/storage.h"

#include <string.h>

enum { CURSOR_BYTES = 16 };

struct page_place page_read(const char *cursor)
{
        uint8_t bytes[CURSOR_BYTES];
        struct page_place place = {.set = cursor && text_unbase64(cursor, strlen(cursor), bytes, sizeof(bytes)) ==
                                                            (long)sizeof(bytes)};
        if (!place.set)
                return place;
        struct reader reader = reader_of(bytes, sizeof(bytes));
        place.first = reader_u64(&reader);
        place.second = reader_u64(&reader);
        return place;
}

const char *page_text(struct arena *arena, uint64_t first, uint64_t second)
{
        uint8_t bytes[CURSOR_BYTES];
        struct writer writer = writer_of(bytes, sizeof(bytes));
        writer_u64(&writer, first);
        writer_u64(&writer, second);
        char *text = arena_alloc(arena, TEXT_BASE64_SIZE(sizeof(bytes)));
        text_base64(bytes, sizeof(bytes), text);
        return text;
}
