/* Shapes: how a C struct looks as JSON, as data. ipc-compiler makes one shape a type from the contracts; reading and
 * writing is this one pair of functions for all of them, so there is one reader to fuzz.
 *
 * Reading is exact: the right JSON type for every member, nothing missing, nothing unknown, every limit of the
 * contract kept. A failure names the member with its way there ("users[3].username"). Text goes into the arena;
 * SHAPE_OBJECT points into the document read. */
#ifndef BULKHEAD_JSON_SHAPE_H
#define BULKHEAD_JSON_SHAPE_H

#include "base/arena.h"
#include "base/failure.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHAPE_KEY_MAX = 128 }; /* bytes of a key of a map */

enum shape_kind {
        SHAPE_BOOLEAN, /* bool */
        SHAPE_INTEGER, /* int64_t */
        SHAPE_NUMBER,  /* double */
        SHAPE_TEXT,    /* const char * */
        SHAPE_OBJECT,  /* const struct json *: any object */
        SHAPE_WORD,    /* an enum */
        SHAPE_STRUCT   /* a struct with a shape */
};

enum shape_many {
        SHAPE_ONE,
        SHAPE_LIST, /* const T *NAME; size_t NAME_count; */
        SHAPE_MAP   /* the same, T is a struct that begins with const char *key */
};

struct shape_field {
        const char *name;
        enum shape_kind kind;
        enum shape_many many;
        bool optional;
        uint32_t at;               /* offset in the struct */
        uint32_t has_at;           /* of has_NAME, where an optional member has one; otherwise 0 */
        uint32_t count_at;         /* LIST, MAP: of NAME_count */
        uint32_t item_bytes;       /* LIST, MAP: size of an item */
        uint32_t value_at;         /* MAP: offset of the value in an item */
        int64_t min, max;          /* INTEGER */
        uint32_t text_max;         /* TEXT: bytes; 0: what the value type says */
        uint32_t items_max;        /* LIST, MAP */
        const char *is;            /* TEXT: its value type, or NULL */
        const char *const *words;  /* WORD: ended by NULL */
        const struct shape *shape; /* STRUCT */
};

struct shape {
        size_t bytes; /* of the struct */
        const struct shape_field *fields;
        size_t count;
};

/* Reads an object; value NULL (no parameters at all) is an empty one. 0, or -1 with FAILURE_INVALID; *ret is
 * untouched then. */
int shape_read(const struct shape *shape, const struct json *value, struct arena *arena, void *ret,
               struct failure *failure);
/* For answers of a daemon that may be newer than we are: the same, but unknown members are passed over. */
int shape_read_open(const struct shape *shape, const struct json *value, struct arena *arena, void *ret,
                    struct failure *failure);
/* Writes one object; absent optional members are left out. A missing text or a wrong enum is a bug. */
void shape_write(const struct shape *shape, struct json_out *out, const void *value);

#endif
