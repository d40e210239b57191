/* The type device: a token of a browser or program that signed in before.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_token(text, length, "bhd_", 40, 86);
}

const struct value_type value_device = {
        .name = "device",
        .says = "a device token as sign-in gave it",
        .pattern = "^bhd_[A-Za-z0-9_-]{40,86}$",
        .example = "bhd_0123456789abcdef0123456789abcdef0123456789a",
        .max_bytes = 90,
        .secret = true,
        .check = check,
};
