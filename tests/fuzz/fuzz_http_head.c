/* Request heads: what is read lies in what came, holds no byte that could end a line, and is the same however the bytes
 * arrive; what is refused has a status and a reason.
 * Rights: none. */
#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/head.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_text(struct http_text text, const char *bytes, size_t length)
{
        if (text.bytes == NULL) {
                ASSERT(text.length == 0);
                return;
        }
        ASSERT(text.bytes >= bytes && text.bytes + text.length <= bytes + length);
        for (size_t i = 0; i < text.length; i++)
                ASSERT(text.bytes[i] != '\r' && text.bytes[i] != '\n' && text.bytes[i] != '\0');
}

/* Whoever decodes it first and takes it apart then finds no way up, and no end before the end. */
static void check_path(struct http_text path)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char *all = arena_text(arena, path.bytes, path.length);
        size_t length = 0;
        for (size_t i = 0; i < path.length; i++, length++) {
                all[length] = path.bytes[i];
                if (path.bytes[i] == '%') {
                        char digits[3] = {path.bytes[i + 1], path.bytes[i + 2], '\0'};
                        all[length] = (char)strtoul(digits, NULL, 16);
                        i += 2;
                }
                ASSERT(all[length] != '\0');
        }
        all[length] = '\0';
        ASSERT(strstr(arena_printf(arena, "%s/", all), "/../") == NULL);
}

static void check_head(const struct http_head *head, const char *bytes, size_t length)
{
        check_text(head->method_name, bytes, length);
        check_text(head->target, bytes, length);
        check_text(head->path, bytes, length);
        check_text(head->query, bytes, length);
        check_text(head->host, bytes, length);
        ASSERT(head->field_count <= HTTP_FIELDS_MAX && head->minor <= 1 && head->method != HTTP_OTHER);
        ASSERT(head->path.length > 0 && (head->path.bytes[0] == '/' || head->path.length == 1));
        ASSERT(head->minor == 0 || head->host.length > 0);
        check_path(head->path);
        ASSERT(!(head->chunked && head->has_length) && (head->has_length || head->length == 0));
        for (unsigned i = 0; i < head->field_count; i++) {
                check_text(head->fields[i].name, bytes, length);
                check_text(head->fields[i].value, bytes, length);
                ASSERT(head->fields[i].name.length > 0);
        }
}

static bool same(struct http_text one, struct http_text other)
{
        return one.bytes == other.bytes && one.length == other.length;
}

static void check_same(const struct http_head *one, const struct http_head *other)
{
        ASSERT(one->method == other->method && one->minor == other->minor && same(one->target, other->target) &&
               same(one->path, other->path) && same(one->query, other->query) && same(one->host, other->host));
        ASSERT(one->keep_alive == other->keep_alive && one->expects_continue == other->expects_continue &&
               one->chunked == other->chunked && one->upgrade == other->upgrade);
        ASSERT(one->has_length == other->has_length && one->length == other->length &&
               one->field_count == other->field_count);
        for (unsigned i = 0; i < one->field_count; i++)
                ASSERT(same(one->fields[i].name, other->fields[i].name) &&
                       same(one->fields[i].value, other->fields[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        static struct http_head whole, part;
        const char *text = (const char *)bytes, *why = NULL;
        if (length > (size_t)2 * HTTP_HEAD_MAX)
                return 0;
        int result = http_head_read(text, length, 0, &whole, &why);
        ASSERT(result >= -599 && result <= (int)length);
        if (result > 0)
                check_head(&whole, text, (size_t)result);
        if (result < 0)
                ASSERT(result <= -400 && why != NULL && *why != '\0');
        /* In steps: the first answer that is not "more" is the same one. */
        size_t step = length == 0 ? 1 : bytes[length - 1] % 7 + 1, scanned = 0;
        int trickled = 0;
        for (size_t have = 0; have < length && trickled == 0; scanned = have) {
                have = have + step < length ? have + step : length;
                trickled = http_head_read(text, have, scanned, &part, &why);
        }
        ASSERT(length == 0 || trickled == result || (trickled < 0 && result < 0));
        if (result > 0)
                check_same(&whole, &part);
        return 0;
}
