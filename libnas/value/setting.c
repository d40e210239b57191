/* Lines of a data service's configuration: the table's keys, and the kinds of value that tables share.
 * Rights: every process; none needed. */
#include "value/setting.h"
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

#include <stdio.h>
#include <string.h>

enum { PART_MAX = 64, COUNT_MAX = 1000000 };

const char *const setting_flag[] = {"yes", "no", NULL};

bool setting_is_one(const char *line, size_t length, const struct setting *table)
{
        static const char is[] = " = ";
        for (const struct setting *one = table; one->key; one++) {
                size_t begins = strlen(one->key) + strlen(is);
                if (length <= begins || !shape_begins(line, length, one->key) ||
                    strncmp(line + strlen(one->key), is, strlen(is)) != 0)
                        continue;
                const char *value = line + begins;
                return one->check ? one->check(value, length - begins)
                                  : shape_is_one_of(value, length - begins, one->words);
        }
        return false;
}

/* A backslash at the end would join the next line to it, a per cent sign begins what Samba replaces, and a quote or a
 * blank at an end is taken away by some services and not by others. */
bool setting_text(const char *text, size_t length)
{
        static const char blank_or_quote[] = " \"'";
        return length > 0 && text_printable(text, length) && !memchr(text, '\\', length) &&
               !memchr(text, '%', length) && text[0] != '-' && !strchr(blank_or_quote, text[0]) &&
               !strchr(blank_or_quote, text[length - 1]);
}

/* Every part of a list; an empty list is none. */
static bool each(const char *text, size_t length, const char *between, setting_check *is)
{
        size_t gap = strlen(between);
        while (length > 0) {
                const char *end = memmem(text, length, between, gap);
                size_t part = end ? (size_t)(end - text) : length;
                char copy[PART_MAX];
                if (part >= sizeof(copy))
                        return false;
                memcpy(copy, text, part);
                copy[part] = '\0';
                if (!is(copy, part))
                        return false;
                if (!end)
                        return true;
                text += part + gap;
                length -= part + gap;
        }
        return false;
}

static bool is_own_name(const char *text, size_t length)
{
        return !memchr(text, '\\', length) && value_is(&value_share_user, text, length);
}

static bool is_smb_name(const char *text, size_t length)
{
        return is_own_name(text, length) || setting_sid(text, length);
}

static bool is_host(const char *text, size_t length)
{
        return value_is(&value_share_host, text, length);
}

bool setting_names(const char *text, size_t length)
{
        return each(text, length, ", ", is_own_name);
}

bool setting_smb_names(const char *text, size_t length)
{
        return each(text, length, ", ", is_smb_name);
}

bool setting_addresses(const char *text, size_t length)
{
        return each(text, length, " ", is_host);
}

bool setting_count(const char *text, size_t length)
{
        return shape_number(text, length, 0, COUNT_MAX);
}

size_t setting_folder_length(const char *path, size_t length)
{
        const size_t own = strlen(SETTING_OWN_FOLDER);
        return length > own && memcmp(path + length - own, SETTING_OWN_FOLDER, own) == 0 ? length - own : length;
}

const char *setting_find(const char *text, const char *key, size_t *ret_length)
{
        char begins[64];
        const size_t length = (size_t)snprintf(begins, sizeof(begins), "\n\t%s = ", key);
        const char *at = strstr(text, begins);
        if (!at)
                return NULL;
        *ret_length = strcspn(at + length, "\n");
        return at + length;
}
