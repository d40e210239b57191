/* The skeleton of every clerk. The order is the whole point: sockets, inspection, prepare with open rights, the jail
 * with its proof, and only then whatever comes from outside.
 * Rights: clerks; everything that the process's policy says and nothing more. */
#include "serve/clerk.h"

#include "base/log.h"
#include "base/mem.h"
#include "nas_job.h"
#include "serve/journal.h"
#include "serve/process.h"
#include "sys/account.h"
#include "sys/activation.h"
#include "sys/settings.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define FRONT_USER "bulkhead-api"
enum {
        FRONT_CLIENTS_MAX = WIRE_FRONT_WATCHES_MAX + WIRE_FRONT_PROCESSES_MAX * WIRE_FRONT_CALLS_MAX,
        CLIENTS_MAX = FRONT_CLIENTS_MAX + 256
};
enum { FIRST_FD = 3, INTERFACES_MAX = 8, STATEMENTS_MAX = 128, STOP_MS = 3000, DRAIN_MS = 10000 };

struct clerk_parts clerk;

static struct serving { /* what only the skeleton needs */
        const struct clerk *description;
        struct wire_server *server;
        const struct wire_interface *interfaces[INTERFACES_MAX + 1];
        struct db_statement statements[STATEMENTS_MAX];
        const char *conninfo;
        uid_t front; /* of the front end; 0: it is not installed */
        struct gate_guard *guard;
        struct folders trusted;
        bool watched; /* trusted is; tests have it looked at */
        struct loop_watch *second;
        bool draining;
} serving;

/* --- before the jail --- */

static int take_sockets(const struct clerk *description)
{
        int sockets = activation_sockets();
        if (sockets < 0)
                log_fatal("cannot take the sockets: %s", strerror(-sockets));
        if (sockets == 0)
                log_fatal("is started by its socket (%s), not by hand", description->policy->socket);
        return sockets;
}

/* Read from /etc/passwd, once: who it is does not change while a clerk runs. */
static uid_t find_front(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct accounts accounts;
        const struct account *account =
                accounts_read(arena, &accounts) == 0 ? accounts_named(&accounts, FRONT_USER) : NULL;
        return account ? account->uid : 0;
}

static char *read_settings(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct settings settings;
        struct failure failure = {0};
        if (settings_read(arena, SETTINGS_DIRECTORY, &settings, &failure) != 0)
                log_fatal("%s", failure.message);
        return mem_copy_text(settings.values[SETTING_DATABASE]);
}

static void prepare(const struct clerk *description)
{
        activation_start();
        journal_open(description->policy->name);
        serving.conninfo = read_settings();
        clerk.trust = trust_open(TRUST_DIRECTORY);
        if (!clerk.trust)
                log_fatal("cannot open %s: %m", TRUST_DIRECTORY);
        serving.front = find_front();
        clerk.loop = loop_new();
        int error = gate_prepare(&serving.trusted, TRUST_DIRECTORY);
        serving.watched = error == 0;
        if (error == 0 && description->prepare)
                error = description->prepare();
        if (error != 0)
                log_fatal("cannot prepare: %s", strerror(-error));
}

/* --- the parts --- */

static void database_changed(enum db_state state, void *context)
{
        const struct clerk *description = context;
        if (state == DB_READY)
                log_info("the database is there");
        else
                log_warn("the database is away: %s", db_why_away(clerk.db));
        if (state == DB_READY && clerk.ledger)
                ledger_resume(clerk.ledger);
        if (state == DB_READY)
                changes_resume(clerk.changes);
        if (description->database)
                description->database(state);
}

static void make_database(const struct clerk *description, const char *conninfo)
{
        size_t first = description->chain ? LEDGER_STATEMENT_COUNT : 0;
        size_t count = first + description->statement_count;
        ASSERT(count <= STATEMENTS_MAX);
        if (description->chain)
                ledger_statements(description->chain, serving.statements);
        if (description->statement_count > 0)
                memcpy(serving.statements + first, description->statements,
                       description->statement_count * sizeof(*serving.statements));
        clerk.first_statement = first;
        clerk.db = db_new(clerk.loop, conninfo, serving.statements, count, database_changed,
                          (void *)(uintptr_t)description);
        if (description->chain)
                clerk.ledger = ledger_new(clerk.loop, clerk.db, description->chain, 0);
}

static void make_engine(const struct clerk *description)
{
        char path[64];
        crypto_random(clerk.plan_key, sizeof(clerk.plan_key));
        if (description->operations) {
                snprintf(path, sizeof(path), "/run/bulkhead/%s-hand.sock", description->operations->hand);
                clerk.hand = hand_line_new(clerk.loop, path);
        }
        struct changes_parts parts = {.loop = clerk.loop,
                                      .db = clerk.db,
                                      .ledger = clerk.ledger,
                                      .hand = clerk.hand,
                                      .trust = clerk.trust,
                                      .operations = description->operations,
                                      .chain = description->chain ? description->chain : "",
                                      .first_statement = clerk.first_statement,
                                      .plan_key = clerk.plan_key,
                                      .settle = description->settle,
                                      .acted = description->acted,
                                      .settled = description->settled,
                                      .mirror = description->mirror,
                                      .note = journal_note};
        clerk.changes = changes_new(&parts);
        serving.guard = gate_hold(clerk.loop, clerk.trust, clerk.changes, serving.watched ? &serving.trusted : NULL);
}

static int admit_call(struct call *call, const struct wire_method *method, struct failure *failure, void *context)
{
        (void)context;
        if (gate_admit(call, method, clerk.trust, failure) != 0) {
                if (failure->code == FAILURE_DENIED || failure->code == FAILURE_UNAUTHENTICATED)
                        changes_refused(clerk.changes, call, "", failure);
                return -1;
        }
        if (changes_repeated(clerk.changes, call))
                return 1;
        if (changes_match(clerk.changes, call, failure) == 0)
                return 0;
        changes_turned_away(clerk.changes, call, failure);
        return -1;
}

/* A change is refused however it is wrong, and so written down; who asks only to read is told and that is all. */
static void misread_call(struct call *call, const struct failure *failure, void *context)
{
        (void)context;
        changes_turned_away(clerk.changes, call, failure);
}

static void make_server(const struct clerk *description)
{
        size_t count = 0;
        for (; description->interfaces[count]; count++) {
                ASSERT(count + 1 < INTERFACES_MAX);
                serving.interfaces[count] = description->interfaces[count];
        }
        serving.interfaces[count] = &nas_job_interface;
        struct wire_service service = {.vendor = "Bulkhead",
                                       .product = description->policy->name,
                                       .version = BULKHEAD_VERSION,
                                       .url = "https://bulkhead.example/",
                                       .interfaces = serving.interfaces,
                                       .more = description->more,
                                       .limits = {.clients_max = CLIENTS_MAX,
                                                  .front = serving.front,
                                                  .front_max = FRONT_CLIENTS_MAX,
                                                  .front_watches_max = WIRE_FRONT_WATCHES_MAX},
                                       .admit_call = admit_call,
                                       .misread_call = misread_call};
        serving.server = wire_server_new(clerk.loop, &service);
}

static void one_second(void *context)
{
        const struct clerk *description = context;
        description->each_second();
}

struct wire_server *clerk_assemble(const struct clerk *description, const char *conninfo)
{
        ASSERT(description && conninfo && clerk.loop && clerk.trust);
        make_database(description, conninfo);
        make_engine(description);
        make_server(description);
        if (description->each_second)
                serving.second = loop_every(clerk.loop, 1000, one_second, (void *)(uintptr_t)description);
        if (description->start)
                description->start();
        return serving.server;
}

void clerk_take_apart(void)
{
        loop_unwatch(TAKE(serving.second));
        gate_release(TAKE(serving.guard));
        wire_server_free(serving.server);
        changes_free(clerk.changes);
        ledger_free(clerk.ledger);
        db_free(clerk.db);
        if (clerk.ledger)
                ledger_statements_free(serving.statements);
        hand_line_free(clerk.hand);
        trust_close(clerk.trust);
        loop_free(clerk.loop);
        clerk = (struct clerk_parts){0};
}

/* --- running and ending --- */

static void give_up(void *context)
{
        (void)context;
        loop_stop(clerk.loop);
}

static void drain(void *context)
{
        (void)context;
        if (serving.draining)
                return;
        serving.draining = true;
        loop_timer(clerk.loop, DRAIN_MS, give_up, NULL);
        wire_server_drain(serving.server); /* ends the loop when the last call is answered */
}

static void asked_to_stop(void *context)
{
        const struct clerk *description = context;
        loop_timer(clerk.loop, STOP_MS, drain, NULL);
        if (description->stop)
                description->stop(drain);
        else
                drain(NULL);
}

int clerk_main(const struct clerk *description, int argc, char **argv)
{
        ASSERT(description && description->policy && description->interfaces);
        (void)argv;
        log_open(description->policy->name);
        if (argc != 1)
                log_fatal("takes no arguments");
        crypto_start();
        serving.description = description;
        signal(SIGPIPE, SIG_IGN);
        int sockets = take_sockets(description);
        process_inspect(description->policy);
        prepare(description);
        process_enter_jail(description->policy);
        clerk_assemble(description, serving.conninfo);
        for (int i = 0; i < sockets; i++)
                wire_server_listen(serving.server, FIRST_FD + i);
        process_run(clerk.loop, asked_to_stop, (void *)(uintptr_t)description);
        clerk_take_apart();
        return 0;
}
