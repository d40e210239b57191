/* The type chain: the name of a chain in the ledger.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_LOWER);
}

const struct value_type value_chain = {
        .name = "chain",
        .says = "the name of a daemon: 1 to 31 of a-z",
        .pattern = "^[a-z]{1,31}$",
        .example = "users",
        .max_bytes = 31,
        .check = check,
};
