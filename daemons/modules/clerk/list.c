/* Modules as they are listed, enabled and disabled.
 * Rights: the modules clerk; plans, its hand has PID 1 act. */
#include "daemons/modules/clerk/modules.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/emit.h"

#include <stdlib.h>
#include <string.h>

typedef struct nas_modules_module shown;

void modules_tell(void)
{
        topic_changed(topics.list);
        topic_changed(topics.one);
}

/* --- showing them --- */

static void show_published(shown *one, const struct module *module, struct arena *arena)
{
        char *text = arena_alloc(arena, RFC3339_SIZE);
        if (!module->published.state)
                return;
        clock_format(module->published.at_us, text);
        one->published = text;
}

static shown show(const struct known *known, struct arena *arena)
{
        const struct examined *examined = &known->examined;
        const struct idl_contract *contract = examined->contract;
        const char *about = contract ? contract->said.doc : "";
        shown one = {.name = examined->name,
                     .about = arena_text(arena, about, strnlen(about, 1024)),
                     .folder = examined->folder,
                     .enabled = known->enabled};
        if (examined->failure.code != FAILURE_NONE) {
                one.status = NAS_MODULES_MODULE_STATUS_BROKEN;
                one.message = examined->failure.message;
        } else if (known->module && known->module->program) {
                one.status = program_status(known->module->program);
                one.message = program_fault(known->module->program);
                show_published(&one, known->module, arena);
        }
        return one;
}

void list_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        shown *list = arena_array(arena, KNOWN_MAX, sizeof(*list));
        struct nas_modules_list_modules_out reply = {.modules = list};
        for (const struct known *known; (known = known_at(reply.modules_count));)
                list[reply.modules_count++] = show(known, arena);
        nas_modules_list_modules_out_write(out, &reply);
}

void nas_modules_list_modules(struct call *call, const struct nas_modules_list_modules_in *in)
{
        (void)in;
        known_fresh();
        topic_serve(topics.list, call);
}

static enum nas_modules_module_role role_of(enum role role)
{
        static const enum nas_modules_module_role roles[] = {[ROLE_VIEWER] = NAS_MODULES_MODULE_ROLE_VIEWER,
                                                             [ROLE_USER] = NAS_MODULES_MODULE_ROLE_USER,
                                                             [ROLE_OPERATOR] = NAS_MODULES_MODULE_ROLE_OPERATOR,
                                                             [ROLE_ADMIN] = NAS_MODULES_MODULE_ROLE_ADMIN};
        ASSERT(role > ROLE_NOBODY && role <= ROLE_ADMIN);
        return roles[role];
}

static struct nas_modules_module_method show_method(const struct idl_member *member, struct arena *arena)
{
        const struct idl_note *http = member->said.notes[IDL_HTTP], *command = member->said.notes[IDL_COMMAND];
        struct nas_modules_module_method one = {.name = member->name,
                                                .role = role_of(member->said.notes[IDL_ROLE]->role),
                                                .changes = member->said.notes[IDL_PLAN] != NULL};
        if (http)
                one.route = arena_printf(arena, "%s %s", http->words[0], http->words[1]);
        if (command)
                one.command = arena_printf(arena, "bulkhead %s %s", command->words[0], command->words[1]);
        return one;
}

static const struct nas_modules_module_method *show_methods(const struct idl_contract *contract, struct arena *arena,
                                                            size_t *ret_count)
{
        struct nas_modules_module_method *list = arena_array(arena, IDL_MEMBERS_MAX, sizeof(*list));
        *ret_count = 0;
        for (const struct idl_member *m = contract ? contract->members : NULL; m; m = m->next)
                if (m->what == IDL_METHOD)
                        list[(*ret_count)++] = show_method(m, arena);
        return list;
}

static const struct known *find(const char *name, struct failure *failure)
{
        const struct known *known = known_named(name);
        if (!known)
                failure_set(failure, FAILURE_NOT_FOUND, "module", "bulkhead module list", "There is no module %s.",
                            name);
        return known;
}

static void write_one(struct json_out *out, const char *name)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_modules_get_module_out reply = {.module = {.name = name, .about = "", .folder = ""}};
        for (size_t i = 0; known_at(i); i++)
                if (strcmp(known_at(i)->examined.name, name) == 0) {
                        reply.module = show(known_at(i), arena);
                        reply.methods = show_methods(known_at(i)->examined.contract, arena, &reply.methods_count);
                }
        nas_modules_get_module_out_write(out, &reply);
}

void one_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        write_one(out, json_text(json_member(call_parameters(call), "module"), NULL));
}

void nas_modules_get_module(struct call *call, const struct nas_modules_get_module_in *in)
{
        struct failure failure = {0};
        if (find(in->module, &failure))
                topic_serve(topics.one, call);
        else
                call_fail(call, &failure);
}

void nas_modules_get_module_types(struct call *call, const struct nas_modules_get_module_types_in *in)
{
        struct failure failure = {0};
        const struct known *known = find(in->module, &failure);
        if (known && !known->examined.contract)
                failure = known->examined.failure;
        if (!known || !known->examined.contract || !machine_contract("nas.error")) {
                call_fail(call, &failure);
                return;
        }
        const struct idl_contract *const list[] = {machine_contract("nas.error"), known->examined.contract};
        const struct contracts contracts = {call_arena(call), list, ARRAY_SIZE(list)};
        char *bytes = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&bytes, &length);
        ASSERT(stream);
        emit_ts(stream, &contracts);
        ASSERT(fclose(stream) == 0);
        const struct nas_modules_get_module_types_out reply = {.types = bytes};
        nas_modules_get_module_types_reply(call, &reply);
        free(bytes);
}

/* --- enabling and disabling --- */

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        write_one(out, context);
}

static void run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        if (result == 0) {
                change_run(clerk.changes, call, change);
                return;
        }
        changes_refuse(clerk.changes, call, failure);
        change_free(change);
}

static struct change *module_change(const char *name)
{
        struct change *change = change_new(clerk.changes);
        change->object = arena_printf(change->arena, "module %s", name);
        change->context = arena_text(change->arena, name, strlen(name));
        change->answer = answer;
        return change;
}

static int plan_enable(struct change *change, const char *name, struct failure *failure)
{
        known_refresh();
        const struct known *known = find(name, failure);
        if (!known)
                return -1;
        if (known->examined.failure.code != FAILURE_NONE) {
                *failure = known->examined.failure;
                return -1;
        }
        if (known->enabled)
                return 0;
        if (plan_step(change->plan, failure, MODULES_OPEN, name, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, MODULES_ENABLE, name,
                         NULL); /* last: whoever sees it finds the socket */
}

void nas_modules_enable_module(struct call *call, const struct nas_modules_enable_module_in *in)
{
        struct failure failure = {0};
        struct change *change = module_change(in->module);
        change->who = "those who may use it, as its contract says; nobody else notices";
        run(call, change, plan_enable(change, in->module, &failure), &failure);
}

static int plan_disable(struct change *change, const char *name, struct failure *failure)
{
        known_refresh();
        const struct known *known = find(name, failure);
        if (!known || !known->enabled)
                return known ? 0 : -1;
        if (plan_step(change->plan, failure, MODULES_DISABLE, name, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, MODULES_CLOSE, name, NULL);
}

void nas_modules_disable_module(struct call *call, const struct nas_modules_disable_module_in *in)
{
        struct failure failure = {0};
        struct change *change = module_change(in->module);
        change->who = "those who use it";
        run(call, change, plan_disable(change, in->module, &failure), &failure);
}
