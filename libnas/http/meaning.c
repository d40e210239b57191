/* What the fields of a head say together: for which host, how long the body is, what becomes of the connection. Where
 * two readers could come to two answers (RFC 9112, 6.3 and 11.2), nobody gets one.
 * Rights: the front end; none needed. */
#include "base/log.h"
#include "http/parts.h"

#include <string.h>

static int refuse(const char **ret_why, int status, const char *why)
{
        *ret_why = why;
        return -status;
}

bool http_text_is(struct http_text text, const char *other)
{
        return strlen(other) == text.length && memcmp(text.bytes, other, text.length) == 0;
}

static bool is_named(const struct http_field *field, const char *name, size_t length)
{
        return field->name.length == length && strncasecmp(field->name.bytes, name, length) == 0;
}

const struct http_text *http_head_each(const struct http_head *head, const char *name, unsigned *at)
{
        size_t length = strlen(name);
        while (*at < head->field_count) {
                const struct http_field *field = &head->fields[(*at)++];
                if (is_named(field, name, length))
                        return &field->value;
        }
        return NULL;
}

const struct http_text *http_head_field(const struct http_head *head, const char *name)
{
        unsigned at = 0;
        const struct http_text *first = http_head_each(head, name, &at);
        return first == NULL || http_head_each(head, name, &at) != NULL ? NULL : first;
}

bool http_list_has(struct http_text list, const char *token)
{
        size_t length = strlen(token);
        const char *at = list.bytes, *end = list.bytes + list.length;
        while (at < end) {
                const char *comma = memchr(at, ',', (size_t)(end - at));
                const char *item_end = comma == NULL ? end : comma;
                const char *stop = memchr(at, ';', (size_t)(item_end - at));
                stop = stop == NULL ? item_end : stop;
                while (at < stop && http_is(*at, CLASS_BLANK))
                        at++;
                while (stop > at && http_is(stop[-1], CLASS_BLANK))
                        stop--;
                if ((size_t)(stop - at) == length && strncasecmp(at, token, length) == 0)
                        return true;
                at = item_end + 1;
        }
        return false;
}

/* Fields that frame the message may stand there once. */
struct framing {
        const struct http_text *host, *length, *coding, *expect;
};

/* Keeps the first; false when there was one before. */
static bool only(const struct http_text **kept, const struct http_text *value)
{
        bool first = *kept == NULL;
        *kept = value;
        return first;
}

static int collect(struct http_head *head, struct framing *framing, const char **ret_why)
{
        head->keep_alive = head->minor == 1;
        for (unsigned i = 0; i < head->field_count; i++) {
                const struct http_field *field = &head->fields[i];
                const struct http_text *value = &field->value;
                bool once = true;
                switch (field->name.length) {
                case 4:
                        once = !is_named(field, "host", 4) || only(&framing->host, value);
                        break;
                case 6:
                        once = !is_named(field, "expect", 6) || only(&framing->expect, value);
                        break;
                case 10:
                        if (!is_named(field, "connection", 10))
                                break;
                        head->upgrade = head->upgrade || http_list_has(*value, "upgrade");
                        if (http_list_has(*value, "close"))
                                head->keep_alive = false;
                        else if (head->minor == 0 && http_list_has(*value, "keep-alive"))
                                head->keep_alive = true;
                        break;
                case 14:
                        once = !is_named(field, "content-length", 14) || only(&framing->length, value);
                        break;
                case 17:
                        once = !is_named(field, "transfer-encoding", 17) || only(&framing->coding, value);
                        break;
                default:
                        break;
                }
                if (!once)
                        return refuse(ret_why, 400, "a field that must be there once is there twice");
        }
        return 0;
}

static int read_host(struct http_head *head, const struct http_text *host, const char **ret_why)
{
        if (host == NULL && head->minor == 1)
                return refuse(ret_why, 400, "there is no Host");
        if (host != NULL && !http_host_is_good(*host))
                return refuse(ret_why, 400, "Host is malformed");
        if (host != NULL && head->host.length != 0 &&
            (host->length != head->host.length || strncasecmp(host->bytes, head->host.bytes, host->length) != 0))
                return refuse(ret_why, 400, "Host is not the target's");
        if (host != NULL)
                head->host = *host;
        return 0;
}

static int read_framing(struct http_head *head, const struct framing *framing, const char **ret_why)
{
        if (framing->coding != NULL) {
                if (framing->length != NULL)
                        return refuse(ret_why, 400, "there are a length and chunks");
                if (head->minor == 0)
                        return refuse(ret_why, 400, "HTTP/1.0 has no chunks");
                if (framing->coding->length != 7 || strncasecmp(framing->coding->bytes, "chunked", 7) != 0)
                        return refuse(ret_why, 501, "the only transfer coding spoken here is chunked");
                head->chunked = true;
        }
        if (framing->length != NULL) {
                if (framing->length->length > 18 || !http_number(*framing->length, &head->length))
                        return refuse(ret_why, 400, "Content-Length is not a number");
                head->has_length = true;
        }
        return 0;
}

int http_head_mean(struct http_head *head, const char **ret_why)
{
        struct framing framing = {0};
        int result = collect(head, &framing, ret_why);
        if (result == 0)
                result = read_host(head, framing.host, ret_why);
        if (result == 0)
                result = read_framing(head, &framing, ret_why);
        if (result != 0)
                return result;
        if (framing.expect != NULL && head->minor == 1) {
                if (framing.expect->length != 12 || strncasecmp(framing.expect->bytes, "100-continue", 12) != 0)
                        return refuse(ret_why, 417, "the only expectation known here is 100-continue");
                head->expects_continue = head->chunked || head->length != 0;
        }
        return head->method == HTTP_OTHER ? refuse(ret_why, 501, "the method is not known here") : 0;
}
