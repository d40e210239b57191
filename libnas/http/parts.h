/* What the files of http/ share; nobody else includes it. */
#ifndef BULKHEAD_HTTP_PARTS_H
#define BULKHEAD_HTTP_PARTS_H

#include "http/head.h"

enum http_class {
        CLASS_TOKEN = 1 << 0,  /* of a method or a field's name (RFC 9110, 5.6.2) */
        CLASS_VALUE = 1 << 1,  /* of a field's value: visible, blank, tab or beyond ASCII */
        CLASS_TARGET = 1 << 2, /* of a path or query: what RFC 3986 lets stand there, "%" too */
        CLASS_HOST = 1 << 3,   /* of a host's name or number */
        CLASS_DIGIT = 1 << 4,
        CLASS_HEX = 1 << 5,
        CLASS_BLANK = 1 << 6,
};
extern const unsigned char http_classes[256];

static inline bool http_is(char byte, enum http_class class)
{
        return (http_classes[(unsigned char)byte] & (unsigned)class) != 0;
}
bool http_all(struct http_text text, enum http_class class);  /* every byte; and there is one */
struct http_text http_trim(const char *from, const char *to); /* without blanks around it */
int http_hex(char byte);                                      /* of what is CLASS_HEX */

/* target.c: the target of a request line, and a host. 0, or -status with the reason. */
int http_target_read(struct http_head *head, struct http_text target, const char **ret_why);
bool http_host_is_good(struct http_text host);

/* meaning.c: what the fields together say of host, framing and connection. 0, or -status with the reason. */
int http_head_mean(struct http_head *head, const char **ret_why);

/* Decimal digits and nothing else. */
bool http_number(struct http_text text, uint64_t *ret_number);

#endif
