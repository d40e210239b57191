/* The types domain_account, who may have this machine join a domain, and domain_password, what proves it: both stand in
 * a file of "key = value" lines for the tool that joins, which takes blanks at the ends away.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

enum { NAME_MAX_BYTES = 64, PASSWORD_MAX_BYTES = 256 };

static bool check_name(const char *text, size_t length)
{
        return length > 0 && length <= NAME_MAX_BYTES && shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "._-") &&
               text[0] != '-';
}

const struct value_type value_domain_account = {
        .name = "domain_account",
        .says = "the name of an account of the domain, without the domain: letters, digits, . _ and -",
        .pattern = "^[A-Za-z0-9._][A-Za-z0-9._-]{0,63}$",
        .example = "Administrator",
        .max_bytes = NAME_MAX_BYTES,
        .check = check_name,
};

static bool check_password(const char *text, size_t length)
{
        return length > 0 && text_printable(text, length) && text[0] != ' ' && text[length - 1] != ' ';
}

const struct value_type value_domain_password = {
        .name = "domain_password",
        .says = "1 to 256 bytes of printable text, no blank first or last",
        .pattern = "^(?! )[^\\u0000-\\u001f\\u007f]*[^\\u0000-\\u001f\\u007f ]$",
        .example = "correct horse battery",
        .max_bytes = PASSWORD_MAX_BYTES,
        .secret = true,
        .check = check_password,
};
