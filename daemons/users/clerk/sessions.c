/* Sessions: listed from the tables, true in the hand. Who signs in is answered when the ledger has it; one that was
 * opened while the database was away is kept here and written down when it is back.
 * Rights: the users clerk; works on what is in memory and its tables. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

enum { UNSAVED_MAX = 256 };

struct unsaved { /* listed from here until the tables have it */
        struct unsaved *next;
        struct arena *arena; /* holds it and its texts */
        struct session_entry entry;
        const char *id, *uid, *request, *source;
        loop_tick *known; /* NULL: told */
        void *context;
        bool on_its_way;
};

static struct {
        struct unsaved *list;
        size_t count;
} unsaved;

/* --- listing --- */

static bool may_see(const struct call *call, uint32_t uid)
{
        return asker_is_admin(call) || (call_who(call)->known && call_who(call)->ticket.subject == uid);
}

static struct nas_users_session session_out(const struct call *call, const struct session_entry *entry)
{
        const struct ticket *ticket = &call_who(call)->ticket;
        return (struct nas_users_session){.id = entry->id,
                                          .username = entry->name,
                                          .created = entry->created,
                                          .address = entry->address,
                                          .current = ticket->source == SOURCE_SESSION &&
                                                     (int64_t)ticket->session == entry->id};
}

static void write_list(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct tables *tables = tables_now();
        size_t room = tables ? tables->session_count : 0;
        struct nas_users_session *sessions = arena_array(arena, room + unsaved.count, sizeof(*sessions));
        struct nas_users_list_sessions_out reply = {.sessions = sessions};
        for (const struct unsaved *one = unsaved.list; one; one = one->next)
                if (may_see(call, one->entry.uid) && !session_of(tables, one->entry.id))
                        sessions[reply.sessions_count++] = session_out(call, &one->entry);
        for (size_t i = 0; i < room; i++)
                if (may_see(call, tables->sessions[i].uid))
                        sessions[reply.sessions_count++] = session_out(call, &tables->sessions[i]);
        nas_users_list_sessions_out_write(out, &reply);
}

struct topic *sessions_topic(void)
{
        return topic_new("sessions", write_list, NULL);
}

static bool tables_known(struct call *call)
{
        struct failure failure = {0};
        if (tables_now())
                return true;
        failure_set(&failure, FAILURE_UNAVAILABLE, "", "Is PostgreSQL running?",
                    "The database could not be read yet since the start.");
        call_fail(call, &failure);
        return false;
}

void nas_users_list_sessions(struct call *call, const struct nas_users_list_sessions_in *in)
{
        (void)in;
        if (tables_known(call))
                topic_serve(topics.sessions, call);
}

/* --- ending --- */

static void end_session(struct call *call, const char *name, int64_t id)
{
        struct failure failure = {0};
        struct change *change = change_new(clerk.changes);
        const char *number = arena_printf(change->arena, "%" PRId64, id);
        change->object = arena_printf(change->arena, "session %s of %s", number, name);
        change->who = change_keep(change, name);
        change->ends_caller = call_who(call)->ticket.session == (uint64_t)id;
        users_run(call, change, plan_step(change->plan, &failure, USERS_SESSION_END, name, number, NULL), &failure);
}

static const struct session_entry *find_session(int64_t id)
{
        for (const struct unsaved *one = unsaved.list; one; one = one->next)
                if (one->entry.id == id)
                        return &one->entry;
        return session_of(tables_now(), id);
}

void nas_users_end_session(struct call *call, const struct nas_users_end_session_in *in)
{
        struct failure failure = {0};
        if (!tables_known(call))
                return;
        const struct session_entry *session = find_session(in->id);
        if (session && may_see(call, session->uid)) {
                end_session(call, session->name, in->id);
                return;
        }
        failure_set(&failure, FAILURE_NOT_FOUND, "id", "List the sessions.", "There is no such session.");
        users_refuse(call, &failure);
}

void nas_users_logout(struct call *call, const struct nas_users_logout_in *in)
{
        (void)in;
        struct failure failure = {0};
        const struct ticket *ticket = &call_who(call)->ticket;
        if (ticket->source == SOURCE_SESSION) {
                end_session(call, ticket->name, (int64_t)ticket->session);
                return;
        }
        failure_set(&failure, FAILURE_CONFLICT, "", ticket->source == SOURCE_KEY ? "Revoke the key." : "",
                    "There is no session to end.");
        users_refuse(call, &failure);
}

void nas_users_end_all_sessions(struct call *call, const struct nas_users_end_all_sessions_in *in)
{
        (void)in;
        struct failure failure = {0};
        struct change *change = change_new(clerk.changes);
        change->object = "all sessions";
        change->who = "everybody, you too";
        change->ends_caller = true;
        users_run(call, change, plan_step(change->plan, &failure, USERS_SIGN_OUT_ALL, NULL), &failure);
}

void nas_users_rotate_signing_key(struct call *call, const struct nas_users_rotate_signing_key_in *in)
{
        (void)in;
        struct failure failure = {0};
        struct change *change = change_new(clerk.changes);
        change->object = "signing key";
        change->who = "nobody";
        users_run(call, change, plan_step(change->plan, &failure, USERS_SIGNING_KEY_ROTATE, NULL), &failure);
}

/* --- opening --- */

static void add_rows(struct db_batch *batch, void *context)
{
        const struct unsaved *session = context;
        const struct session_entry *entry = &session->entry;
        users_add(batch, SESSION_ADD,
                  (const char *[]){session->id, session->uid, entry->name, entry->address, entry->created});
        users_add(batch, LOGIN_AT, (const char *[]){session->uid, entry->created});
}

static void forget(void *context)
{
        struct unsaved *session = context;
        struct unsaved **at = &unsaved.list;
        while (*at && *at != session)
                at = &(*at)->next;
        if (*at) {
                *at = session->next;
                unsaved.count--;
        }
        arena_free(session->arena);
}

static void written(enum db_status status, int64_t id, const char *message, void *context)
{
        struct unsaved *session = context;
        loop_tick *known = TAKE(session->known);
        (void)id;
        if (known)
                known(session->context);
        if (status == DB_GONE) {
                session->on_its_way = false; /* again when it is back */
                return;
        }
        if (status != DB_OK)
                log_fail("a session cannot be written down: %s", message);
        tables_load(forget, session);
}

static void save(struct unsaved *session)
{
        struct change_event event = {.method = "nas.users.Login",
                                     .object = arena_printf(session->arena, "user %s", session->entry.name),
                                     .outcome = "success",
                                     .detail = "{}",
                                     .actor_name = session->entry.name,
                                     .source = session->source,
                                     .request = session->request,
                                     .actor = session->entry.uid};
        session->on_its_way = true;
        changes_event(clerk.changes, &event, add_rows, written, session);
}

void sessions_save(void)
{
        for (struct unsaved *session = unsaved.list, *next; session; session = next) {
                next = session->next;
                if (!session->on_its_way)
                        save(session);
        }
}

static const char *keep(struct arena *arena, const char *text)
{
        return arena_text(arena, text, strlen(text));
}

void session_opened(const struct opened_session *opened)
{
        if (unsaved.count >= UNSAVED_MAX) {
                log_fail("a session of %s is not listed: the database is away too long", opened->name);
                opened->known(opened->context);
                return;
        }
        struct arena *arena = arena_new();
        struct unsaved *session = arena_alloc(arena, sizeof(*session));
        char *created = arena_alloc(arena, RFC3339_SIZE);
        clock_format(clock_real_us(), created);
        *session = (struct unsaved){.arena = arena,
                                    .next = unsaved.list,
                                    .entry = {.id = opened->id,
                                              .uid = opened->uid,
                                              .name = keep(arena, opened->name),
                                              .created = created,
                                              .address = keep(arena, opened->address)},
                                    .id = arena_printf(arena, "%" PRId64, opened->id),
                                    .uid = arena_printf(arena, "%u", opened->uid),
                                    .request = keep(arena, opened->request),
                                    .source = keep(arena, opened->source),
                                    .known = opened->known,
                                    .context = opened->context};
        unsaved.list = session;
        unsaved.count++;
        topic_changed(topics.sessions);
        save(session);
}
