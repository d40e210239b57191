/* The type outcome: what became of a change.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"success", "failed", "aborted", "refused", NULL});
}

const struct value_type value_outcome = {
        .name = "outcome",
        .says = "success, failed, aborted or refused",
        .pattern = "^(success|failed|aborted|refused)$",
        .example = "success",
        .max_bytes = 8,
        .check = check,
};
