/* The head of a request, read strictly (RFC 9112): what one reader could take otherwise than another is refused.
 * Pure: bytes in, views of the same bytes out; nothing is copied or allocated. Fuzzed, and compared with nginx. */
#ifndef BULKHEAD_HTTP_HEAD_H
#define BULKHEAD_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        HTTP_HEAD_MAX = 8192,   /* bytes of request line and fields */
        HTTP_TARGET_MAX = 4096, /* of the target */
        HTTP_FIELDS_MAX = 64,
};

enum http_method {
        HTTP_OTHER, /* a token that we do not know: 501 or 405 */
        HTTP_GET,
        HTTP_HEAD,
        HTTP_POST,
        HTTP_PUT,
        HTTP_PATCH,
        HTTP_DELETE,
        HTTP_OPTIONS,
};

struct http_text { /* a view; not ended by NUL */
        const char *bytes;
        size_t length;
};

struct http_field {
        struct http_text name, value; /* value: without white space around it */
};

struct http_head {
        enum http_method method;
        struct http_text method_name, target; /* as they came */
        struct http_text path, query;         /* of the target, still encoded; query without "?" */
        unsigned minor;                       /* HTTP/1.minor: 0 or 1 */
        struct http_text host;                /* required with 1.1; of an absolute target, that one's */
        unsigned field_count;
        bool keep_alive, expects_continue, chunked, upgrade; /* upgrade: Connection lists it */
        bool has_length;
        uint64_t length;                           /* of the body; 0 without one */
        struct http_field fields[HTTP_FIELDS_MAX]; /* the last, so that a new head need not wipe them */
};

/* Reads a head from the beginning of bytes, which may be incomplete. scanned: how many bytes were looked at by the call
 * before (0 at first), so that a trickled head is not read again and again.
 * More than 0: it is complete and takes that many bytes; 0: more is needed; less: refused, -status (400, 413, 414, 417,
 * 431, 501, 505), and *ret_why says what is wrong, in words for the problem's detail. */
int http_head_read(const char *bytes, size_t length, size_t scanned, struct http_head *ret_head, const char **ret_why);

/* The only field of that name (lower case here, any case there); NULL when it is not there or there more than once
 * (what HTTP lets be there only once was refused then; preconditions, Authorization and Origin among them): what may
 * stand in a list is joined by http_head_each instead. */
const struct http_text *http_head_field(const struct http_head *head, const char *name);
/* The next field of that name from *at (0 at first). */
const struct http_text *http_head_each(const struct http_head *head, const char *name, unsigned *at);
/* Does a comma-separated list of tokens hold token (lower case; parameters after ";" are left out)? */
bool http_list_has(struct http_text list, const char *token);
bool http_text_is(struct http_text text, const char *other); /* byte for byte */

#endif
