/* What a request asks for: the target in its forms, and the host.
 * Rights: the front end; none needed. */
#include "http/parts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static int refuse(const char **ret_why, int status, const char *why)
{
        *ret_why = why;
        return -status;
}

/* Every "%" is followed by two hex digits. */
static bool escapes_are_whole(struct http_text text)
{
        const char *end = text.bytes + text.length;
        for (const char *at = text.bytes; (at = memchr(at, '%', (size_t)(end - at))) != NULL; at++)
                if (end - at < 3 || !http_is(at[1], CLASS_HEX) || !http_is(at[2], CLASS_HEX))
                        return false;
        return true;
}

/* Whoever would tidy such a path and whoever would not must not disagree: segments of dots, also when dots or slashes
 * are escaped, and empty ones are refused. A NUL ends a name for some and not for others. */
static bool path_is_plain(struct http_text path)
{
        unsigned dots = 0; /* in this segment so far; 3: it is not of one or two dots only */
        for (size_t i = 1; i < path.length;) {
                bool escaped = path.bytes[i] == '%';
                int byte = escaped ? http_hex(path.bytes[i + 1]) << 4 | http_hex(path.bytes[i + 2]) : path.bytes[i];
                bool ends = byte == '/' || byte == '\\';
                if (byte == '\0' || (ends && (dots == 1 || dots == 2)) ||
                    (byte == '/' && !escaped && path.bytes[i - 1] == '/'))
                        return false;
                if (ends)
                        dots = 0;
                else
                        dots = byte == '.' && dots < 3 ? dots + 1 : 3;
                i += escaped ? 3 : 1;
        }
        return dots == 0 || dots == 3;
}

static int read_origin_form(struct http_head *head, struct http_text target, const char **ret_why)
{
        const char *mark = memchr(target.bytes, '?', target.length);
        head->path = target;
        if (mark != NULL) {
                head->path.length = (size_t)(mark - target.bytes);
                head->query = (struct http_text){mark + 1, target.length - head->path.length - 1};
        }
        if (!http_all(target, CLASS_TARGET))
                return refuse(ret_why, 400, "the target holds a character that must be escaped");
        if (!escapes_are_whole(target))
                return refuse(ret_why, 400, "an escape in the target is not % and two hex digits");
        if (!path_is_plain(head->path))
                return refuse(ret_why, 400, "the path has empty or dot segments, or a NUL");
        return 0;
}

/* "http://host/path", as proxies are asked. */
static int read_absolute_form(struct http_head *head, struct http_text target, const char **ret_why)
{
        size_t scheme = target.length >= 8 && strncasecmp(target.bytes, "https://", 8) == 0 ? 8 : 7;
        if (target.length < 7 || (scheme == 7 && strncasecmp(target.bytes, "http://", 7) != 0))
                return refuse(ret_why, 400, "the target is neither a path nor an address");
        const char *slash = memchr(target.bytes + scheme, '/', target.length - scheme);
        if (slash == NULL)
                return refuse(ret_why, 400, "the target has no path");
        head->host = (struct http_text){target.bytes + scheme, (size_t)(slash - target.bytes) - scheme};
        if (!http_host_is_good(head->host))
                return refuse(ret_why, 400, "the target's host is malformed");
        return read_origin_form(head, (struct http_text){slash, target.length - (size_t)(slash - target.bytes)},
                                ret_why);
}

int http_target_read(struct http_head *head, struct http_text target, const char **ret_why)
{
        head->target = target;
        if (target.length == 1 && target.bytes[0] == '*' && head->method == HTTP_OPTIONS) {
                head->path = target;
                return 0;
        }
        if (target.length != 0 && target.bytes[0] == '/')
                return read_origin_form(head, target, ret_why);
        return read_absolute_form(head, target, ret_why);
}

/* What stands between "[" and "]": a number of IPv6, without a zone. */
static bool literal_is_good(struct http_text literal)
{
        char copy[INET6_ADDRSTRLEN];
        struct in6_addr number;
        if (literal.length >= sizeof(copy) || memchr(literal.bytes, '\0', literal.length) != NULL)
                return false;
        memcpy(copy, literal.bytes, literal.length);
        copy[literal.length] = '\0';
        return inet_pton(AF_INET6, copy, &number) == 1;
}

/* Labels with single dots between them; one more dot may stand at the end. */
static bool name_is_good(struct http_text name)
{
        bool dot = true;
        for (size_t i = 0; i < name.length; i++) {
                if (!http_is(name.bytes[i], CLASS_HOST) || (dot && name.bytes[i] == '.'))
                        return false;
                dot = name.bytes[i] == '.';
        }
        return name.length != 0;
}

static bool port_is_good(struct http_text port)
{
        uint64_t number;
        return port.length == 0 || (port.length <= 5 && http_number(port, &number) && number > 0 && number < 65536);
}

bool http_host_is_good(struct http_text host)
{
        if (host.length == 0 || host.length > 262)
                return false;
        const char *end = host.bytes + host.length, *name_end, *colon;
        if (host.bytes[0] == '[') {
                const char *bracket = memchr(host.bytes, ']', host.length);
                if (bracket == NULL ||
                    !literal_is_good((struct http_text){host.bytes + 1, (size_t)(bracket - host.bytes) - 1}))
                        return false;
                name_end = bracket + 1;
                colon = name_end == end ? NULL : name_end;
                if (colon != NULL && *colon != ':')
                        return false;
        } else {
                colon = memchr(host.bytes, ':', host.length);
                name_end = colon == NULL ? end : colon;
                if (!name_is_good((struct http_text){host.bytes, (size_t)(name_end - host.bytes)}))
                        return false;
        }
        return colon == NULL || port_is_good((struct http_text){colon + 1, (size_t)(end - colon - 1)});
}
