/* The body of a request as it comes: a known length or chunks (RFC 9112, section 7), read strictly. Pure. */
#ifndef BULKHEAD_HTTP_BODY_H
#define BULKHEAD_HTTP_BODY_H

#include "http/head.h"

#include <sys/types.h>

struct http_body {
        uint64_t left;   /* of the length, or of the chunk under way */
        uint64_t total;  /* payload so far */
        unsigned state;  /* of the chunks' reader */
        unsigned digits; /* of the chunk's size so far */
        unsigned extra;  /* bytes of chunk extensions and trailer fields that no payload outweighed: limited */
        bool chunked, done;
};

void http_body_begin(struct http_body *body, const struct http_head *head);
/* Takes what it can from bytes: *ret_payload and *ret_payload_length are the next piece of payload in it (perhaps
 * none). Returns how many bytes are used up (0: more is needed), or -1: malformed, close. body->done at the end. */
ssize_t http_body_take(struct http_body *body, const char *bytes, size_t length, const char **ret_payload,
                       size_t *ret_payload_length);

#endif
