/* Value types: one validated kind of text a file. The same type is named after @is in a contract,
 * after the colon of a parameter in a policy, and tells forms and OpenAPI what is allowed, so a
 * value is judged by the same function at every hop. */
#ifndef BULKHEAD_VALUE_VALUE_H
#define BULKHEAD_VALUE_VALUE_H

#include "base/failure.h"

#include <stdbool.h>
#include <stddef.h>

struct value_type {
        const char *name;    /* "user_name" */
        const char *says;    /* completes "FIELD must be ...": "1 to 31 lower-case letters, digits, - or _ ..." */
        const char *pattern; /* an ECMA regular expression, anchored, for forms and OpenAPI; NULL: none says it */
        const char *example; /* a valid value, for the documents and for the tests */
        size_t max_bytes;
        bool secret; /* wiped, masked, never journaled, never logged */
        bool lines;  /* of several lines: the command line reads it from a file */
        /* True when text (length bytes, also NUL-terminated at text[length]) is a valid value.
         * Pure; length <= max_bytes is already checked. */
        bool (*check)(const char *text, size_t length);
};

const struct value_type *value_type_find(const char *name); /* NULL: no such type */
const struct value_type *value_type_at(size_t index);       /* NULL past the end; for documents and tests */

/* Is a text that is one already (valid UTF-8, without NUL) of that type? The only way to a type's check but the next:
 * neither calls it with more than it has room for. */
bool value_is(const struct value_type *type, const char *text, size_t length);
/* 0, or -1 with FAILURE_INVALID naming the field. A secret's text never gets into the message. */
int value_check(const struct value_type *type, const char *field, const char *text, size_t length,
                struct failure *failure);

#endif
