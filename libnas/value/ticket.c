/* The type ticket: a ticket.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_token(text, length, "bht1_", 64, 394);
}

const struct value_type value_ticket = {
        .name = "ticket",
        .says = "a ticket as sign-in gave it",
        .pattern = "^bht1_[A-Za-z0-9_-]{64,394}$",
        .example =
                "bht1_"
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        .max_bytes = 399,
        .check = check,
};
