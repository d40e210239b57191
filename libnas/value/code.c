/* The type code: a one-time code or a recovery code.
 * Rights: every process; none needed. */
#include "value/code.h"

#include "value/shape.h"
#include "value/types.h"

/* Six groups of four base32 digits, 120 bits. */
static bool is_recovery(const char *text, size_t length)
{
        if (length != 29)
                return false;
        for (size_t i = 0; i < length; i++)
                if (i % 5 == 4 ? text[i] != '-' : !shape_only(text + i, 1, SHAPE_LOWER "234567"))
                        return false;
        return true;
}

static bool check(const char *text, size_t length)
{
        return (length == 6 && shape_only(text, length, SHAPE_DIGITS)) || is_recovery(text, length);
}

const struct value_type value_code = {
        .name = "code",
        .says = "six digits, or a recovery code of letters and digits in groups",
        .pattern = "^([0-9]{6}|[a-z2-7]{4}(-[a-z2-7]{4}){5})$",
        .example = "123456",
        .max_bytes = 29,
        .secret = true,
        .check = check,
};

void code_make(const uint8_t random[CODE_RANDOM_BYTES], char target[CODE_SIZE])
{
        for (unsigned i = 0; i < CODE_RANDOM_BYTES; i++)
                target[i] = i % 5 == 4 ? '-' : (SHAPE_LOWER "234567")[random[i] & 31];
        target[CODE_SIZE - 1] = '\0';
}
