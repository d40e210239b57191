/* The type service: a data service that Bulkhead runs.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        static const char *const words[] = {"smb", NULL};
        return shape_is_one_of(text, length, words);
}

const struct value_type value_service = {
        .name = "service",
        .says = "smb",
        .pattern = "^(smb)$",
        .example = "smb",
        .max_bytes = 16,
        .check = check,
};
