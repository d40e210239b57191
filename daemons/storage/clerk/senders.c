/* Other machines that may send snapshots here: each is a line that OpenSSH reads (bulkhead-senders.service), which the hand
 * wrote. A key opens nothing but receive-only, in one folder.
 * Rights: the storage clerk; reads the hand's files; plans, its hand acts. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/replications.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FOLDER "/etc/bulkhead/senders"
#define FORCED "restrict,command=\"/usr/libexec/bulkhead/receive-only "
enum { SENDERS_MAX = 64 };

static int folder = -1;

int senders_prepare(void)
{
        folder = open(FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return folder >= 0 ? 0 : -errno;
}

/* --- reading them --- */

static bool is(const struct value_type *type, const char *text)
{
        return value_is(type, text, strlen(text));
}

static bool read_one(const char *name, struct arena *arena, struct sender *ret_sender)
{
        const char *text = machine_text(folder, name, arena);
        if (!text || !is(&value_schedule, name) || strncmp(text, FORCED, strlen(FORCED)) != 0)
                return false;
        char *place = arena_text(arena, text + strlen(FORCED), strlen(text) - strlen(FORCED)),
             *key = strchr(place, '"');
        if (!key || key[1] != ' ')
                return false;
        *key = '\0';
        *ret_sender = (struct sender){.name = name, .place = place, .key = key + 2};
        return is(&value_receive_path, place) && is(&value_ssh_key, ret_sender->key);
}

size_t senders_read(struct arena *arena, const struct sender **ret_senders)
{
        ASSERT(arena && ret_senders);
        const char *const *names;
        struct sender *list = arena_array(arena, SENDERS_MAX, sizeof(*list));
        const size_t there = folder >= 0 ? machine_names(folder, ".", SENDERS_MAX, arena, &names) : 0;
        size_t count = 0;
        for (size_t i = 0; i < there; i++)
                count += read_one(names[i], arena, &list[count]);
        *ret_senders = list;
        return count;
}

const char *sender_pool(const struct sender *sender, struct arena *arena)
{
        ASSERT(sender && arena);
        const char *pool = sender->place + strlen(SERVED "/");
        return arena_text(arena, pool, strcspn(pool, "/"));
}

static const struct sender *sender_named(const char *name, struct arena *arena)
{
        const struct sender *list;
        const size_t count = senders_read(arena, &list);
        for (size_t i = 0; i < count; i++)
                if (strcmp(list[i].name, name) == 0)
                        return &list[i];
        return NULL;
}

static struct nas_storage_sender describe(const struct sender *one, struct arena *arena)
{
        return (struct nas_storage_sender){.name = one->name,
                                           .place = one->place,
                                           .key = one->key,
                                           .fingerprint = remote_fingerprint(one->key, arena)};
}

static void senders_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct sender *list;
        const size_t count = senders_read(arena, &list);
        struct nas_storage_sender *shown = arena_array(arena, count + 1, sizeof(*shown));
        for (size_t i = 0; i < count; i++)
                shown[i] = describe(&list[i], arena);
        struct nas_storage_list_senders_out reply = {.senders = shown, .senders_count = count};
        nas_storage_list_senders_out_write(out, &reply);
}

struct topic *senders_topic(void)
{
        return topic_new("senders", senders_write, NULL);
}

void nas_storage_list_senders(struct call *call, const struct nas_storage_list_senders_in *in)
{
        (void)in;
        topic_serve(topics.senders, call);
}

/* --- changing them --- */

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct sender *one = sender_named(context, arena);
        topic_changed(topics.senders);
        if (one) {
                struct nas_storage_accept_sender_out made = {.sender = describe(one, arena)};
                nas_storage_accept_sender_out_write(out, &made);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static struct change *sender_change(const char *name, const char *who)
{
        struct change *change = storage_change("sender", name);
        change->context = arena_text(change->arena, name, strlen(name));
        change->answer = answer;
        change->who = who;
        return change;
}

/* One key, one place: OpenSSH takes the first line that has it. */
static int may_come(const struct nas_storage_accept_sender_in *in, struct arena *arena, struct failure *failure)
{
        const struct sender *list;
        const size_t count = senders_read(arena, &list);
        const char *print = remote_fingerprint(in->key, arena);
        if (count == SENDERS_MAX)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Revoke one that sends no more.",
                                   "There are as many machines that may send here as there can be.");
        for (size_t i = 0; i < count; i++) {
                if (strcmp(list[i].name, in->name) == 0)
                        return failure_set(failure, FAILURE_CONFLICT, "name", "Revoke it first.",
                                           "%s may send here already.", in->name);
                if (strcmp(remote_fingerprint(list[i].key, arena), print) == 0)
                        return failure_set(failure, FAILURE_CONFLICT, "key", "Have the other machine make another.",
                                           "is that of %s already", list[i].name);
        }
        return 0;
}

static int plan_accept(struct change *change, const struct nas_storage_accept_sender_in *in, struct failure *failure)
{
        const struct sender one = {.name = in->name, .place = in->place, .key = in->key};
        const struct wanted *pool = pool_find(sender_pool(&one, change->arena), failure);
        if (!pool)
                return failure_set(failure, FAILURE_NOT_FOUND, "place", "Look at the list of pools.",
                                   "There is no pool for %s.", in->place);
        if (pool_must_be_btrfs(pool, failure) != 0 || may_come(in, change->arena, failure) != 0)
                return -1;
        if (!pool_is_mounted(pool))
                return failure_set(failure, FAILURE_CONFLICT, "place", "Mount it first.", "The pool %s is not mounted.",
                                   pool->name);
        if (plan_step(change->plan, failure, STORAGE_SENDER_WANT, in->name, in->place,
                      remote_fingerprint(in->key, change->arena), in->key, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_SENDERS_SERVE, NULL);
}

void nas_storage_accept_sender(struct call *call, const struct nas_storage_accept_sender_in *in)
{
        struct failure failure = {0};
        struct change *change = sender_change(in->name, "whoever has the other half of that key can fill the pool");
        storage_run(call, change, plan_accept(change, in, &failure), &failure);
}

int plan_revoke(struct change *change, const char *name, struct failure *failure)
{
        ASSERT(change && name);
        if (!sender_named(name, change->arena))
                return failure_set(failure, FAILURE_NOT_FOUND, "name", "Look at the list of those that may send here.",
                                   "There is no machine %s that may send here.", name);
        if (plan_step(change->plan, failure, STORAGE_SENDER_FORGET, name, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_SENDERS_ANEW, NULL);
}

void nas_storage_revoke_sender(struct call *call, const struct nas_storage_revoke_sender_in *in)
{
        struct failure failure = {0};
        struct change *change = sender_change(in->name, "nobody; what came stays");
        storage_run(call, change, plan_revoke(change, in->name, &failure), &failure);
}
