/* API keys: listed from the tables, true in the hand. A key can do at most what its owner can; its secret is shown
 * once and kept nowhere.
 * Rights: the users clerk; works on what is in memory and its tables. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NETWORKS_MAX = 16 };

static bool may_see(const struct call *call, uint32_t uid)
{
        return asker_is_admin(call) || (call_who(call)->known && call_who(call)->ticket.subject == uid);
}

static struct nas_users_key key_out(const struct key_entry *key)
{
        enum role role = ROLE_VIEWER;
        role_parse(key->role, &role);
        return (struct nas_users_key){.id = key->id,
                                      .name = key->label,
                                      .username = key->name,
                                      .role = role_out(role),
                                      .read_only = key->read_only,
                                      .no_destroy = key->no_destroy,
                                      .networks = key->networks,
                                      .networks_count = key->network_count,
                                      .created = key->created,
                                      .expires = *key->expires ? key->expires : NULL};
}

static void write_list(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct tables *tables = tables_now();
        size_t room = tables ? tables->key_count : 0;
        struct nas_users_key *keys = arena_array(arena, room, sizeof(*keys));
        struct nas_users_list_keys_out reply = {.keys = keys};
        for (size_t i = 0; i < room; i++)
                if (may_see(call, tables->keys[i].uid))
                        keys[reply.keys_count++] = key_out(&tables->keys[i]);
        nas_users_list_keys_out_write(out, &reply);
}

struct topic *keys_topic(void)
{
        return topic_new("keys", write_list, NULL);
}

static int tables_known(struct failure *failure)
{
        return tables_now() ? 0
                            : failure_set(failure, FAILURE_UNAVAILABLE, "", "Is PostgreSQL running?",
                                          "The database could not be read yet since the start.");
}

void nas_users_list_keys(struct call *call, const struct nas_users_list_keys_in *in)
{
        (void)in;
        struct failure failure = {0};
        if (tables_known(&failure) == 0)
                topic_serve(topics.keys, call);
        else
                call_fail(call, &failure);
}

static const struct key_entry *find_key(const struct call *call, int64_t id, struct failure *failure)
{
        const struct key_entry *key = tables_known(failure) == 0 ? key_of(tables_now(), id) : NULL;
        if (key && may_see(call, key->uid))
                return key;
        if (failure->code == FAILURE_NONE)
                failure_set(failure, FAILURE_NOT_FOUND, "id", "List the keys.", "There is no such key.");
        return NULL;
}

/* --- making --- */

struct making { /* in the change's arena */
        struct key_entry key;
        const char *number, *uid, *networks;
};

static void add_wanted(struct db_batch *batch, void *context)
{
        const struct making *making = context;
        const struct key_entry *key = &making->key;
        users_add(batch, KEY_WANTED,
                  (const char *[]){making->number, making->uid, key->name, key->label, key->role,
                                   key->read_only ? "true" : "false", key->no_destroy ? "true" : "false",
                                   making->networks, *key->expires ? key->expires : NULL});
}

static void answer_made(struct json_out *out, const struct reply *reply, void *context)
{
        struct making *making = context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct reader reader = reader_of(reply->answer, reply->answer_length);
        struct nas_users_create_key_out answer = {.key = key_out(&making->key)};
        answer.secret = answer_text(&reader, arena);
        nas_users_create_key_out_write(out, &answer);
}

static int64_t next_number(void)
{
        int64_t number = tables_now()->last_key + 1;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        while (changes_claim(clerk.changes, USERS_KEY_MAKE, 2, arena_printf(arena, "%" PRId64, number)))
                number++;
        return number;
}

static const char *scopes_of(const struct key_entry *key)
{
        if (key->read_only && key->no_destroy)
                return "read_only no_destroy";
        return key->read_only ? "read_only" : key->no_destroy ? "no_destroy" : "";
}

static struct making *making_new(const struct change *change, const struct account *account,
                                 const struct nas_users_create_key_in *in)
{
        struct making *making = arena_alloc(change->arena, sizeof(*making));
        const char **networks = arena_array(change->arena, NETWORKS_MAX, sizeof(*networks));
        char *created = arena_alloc(change->arena, RFC3339_SIZE), *joined = arena_printf(change->arena, "%s", "");
        clock_format(clock_real_us(), created);
        making->key = (struct key_entry){.id = next_number(),
                                         .uid = account->uid,
                                         .name = change_keep(change, account->name),
                                         .label = arena_text(change->arena, in->name, strlen(in->name)),
                                         .role = role_name(role_in(in->role)),
                                         .created = created,
                                         .expires = in->expires ? change_keep(change, in->expires) : "",
                                         .read_only = in->has_read_only && in->read_only,
                                         .no_destroy = in->has_no_destroy && in->no_destroy,
                                         .networks = networks};
        for (size_t i = 0; in->has_networks && i < in->networks_count && i < NETWORKS_MAX; i++) {
                networks[making->key.network_count++] = change_keep(change, in->networks[i]);
                joined = arena_printf(change->arena, "%s%s%s", joined, *joined ? " " : "", in->networks[i]);
        }
        making->number = arena_printf(change->arena, "%" PRId64, making->key.id);
        making->uid = arena_printf(change->arena, "%u", account->uid);
        making->networks = joined;
        return making;
}

static int plan_key(struct change *change, const struct making *making, struct failure *failure)
{
        const struct key_entry *key = &making->key;
        const char *values[6 + NETWORKS_MAX] = {key->name, making->uid,    making->number,
                                                key->role, scopes_of(key), key->expires};
        for (size_t i = 0; i < key->network_count; i++)
                values[6 + i] = key->networks[i];
        return plan_step_values(change->plan, failure, USERS_KEY_MAKE, values, 6 + key->network_count);
}

static int key_allowed(const struct call *call, const struct nas_users_create_key_in *in, struct failure *failure)
{
        const struct ticket *ticket = &call_who(call)->ticket;
        char now[RFC3339_SIZE];
        clock_format(clock_real_us(), now);
        if (ticket->source == SOURCE_KEY)
                return failure_set(failure, FAILURE_DENIED, "", "Sign in.", "A key cannot make keys.");
        if (role_in(in->role) > ticket->role)
                return failure_set(failure, FAILURE_DENIED, "role", "Choose a lesser role.",
                                   "A key can do at most what its owner can.");
        if (in->expires && strncmp(in->expires, now, strlen("2026-11-21T05:12:00")) <= 0)
                return failure_set(failure, FAILURE_INVALID, "expires", "Choose a later moment.",
                                   "must be in the future.");
        return tables_known(failure);
}

void nas_users_create_key(struct call *call, const struct nas_users_create_key_in *in)
{
        struct failure failure = {0};
        const struct account *account = asker_own(call, &failure);
        if (!account || key_allowed(call, in, &failure) != 0) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = change_new(clerk.changes);
        struct making *making = making_new(change, account, in);
        change->object = arena_printf(change->arena, "key %s of %s", making->number, account->name);
        change->who = making->key.name;
        change->issues = true;
        change->wanted = add_wanted;
        change->answer = answer_made;
        change->context = making;
        users_run(call, change, plan_key(change, making, &failure), &failure);
}

/* --- another name --- */

static void answer_renamed(struct json_out *out, const struct reply *reply, void *context)
{
        const struct key_entry *key = context;
        (void)reply;
        struct nas_users_rename_key_out answer = {.key = key_out(key)};
        nas_users_rename_key_out_write(out, &answer);
}

/* The key as it will be; what the tables hold may be read anew before the answer. */
static struct key_entry *renamed(const struct change *change, const struct key_entry *key, const char *label)
{
        struct key_entry *copy = arena_alloc(change->arena, sizeof(*copy));
        const char **networks = arena_array(change->arena, key->network_count, sizeof(*networks));
        *copy = *key;
        for (size_t i = 0; i < key->network_count; i++)
                networks[i] = change_keep(change, key->networks[i]);
        copy->networks = networks;
        copy->name = change_keep(change, key->name);
        copy->label = arena_text(change->arena, label, strlen(label));
        copy->role = change_keep(change, key->role);
        copy->created = change_keep(change, key->created);
        copy->expires = change_keep(change, key->expires);
        return copy;
}

void nas_users_rename_key(struct call *call, const struct nas_users_rename_key_in *in)
{
        struct failure failure = {0};
        const struct key_entry *key = find_key(call, in->id, &failure);
        if (!key) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = change_new(clerk.changes);
        const char *uid = arena_printf(change->arena, "%u", key->uid);
        const char *number = arena_printf(change->arena, "%" PRId64, key->id);
        struct key_entry *after = renamed(change, key, in->name);
        int result = 0;
        change->object = arena_printf(change->arena, "key %s of %s", number, after->name);
        change->who = after->name;
        change->answer = answer_renamed;
        change->context = after;
        if (strcmp(key->label, after->label) != 0)
                result = plan_step(change->plan, &failure, USERS_KEY_LABEL, after->name, uid, number, after->label,
                                   NULL);
        users_run(call, change, result, &failure);
}

/* --- taking back --- */

void nas_users_revoke_key(struct call *call, const struct nas_users_revoke_key_in *in)
{
        struct failure failure = {0};
        const struct key_entry *key = find_key(call, in->id, &failure);
        if (!key) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = change_new(clerk.changes);
        const char *uid = arena_printf(change->arena, "%u", key->uid);
        const char *number = arena_printf(change->arena, "%" PRId64, key->id);
        change->object = arena_printf(change->arena, "key %s of %s", number, key->name);
        change->who = arena_printf(change->arena, "whatever uses the key %s", key->label);
        change->ends_caller =
                call_who(call)->ticket.source == SOURCE_KEY && call_who(call)->ticket.session == (uint64_t)key->id;
        users_run(call, change, plan_step(change->plan, &failure, USERS_KEY_DROP, key->name, uid, number, NULL),
                  &failure);
}
