/* An action: its parameters held to the contract, a plan that the hand lets happen, and then the module's program.
 * Rights: the modules clerk; plans, its hand judges, the program acts. */
#include "daemons/modules/clerk/modules.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

struct acting { /* in the change's arena */
        struct arena *arena;
        struct program_ask ask;
        const char *reply;
        change_done *done;
        void *run;
};

static void answered(const char *reply, const struct failure *failure, void *context)
{
        struct acting *acting = context;
        if (reply)
                acting->reply = arena_text(acting->arena, reply, strlen(reply));
        acting->done(failure, acting->run);
}

static void deed(change_done *done, void *run, void *context)
{
        struct acting *acting = context;
        acting->done = done;
        acting->run = run;
        acting->ask.answered = answered;
        acting->ask.context = acting;
        program_act(acting->ask.method->module->program, &acting->ask);
}

static void write_reply(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        const struct acting *acting = context;
        ASSERT(acting->reply);
        json_out_raw(out, acting->reply, strlen(acting->reply));
}

static unsigned operation_of(const struct idl_member *said)
{
        return said->said.notes[IDL_DESTROYS]  ? MODULES_ACT_DESTROYING
               : said->said.notes[IDL_WARRANT] ? MODULES_ACT_CONFIRMED
                                               : MODULES_ACT;
}

static struct acting *acting_new(struct change *change, const struct method *method, const struct call *call,
                                 const char *given)
{
        struct acting *acting = arena_alloc(change->arena, sizeof(*acting));
        const struct ticket *who = &call_who(call)->ticket;
        *acting = (struct acting){.arena = change->arena,
                                  .ask = {.method = method,
                                          .action = method->said->name,
                                          .given = arena_text(change->arena, given, strlen(given)),
                                          .caller = arena_text(change->arena, who->name, strlen(who->name)),
                                          .role = role_name(who->role)}};
        return acting;
}

void action_serve(const struct method *method, struct call *call)
{
        ASSERT(method && call);
        struct failure failure = {0};
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        if (shape_again(method->in, call_parameters(call), out, &failure) != 0) {
                call_misread(call, &failure);
                return;
        }
        struct change *change = change_new(clerk.changes);
        struct acting *acting = acting_new(change, method, call, json_out_bytes(out, NULL));
        change->object = arena_printf(change->arena, "module %s", method->module->name);
        change->who = "as the module says";
        change->deed = deed;
        change->answer = write_reply;
        change->context = acting;
        if (plan_step(change->plan, &failure, operation_of(method->said), method->module->name, acting->ask.action,
                      acting->ask.given, NULL) == 0) {
                change_run(clerk.changes, call, change);
                return;
        }
        changes_refuse(clerk.changes, call, &failure);
        change_free(change);
}
