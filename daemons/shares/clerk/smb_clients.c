/* Who uses shares over SMB, and ending that: what only root may ask Samba is asked by a unit that the hand has started,
 * and read here. Whose account is disabled is disconnected, without anybody asking for it.
 * Rights: the shares clerk; reads what that unit wrote, plans, its hand has PID 1 act. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/account.h"
#include "sys/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_MAX = 16 * 1024 * 1024 };

static int folder = -1;

void smb_clients_prepare(int run)
{
        folder = run;
}

/* As much of it as is read at all: who is there stands first, and what comes behind is as long as clients will have it. */
static char *read_look(size_t *ret_length)
{
        CLEANUP_FD int fd = file_open_below(folder, "smb-look", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        char *text = fd >= 0 ? mem_new(LOOK_MAX, 1) : NULL;
        ssize_t got = 0;
        size_t length = 0;
        while (text && length < LOOK_MAX && (got = read(fd, text + length, LOOK_MAX - length)) > 0)
                length += (size_t)got;
        if (got < 0) {
                free(text);
                return NULL;
        }
        *ret_length = length;
        return text;
}

struct look {
        struct arena *arena; /* holds it, and what was read */
        clients_seen *seen;
        void *context;
};

static void done(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct look *look = context;
        (void)output;
        (void)output_length;
        const struct nas_shares_smb_client *clients = NULL;
        struct failure failure = {0};
        size_t length = 0, count = 0;
        const bool good = hand_answered(reply, &failure);
        char *text = good ? read_look(&length) : NULL;
        if (text)
                count = smb_clients_read(text, length, look->arena, &clients);
        else if (good)
                failure_set(&failure, FAILURE_FAILED, "", "", "What Samba wrote down cannot be read.");
        free(text);
        look->seen(clients, count, failure.code == FAILURE_NONE ? NULL : &failure, look->context);
        arena_free(look->arena);
}

static void look(clients_seen *seen, void *context)
{
        struct arena *arena = arena_new();
        struct look *one = arena_alloc(arena, sizeof(*one));
        *one = (struct look){.arena = arena, .seen = seen, .context = context};
        shares_ask(SHARES_SMB_LOOK, NULL, arena, done, one);
}

/* --- shown --- */

static void reply(const struct nas_shares_smb_client *clients, size_t count, const struct failure *failure,
                  void *context)
{
        struct nas_shares_list_smb_clients_out out = {.clients = clients, .clients_count = count};
        if (failure)
                call_fail(context, failure);
        else
                nas_shares_list_smb_clients_reply(context, &out);
}

void nas_shares_list_smb_clients(struct call *call, const struct nas_shares_list_smb_clients_in *in)
{
        (void)in;
        if (service_runs("smb"))
                look(reply, call);
        else
                reply(NULL, 0, NULL, call);
}

/* --- ended --- */

struct ending {
        struct call *call;
        int64_t process;
};

static int plan_end(struct change *change, const struct nas_shares_smb_client *client, int64_t process,
                    struct failure *failure)
{
        if (!client)
                return failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of clients.",
                                   "No client is served by process %" PRId64 ".", process);
        change->who =
                arena_printf(change->arena, "%s at %s, with all that is open there", client->username, client->address);
        return plan_step(change->plan, failure, SHARES_SMB_DISCONNECT, arena_printf(change->arena, "%" PRId64, process),
                         NULL);
}

static void end(const struct nas_shares_smb_client *clients, size_t count, const struct failure *failure, void *context)
{
        struct ending *ending = context;
        struct failure wrong = {0};
        const struct nas_shares_smb_client *client = NULL;
        for (size_t i = 0; i < count; i++)
                if (clients[i].id == ending->process)
                        client = &clients[i];
        struct change *change = shares_change("client", client ? client->username : "");
        if (failure)
                wrong = *failure;
        shares_run(ending->call, change, failure ? -1 : plan_end(change, client, ending->process, &wrong), &wrong);
        free(ending);
}

void nas_shares_disconnect_smb_client(struct call *call, const struct nas_shares_disconnect_smb_client_in *in)
{
        struct ending *ending = mem_new(1, sizeof(*ending));
        *ending = (struct ending){.call = call, .process = in->id};
        if (service_runs("smb"))
                look(end, ending);
        else
                end(NULL, 0, NULL, ending);
}

/* --- whose account is disabled --- */

static void ask(void);
static struct following following = {.ask = ask};

static void ended(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        (void)output;
        (void)output_length;
        if (!reply || reply->outcome != OUTCOME_SUCCESS)
                log_warn("somebody whose account is disabled could not be disconnected");
        arena_free(context);
}

static void end_disabled(const struct nas_shares_smb_client *clients, size_t count, const struct failure *failure,
                         void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct accounts accounts;
        if (failure || accounts_read(arena, &accounts) != 0) {
                log_warn("who is connected is not known, so nobody is disconnected yet");
                following_ended(&following, false);
                return;
        }
        for (size_t i = 0; i < count; i++) {
                if (strchr(clients[i].username, '\\')) /* of the domain, which says who is disabled there */
                        continue;
                const struct account *account = accounts_named(&accounts, clients[i].username);
                if (account && (!account_is_bulkheads(account) || account_enabled(&accounts, account->name)))
                        continue;
                struct arena *asked = arena_new();
                shares_ask(SHARES_SMB_END, arena_printf(asked, "%" PRId64, clients[i].id), asked, ended, asked);
        }
        following_ended(&following, true);
}

static void ask(void)
{
        if (service_runs("smb"))
                look(end_disabled, NULL);
        else
                following_ended(&following, true);
}

void smb_accounts_changed(void)
{
        following_changed(&following);
}
