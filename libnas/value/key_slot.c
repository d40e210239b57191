/* The type key_slot: the number of a key on an encrypted disk, as LUKS2 counts them.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        if (length == 1)
                return text[0] >= '0' && text[0] <= '9';
        return length == 2 && text[1] >= '0' &&
               (text[0] == '3' ? text[1] <= '1' : text[1] <= '9' && text[0] >= '1' && text[0] <= '2');
}

const struct value_type value_key_slot = {
        .name = "key_slot",
        .says = "a number from 0 to 31",
        .pattern = "^([12]?[0-9]|3[01])$",
        .example = "0",
        .max_bytes = 2,
        .check = check,
};
