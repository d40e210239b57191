/* The type key_scopes: what an API key may not do.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length,
                               (const char *const[]){"read_only", "no_destroy", "read_only no_destroy", NULL});
}

const struct value_type value_key_scopes = {
        .name = "key_scopes",
        .says = "read_only, no_destroy or both",
        .pattern = "^(read_only|no_destroy|read_only no_destroy)$",
        .example = "read_only no_destroy",
        .max_bytes = 20,
        .check = check,
};
