/* The type dataset_folder: the name of the folder that a dataset's snapshots lie in, which is that of the dataset
 * with : for /.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

enum { PARTS_MAX = 8 };

static bool check(const char *text, size_t length)
{
        size_t parts = 0, start = 0;
        for (size_t i = 0; i <= length; i++)
                if (i == length || text[i] == ':') {
                        if (++parts > PARTS_MAX || !shape_file_name(text + start, i - start))
                                return false;
                        start = i + 1;
                }
        return true;
}

const struct value_type value_dataset_folder = {
        .name = "dataset_folder",
        .says = "the name of a dataset with : for /",
        .pattern = "^[A-Za-z0-9_]([A-Za-z0-9_. -]{0,62}[A-Za-z0-9_-])?(:[A-Za-z0-9_]([A-Za-z0-9_. "
                   "-]{0,62}[A-Za-z0-9_-])?){0,7}$",
        .example = "media:films",
        .max_bytes = 255,
        .check = check,
};
