/* The type full_name: a person's name, as it stands in the comment field of an account.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        return length != 0 && text[0] != '-' && text[0] != ' ' && text_printable(text, length) &&
               strcspn(text, ":,=\"\\") >= length;
}

const struct value_type value_full_name = {
        .name = "full_name",
        .says = "up to 128 bytes of printable text without : , = quotation marks or backslashes, not beginning with -",
        .pattern = "^[^:,=\"\\\\\\u0000-\\u001f-][^:,=\"\\\\\\u0000-\\u001f]*$",
        .example = "Alice Liddell",
        .max_bytes = 128,
        .check = check,
};
