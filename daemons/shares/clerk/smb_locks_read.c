/* Which parts of files clients have locked, and what they have open when that is told in no better way: the tables of
 * smbstatus. Names are in them as they are, so that one with a line break in it can look like a line: whose a file is
 * said to be is no proof, and nothing is decided by it.
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

typedef struct nas_shares_smb_client client;
typedef struct nas_shares_smb_file open_file;

/* "Mon Nov 23 18:52:52 2026"; how wide a folder and a name are at least; of more locks it is not told where they are. */
enum { WHEN = 24, COLUMN = 24, LOCKS_MAX = 10000 };
#define APART "   "

static client *client_of(const char *line, client *clients, size_t count)
{
        const int64_t process = strtoll(line, NULL, 10);
        for (size_t i = 0; process > 0 && i < count; i++)
                if (clients[i].id == process)
                        return &clients[i];
        return NULL;
}

/* The next of the words with blanks between them; ended there. NULL: there is none. */
static char *next(char **at)
{
        char *word = *at + strspn(*at, " ");
        char *end = word + strcspn(word, " ");
        if (*word == '\0')
                return NULL;
        *at = *end ? end + 1 : end;
        *end = '\0';
        return word;
}

/* What it leaves to others, in the words that are used elsewhere. */
static const char *others_of(const char *denied)
{
        static const struct {
                const char *denied, *left;
        } list[] = {{"DENY_NONE", "RW"}, {"DENY_WRITE", "R"}, {"DENY_READ", "W"}};
        for (size_t i = 0; i < ARRAY_SIZE(list); i++)
                if (strcmp(list[i].denied, denied) == 0)
                        return list[i].left;
        return "";
}

/* PID USER DENIES ACCESS RDWR OPLOCK   FOLDER   NAME   WHEN */
static bool read_open(char *line, open_file *ret_file)
{
        char *words[6], *at = line;
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (!(words[i] = next(&at)))
                        return false;
        char *folder = at + strspn(at, " "), *name = strstr(folder, APART);
        const size_t length = name ? strlen(name) : 0;
        if (*folder != '/' || length <= 2 * strlen(APART) + WHEN ||
            strncmp(name + length - WHEN - strlen(APART), APART, strlen(APART)) != 0)
                return false;
        name[length - WHEN - strlen(APART)] = '\0';
        *name = '\0';
        *ret_file = (open_file){.folder = folder,
                                .name = name + strlen(APART),
                                .writes = strcmp(words[4], "RDONLY") != 0,
                                .others = others_of(words[2])};
        return true;
}

void smb_opens_read(const char *table, client *clients, size_t count, struct arena *arena)
{
        ASSERT(table && clients && arena);
        char *rest = arena_text(arena, table, strlen(table));
        for (char *line; (line = strsep(&rest, "\n"));) {
                open_file file;
                client *one = client_of(line, clients, count);
                if (one && read_open(line, &file))
                        smb_client_opens(one, &file, arena);
        }
}

/* PID DEVICE:INODE KIND START SIZE, and then FOLDER NAME, which only who knows them finds. */
static const char *locked_in(char *line)
{
        char *words[5], *at = line;
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (!(words[i] = next(&at)))
                        return NULL;
        return strchr(words[1], ':') ? at + strspn(at, " ") : NULL;
}

/* "FOLDER NAME", each with blanks behind it to its column's end. */
static bool is_column(const char **at, const char *text)
{
        const size_t length = strlen(text);
        if (strncmp(*at, text, length) != 0)
                return false;
        *at += length;
        for (size_t i = length; i < COLUMN; i++)
                if (*(*at)++ != ' ')
                        return false;
        return true;
}

static bool is_of(const open_file *file, const char *where)
{
        return is_column(&where, file->folder) && *where++ == ' ' && is_column(&where, file->name) && *where == '\0';
}

void smb_locks_read(const char *table, client *clients, size_t count, struct arena *arena)
{
        ASSERT(table && clients && arena);
        char *rest = arena_text(arena, table, strlen(table));
        size_t seen = 0;
        for (char *line; seen < LOCKS_MAX && (line = strsep(&rest, "\n"));) {
                client *one = client_of(line, clients, count);
                const char *where = one ? locked_in(line) : NULL;
                open_file *files = one ? (open_file *)(uintptr_t)one->files : NULL;
                seen += where != NULL;
                for (size_t i = 0; where && i < one->files_count; i++)
                        files[i].locks = files[i].locks || is_of(&files[i], where);
        }
}
