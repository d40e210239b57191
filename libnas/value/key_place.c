/* The type key_place: where a key that opens disks lies.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"kept", "given", "new", NULL});
}

const struct value_type value_key_place = {
        .name = "key_place",
        .says = "kept (by this machine), given or new (both by a person, for this moment)",
        .pattern = "^(kept|given|new)$",
        .example = "kept",
        .max_bytes = 5,
        .check = check,
};
