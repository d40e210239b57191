/* The type uuid: the number by which a file system is known.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        if (length != 36)
                return false;
        for (size_t i = 0; i < length; i++)
                if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
                        return false;
        return true;
}

const struct value_type value_uuid = {
        .name = "uuid",
        .says = "a UUID in small letters",
        .pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        .example = "0f7f2a3e-8c43-4a55-9d3b-6f2f1c7a9b10",
        .max_bytes = 36,
        .check = check,
};
