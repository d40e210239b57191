/* Cookies, as a browser sends them back.
 * Rights: the front end; none needed. */
#include "http/parts.h"
#include "http/text.h"

#include <string.h>

struct http_text http_cookie(const struct http_head *head, const char *name)
{
        struct http_text found = {NULL, 0};
        const struct http_text *list;
        for (unsigned at = 0; (list = http_head_each(head, "cookie", &at)) != NULL;) {
                const char *from = list->bytes, *end = list->bytes + list->length;
                while (from < end) {
                        const char *semicolon = memchr(from, ';', (size_t)(end - from));
                        const char *stop = semicolon == NULL ? end : semicolon;
                        const char *equals = memchr(from, '=', (size_t)(stop - from));
                        if (equals != NULL && http_text_is(http_trim(from, equals), name)) {
                                if (found.bytes != NULL)
                                        return (struct http_text){NULL, 0};
                                found = http_trim(equals + 1, stop);
                        }
                        from = stop + 1;
                }
        }
        return found;
}
