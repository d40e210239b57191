/* What the other machine answers, read as text of a stranger's.
 * Rights: the one who sends to other machines; pure. */
#include "daemons/storage/far/far.h"

#include "base/log.h"
#include "base/text.h"
#include "value/types.h"

#include <stdio.h>
#include <string.h>

enum { UUID_LENGTH = 36, LINE_MAX_BYTES = 4096 };

static const struct known {
        const char *mark, *says;
} known[] = {
        {"IDENTIFICATION HAS CHANGED",
         "its host key is not the one that was confirmed: is that still the same machine?"},
        {"Host key verification failed", "its host key is not confirmed (bulkhead remotes trust)"},
        {"no matching host key type", "it has no Ed25519 host key"},
        {"Permission denied", "it does not let us in: is the key in its authorized_keys?"},
};

/* The last line with something in it. */
static const char *last_line(const char *text, size_t *ret_length)
{
        const char *last = "";
        *ret_length = 0;
        for (const char *line = text; *line;) {
                size_t length = strcspn(line, "\r\n");
                if (length > 0) {
                        last = line;
                        *ret_length = length;
                }
                line += length + (line[length] != '\0');
        }
        return last;
}

void said_why(const char *complaint, bool connected, char why[WHY_SIZE])
{
        ASSERT(complaint && why);
        char escaped[WHY_SIZE - 32];
        size_t length;
        for (size_t i = 0; !connected && i < sizeof(known) / sizeof(known[0]); i++)
                if (strstr(complaint, known[i].mark)) {
                        snprintf(why, WHY_SIZE, "%s", known[i].says);
                        return;
                }
        const char *line = last_line(complaint, &length);
        text_escape(line, length, escaped, sizeof(escaped));
        snprintf(why, WHY_SIZE, "%s%s", connected ? "the other machine says: " : "",
                 *escaped    ? escaped
                 : connected ? "nothing"
                             : "the connection broke");
}

bool said_has(const char *names, const char *name)
{
        ASSERT(names && name);
        const size_t length = strlen(name);
        for (const char *line = names; *line;) {
                size_t here = strcspn(line, "\n");
                if (here == length && memcmp(line, name, length) == 0)
                        return true;
                line += here + (line[here] != '\0');
        }
        return false;
}

/* "... received_uuid UUID ... path FOLDER/NAME" */
static bool read_line(const char *line, size_t length, char uuid[UUID_LENGTH + 1], char name[LINE_MAX_BYTES])
{
        static const char received[] = "received_uuid ", path[] = " path ";
        char copy[LINE_MAX_BYTES];
        if (length >= sizeof(copy))
                return false;
        memcpy(copy, line, length);
        copy[length] = '\0';
        const char *at = strstr(copy, received), *where = strstr(copy, path);
        if (strlen(copy) != length || !at || !where || strstr(where, ".incoming/"))
                return false;
        const char *slash = strrchr(where, '/');
        snprintf(name, LINE_MAX_BYTES, "%s", slash ? slash + 1 : where + sizeof(path) - 1);
        snprintf(uuid, UUID_LENGTH + 1, "%s", at + sizeof(received) - 1);
        return value_check(&value_uuid, "", uuid, strlen(uuid), NULL) == 0 &&
               value_check(&value_snapshot, "", name, strlen(name), NULL) == 0;
}

size_t said_snapshots(const char *list, const char *names, char *out, size_t size)
{
        ASSERT(list && names && out && size > 0);
        char uuid[UUID_LENGTH + 1], name[LINE_MAX_BYTES];
        size_t used = 0;
        out[0] = '\0';
        for (const char *line = list; *line;) {
                size_t length = strcspn(line, "\n");
                if (read_line(line, length, uuid, name) && said_has(names, name) &&
                    used + UUID_LENGTH + strlen(name) + 3 <= size)
                        used += (size_t)snprintf(out + used, size - used, "%s %s\n", uuid, name);
                line += length + (line[length] != '\0');
        }
        return used;
}

/* What stands behind a key, between blanks. */
static bool line_says(const char *shown, const char *key, const char *value)
{
        const size_t length = strlen(value);
        for (const char *at = shown; (at = strstr(at, key)); at += strlen(key)) {
                const char *rest = at + strlen(key) + strspn(at + strlen(key), " \t");
                if (strncmp(rest, value, length) == 0 && (rest[length] == '\n' || rest[length] == '\0'))
                        return true;
        }
        return false;
}

bool said_is_kept(const char *shown, const char *uuid)
{
        ASSERT(shown && uuid);
        return line_says(shown, "Received UUID:", uuid) && line_says(shown, "Flags:", "readonly");
}
