/* Preconditions and ranges (RFC 9110, sections 13 and 14).
 * Rights: the front end; none needed. */
#include "base/log.h"
#include "http/parts.h"
#include "http/text.h"

#include <string.h>

/* Does a list of entity tags (or "*") hold etag? Weak ones count only where weakly is asked. */
static bool tags_hold(struct http_text list, const char *etag, bool weakly)
{
        if (list.length == 1 && list.bytes[0] == '*')
                return true;
        const char *at = list.bytes, *end = list.bytes + list.length;
        while (at < end) {
                bool weak = end - at > 2 && at[0] == 'W' && at[1] == '/';
                at += weak ? 2 : 0;
                const char *quote = *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : NULL;
                if (quote == NULL)
                        return false;
                if (etag != NULL && (!weak || weakly) &&
                    http_text_is((struct http_text){at, (size_t)(quote + 1 - at)}, etag))
                        return true;
                at = quote + 1;
                while (at < end && (http_is(*at, CLASS_BLANK) || *at == ','))
                        at++;
        }
        return false;
}

static bool newer(const struct http_text *value, time_t modified)
{
        time_t since = http_date_read(*value);
        return since >= 0 && modified > since;
}

enum http_condition http_conditions(const struct http_head *head, const char *etag, time_t modified)
{
        ASSERT(head != NULL);
        bool reads = head->method == HTTP_GET || head->method == HTTP_HEAD;
        const struct http_text *match = http_head_field(head, "if-match");
        const struct http_text *none = http_head_field(head, "if-none-match");
        const struct http_text *unmodified = http_head_field(head, "if-unmodified-since");
        const struct http_text *since = http_head_field(head, "if-modified-since");
        if (match != NULL && !tags_hold(*match, etag, false))
                return HTTP_PRECONDITION_FAILED;
        if (match == NULL && unmodified != NULL && modified != 0 && newer(unmodified, modified))
                return HTTP_PRECONDITION_FAILED;
        if (none != NULL && tags_hold(*none, etag, true))
                return reads ? HTTP_NOT_MODIFIED : HTTP_PRECONDITION_FAILED;
        if (none == NULL && since != NULL && reads && modified != 0 && http_date_read(*since) >= modified)
                return HTTP_NOT_MODIFIED;
        return HTTP_GO_ON;
}

/* If-Range: the part only of what the client has the rest of. */
static bool range_holds(const struct http_head *head, const char *etag, time_t modified)
{
        const struct http_text *condition = http_head_field(head, "if-range");
        if (condition == NULL)
                return true;
        if (condition->length != 0 && condition->bytes[0] == '"')
                return etag != NULL && http_text_is(*condition, etag);
        return modified != 0 && http_date_read(*condition) == modified;
}

enum http_range http_range(const struct http_head *head, const char *etag, time_t modified, uint64_t size,
                           uint64_t *ret_first, uint64_t *ret_length)
{
        ASSERT(head != NULL && ret_first != NULL && ret_length != NULL);
        const struct http_text *range = http_head_field(head, "range");
        if (range == NULL || head->method != HTTP_GET || range->length < 8 ||
            strncasecmp(range->bytes, "bytes=", 6) != 0 || memchr(range->bytes, ',', range->length) != NULL ||
            !range_holds(head, etag, modified))
                return HTTP_WHOLE;
        const char *at = range->bytes + 6, *end = range->bytes + range->length;
        const char *dash = memchr(at, '-', (size_t)(end - at));
        uint64_t first = 0, last = UINT64_MAX;
        if (dash == NULL)
                return HTTP_WHOLE;
        struct http_text from = {at, (size_t)(dash - at)}, to = {dash + 1, (size_t)(end - dash - 1)};
        if ((from.length == 0 && to.length == 0) || (from.length != 0 && !http_number(from, &first)) ||
            (to.length != 0 && !http_number(to, &last)) || (from.length != 0 && last < first))
                return HTTP_WHOLE;
        if (from.length == 0) { /* the last so many bytes */
                if (last == 0 || size == 0)
                        return HTTP_UNSATISFIABLE;
                first = last < size ? size - last : 0;
                last = UINT64_MAX;
        }
        if (first >= size)
                return HTTP_UNSATISFIABLE;
        *ret_first = first;
        *ret_length = (last < size ? last + 1 : size) - first;
        return HTTP_PART;
}
