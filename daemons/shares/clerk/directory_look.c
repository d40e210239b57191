/* How the directory is now: each of its servers is asked, one after the other, and whoever wants to know meanwhile is
 * told the same, since what the unit writes down is of the one that was asked last.
 *
 * Rights: the shares clerk; reads the hand's file and what units wrote, its hand has a unit ask. */
#include "daemons/shares/clerk/directory.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <string.h>

#define UNIT "bulkhead-directory-check@"
enum { PRINTED_MAX = 64 * 1024, WAITING_MAX = 64 };

static int folder = -1; /* of what units write down */

static struct {
        struct arena *arena; /* NULL: nobody asks */
        struct directory directory;
        struct nas_shares_directory_server servers[DIRECTORY_SERVERS];
        size_t count; /* that have been asked */
        struct call *waiting[WAITING_MAX];
        size_t waiting_count;
} looking;

void directory_look_prepare(int run)
{
        folder = run;
}

struct nas_shares_directory directory_shown(const struct directory *directory)
{
        ASSERT(directory);
        if (directory->server_count == 0)
                return (struct nas_shares_directory){.used = false};
        return (struct nas_shares_directory){.used = true,
                                             .server = directory->servers[0],
                                             .base = directory->base,
                                             .bind = directory->bind,
                                             .has_others = directory->server_count > 1,
                                             .others = (const char **)directory->servers + 1,
                                             .others_count = directory->server_count - 1,
                                             .has_start_tls = true,
                                             .start_tls = directory->start_tls};
}

static void explain(const struct directory *directory, const char *server, struct arena *arena, struct failure *failure)
{
        const char *printed = file_text_below(folder, "directory-check", PRINTED_MAX, arena);
        directory_explain(directory, server, printed ? printed : "", failure);
}

void directory_told(const struct directory *directory, struct failure *failure)
{
        ASSERT(directory && failure);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *unit = strstr(failure->message, UNIT), *end = unit ? strstr(unit, ".service") : NULL;
        if (end)
                explain(directory, arena_text(arena, unit + strlen(UNIT), (size_t)(end - unit) - strlen(UNIT)), arena,
                        failure);
}

/* One that answers is enough; what is wrong with another is told all the same. */
static void end(void)
{
        struct nas_shares_get_directory_out out = {.directory = directory_shown(&looking.directory)};
        struct nas_shares_directory *shown = &out.directory;
        shown->has_reached = true;
        shown->has_servers = true;
        shown->servers = looking.servers;
        shown->servers_count = looking.count;
        for (size_t i = 0; i < looking.count; i++) {
                const struct nas_shares_directory_server *one = &looking.servers[i];
                shown->reached = shown->reached || one->reached;
                if (one->reached || shown->message)
                        continue;
                shown->message = one->message;
                shown->next = one->next;
        }
        for (size_t i = 0; i < looking.waiting_count; i++)
                nas_shares_get_directory_reply(looking.waiting[i], &out);
        arena_free(looking.arena);
        looking.arena = NULL;
        looking.waiting_count = 0;
}

static void next(void);

static void answered(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct nas_shares_directory_server *one = &looking.servers[looking.count];
        (void)output;
        (void)output_length;
        (void)context;
        *one = (struct nas_shares_directory_server){.name = looking.directory.servers[looking.count],
                                                    .reached = reply && reply->outcome == OUTCOME_SUCCESS};
        if (!one->reached) {
                struct failure failure = {0};
                explain(&looking.directory, one->name, looking.arena, &failure);
                one->message = arena_text(looking.arena, failure.message, strlen(failure.message));
                one->next = arena_text(looking.arena, failure.next, strlen(failure.next));
        }
        looking.count++;
        next();
}

static void next(void)
{
        if (looking.count == looking.directory.server_count)
                end();
        else
                shares_ask(SHARES_DIRECTORY_CHECK, looking.directory.servers[looking.count], looking.arena, answered,
                           NULL);
}

void nas_shares_get_directory(struct call *call, const struct nas_shares_get_directory_in *in)
{
        (void)in;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct directory directory = directory_now(arena);
        if (directory.server_count == 0) {
                const struct nas_shares_get_directory_out out = {.directory = directory_shown(&directory)};
                nas_shares_get_directory_reply(call, &out);
                return;
        }
        if (looking.waiting_count == WAITING_MAX) {
                struct failure failure = {0};
                failure.retry_s = 5;
                failure_set(&failure, FAILURE_BUSY, "", "Ask again in a moment.", "Too many ask about the directory.");
                call_fail(call, &failure);
                return;
        }
        looking.waiting[looking.waiting_count++] = call;
        if (looking.arena)
                return;
        looking.arena = arena;
        arena = NULL;
        looking.directory = directory;
        looking.count = 0;
        next();
}
