/* The shares that Samba has in its registry, as "net conf list" prints them.
 * Rights: none; pure functions. Somebody else may have put there whatever they liked. */
#include "daemons/shares/clerk/drift.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int by_name(const void *a, const void *b)
{
        const struct samba_share *left = a, *right = b;
        return strcasecmp(left->name, right->name);
}

/* "[name]", lines with a tab before them, and an empty one. */
struct samba samba_read(const char *text, size_t length, struct arena *arena)
{
        ASSERT(text && arena);
        char *at = arena_text(arena, text, length), *end;
        struct samba samba = {.known = true, .list = arena_array(arena, SHARES_MAX, sizeof(*samba.list))};
        while ((at = *at == '[' ? at : strstr(at, "\n[")) && samba.count < SHARES_MAX) {
                at += *at == '\n';
                end = strchr(at, '\n');
                if (!end || end[-1] != ']')
                        break;
                const char *name = arena_text(arena, at + 1, (size_t)(end - at) - 2), *lines = end + 1;
                for (at = end + 1; *at == '\t' && (end = strchr(at, '\n')); at = end + 1)
                        ;
                samba.list[samba.count] =
                        (struct samba_share){.name = name, .lines = arena_text(arena, lines, (size_t)(at - lines))};
                samba.count += strcasecmp(name, "global") != 0;
        }
        qsort(samba.list, samba.count, sizeof(*samba.list), by_name);
        return samba;
}

const struct samba_share *samba_find(const struct samba *samba, const char *name)
{
        ASSERT(samba && name);
        const struct samba_share wanted = {.name = name};
        return samba->count > 0 ? bsearch(&wanted, samba->list, samba->count, sizeof(wanted), by_name) : NULL;
}

static bool has_line(const char *text, const char *line, size_t length)
{
        for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
                if (strncmp(at, line, length) == 0 && (at[length] == '\n' || at[length] == '\0'))
                        return true;
        return false;
}

const char *lines_only_in(const char *text, const char *other, struct arena *arena)
{
        ASSERT(text && other && arena);
        const char *all = "";
        for (const char *at = text; *at; at += *at == '\n') {
                const size_t length = strcspn(at, "\n");
                if (length > 0 && !has_line(other, at, length)) {
                        const size_t tabs = strspn(at, "\t");
                        const char *line = arena_text(arena, at + tabs, length - tabs);
                        if (strlen(all) + strlen(line) > DRIFT_WORDS_MAX)
                                return arena_printf(arena, "%s%sand more", all, *all ? "; " : "");
                        all = arena_printf(arena, "%s%s%s", all, *all ? "; " : "", line);
                }
                at += length;
        }
        return all;
}
