/* The type workgroup: the group of machines under which Windows shows this one.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return length > 0 && text[0] != '-' && shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "-_");
}

const struct value_type value_workgroup = {
        .name = "workgroup",
        .says = "1 to 15 letters, digits, - and _, first no -",
        .pattern = "^[A-Za-z0-9_][A-Za-z0-9_-]{0,14}$",
        .example = "WORKGROUP",
        .max_bytes = 15,
        .check = check,
};
