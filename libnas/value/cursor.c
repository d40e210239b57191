/* The type cursor: where a list goes on.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_BASE64);
}

const struct value_type value_cursor = {
        .name = "cursor",
        .says = "a cursor as the page before gave it",
        .pattern = "^[A-Za-z0-9_-]{1,64}$",
        .example = "MTIzNDU",
        .max_bytes = 64,
        .check = check,
};
