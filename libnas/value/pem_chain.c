/* The type pem_chain: certificates in PEM as somebody sends them, with whatever text stands around them.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/pem_example.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        /* A key that was put here by mistake must not come into a plan, a log or the ledger. */
        return shape_lines(text, length) && strstr(text, "-----BEGIN CERTIFICATE-----") != NULL &&
               strstr(text, "PRIVATE KEY") == NULL;
}

const struct value_type value_pem_chain = {
        .name = "pem_chain",
        .says = "certificates in PEM, the machine's own first, and no private key among them",
        .pattern = NULL,
        .example = PEM_EXAMPLE_CERTIFICATE,
        .max_bytes = 24 * 1024,
        .lines = true,
        .check = check,
};
