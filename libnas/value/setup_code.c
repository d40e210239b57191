/* The type setup_code: the one-time code that makes the first administrator.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        if (length != 29)
                return false;
        for (size_t i = 0; i < length; i++)
                if (i % 5 == 4 ? text[i] != '-' : !shape_only(text + i, 1, SHAPE_LOWER "234567"))
                        return false;
        return true;
}

const struct value_type value_setup_code = {
        .name = "setup_code",
        .says = "the code that the console shows: six groups of four letters or digits",
        .pattern = "^[a-z2-7]{4}(-[a-z2-7]{4}){5}$",
        .example = "abcd-efgh-ijkl-mnop-qrst-uvwx",
        .max_bytes = 29,
        .secret = true,
        .check = check,
};
