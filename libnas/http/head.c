/* The head of a request: lines out of bytes, and what they mean together.
 * Rights: the front end; none needed. */
#include "http/head.h"

#include "base/log.h"
#include "http/parts.h"

#include <string.h>

struct reading {
        const char *at, *end; /* end: behind the head's last line end */
        struct http_head *head;
        const char *why;
};

static int refuse(struct reading *reading, int status, const char *why)
{
        reading->why = why;
        return -status;
}

/* Where the head ends; NULL: not yet. Only CRLF ends a line, so only CRLF CRLF ends a head; it is looked for again only
 * where something is new. */
static const char *find_end(const char *bytes, size_t length, size_t scanned)
{
        size_t from = scanned > 3 ? scanned - 3 : 0;
        const char *end = memmem(bytes + from, length - from, "\r\n\r\n", 4);
        return end == NULL ? NULL : end + 4;
}

/* The next line without its end. A line feed or a carriage return by itself is in no line. */
static int next_line(struct reading *reading, struct http_text *ret_line)
{
        const char *cr = memchr(reading->at, '\r', (size_t)(reading->end - reading->at));
        ASSERT(cr != NULL);
        if (cr[1] != '\n' || memchr(reading->at, '\n', (size_t)(cr - reading->at)) != NULL)
                return refuse(reading, 400, "a line ends with something other than CR LF");
        *ret_line = (struct http_text){reading->at, (size_t)(cr - reading->at)};
        reading->at = cr + 2;
        return 0;
}

static const struct {
        const char *name;
        enum http_method method;
} methods[] = {
        {"GET", HTTP_GET},     {"HEAD", HTTP_HEAD},     {"POST", HTTP_POST},       {"PUT", HTTP_PUT},
        {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE}, {"OPTIONS", HTTP_OPTIONS},
};

static int read_method(struct reading *reading, struct http_text name)
{
        if (!http_all(name, CLASS_TOKEN))
                return refuse(reading, 400, "the method is no token");
        reading->head->method_name = name;
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
                if (http_text_is(name, methods[i].name))
                        reading->head->method = methods[i].method;
        return 0;
}

static int read_version(struct reading *reading, struct http_text version)
{
        if (version.length != 8 || memcmp(version.bytes, "HTTP/", 5) != 0 || version.bytes[6] != '.' ||
            !http_is(version.bytes[5], CLASS_DIGIT) || !http_is(version.bytes[7], CLASS_DIGIT))
                return refuse(reading, 400, "the request line does not end with a version");
        if (version.bytes[5] != '1' || version.bytes[7] > '1')
                return refuse(reading, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
        reading->head->minor = version.bytes[7] == '1' ? 1 : 0;
        return 0;
}

static int read_request_line(struct reading *reading)
{
        struct http_text line;
        int result = next_line(reading, &line);
        if (result != 0)
                return result;
        const char *end = line.bytes + line.length;
        const char *first = memchr(line.bytes, ' ', line.length);
        const char *second = first == NULL ? NULL : memchr(first + 1, ' ', (size_t)(end - first - 1));
        if (second == NULL || memchr(second + 1, ' ', (size_t)(end - second - 1)) != NULL)
                return refuse(reading, 400, "the request line is not METHOD TARGET VERSION");
        struct http_text target = {first + 1, (size_t)(second - first - 1)};
        if ((result = read_version(reading, (struct http_text){second + 1, (size_t)(end - second - 1)})) != 0 ||
            (result = read_method(reading, (struct http_text){line.bytes, (size_t)(first - line.bytes)})) != 0)
                return result;
        if (reading->head->method == HTTP_OTHER) /* before the target: CONNECT has one of its own form */
                return refuse(reading, 501, "the method is not known here");
        if (target.length > HTTP_TARGET_MAX)
                return refuse(reading, 414, "the target is longer than 4096 bytes");
        return http_target_read(reading->head, target, &reading->why);
}

static int read_field(struct reading *reading, struct http_text line)
{
        struct http_head *head = reading->head;
        if (http_is(line.bytes[0], CLASS_BLANK))
                return refuse(reading, 400, "a field is continued on the next line");
        const char *colon = memchr(line.bytes, ':', line.length);
        if (colon == NULL)
                return refuse(reading, 400, "a field has no colon");
        struct http_field field = {.name = {line.bytes, (size_t)(colon - line.bytes)}};
        field.value = http_trim(colon + 1, line.bytes + line.length);
        if (!http_all(field.name, CLASS_TOKEN))
                return refuse(reading, 400, "a field's name is no token");
        if ((field.value.length != 0 && !http_all(field.value, CLASS_VALUE)))
                return refuse(reading, 400, "a field's value holds a control character");
        if (head->field_count == HTTP_FIELDS_MAX)
                return refuse(reading, 431, "there are more than 64 fields");
        head->fields[head->field_count++] = field;
        return 0;
}

static int read_fields(struct reading *reading)
{
        struct http_text line;
        for (;;) {
                int result = next_line(reading, &line);
                if (result != 0)
                        return result;
                if (line.length == 0)
                        return 0;
                if ((result = read_field(reading, line)) != 0)
                        return result;
        }
}

/* Nobody waits for the rest of what cannot become a head: it begins with something else, or a line ends otherwise. */
static int incomplete(const char *bytes, size_t length, size_t scanned, const char **ret_why)
{
        size_t skipped = length > 0 && bytes[0] == '\r' ? 2 : 0;
        *ret_why = "this is no request";
        if ((skipped != 0 && length > 1 && bytes[1] != '\n') ||
            (length > skipped && !http_is(bytes[skipped], CLASS_TOKEN)))
                return -400;
        *ret_why = "a line ends with something other than CR LF";
        const char *end = bytes + length;
        for (const char *lf = bytes + scanned; (lf = memchr(lf, '\n', (size_t)(end - lf))) != NULL; lf++)
                if (lf == bytes || lf[-1] != '\r')
                        return -400;
        *ret_why = "the head is longer than 8192 bytes";
        return length < HTTP_HEAD_MAX ? 0 : -431;
}

int http_head_read(const char *bytes, size_t length, size_t scanned, struct http_head *ret_head, const char **ret_why)
{
        ASSERT(scanned <= length && ret_head != NULL && ret_why != NULL);
        size_t skipped = length >= 2 && memcmp(bytes, "\r\n", 2) == 0 ? 2 : 0; /* RFC 9112, 2.2: some send one */
        const char *end = find_end(bytes + skipped, length - skipped, scanned > skipped ? scanned - skipped : 0);
        if (end == NULL || end - bytes > HTTP_HEAD_MAX)
                return incomplete(bytes, end == NULL ? length : (size_t)(end - bytes), scanned, ret_why);
        memset(ret_head, 0, offsetof(struct http_head, fields));
        struct reading reading = {.at = bytes + skipped, .end = end, .head = ret_head};
        int result = read_request_line(&reading);
        if (result == 0)
                result = read_fields(&reading);
        if (result == 0)
                result = http_head_mean(ret_head, &reading.why);
        if (result != 0) {
                *ret_why = reading.why;
                return result;
        }
        return (int)(end - bytes);
}
