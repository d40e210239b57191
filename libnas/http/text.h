/* The small languages inside HTTP: percent encoding, queries, cookies, entity tags, dates, ranges, preferences. Pure.
 */
#ifndef BULKHEAD_HTTP_TEXT_H
#define BULKHEAD_HTTP_TEXT_H

#include "base/arena.h"
#include "http/head.h"

#include <time.h>

/* Percent-decodes (plus: "+" is a blank, as in queries) into the arena. NULL: a bad escape, a NUL, or not UTF-8. */
char *http_decode(struct arena *arena, struct http_text text, bool plus);

/* A path is taken apart before it is decoded, so that "%2F" is not a slash. The next segment from *at (offset in path,
 * 0 at first), still encoded; false at the end. One trailing slash is no segment. */
bool http_segment(struct http_text path, size_t *at, struct http_text *ret_segment);

struct http_pair {
        const char *name, *value; /* decoded */
};
/* Pairs of "a=1&b=2" in order. Count, or -1: malformed or more than max. */
int http_query(struct arena *arena, struct http_text query, struct http_pair *ret_pairs, unsigned max);

/* The value of the cookie of that name; {NULL, 0}: not there, or there twice. */
struct http_text http_cookie(const struct http_head *head, const char *name);

/* --- preconditions (RFC 9110, section 13) --- */
enum http_condition { HTTP_GO_ON, HTTP_NOT_MODIFIED, HTTP_PRECONDITION_FAILED };
/* etag: with its quotes, NULL: none; modified: 0: unknown. */
enum http_condition http_conditions(const struct http_head *head, const char *etag, time_t modified);

/* --- ranges (section 14): one range; several are answered with the whole, which is allowed --- */
enum http_range { HTTP_WHOLE, HTTP_PART, HTTP_UNSATISFIABLE };
enum http_range http_range(const struct http_head *head, const char *etag, time_t modified, uint64_t size,
                           uint64_t *ret_first, uint64_t *ret_length);

/* Would the client take this coding ("gzip"), and rather than none? */
bool http_accepts_coding(const struct http_head *head, const char *coding);
/* How much it wants this media type, 0 (not at all) to 1000. */
unsigned http_accepts_type(const struct http_head *head, const char *type);
/* Is the body's media type this one (parameters aside)? */
bool http_content_is(const struct http_head *head, const char *type);

enum { HTTP_DATE_SIZE = 30 };
void http_date(time_t when, char ret_text[HTTP_DATE_SIZE]); /* "Sun, 06 Nov 1994 08:49:37 GMT" */
time_t http_date_read(struct http_text text);               /* -1: none that we know */

const char *http_reason(int status); /* "Not Found" */

#endif
