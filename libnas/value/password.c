/* The type password: a new password.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/types.h"

#include <string.h>
#include <strings.h>

/* One character repeated, or the head of what every list of passwords begins with. */
static bool is_common(const char *text, size_t length)
{
        static const char *const heads[] = {
                "password1234",  "123456789012", "qwertyuiop12", "qwertyuiopas", "passwordpass",
                "administrator", "letmeinletme", "bulkhead1234", "bulkheadbulk", NULL};
        for (size_t i = 0; heads[i] != NULL; i++)
                if (strncasecmp(text, heads[i], strlen(heads[i])) == 0)
                        return true;
        size_t same = 1;
        while (same < length && text[same] == text[0])
                same++;
        return same == length;
}

static bool check(const char *text, size_t length)
{
        return length >= 12 && text_printable(text, length) && !is_common(text, length);
}

const struct value_type value_password = {
        .name = "password",
        .says = "12 to 1024 bytes of text without control characters, and not one of the passwords that everybody "
                "tries first",
        .pattern = "^[^\\u0000-\\u001f\\u007f]{3,1024}$",
        .example = "correct horse battery",
        .max_bytes = 1024,
        .secret = true,
        .check = check,
};
