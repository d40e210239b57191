/* What md tells of an array, and is told, in its folder of /sys.
 * Rights: whoever may write there; touches nothing else. */
#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/pool-work/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORD_MAX = 64, QUIET = 3 /* looks in a row: md pauses between two kinds of work */ };

/* Of a file there; "": there is none. */
static const char *word_of(int sys, const char *name, struct arena *arena)
{
        char *text = file_text_below(sys, name, WORD_MAX, arena);
        if (text)
                text[strcspn(text, "\n")] = '\0';
        return text ? text : "";
}

static bool says(int sys, const char *name, const char *word)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        return strcmp(word_of(sys, name, arena), word) == 0;
}

static uint64_t number_of(int sys, const char *name)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        return strtoull(word_of(sys, name, arena), NULL, 10);
}

static int tell(int sys, const char *word)
{
        CLEANUP_FD int file = file_open_below(sys, "sync_action", O_WRONLY, 0);
        return file < 0 ? -errno : file_write_all(file, word, strlen(word));
}

int array_check(int sys, void (*tick)(void), uint64_t *ret_differences)
{
        ASSERT(tick && ret_differences);
        int result = tell(sys, "check");
        while (result == 0 && says(sys, "sync_action", "check")) {
                if (work_stops)
                        result = tell(sys, "idle") == 0 ? -ECANCELED : -EIO;
                else
                        tick();
        }
        if (result == 0 && number_of(sys, "degraded") > 0)
                result = -ENODEV;
        if (result == 0)
                *ret_differences = number_of(sys, "mismatch_cnt");
        return result;
}

/* An array that is not in the middle of it says "none". */
static bool is_settled(int sys)
{
        return !says(sys, "sync_action", "reshape") && !says(sys, "sync_action", "frozen") &&
               says(sys, "reshape_position", "none");
}

int array_settle(int sys, void (*tick)(void))
{
        ASSERT(tick);
        for (int quiet = 0; quiet < QUIET;) {
                if (work_stops)
                        return -ECANCELED;
                quiet = is_settled(sys) ? quiet + 1 : 0;
                if (quiet < QUIET)
                        tick();
        }
        return 0;
}
