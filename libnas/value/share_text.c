/* The type share_text: what people are told of a share or a server.
 * Rights: every process; none needed. */
#include "value/setting.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return setting_text(text, length);
}

const struct value_type value_share_text = {
        .name = "share_text",
        .says = "1 to 200 bytes of printable text without \\ and %, not beginning or ending with a blank or a quote, "
                "nor beginning with -",
        .pattern = "^[^\\u0000-\\u001f\\u007f\\\\% \"'-]([^\\u0000-\\u001f\\u007f\\\\%]*[^\\u0000-\\u001f\\u007f\\\\% "
                   "\"'])?$",
        .example = "Photos of all of us",
        .max_bytes = 200,
        .check = check,
};
