/* What the client would take: codings and media types with their weights (RFC 9110, section 12).
 * Rights: the front end; none needed. */
#include "base/log.h"
#include "http/parts.h"
#include "http/text.h"

#include <string.h>

static bool same(struct http_text text, const char *other)
{
        return text.length == strlen(other) && strncasecmp(text.bytes, other, text.length) == 0;
}

/* "0.375" in thousandths; what is no weight weighs nothing. */
static unsigned weight(struct http_text text)
{
        unsigned value = 0, scale = 100;
        if (text.length == 0 || text.length > 5 || (text.bytes[0] != '0' && text.bytes[0] != '1') ||
            (text.length > 1 && text.bytes[1] != '.'))
                return 0;
        for (size_t i = 2; i < text.length; i++, scale /= 10) {
                if (!http_is(text.bytes[i], CLASS_DIGIT))
                        return 0;
                value += (unsigned)(text.bytes[i] - '0') * scale;
        }
        if (text.bytes[0] == '1')
                return value == 0 ? 1000 : 0;
        return value;
}

struct item {
        struct http_text name;
        unsigned weight;
};

static bool next_item(struct http_text list, size_t *at, struct item *ret_item)
{
        if (*at >= list.length)
                return false;
        const char *from = list.bytes + *at, *end = list.bytes + list.length;
        const char *comma = memchr(from, ',', (size_t)(end - from));
        const char *stop = comma == NULL ? end : comma;
        const char *semicolon = memchr(from, ';', (size_t)(stop - from));
        *ret_item = (struct item){http_trim(from, semicolon == NULL ? stop : semicolon), 1000};
        while (semicolon != NULL) {
                const char *next = memchr(semicolon + 1, ';', (size_t)(stop - semicolon - 1));
                struct http_text parameter = http_trim(semicolon + 1, next == NULL ? stop : next);
                if (parameter.length >= 2 && (parameter.bytes[0] | 0x20) == 'q' && parameter.bytes[1] == '=')
                        ret_item->weight = weight((struct http_text){parameter.bytes + 2, parameter.length - 2});
                semicolon = next;
        }
        *at = (size_t)(stop - list.bytes) + 1;
        return true;
}

bool http_accepts_coding(const struct http_head *head, const char *coding)
{
        ASSERT(head != NULL && coding != NULL);
        const struct http_text *list = http_head_field(head, "accept-encoding");
        struct item item;
        bool any = false;
        for (size_t at = 0; list != NULL && next_item(*list, &at, &item);) {
                if (same(item.name, coding))
                        return item.weight > 0;
                any = any || (same(item.name, "*") && item.weight > 0);
        }
        return any;
}

unsigned http_accepts_type(const struct http_head *head, const char *type)
{
        ASSERT(head != NULL && type != NULL);
        const struct http_text *list = http_head_field(head, "accept");
        size_t slash = strcspn(type, "/");
        unsigned found = list == NULL ? 1000 : 0, rank = 0;
        struct item item;
        for (size_t at = 0; list != NULL && next_item(*list, &at, &item);) {
                unsigned here = 0; /* the closest match counts */
                if (same(item.name, type))
                        here = 3;
                else if (item.name.length == slash + 2 && item.name.bytes[slash + 1] == '*' &&
                         strncasecmp(item.name.bytes, type, slash + 1) == 0)
                        here = 2;
                else if (same(item.name, "*/*"))
                        here = 1;
                if (here > rank) {
                        rank = here;
                        found = item.weight;
                }
        }
        return found;
}

bool http_content_is(const struct http_head *head, const char *type)
{
        ASSERT(head != NULL && type != NULL);
        const struct http_text *value = http_head_field(head, "content-type");
        if (value == NULL)
                return false;
        const char *semicolon = memchr(value->bytes, ';', value->length);
        return same(http_trim(value->bytes, semicolon == NULL ? value->bytes + value->length : semicolon), type);
}
