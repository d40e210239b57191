/* Other machines: what is shown of them, and what people ask for.
 * Rights: the storage clerk; works on what is in memory, plans, its hand acts. */
#include "base/mem.h"
#include "daemons/storage/clerk/replications.h"

#include <string.h>

static struct nas_storage_remote describe(const struct remote *one, struct arena *arena)
{
        const bool answers = one->says && strcmp(one->says, "ok") == 0;
        return (struct nas_storage_remote){.name = one->name,
                                           .address = one->address,
                                           .port = one->port,
                                           .user = one->user,
                                           .key = one->key,
                                           .host_key = one->trusted ? remote_fingerprint(one->trusted, arena) : NULL,
                                           .offers = one->offers ? remote_fingerprint(one->offers, arena) : NULL,
                                           .changed = one->trusted && one->offers &&
                                                      strcmp(one->trusted, one->offers) != 0,
                                           .answers = answers,
                                           .message = answers ? NULL : one->says};
}

static void remotes_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_storage_remote *list = arena_array(arena, remote_count() + 1, sizeof(*list));
        for (size_t i = 0; i < remote_count(); i++)
                list[i] = describe(remote_at(i), arena);
        struct nas_storage_list_remotes_out reply = {.remotes = list, .remotes_count = remote_count()};
        nas_storage_list_remotes_out_write(out, &reply);
}

struct topic *remotes_topic(void)
{
        return topic_new("remotes", remotes_write, NULL);
}

void nas_storage_list_remotes(struct call *call, const struct nas_storage_list_remotes_in *in)
{
        (void)in;
        topic_serve(topics.remotes, call);
}

/* --- changing them --- */

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        remotes_read();
        const struct remote *one = remote_named(context);
        if (one) {
                struct nas_storage_add_remote_out made = {.remote = describe(one, arena)};
                nas_storage_add_remote_out_write(out, &made);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static struct change *remote_change(const char *name, const char *who)
{
        struct change *change = storage_change("remote", name);
        change->context = arena_text(change->arena, name, strlen(name));
        change->answer = answer;
        change->who = who;
        return change;
}

/* NULL: the call was refused. */
static const struct remote *of_call(struct call *call, const char *name)
{
        struct failure failure = {0};
        const struct remote *one = remote_named(name);
        if (one)
                return one;
        failure_set(&failure, FAILURE_NOT_FOUND, "name", "Look at the list of other machines.",
                    "There is no other machine %s.", name);
        storage_refuse(call, &failure);
        return NULL;
}

static int plan_add(struct change *change, const struct nas_storage_add_remote_in *in, struct failure *failure)
{
        if (remote_named(in->name))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Delete it first.",
                                   "There is another machine %s already.", in->name);
        const char *port = arena_printf(change->arena, "%lld", in->has_port ? (long long)in->port : 22LL);
        int result = plan_step(change->plan, failure, STORAGE_REMOTE_WANT, in->name, in->address, port,
                               in->user ? in->user : "root", NULL);
        return result == 0 ? plan_step(change->plan, failure, STORAGE_REMOTE_MEET, in->name, NULL) : result;
}

void nas_storage_add_remote(struct call *call, const struct nas_storage_add_remote_in *in)
{
        struct failure failure = {0};
        struct change *change = remote_change(in->name, "nobody; nothing is sent there yet");
        storage_run(call, change, plan_add(change, in, &failure), &failure);
}

static int plan_trust(struct change *change, const struct remote *one, struct failure *failure)
{
        if (!one->offers)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Try again: bulkhead remotes test.",
                                   "It has shown no host key yet: %s.", one->says ? one->says : "it was not asked");
        if (one->trusted && strcmp(one->trusted, one->offers) == 0)
                return failure_set(failure, FAILURE_CONFLICT, "name", "", "That host key is confirmed.");
        int result = plan_step(change->plan, failure, STORAGE_REMOTE_TRUST, one->name,
                               remote_fingerprint(one->offers, change->arena), one->offers, NULL);
        return result == 0 ? plan_step(change->plan, failure, STORAGE_REMOTE_MEET, one->name, NULL) : result;
}

void nas_storage_trust_remote(struct call *call, const struct nas_storage_trust_remote_in *in)
{
        struct failure failure = {0};
        const struct remote *one = of_call(call, in->name);
        if (!one)
                return;
        struct change *change =
                remote_change(in->name, "all whose snapshots are sent there: whoever has that key gets them");
        storage_run(call, change, plan_trust(change, one, &failure), &failure);
}

void nas_storage_test_remote(struct call *call, const struct nas_storage_test_remote_in *in)
{
        struct failure failure = {0};
        if (!of_call(call, in->name))
                return;
        struct change *change = remote_change(in->name, "nobody");
        storage_run(call, change, plan_step(change->plan, &failure, STORAGE_REMOTE_MEET, in->name, NULL), &failure);
}

static int plan_delete(struct change *change, const char *name, struct failure *failure)
{
        static const uint16_t steps[] = {STORAGE_REMOTE_FORGET, STORAGE_REMOTE_DOUBT, STORAGE_REMOTE_MEET};
        for (size_t i = 0; i < replication_count(); i++)
                if (replication_at(i)->remote && strcmp(replication_at(i)->remote, name) == 0)
                        return failure_set(failure, FAILURE_CONFLICT, "name", "Delete that first.",
                                           "The replication %s sends there.", replication_at(i)->name);
        int result = 0;
        for (size_t i = 0; result == 0 && i < ARRAY_SIZE(steps); i++)
                result = plan_step(change->plan, failure, steps[i], name, NULL);
        return result;
}

void nas_storage_delete_remote(struct call *call, const struct nas_storage_delete_remote_in *in)
{
        struct failure failure = {0};
        if (!of_call(call, in->name))
                return;
        struct change *change = remote_change(in->name, "nobody; what was sent stays there");
        storage_run(call, change, plan_delete(change, in->name, &failure), &failure);
}
