/* The type pool_name: the name of a pool, which is also that of its folder below /srv and, with both, of a unit.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "_") && strchr(SHAPE_LETTERS, text[0]) != NULL;
}

const struct value_type value_pool_name = {
        .name = "pool_name",
        .says = "1 to 31 letters, digits and _, first a letter",
        .pattern = "^[A-Za-z][A-Za-z0-9_]{0,30}$",
        .example = "tank",
        .max_bytes = 31,
        .check = check,
};
