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

/* Fields that say one thing: twice, one reader would believe the first and another the last. */
enum single {
        HOST,
        RANGE,
        EXPECT,
        ORIGIN,
        IF_MATCH,
        IF_RANGE,
        TYPE,
        CREDENTIAL,
        PART,
        IF_NONE_MATCH,
        LENGTH,
        CODING,
        IF_MODIFIED,
        IF_UNMODIFIED,
        SINGLES
};
static const struct {
        const char *name;
        size_t length;
} singles[SINGLES] = {
        [HOST] = {"host", 4},
        [RANGE] = {"range", 5},
        [EXPECT] = {"expect", 6},
        [ORIGIN] = {"origin", 6},
        [IF_MATCH] = {"if-match", 8},
        [IF_RANGE] = {"if-range", 8},
        [TYPE] = {"content-type", 12},
        [CREDENTIAL] = {"authorization", 13},
        [PART] = {"content-range", 13},
        [IF_NONE_MATCH] = {"if-none-match", 13},
        [LENGTH] = {"content-length", 14},
        [CODING] = {"transfer-encoding", 17},
        [IF_MODIFIED] = {"if-modified-since", 17},
        [IF_UNMODIFIED] = {"if-unmodified-since", 19},
};

struct kept {
        const struct http_text *of[SINGLES];
};

/* Around the value or in it. Not all readers take a tab off as they take blanks off, so that they differ in what the
 * field says: where the message depends on it, none may be there. */
static bool has_tab(const struct http_field *field)
{
        const char *at = field->name.bytes + field->name.length;
        while (*at != '\r' && *at != '\t')
                at++;
        return *at == '\t';
}

/* Keeps the value if it is one of those; false when there was one before, or it has a tab and must not. */
static bool keep(struct kept *kept, const struct http_field *field)
{
        for (size_t i = 0; i < SINGLES && singles[i].length <= field->name.length; i++)
                if (is_named(field, singles[i].name, singles[i].length)) {
                        bool first = kept->of[i] == NULL, frames = i == HOST || i == LENGTH || i == CODING;
                        kept->of[i] = &field->value;
                        return first && (!frames || !has_tab(field));
                }
        return true;
}

static int collect(struct http_head *head, struct kept *kept, const char **ret_why)
{
        bool close = false;
        head->keep_alive = head->minor == 1;
        for (unsigned i = 0; i < head->field_count; i++) {
                const struct http_field *field = &head->fields[i];
                if (!keep(kept, field))
                        return refuse(ret_why, 400,
                                      "a field that must be there once is there twice, or has a tab where none may be");
                if (!is_named(field, "connection", 10))
                        continue;
                close = close || http_list_has(field->value, "close");
                head->upgrade = head->upgrade || http_list_has(field->value, "upgrade");
                head->keep_alive = head->keep_alive || http_list_has(field->value, "keep-alive");
        }
        head->keep_alive = head->keep_alive && !close;
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

static int read_framing(struct http_head *head, const struct kept *kept, const char **ret_why)
{
        const struct http_text *coding = kept->of[CODING], *length = kept->of[LENGTH];
        if (coding != NULL) {
                if (length != NULL)
                        return refuse(ret_why, 400, "there are a length and chunks");
                if (head->minor == 0)
                        return refuse(ret_why, 400, "HTTP/1.0 has no chunks");
                if (coding->length != 7 || strncasecmp(coding->bytes, "chunked", 7) != 0)
                        return refuse(ret_why, 501, "the only transfer coding spoken here is chunked");
                head->chunked = true;
        }
        if (length != NULL) {
                if (length->length > 18 || !http_number(*length, &head->length))
                        return refuse(ret_why, 400, "Content-Length is not a number");
                head->has_length = true;
        }
        return 0;
}

int http_head_mean(struct http_head *head, const char **ret_why)
{
        struct kept kept = {0};
        int result = collect(head, &kept, ret_why);
        if (result == 0)
                result = read_host(head, kept.of[HOST], ret_why);
        if (result == 0)
                result = read_framing(head, &kept, ret_why);
        if (result != 0)
                return result;
        const struct http_text *expect = kept.of[EXPECT];
        if (expect != NULL && head->minor == 1) {
                if (expect->length != 12 || strncasecmp(expect->bytes, "100-continue", 12) != 0)
                        return refuse(ret_why, 417, "the only expectation known here is 100-continue");
                head->expects_continue = head->chunked || head->length != 0;
        }
        return 0;
}
