/* The type subject_name: what a certificate is for.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_LOWER SHAPE_DIGITS ".-_*:") && text[0] != '-';
}

const struct value_type value_subject_name = {
        .name = "subject_name",
        .says = "a host name, perhaps with a star for its first part, or an IP address",
        .pattern = "^[a-z0-9._*:][a-z0-9._*:-]*$",
        .example = "*.example.org",
        .max_bytes = 253,
        .check = check,
};
