/* Why somebody can, or cannot, use what is offered: how much they may have in a pool of ext4 or XFS, which a unit asks
 * the kernel (bulkhead-quotas-of@.service).
 * Rights: the shares clerk; reads what that unit wrote. */
#include "daemons/shares/clerk/explain.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SAID_MAX = 4096, SET_GROUP = 02000 };

static int folder = -1;

void explain_limits_prepare(int run)
{
        folder = run;
}

/* What is made there is of that group. */
static uint32_t group_of(const struct question *question)
{
        const struct folder *last = &question->way[question->way_count - 1];
        return (last->mode & SET_GROUP) != 0 || question->person.gid_count == 0 ? last->gid : question->person.gids[0];
}

/* "user 20001 4190208 4194304 1": true when it is of that kind, and used up. */
static bool is_used_up(const char *line, const char *kind, uint64_t *ret_limit)
{
        enum { KIND, NUMBER, USED, LIMIT, WORDS };
        const char *words[WORDS];
        for (size_t i = 0; i < WORDS; i++) {
                words[i] = line;
                line += strcspn(line, " ");
                line += *line == ' ';
        }
        if (strncmp(words[KIND], kind, strlen(kind)) != 0)
                return false;
        *ret_limit = strtoull(words[LIMIT], NULL, 10);
        return *ret_limit > 0 && strtoull(words[USED], NULL, 10) + ROOM_LEAST > *ret_limit;
}

/* False: a limit stops them, and that was said. */
static bool fits(struct question *question, char *said)
{
        struct arena *arena = question->arena;
        const char *pool = live_pool_of(question->path, arena);
        for (char *line; (line = strsep(&said, "\n"));) {
                uint64_t limit = 0;
                const bool own = is_used_up(line, "user ", &limit);
                if (!own && !is_used_up(line, "group ", &limit))
                        continue;
                explain_stops(
                        question, true,
                        own ? arena_printf(arena, "they have as much in the pool %s as they may (%" PRIu64 " MiB).",
                                           pool, limit >> 20)
                            : arena_printf(
                                      arena,
                                      "the group that it would be of has as much in the pool %s as it may (%" PRIu64
                                      " MiB).",
                                      pool, limit >> 20),
                        arena_printf(arena,
                                     "delete something of theirs, or bulkhead pools set-quota %s with a greater "
                                     "--limit",
                                     pool));
                return false;
        }
        return true;
}

static void looked(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct question *question = context;
        (void)output;
        (void)output_length;
        struct failure failure = {0};
        if (!explain_is_there_still(question))
                return;
        const char *file =
                arena_printf(question->arena, "quotas-of/%s:%" PRIu32 ":%" PRIu32,
                             live_pool_of(question->path, question->arena), question->person.uid, group_of(question));
        char *said = hand_answered(reply, &failure) ? file_text_below(folder, file, SAID_MAX, question->arena) : NULL;
        if (!said)
                explain_stops(question, true, "what they may have in its pool cannot be asked now.", NULL);
        explain_ends(question, said && fits(question, said));
}

void explain_limits(struct question *question)
{
        ASSERT(question && question->way_count > 0);
        const char *const values[] = {live_pool_of(question->path, question->arena),
                                      arena_printf(question->arena, "%" PRIu32, question->person.uid),
                                      arena_printf(question->arena, "%" PRIu32, group_of(question))};
        shares_ask_of(SHARES_QUOTA_LOOK, values, ARRAY_SIZE(values), question->arena, looked, question);
}
