/* The type account_id: the number of an account or group of Bulkhead.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_number(text, length, 20000, 29999);
}

const struct value_type value_account_id = {
        .name = "account_id",
        .says = "a number from 20000 to 29999",
        .pattern = "^2[0-9]{4}$",
        .example = "20001",
        .max_bytes = 5,
        .check = check,
};
