/* The journal, read by who is in its group. What is said there is hostile text: it is escaped and cut.
 * Rights: clerks with the group systemd-journal; reads the journal's files. */
#include "serve/log_read.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

enum { PROGRAM_MAX = 64 };
/* Those of users, too: what a server says while it is somebody is kept there. And those that units have of their own.
 */
enum { FILES = SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_ALL_NAMESPACES };

static void closep(sd_journal **journal)
{
        sd_journal_close(*journal);
}

/* The value of a field, made printable; "" when there is none. */
static const char *field(sd_journal *journal, const char *name, size_t text_max, struct arena *arena)
{
        const void *data = NULL;
        size_t length = 0, key = strlen(name) + 1;
        if (sd_journal_get_data(journal, name, &data, &length) < 0 || length < key)
                return "";
        length = length - key < text_max ? length - key : text_max;
        char *text = arena_alloc(arena, text_max + 1);
        text_escape((const char *)data + key, length, text, text_max + 1);
        return text;
}

static struct log_line line_of(sd_journal *journal, struct arena *arena)
{
        uint64_t at_us = 0;
        struct log_line line = {.priority = 6};
        (void)sd_journal_get_realtime_usec(journal, &at_us);
        line.at_us = (int64_t)at_us;
        const char *priority = field(journal, "PRIORITY", 1, arena);
        if (*priority >= '0' && *priority <= '7')
                line.priority = *priority - '0';
        line.pid = (uint32_t)strtoul(field(journal, "_PID", 10, arena), NULL, 10);
        line.program = field(journal, "SYSLOG_IDENTIFIER", PROGRAM_MAX, arena);
        line.text = field(journal, "MESSAGE", LOG_TEXT_MAX, arena);
        return line;
}

static int match(sd_journal *journal, const char *unit, struct arena *arena)
{
        const char *own = arena_printf(arena, "_SYSTEMD_UNIT=%s", unit), *of = arena_printf(arena, "UNIT=%s", unit);
        int result = sd_journal_add_match(journal, own, 0);
        if (result >= 0)
                result = sd_journal_add_disjunction(journal);
        if (result >= 0)
                result = sd_journal_add_match(journal, of, 0);
        return result >= 0 ? sd_journal_add_match(journal, "_PID=1", 0) : result;
}

/* To the newest that is wanted. 1; 0: there is none; -errno. */
static int begin(sd_journal *journal, const char *cursor)
{
        int result = cursor ? sd_journal_seek_cursor(journal, cursor) : sd_journal_seek_tail(journal);
        if (result >= 0)
                result = sd_journal_previous(journal);
        if (result > 0 && cursor && sd_journal_test_cursor(journal, cursor) > 0)
                result = sd_journal_previous(journal);
        return result;
}

/* What is done with one entry; true: it counts. */
typedef bool take_entry(sd_journal *journal, void *context);

struct walk {
        const char *cursor;
        size_t limit, looks; /* so many that count; so many at all */
        take_entry *take;
        void *context;
};

/* Backwards through what matches. next: where to go on; NULL: nothing came after the last. 0 or -errno. */
static int walk_back(sd_journal *journal, const struct walk *walk, struct arena *arena, const char **ret_next)
{
        const char *next = NULL;
        size_t found = 0, looks = 0;
        int result = begin(journal, walk->cursor);
        for (; result > 0 && found < walk->limit && looks < walk->looks; result = sd_journal_previous(journal)) {
                char *here = NULL;
                found += walk->take(journal, walk->context);
                looks++;
                if ((found == walk->limit || looks == walk->looks) && sd_journal_get_cursor(journal, &here) >= 0)
                        next = arena_text(arena, here, strlen(here));
                free(here);
        }
        if (result >= 0)
                *ret_next = result > 0 ? next : NULL;
        return result < 0 ? result : 0;
}

struct reading {
        struct arena *arena;
        struct log_page page;
};

static bool take_line(sd_journal *journal, void *context)
{
        struct reading *reading = context;
        reading->page.lines[reading->page.count++] = line_of(journal, reading->arena);
        return true;
}

int log_read(struct arena *arena, const char *unit, const char *cursor, size_t limit, struct log_page *ret_page)
{
        ASSERT(arena && unit && limit > 0 && ret_page);
        CLEANUP(closep) sd_journal *journal = NULL;
        struct reading reading = {.arena = arena,
                                  .page = {.lines = arena_array(arena, limit, sizeof(*reading.page.lines))}};
        const struct walk walk = {
                .cursor = cursor, .limit = limit, .looks = limit, .take = take_line, .context = &reading};
        int result = sd_journal_open(&journal, FILES);
        if (result >= 0)
                result = match(journal, unit, arena);
        if (result >= 0)
                result = walk_back(journal, &walk, arena, &reading.page.next);
        if (result == 0)
                *ret_page = reading.page;
        return result;
}

static int match_program(sd_journal *journal, const struct log_search *search, struct arena *arena)
{
        const char *const all[] = {arena_printf(arena, "_NAMESPACE=%s", search->journal), "_TRANSPORT=syslog",
                                   arena_printf(arena, "SYSLOG_IDENTIFIER=%s", search->program)};
        int result = 0;
        for (size_t i = 0; i < ARRAY_SIZE(all) && result >= 0; i++)
                result = sd_journal_add_match(journal, all[i], 0);
        return result;
}

/* journald asks the kernel of whom a line is when it gets round to it: by then who said it may be gone, and of no unit.
 */
static bool is_of_another(sd_journal *journal, const char *unit)
{
        static const char key[] = "_SYSTEMD_UNIT=";
        const void *data = NULL;
        size_t length = 0;
        return sd_journal_get_data(journal, "_SYSTEMD_UNIT", &data, &length) >= 0 &&
               (length != strlen(key) + strlen(unit) ||
                memcmp((const char *)data + strlen(key), unit, strlen(unit)) != 0);
}

static bool see(sd_journal *journal, void *context)
{
        static const char key[] = "MESSAGE=";
        const struct log_search *search = context;
        const void *data = NULL;
        size_t length = 0;
        uint64_t at_us = 0;
        (void)sd_journal_get_realtime_usec(journal, &at_us);
        return !is_of_another(journal, search->unit) && sd_journal_get_data(journal, "MESSAGE", &data, &length) >= 0 &&
               length >= strlen(key) &&
               search->seen((int64_t)at_us, (const char *)data + strlen(key), length - strlen(key), search->context);
}

int log_search(struct arena *arena, const struct log_search *search, const char **ret_next)
{
        ASSERT(arena && search && search->limit > 0 && search->looks > 0 && ret_next);
        CLEANUP(closep) sd_journal *journal = NULL;
        struct log_search wanted = *search;
        const struct walk walk = {.cursor = search->cursor,
                                  .limit = search->limit,
                                  .looks = search->looks,
                                  .take = see,
                                  .context = &wanted};
        int result = sd_journal_open(&journal, FILES);
        if (result >= 0)
                result = match_program(journal, search, arena);
        return result >= 0 ? walk_back(journal, &walk, arena, ret_next) : result;
}
