/* JSON, read strictly, by a reader of our own: libraries let too much pass (json-c: duplicate members, integers beyond
 * +-(2^53-1) cut off, NaN, numbers with a leading zero, NUL inside text, broken UTF-8, comments) and crash when memory
 * is out. One pass into one arena a document. */
#ifndef BULKHEAD_JSON_JSON_H
#define BULKHEAD_JSON_JSON_H

#include "base/arena.h"
#include "base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 16, JSON_MEMBERS_MAX = 4096, JSON_ITEMS_MAX = 65536 };
#define JSON_INTEGER_MAX ((int64_t)9007199254740991)

struct json; /* one value; belongs to the document it came from */

enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_INTEGER, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };
const char *json_type_name(enum json_kind type); /* "an object", "a text" ... for messages */

/* Parses exactly one value. NULL with FAILURE_MALFORMED (offset and reason). Free with json_free. */
struct json *json_parse(const char *text, size_t length, struct failure *failure);
/* The same in an arena, with which it goes: json_free then does nothing. */
struct json *json_parse_in(struct arena *arena, const char *text, size_t length, struct failure *failure);
void json_free(struct json *document); /* NULL is fine; only for what json_parse gave */
void json_freep(struct json **document);

enum json_kind json_type_of(const struct json *value); /* NULL pointer: JSON_NULL */
bool json_boolean(const struct json *value);
int64_t json_integer(const struct json *value);
double json_number(const struct json *value);                        /* an integer counts as a number */
const char *json_text(const struct json *value, size_t *ret_length); /* ret_length may be NULL */
size_t json_length(const struct json *value);                        /* items of an array, members of an object */
const struct json *json_item(const struct json *array, size_t index);
const struct json *json_member(const struct json *object, const char *name); /* NULL: not there */
/* Takes a member out of a document (what json_parse or json_take gave) that is an object; it is a document of its own
 * now, the caller's to json_free. NULL: not there. */
struct json *json_take(struct json *object, const char *name);
bool json_has(const struct json *object, const char *name); /* there, even if it is null */
/* Calls each for every member in order; stops when it returns false. */
void json_each(const struct json *object, bool (*each)(const char *name, const struct json *value, void *context),
               void *context);

/* Writing: straight into a growing buffer, no tree. Misuse (a value without its key) is a bug. */
struct json_out;
struct json_out *json_out_new(void);
void json_out_free(struct json_out *out);
void json_out_freep(struct json_out **out);
void json_out_reset(struct json_out *out);
void json_out_object(struct json_out *out); /* { */
void json_out_object_end(struct json_out *out);
void json_out_array(struct json_out *out); /* [ */
void json_out_array_end(struct json_out *out);
void json_out_key(struct json_out *out, const char *name);
void json_out_text(struct json_out *out,
                   const char *text); /* NULL writes null; bytes that are not UTF-8 become U+FFFD */
void json_out_text_n(struct json_out *out, const char *text, size_t length);
void json_out_integer(struct json_out *out, int64_t value);
void json_out_number(struct json_out *out, double value); /* not finite: null */
void json_out_boolean(struct json_out *out, bool value);
void json_out_null(struct json_out *out);
void json_out_value(struct json_out *out, const struct json *value);        /* a parsed value, re-encoded */
void json_out_raw(struct json_out *out, const char *json, size_t length);   /* already JSON; the caller vouches */
const char *json_out_bytes(const struct json_out *out, size_t *ret_length); /* complete; NUL-terminated */

/* RFC 6902 patch from one document to the next, as a JSON array in *out. Arrays of objects with an
 * "id" or "name" member are compared by it. Both texts must parse. 0 or -1. */
int json_patch(const char *before, size_t before_length, const char *after, size_t after_length, struct json_out *out);

/* The document after a patch (add, remove, replace, move, copy, test). 0, or -1 when it does not fit. */
int json_patch_apply(const char *before, size_t before_length, const char *patch, size_t patch_length,
                     struct json_out *out);

/* Where the value of a member of the outermost object stands in a text that is known to be JSON, without making a tree
 * of it: NULL when there is none (or the text is no object). */
const char *json_span(const char *text, size_t length, const char *name, size_t *ret_length);
/* The same for several members at once: fill in the names; value is NULL for what is not there. 0, or -1: not one
 * object (a bracket or quotation mark is missing); what lies in the values is not looked at. Any bytes may be given. */
struct json_place {
        const char *name;
        const char *value; /* not ended by NUL */
        size_t length;
        size_t items;              /* of an array, if it is JSON */
        struct json_place *inside; /* what to find in it in the same pass, when it is an object; NULL */
        size_t inside_count;
};
int json_spans(const char *text, size_t length, struct json_place *places, size_t count);

#endif
