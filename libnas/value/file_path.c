/* The type file_path: where a file or folder lies in a dataset.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/types.h"

#include <string.h>

enum { PART_MAX = 255 };

static bool check(const char *text, size_t length)
{
        size_t start = 0;
        if (!text_printable(text, length))
                return false;
        for (size_t i = 0; i <= length; i++)
                if (i == length || text[i] == '/') {
                        const size_t part = i - start;
                        if (part == 0 || part > PART_MAX || (part <= 2 && strspn(text + start, ".") >= part))
                                return false;
                        start = i + 1;
                }
        return true;
}

const struct value_type value_file_path = {
        .name = "file_path",
        .says = "names with / between, none of them . or .. or empty",
        .pattern = "^(?!\\.{1,2}(/|$))[^/\\u0000-\\u001f\\u007f]+(/(?!\\.{1,2}(/|$))[^/\\u0000-\\u001f\\u007f]+)*$",
        .example = "2026/summer/beach.jpg",
        .max_bytes = 2048,
        .check = check,
};
