/* The type warrant: a warrant.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_token(text, length, "bhw1_", 64, 394);
}

const struct value_type value_warrant = {
        .name = "warrant",
        .says = "a warrant as confirming gave it",
        .pattern = "^bhw1_[A-Za-z0-9_-]{64,394}$",
        .example =
                "bhw1_"
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        .max_bytes = 399,
        .check = check,
};
