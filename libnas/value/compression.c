/* The type compression: how what is written to a dataset is compressed.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        static const char *const words[] = {"zstd", "lzo", "zlib", "none", NULL};
        return shape_is_one_of(text, length, words);
}

const struct value_type value_compression = {
        .name = "compression",
        .says = "zstd, lzo, zlib or none",
        .pattern = "^(zstd|lzo|zlib|none)$",
        .example = "zstd",
        .max_bytes = 4,
        .check = check,
};
