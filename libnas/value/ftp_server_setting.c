/* The type ftp_server_setting: one line of what ProFTPD is told of itself, "Key value" as it has them.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum { PORT_LEAST = 1024, PORT_MOST = 65535, CLIENTS_MOST = 4096 };

static unsigned port(const char *text, size_t length)
{
        unsigned number = 0;
        for (size_t i = 0; i < length; i++)
                number = 10 * number + (unsigned)(text[i] - '0');
        return number;
}

/* "50000 50999" */
static bool is_range(const char *text, size_t length)
{
        const char *blank = memchr(text, ' ', length);
        if (!blank)
                return false;
        const size_t first = (size_t)(blank - text), last = length - first - 1;
        return shape_number(text, first, PORT_LEAST, PORT_MOST) &&
               shape_number(blank + 1, last, PORT_LEAST, PORT_MOST) && port(text, first) <= port(blank + 1, last);
}

static bool is_flag(const char *text, size_t length)
{
        static const char *const words[] = {"on", "off", NULL};
        return shape_is_one_of(text, length, words);
}

static bool is_count(const char *text, size_t length)
{
        return shape_number(text, length, 1, CLIENTS_MOST);
}

static bool check(const char *text, size_t length)
{
        static const struct {
                const char *begins;
                bool (*check)(const char *text, size_t length);
        } keys[] = {{"PassivePorts ", is_range}, {"TLSRequired ", is_flag}, {"MaxInstances ", is_count}};
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                const size_t begins = strlen(keys[i].begins);
                if (length > begins && shape_begins(text, length, keys[i].begins))
                        return keys[i].check(text + begins, length - begins);
        }
        return false;
}

const struct value_type value_ftp_server_setting = {
        .name = "ftp_server_setting",
        .says = "one of the lines that Bulkhead writes about ProFTPD itself, \"Key value\"",
        .pattern = NULL,
        .example = "PassivePorts 50000 50999",
        .max_bytes = 64,
        .check = check,
};
