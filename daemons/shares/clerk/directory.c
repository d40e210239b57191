/* The directory (LDAP) from which people of elsewhere are taken: which it is, setting one, and taking it away.
 * Rights: the shares clerk; reads the hand's file, plans, its hand acts. */
#include "daemons/shares/clerk/directory.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>
#include <sys/stat.h>

#define SSSD "/usr/sbin/sssd"

void directory_prepare(int run)
{
        directory_look_prepare(run);
        directory_names_prepare(run);
}

struct directory directory_now(struct arena *arena)
{
        return directory_read(service_file(DIRECTORY_FILE, arena));
}

/* As its file says; what it answers itself is asked with "bulkhead directory show". */
static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct directory directory = directory_now(arena);
        const struct nas_shares_get_directory_out one = {.directory = directory_shown(&directory)};
        nas_shares_get_directory_out_write(out, &one);
}

/* --- set, and taken away --- */

static void explain(struct failure *failure, void *context)
{
        directory_told(context, failure);
}

/* As asked for, in the change's arena, since the call's is gone before it ends. */
static struct directory *wanted(const struct change *change, const struct nas_shares_set_directory_in *in)
{
        struct directory *directory = arena_alloc(change->arena, sizeof(*directory));
        *directory = (struct directory){.server_count = 1,
                                        .start_tls = in->has_start_tls && in->start_tls,
                                        .base = arena_text(change->arena, in->base, strlen(in->base)),
                                        .bind = arena_text(change->arena, in->bind, strlen(in->bind))};
        directory->servers[0] = arena_text(change->arena, in->server, strlen(in->server));
        for (size_t i = 0; in->has_others && i < in->others_count && directory->server_count < DIRECTORY_SERVERS; i++)
                directory->servers[directory->server_count++] =
                        arena_text(change->arena, in->others[i], strlen(in->others[i]));
        return directory;
}

static bool is_among(const char *const *names, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

static int may_be(const struct nas_shares_set_directory_in *in, struct failure *failure)
{
        struct stat status;
        if (stat(SSSD, &status) != 0)
                return failure_set(failure, FAILURE_CONFLICT, "",
                                   "apt install sssd-ldap sssd-tools libnss-sss libpam-sss ldap-utils",
                                   "The programs that a directory needs are not installed.");
        for (size_t i = 0; in->has_others && i < in->others_count; i++)
                if (strcmp(in->others[i], in->server) == 0 || is_among(in->others, i, in->others[i]))
                        return failure_set(failure, FAILURE_INVALID, "others", "Name each once.",
                                           "The server %s is named twice.", in->others[i]);
        return 0;
}

/* Each of its servers is tried: one that is wrong would not be noticed before it is needed. */
static int plan_tries(struct change *change, const struct directory *directory, struct failure *failure)
{
        for (size_t i = 0; i < directory->server_count; i++)
                if (plan_step(change->plan, failure, SHARES_DIRECTORY_TRY, directory->servers[i], NULL) != 0)
                        return -1;
        return 0;
}

/* The service follows the files, also when they are put back: hence it does at both ends. */
static int plan_set(struct change *change, const struct nas_shares_set_directory_in *in,
                    const struct directory *directory, struct failure *failure)
{
        if (drift_refuse_server("directory", failure) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_FOLLOW, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_SECRET, in->password, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_CA, in->ca, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DIRECTORY_PUT, directory_servers(directory, change->arena),
                      directory->base, directory->bind, NULL) != 0 ||
            plan_tries(change, directory, failure) != 0)
                return -1;
        return plan_step(change->plan, failure, SHARES_DIRECTORY_FOLLOW, NULL);
}

void nas_shares_set_directory(struct call *call, const struct nas_shares_set_directory_in *in)
{
        struct failure failure = {0};
        struct change *change = shares_change("directory", in->server);
        struct directory *directory = wanted(change, in);
        change->who =
                "people of a directory that there was before, who sign in anew; of this one nobody gets in who is not "
                "named in a transfer";
        change->answer = answer;
        change->explain = explain;
        change->context = directory;
        shares_run(call, change, may_be(in, &failure) == 0 ? plan_set(change, in, directory, &failure) : -1, &failure);
}

/* With what stands there now the service may not even start. */
int directory_plan_restore(struct plan *plan, struct failure *failure)
{
        ASSERT(plan && failure);
        const struct directory directory = directory_now(plan->arena);
        if (plan_step(plan, failure, SHARES_DIRECTORY_PUT, directory_servers(&directory, plan->arena), directory.base,
                      directory.bind, NULL) != 0)
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
        struct change *change = shares_change("directory", directory.server_count > 0 ? directory.servers[0] : "");
        change->who = arena_printf(
                change->arena, "people of the directory, whom %zu transfers name, and who no longer get in", naming());
        change->answer = answer;
        if (directory.server_count == 0)
                failure_set(&failure, FAILURE_CONFLICT, "", "bulkhead directory set",
                            "This machine takes nobody from a directory.");
        shares_run(call, change, directory.server_count > 0 ? plan_remove(change, &failure) : -1, &failure);
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
