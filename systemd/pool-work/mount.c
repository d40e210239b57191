/* What is mounted where, as the kernel tells it. Rights: none; pure. */
#include "base/log.h"
#include "systemd/pool-work/work.h"

#include <stdio.h>
#include <string.h>

enum { BEFORE_TARGET = 4 };

/* The word that begins there, up to a blank; behind it in *ret_next. */
static size_t word_at(const char *at, const char **ret_next)
{
        size_t length = strcspn(at, " \n");
        *ret_next = at[length] == ' ' ? at + length + 1 : at + length;
        return length;
}

static bool is_at(const char *line, const char *folder)
{
        const char *next = line;
        for (int i = 0; i < BEFORE_TARGET; i++)
                (void)word_at(next, &next);
        const char *target = next;
        const size_t length = word_at(target, &next);
        return length == strlen(folder) && strncmp(target, folder, length) == 0;
}

bool mount_source(const char *table, const char *folder, char ret_source[PATH_MAX])
{
        ASSERT(table && folder && ret_source);
        bool found = false;
        for (const char *line = table; *line; line += strcspn(line, "\n"), line += *line == '\n') {
                const char *dash = strstr(line, " - "), *end = line + strcspn(line, "\n"), *source;
                if (!dash || dash > end || !is_at(line, folder))
                        continue;
                (void)word_at(dash + strlen(" - "), &source); /* the kind */
                const char *next;
                const size_t length = word_at(source, &next);
                found = length > 0 && length < PATH_MAX;
                if (found)
                        snprintf(ret_source, PATH_MAX, "%.*s", (int)length, source);
        }
        return found;
}
