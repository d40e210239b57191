/* Signing in and staying so. Wrong names, wrong passwords, wrong codes and disabled accounts go the same way to the
 * hand and get its one answer after its one time: nothing here looks whether the name exists.
 * Rights: the users clerk; asks its hand. Passwords pass through, into nothing else. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/value.h"

#include <stdio.h>
#include <string.h>

static void refused(struct call *call, const struct failure *failure, void *context)
{
        const char *object = context;
        if (!call)
                return;
        if (failure->code == FAILURE_UNAUTHENTICATED)
                changes_refused(clerk.changes, call, object ? object : "", failure);
        call_fail(call, failure);
}

struct welcome { /* in the call's arena */
        struct call *call;
        uint32_t uid;
        struct nas_users_login_out out;
};

/* The session is in the ledger, or the database is away: then signing in goes on without it. */
static void welcome(void *context)
{
        struct welcome *welcome = context;
        const struct account *account = account_by_uid(accounts_now(), welcome->uid);
        if (!account) {
                answer_broken(welcome->call);
                return;
        }
        welcome->out.user = user_out(account);
        nas_users_login_reply(welcome->call, &welcome->out);
}

static void logged_in(struct call *call, struct reader *reader, void *context)
{
        (void)context;
        struct arena *arena = call_arena(call);
        struct welcome *answer = arena_alloc(arena, sizeof(*answer));
        *answer = (struct welcome){.call = call};
        answer->out.token = answer_text(reader, arena);
        answer->out.expires = answer_expiry(reader, arena);
        answer->out.session = answer_text(reader, arena);
        answer->out.device = answer_text(reader, arena);
        uint32_t uid = reader_u32(reader);
        uint64_t session = reader_u64(reader);
        if (reader_ended(reader) && !account_by_uid(accounts_now(), uid))
                accounts_reload();
        const struct account *account = account_by_uid(accounts_now(), uid);
        if (!reader_ended(reader) || !account) {
                answer_broken(call);
                return;
        }
        const char *address = call_address(call);
        struct opened_session opened = {.id = (int64_t)session,
                                        .uid = uid,
                                        .name = account->name,
                                        .known = welcome,
                                        .context = answer,
                                        .address = address,
                                        .request = call_caller(call)->request,
                                        .source = arena_printf(arena, "session %llu%s%s", (unsigned long long)session,
                                                               *address ? " from " : "", address)};
        answer->uid = uid;
        session_opened(&opened);
}

void nas_users_login(struct call *call, const struct nas_users_login_in *in)
{
        const char *object = arena_printf(call_arena(call), "user %s", in->username);
        struct ask ask = {.operation = USERS_LOGIN,
                          .lane = ASK_SLOWLY,
                          .answered = logged_in,
                          .failed = refused,
                          .context = (void *)(uintptr_t)object};
        ask_hand(call, &ask, in->username, in->password, in->code ? in->code : "", call_address(call),
                 in->device ? in->device : "", NULL);
}

static void exchanged(struct call *call, struct reader *reader, void *context)
{
        (void)context;
        struct arena *arena = call_arena(call);
        struct nas_users_exchange_out out = {.token = answer_text(reader, arena)};
        out.expires = answer_expiry(reader, arena);
        if (reader_ended(reader))
                nas_users_exchange_reply(call, &out);
        else
                answer_broken(call);
}

void nas_users_exchange(struct call *call, const struct nas_users_exchange_in *in)
{
        struct ask ask = {.operation = USERS_EXCHANGE, .answered = exchanged, .failed = refused};
        ask_hand(call, &ask, in->credential, call_address(call), NULL);
}

static void refreshed(struct call *call, struct reader *reader, void *context)
{
        (void)context;
        struct arena *arena = call_arena(call);
        struct nas_users_refresh_out out = {.token = answer_text(reader, arena)};
        out.expires = answer_expiry(reader, arena);
        if (reader_ended(reader))
                nas_users_refresh_reply(call, &out);
        else
                answer_broken(call);
}

void nas_users_refresh(struct call *call, const struct nas_users_refresh_in *in)
{
        (void)in;
        struct ask ask = {.operation = USERS_REFRESH,
                          .answered = refreshed,
                          .failed = refused,
                          .ticket = call_caller(call)->ticket};
        ask_hand(call, &ask, call_address(call), NULL);
}

void nas_users_me(struct call *call, const struct nas_users_me_in *in)
{
        (void)in;
        const struct ticket *ticket = &call_who(call)->ticket;
        const struct account *account = asker_account(call);
        struct nas_users_me_out out = {.user = {.id = ticket->subject,
                                                .username = ticket->name,
                                                .role = role_out(ticket->role),
                                                .enabled = true}};
        if (account)
                out.user = user_out(account);
        nas_users_me_reply(call, &out);
}
