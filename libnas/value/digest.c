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
        .example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .max_bytes = 64,
        .check = check,
};
