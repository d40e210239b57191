/* The type time_zone: a name of the time zone database. Whether there is such a zone says who sets it.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum { PARTS_MAX = 3 };

static bool is_part(const char *text, size_t length)
{
        return length <= 31 && shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "_+-") &&
               shape_only(text, 1, SHAPE_LETTERS);
}

static bool check(const char *text, size_t length)
{
        unsigned parts = 0;
        for (const char *at = text, *end = text + length; at <= end; parts++) {
                const char *slash = memchr(at, '/', (size_t)(end - at));
                size_t part = (size_t)((slash ? slash : end) - at);
                if (parts == PARTS_MAX || part == 0 || !is_part(at, part))
                        return false;
                at += part + 1;
        }
        return parts > 0;
}

const struct value_type value_time_zone = {
        .name = "time_zone",
        .says = "a time zone such as Europe/Berlin",
        .pattern = "^[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z][A-Za-z0-9_+-]{0,30}){0,2}$",
        .example = "Europe/Berlin",
        .max_bytes = 95,
        .check = check,
};
