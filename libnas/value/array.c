/* The type array: an array of disks, by its number as mdadm writes it.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

enum { LENGTH = 35, DIGITS = 8 };

static bool check(const char *text, size_t length)
{
        bool good = length == LENGTH;
        for (size_t i = 0; good && i < length; i++)
                good = i % (DIGITS + 1) == DIGITS ? text[i] == ':' : shape_only(text + i, 1, SHAPE_DIGITS "abcdef");
        return good;
}

const struct value_type value_array = {
        .name = "array",
        .says = "the number of an array: four times 8 hexadecimal digits, with : between",
        .pattern = "^[0-9a-f]{8}(:[0-9a-f]{8}){3}$",
        .example = "11111111:22224333:84445555:55555555",
        .max_bytes = LENGTH,
        .check = check,
};
