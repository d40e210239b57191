/* The type module_given: what an action of a module is given, as JSON that its clerk wrote. What is in it was held
 * to the module's contract; here only that it is one line that can be shown.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return length >= 2 && text[0] == '{' && text[length - 1] == '}' && text_printable(text, length);
}

const struct value_type value_module_given = {
        .name = "module_given",
        .says = "a JSON object of at most 8192 bytes, in one line of printable text",
        .pattern = "^\\{[^\\u0000-\\u001f\\u007f]{0,8190}\\}$",
        .example = "{\"city\":\"Oslo\"}",
        .max_bytes = 8192,
        .check = check,
};
