/* Inside json/: a value as it lies in memory, and the pieces that read it. */
#ifndef BULKHEAD_JSON_PARTS_H
#define BULKHEAD_JSON_PARTS_H

#include "json/json.h"

struct json {
        enum json_kind kind : 8;
        unsigned room : 8; /* patch_apply.c: inner has space for 2^room - 1; 0: only for count */
        uint32_t count;    /* items or members */
        union {
                bool boolean;
                int64_t integer;
                double number;
                struct {
                        const char *text; /* NUL-terminated */
                        size_t length;
                };
                struct json *inner; /* count of them, in order */
        };
        const char *name; /* of a member; NUL-terminated */
        size_t name_length;
};

/* What json_parse and json_take give: the value first, so that a document is its value. Several may share an arena; the
 * last one frees it. */
struct shared {
        struct arena *arena;
        unsigned holders;
        bool owned; /* the arena goes with the last holder */
};

struct document {
        struct json value;
        struct shared *shared;
};

/* Where reading is. The first reason stays; everything ends with it. */
struct cursor {
        const char *begin, *at, *end;
        const char *reason;
        struct arena *arena;
};

bool cursor_wrong(struct cursor *cursor, const char *reason);                       /* false, always */
bool cursor_next_is(struct cursor *cursor, char wanted);                            /* and takes it */
struct json *json_find(const struct json *object, const char *name, size_t length); /* the member, even if null; NULL */
bool json_same(const struct json *a, const struct json *b); /* equal as documents; members in any order */
/* token.c: one text or number at the cursor; texts go into the arena. */
bool token_text(struct cursor *cursor, const char **ret_text, size_t *ret_length);
bool token_number(struct cursor *cursor, struct json *ret_value);

#endif
