/* An enabled module as it is served: an interface made from its contract, beside those that the compiler made.
 * Rights: the modules clerk; memory only. */
#include "daemons/modules/clerk/modules.h"

#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/emit.h"

#include <stdlib.h>
#include <string.h>

static struct module *modules; /* all there ever were */
static const struct wire_interface *interfaces[MODULES_MAX + 1];

struct module *module_each(const struct module *before)
{
        return before ? before->next : modules;
}

const struct wire_interface *const *modules_interfaces(void)
{
        return interfaces;
}

static void list_interfaces(void)
{
        size_t count = 0;
        for (struct module *module = modules; module; module = module->next)
                if (module->enabled && count < MODULES_MAX)
                        interfaces[count++] = &module->interface;
        interfaces[count] = NULL;
}

const struct method *method_of(const struct call *call)
{
        ASSERT(call);
        for (const struct module *module = modules; module; module = module->next)
                if (call_interface(call) == &module->interface)
                        return &module->methods[call_method(call) - module->interface.methods];
        ASSERT(!"a call of an interface that was never made");
        return NULL;
}

static void serve(struct call *call)
{
        const struct method *method = method_of(call);
        struct failure failure = {0};
        if (!method->module->enabled) {
                failure_set(&failure, FAILURE_NOT_FOUND, "", "", "The module %s is not enabled.", method->module->name);
                call_fail(call, &failure);
        } else if (method->said->said.notes[IDL_PLAN]) {
                action_serve(method, call);
        } else {
                read_serve(method, call);
        }
}

static unsigned flags_of(const struct idl_member *said)
{
        static const struct {
                enum idl_annotation annotation;
                unsigned flag;
        } flags[] = {{IDL_PLAN, METHOD_CHANGES},
                     {IDL_WARRANT, METHOD_WARRANT},
                     {IDL_MORE, METHOD_MORE},
                     {IDL_DESTROYS, METHOD_DESTROYS}};
        unsigned all = 0;
        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                if (said->said.notes[flags[i].annotation])
                        all |= flags[i].flag;
        return all;
}

static void make_methods(struct module *module)
{
        size_t count = 0;
        for (const struct idl_member *m = module->contract->members; m; m = m->next)
                count += m->what == IDL_METHOD;
        struct wire_method *wire = arena_array(module->arena, count + 1, sizeof(*wire));
        module->methods = arena_array(module->arena, count + 1, sizeof(*module->methods));
        module->interface.methods = wire;
        count = 0;
        for (const struct idl_member *m = module->contract->members; m; m = m->next) {
                if (m->what != IDL_METHOD)
                        continue;
                wire[count] = (struct wire_method){
                        .name = m->name, .role = m->said.notes[IDL_ROLE]->role, .flags = flags_of(m), .serve = serve};
                struct method *method = &module->methods[count++];
                *method = (struct method){.said = m,
                                          .in = shape_of(module->arena, m->type),
                                          .out = shape_of(module->arena, m->reply),
                                          .module = module};
                if (!m->said.notes[IDL_PLAN])
                        method->topic = topic_new(m->name, read_write, method);
        }
}

static const char *description_of(struct arena *arena, const struct idl_contract *contract)
{
        char *bytes = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&bytes, &length);
        ASSERT(out);
        emit_description(out, contract);
        ASSERT(fclose(out) == 0);
        const char *text = arena_text(arena, bytes, length);
        free(bytes);
        return text;
}

/* Its own contract, read once more: what was examined goes with the examination. */
static struct module *module_new(const struct examined *examined)
{
        char message[256];
        struct arena *arena = arena_new();
        struct module *module = arena_alloc(arena, sizeof(*module));
        const char *text = arena_text(arena, examined->text, strlen(examined->text));
        *module = (struct module){.arena = arena,
                                  .name = arena_text(arena, examined->name, strlen(examined->name)),
                                  .text = text,
                                  .contract = idl_parse(arena, examined->name, text, strlen(text), message)};
        ASSERT(module->contract);
        module->state = shape_of(arena, idl_member(module->contract, IDL_TYPE, "State")->type);
        module->interface.name = module->contract->name;
        module->interface.description = description_of(arena, module->contract);
        make_methods(module);
        module->next = modules;
        return modules = module;
}

struct module *module_begin(const struct examined *examined)
{
        ASSERT(examined && examined->text && examined->failure.code == FAILURE_NONE);
        struct module *module = modules;
        while (module && (strcmp(module->name, examined->name) != 0 || strcmp(module->text, examined->text) != 0))
                module = module->next;
        if (!module)
                module = module_new(examined);
        if (!module->enabled) {
                module->enabled = true;
                module->program = program_new(module);
                list_interfaces();
                if (states_known())
                        states_load();
        }
        return module;
}

void module_end(struct module *module)
{
        ASSERT(module && module->enabled);
        struct failure failure = {0};
        failure_set(&failure, FAILURE_NOT_FOUND, "", "", "The module %s is not enabled any more.", module->name);
        states_write();
        module->enabled = false;
        list_interfaces();
        program_free(TAKE(module->program));
        for (size_t i = 0; module->interface.methods[i].name; i++)
                if (module->methods[i].topic)
                        topic_end(module->methods[i].topic, &failure);
        state_drop(module);
}
