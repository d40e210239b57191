/* The type pem_key: a private key in PEM as somebody sends it.
 * Rights: every process; none needed. */
#include "value/pem_example.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        return shape_lines(text, length) && strstr(text, "-----BEGIN ") != NULL &&
               strstr(text, "PRIVATE KEY-----") != NULL;
}

const struct value_type value_pem_key = {
        .name = "pem_key",
        .says = "a private key in PEM",
        .pattern = NULL,
        .example = PEM_EXAMPLE_KEY,
        .max_bytes = 8 * 1024,
        .secret = true,
        .lines = true,
        .check = check,
};
