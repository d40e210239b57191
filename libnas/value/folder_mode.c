/* The type folder_mode: who may do what in a folder, as chmod takes it. Never set-uid.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return (length == 3 || (length == 4 && text[0] <= '3')) && shape_only(text, length, "01234567");
}

const struct value_type value_folder_mode = {
        .name = "folder_mode",
        .says = "three octal digits such as 755, or four of which the first is 0 to 3",
        .pattern = "^[0-3]?[0-7]{3}$",
        .example = "2770",
        .max_bytes = 4,
        .check = check,
};
