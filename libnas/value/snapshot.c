/* The type snapshot: the name of a snapshot of a dataset.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "_.:+-") &&
               strchr(SHAPE_LETTERS SHAPE_DIGITS "_", text[0]) != NULL;
}

const struct value_type value_snapshot = {
        .name = "snapshot",
        .says = "1 to 64 letters, digits, _, -, ., : and +, first a letter, digit or _",
        .pattern = "^[A-Za-z0-9_][A-Za-z0-9_.:+-]{0,63}$",
        .example = "before-the-upgrade",
        .max_bytes = 64,
        .check = check,
};
