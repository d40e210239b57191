/* The type digest: a SHA-256 as text.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return length == 64 && shape_only(text, length, SHAPE_DIGITS "abcdef");
}

const struct value_type value_digest = {
        .name = "digest",
        .says = "64 digits 0-9 a-f",
        .pattern = "^[0-9a-f]{64}$",
        /* Of the example of the type plan. */
        .example = "8dd00a7cc5bf2ea14310fcb49839033694fbd2c7213a6c75af0d05b85f2098e7",
        .max_bytes = 64,
        .check = check,
};
