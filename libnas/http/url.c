/* Percent encoding, paths and queries.
 * Rights: the front end; none needed. */
#include "base/log.h"
#include "base/text.h"
#include "http/parts.h"
#include "http/text.h"

#include <string.h>

char *http_decode(struct arena *arena, struct http_text text, bool plus)
{
        ASSERT(arena != NULL);
        char *decoded = arena_text(arena, text.bytes, text.length);
        size_t length = 0;
        for (size_t i = 0; i < text.length; i++) {
                char byte = text.bytes[i];
                if (byte == '%') {
                        if (text.length - i < 3 || !http_is(text.bytes[i + 1], CLASS_HEX) ||
                            !http_is(text.bytes[i + 2], CLASS_HEX))
                                return NULL;
                        byte = (char)(http_hex(text.bytes[i + 1]) << 4 | http_hex(text.bytes[i + 2]));
                        i += 2;
                } else if (byte == '+' && plus) {
                        byte = ' ';
                }
                if (byte == '\0')
                        return NULL;
                decoded[length++] = byte;
        }
        decoded[length] = '\0';
        return text_utf8_valid(decoded, length) ? decoded : NULL;
}

bool http_segment(struct http_text path, size_t *at, struct http_text *ret_segment)
{
        if (*at >= path.length || path.bytes[*at] != '/' || *at + 1 == path.length)
                return false;
        size_t from = *at + 1;
        const char *slash = memchr(path.bytes + from, '/', path.length - from);
        size_t to = slash == NULL ? path.length : (size_t)(slash - path.bytes);
        *ret_segment = (struct http_text){path.bytes + from, to - from};
        *at = to;
        return true;
}

int http_query(struct arena *arena, struct http_text query, struct http_pair *ret_pairs, unsigned max)
{
        unsigned count = 0;
        const char *at = query.bytes, *end = query.length == 0 ? at : at + query.length;
        while (at < end) {
                const char *stop = memchr(at, '&', (size_t)(end - at));
                stop = stop == NULL ? end : stop;
                const char *equals = memchr(at, '=', (size_t)(stop - at));
                const char *name_end = equals == NULL ? stop : equals;
                if (name_end == at || count == max)
                        return -1;
                struct http_text value = {name_end + (equals != NULL), (size_t)(stop - name_end) - (equals != NULL)};
                struct http_pair *pair = &ret_pairs[count++];
                pair->name = http_decode(arena, (struct http_text){at, (size_t)(name_end - at)}, true);
                pair->value = http_decode(arena, value, true);
                if (pair->name == NULL || pair->value == NULL)
                        return -1;
                at = stop + 1;
        }
        return (int)count;
}
