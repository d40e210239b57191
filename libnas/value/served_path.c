/* The type served_path: a folder in a pool, as shares name it.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

#define SERVED "/srv/"

/* A name may be whatever a file system allows, but what some service would read otherwise than we do, and what is not
 * for users: names that begin with a dot. */
static bool part(const char *text, size_t length)
{
        return length > 0 && text[0] != '.' && text[0] != ' ' && text[length - 1] != ' ' && text[length - 1] != '.';
}

static bool check(const char *text, size_t length)
{
        size_t start = strlen(SERVED);
        if (length <= start || memcmp(text, SERVED, start) != 0 || !text_printable(text, length) ||
            shape_has(text, length, "\\%\"$`*?[]{}<>|;:"))
                return false;
        for (size_t i = start; i <= length; i++)
                if (i == length || text[i] == '/') {
                        if (!part(text + start, i - start))
                                return false;
                        start = i + 1;
                }
        return true;
}

const struct value_type value_served_path = {
        .name = "served_path",
        .says = "a folder in a pool: /srv/POOL or below; no part begins with a dot or a blank or ends with one, none "
                "has "
                "a \\ % \" $ ` * ? [ ] { } < > | ; or : in it",
        .pattern = "^/srv(/[^\\u0000-\\u001f\\u007f/\\\\%\"$`*?\\[\\]{}<>|;: .]"
                   "([^\\u0000-\\u001f\\u007f/\\\\%\"$`*?\\[\\]{}<>|;:]*[^\\u0000-\\u001f\\u007f/"
                   "\\\\%\"$`*?\\[\\]{}<>|;: .])?)+$",
        .example = "/srv/tank/photos",
        .max_bytes = 512,
        .check = check,
};
