/* The type label: a name that people give to a thing.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return length != 0 && text[0] != '-' && text[0] != ' ' && text_printable(text, length);
}

const struct value_type value_label = {
        .name = "label",
        .says = "1 to 64 bytes of printable text",
        .pattern = "^[^\\u0000-\\u001f\\u007f]{1,64}$",
        .example = "Home Assistant",
        .max_bytes = 64,
        .check = check,
};
