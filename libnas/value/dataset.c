/* The type dataset: the name of a dataset in its pool, with / where one lies in another.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

enum { PARTS_MAX = 8 };

static bool check(const char *text, size_t length)
{
        size_t parts = 0, start = 0;
        for (size_t i = 0; i <= length; i++)
                if (i == length || text[i] == '/') {
                        if (++parts > PARTS_MAX || !shape_file_name(text + start, i - start))
                                return false;
                        start = i + 1;
                }
        return true;
}

const struct value_type value_dataset = {
        .name = "dataset",
        .says = "1 to 8 names with / between; each of 1 to 64 letters, digits, _, -, . and blanks, first a letter, "
                "digit or _, last neither . nor blank",
        .pattern = "^[A-Za-z0-9_]([A-Za-z0-9_. -]{0,62}[A-Za-z0-9_-])?(/[A-Za-z0-9_]([A-Za-z0-9_. "
                   "-]{0,62}[A-Za-z0-9_-])?){0,7}$",
        .example = "media/films",
        .max_bytes = 255,
        .check = check,
};
