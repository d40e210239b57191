/* The directory (LDAP) from which people of elsewhere are taken: which it is, setting one, and taking it away.
 * Rights: the shares clerk; reads the hand's file and what units wrote, plans, its hand acts. */
#include "daemons/shares/clerk/directory.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "value/directory.h"

#include <string.h>
#include <sys/stat.h>

#define SSSD "/usr/sbin/sssd"
enum { PRINTED_MAX = 64 * 1024 };

static int folder = -1; /* of what units write down */

void directory_prepare(int run)
{
        folder = run;
        directory_names_prepare(run);
}

struct directory directory_now(struct arena *arena)
{
        return directory_read(service_file(DIRECTORY_FILE, arena));
}

/* --- shown --- */

struct looking {
        struct arena *arena; /* holds it */
        struct call *call;
};

static struct nas_shares_directory shown(const struct directory *directory)
{
        return (struct nas_shares_directory){.used = directory->server != NULL,
                                             .server = directory->server,
                                             .base = directory->base,
                                             .bind = directory->bind};
}

static void checked(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct looking *looking = context;
        (void)output;
        (void)output_length;
        const struct directory directory = directory_now(looking->arena);
        struct nas_shares_get_directory_out out = {.directory = shown(&directory)};
        out.directory.has_reached = true;
        out.directory.reached = reply && reply->outcome == OUTCOME_SUCCESS;
        if (!out.directory.reached) {
                const char *printed = file_text_below(folder, "directory-check", PRINTED_MAX, looking->arena);
                struct failure failure = {0};
                directory_explain(printed ? printed : "", &failure);
                out.directory.message = arena_text(looking->arena, failure.message, strlen(failure.message));
        }
        nas_shares_get_directory_reply(looking->call, &out);
        arena_free(looking->arena);
}

void nas_shares_get_directory(struct call *call, const struct nas_shares_get_directory_in *in)
{
        (void)in;
        struct arena *arena = arena_new();
        const struct directory directory = directory_now(arena);
        if (directory.server) {
                struct looking *looking = arena_alloc(arena, sizeof(*looking));
                *looking = (struct looking){arena, call};
                shares_ask(SHARES_DIRECTORY_CHECK, NULL, arena, checked, looking);
                return;
        }
        const struct nas_shares_get_directory_out out = {.directory = shown(&directory)};
        nas_shares_get_directory_reply(call, &out);
        arena_free(arena);
}

/* As its file says; what it answers itself is asked with "bulkhead directory show". */
static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct directory directory = directory_now(arena);
        const struct nas_shares_get_directory_out one = {.directory = shown(&directory)};
        nas_shares_get_directory_out_write(out, &one);
}

/* --- set, and taken away --- */

static void explain(struct failure *failure, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *printed = file_text_below(folder, "directory-check", PRINTED_MAX, arena);
        if (printed && strstr(failure->message, "bulkhead-directory-check.service"))
                directory_explain(printed, failure);
}

/* The service follows the files, also when they are put back: hence it does at both ends. */
static int plan_set(struct change *change, const struct nas_shares_set_directory_in *in, struct failure *failure)
{
        if (drift_refuse_server("directory", failure) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_FOLLOW, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_SECRET, in->password, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_CA, in->ca, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_PUT, in->server, in->base, in->bind, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_TRY, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, SHARES_DIRECTORY_FOLLOW, NULL);
}

void nas_shares_set_directory(struct call *call, const struct nas_shares_set_directory_in *in)
{
        struct stat status;
        struct failure failure = {0};
        struct change *change = shares_change("directory", in->server);
        change->who =
                "people of a directory that there was before, who sign in anew; of this one nobody gets in who is not "
                "named in a transfer";
        change->answer = answer;
        change->explain = explain;
        const bool installed = stat(SSSD, &status) == 0;
        if (!installed)
                failure_set(&failure, FAILURE_CONFLICT, "",
                            "apt install sssd-ldap sssd-tools libnss-sss libpam-sss ldap-utils",
                            "The programs that a directory needs are not installed.");
        shares_run(call, change, installed ? plan_set(change, in, &failure) : -1, &failure);
}

/* With what stands there now the service may not even start. */
int directory_plan_restore(struct plan *plan, struct failure *failure)
{
        ASSERT(plan && failure);
        const struct directory directory = directory_now(plan->arena);
        if (plan_step(plan, failure, SHARES_DIRECTORY_PUT, directory.server, directory.base, directory.bind, NULL) != 0)
                return -1;
        return plan_step(plan, failure, SHARES_DIRECTORY_FOLLOW, NULL);
}

static size_t naming(void)
{
        size_t count = 0;
        for (size_t i = 0; i < transfers_count(); i++)
                count += transfer_at(i)->numbers_count > 0;
        return count;
}

static int plan_remove(struct change *change, struct failure *failure)
{
        if (drift_refuse_server("directory", failure) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_FOLLOW, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_DROP, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_CA_DROP, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_FORGET, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, SHARES_DIRECTORY_FOLLOW, NULL);
}

void nas_shares_remove_directory(struct call *call, const struct nas_shares_remove_directory_in *in)
{
        (void)in;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct directory directory = directory_now(arena);
        struct failure failure = {0};
        struct change *change = shares_change("directory", directory.server ? directory.server : "");
        change->who = arena_printf(
                change->arena, "people of the directory, whom %zu transfers name, and who no longer get in", naming());
        change->answer = answer;
        if (!directory.server)
                failure_set(&failure, FAILURE_CONFLICT, "", "bulkhead directory set",
                            "This machine takes nobody from a directory.");
        shares_run(call, change, directory.server ? plan_remove(change, &failure) : -1, &failure);
}

/* Who is of a directory that has gone is disconnected. */
void directory_acted(const struct plan *plan)
{
        for (size_t i = 0; plan && i < plan->count; i++)
                if (plan->steps[i].operation == SHARES_DIRECTORY_DROP) {
                        transfers_accounts_changed();
                        return;
                }
}
