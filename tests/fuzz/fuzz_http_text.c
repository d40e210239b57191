/* The small languages inside heads: queries, paths, cookies, tags, dates, ranges and preferences. What is decoded is
 * UTF-8 without NUL; a range lies within the whole; a date that is read is written the same. Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "http/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void read_query(struct arena *arena, struct http_text text)
{
        struct http_pair pairs[16];
        int count = http_query(arena, text, pairs, ARRAY_SIZE(pairs));
        for (int i = 0; i < count; i++)
                ASSERT(*pairs[i].name != '\0' && text_utf8_valid(pairs[i].value, strlen(pairs[i].value)));
}

static void read_path(struct arena *arena, struct http_text text)
{
        struct http_text segment;
        size_t total = 0;
        for (size_t at = 0; http_segment(text, &at, &segment); total += segment.length + 1)
                (void)http_decode(arena, segment, false);
        ASSERT(total <= text.length);
}

static void read_fields(struct http_text value)
{
        static const char *const names[] = {"cookie", "if-match", "if-none-match",   "if-modified-since", "if-range",
                                            "range",  "accept",   "accept-encoding", "content-type"};
        struct http_head head = {.method = HTTP_GET, .field_count = 1};
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                head.fields[0] = (struct http_field){{names[i], strlen(names[i])}, value};
                struct http_text cookie = http_cookie(&head, "a");
                ASSERT(cookie.length <= value.length);
                (void)http_conditions(&head, "\"a\"", 784111777);
                uint64_t first = 0, part = 0;
                if (http_range(&head, "\"a\"", 784111777, 1000, &first, &part) == HTTP_PART)
                        ASSERT(part > 0 && first < 1000 && part <= 1000 - first);
                (void)http_accepts_coding(&head, "gzip");
                ASSERT(http_accepts_type(&head, "text/html") <= 1000);
                (void)http_content_is(&head, "application/json");
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct http_text text = {(const char *)bytes, length};
        read_query(arena, text);
        read_path(arena, text);
        read_fields(text);
        time_t when = http_date_read(text);
        if (when >= 0) {
                char again[HTTP_DATE_SIZE];
                http_date(when, again);
                ASSERT(http_date_read((struct http_text){again, strlen(again)}) == when);
        }
        return 0;
}
