/* The rules of a module's contract: what keeps it in its own place, and makes state, actions and publishing its whole
 * world.
 * Rights: as the parser; reads its tree, nothing else. */
#include "base/log.h"
#include "ipc/compiler/check.h"

#include <string.h>

#define ROUTES "/api/modules/"

static void check_name(const struct idl_contract *contract, const char *name, struct faults *faults)
{
        size_t prefix = strlen(IDL_MODULE);

        if (strncmp(contract->name, IDL_MODULE, prefix) != 0 || strcmp(contract->name + prefix, name) != 0)
                fault(faults, contract->place, "the interface \"%s\", expected " IDL_MODULE "%s", contract->name, name);
}

/* Whatever a module's program is given or says is no secret: it would lie about in a stranger's memory. */
static void check_annotations(const struct idl_member *member, const struct idl_type *list, struct faults *faults)
{
        static const struct {
                enum idl_annotation annotation;
                const char *name;
        } none[] = {{IDL_SECRET, "secret"}, {IDL_ISSUED, "issued"},     {IDL_COOKIE, "cookie"},
                    {IDL_EVENT, "event"},   {IDL_JOB, "job"},           {IDL_SESSION, "session"},
                    {IDL_ONEWAY, "oneway"}, {IDL_PROGRESS, "progress"}, {IDL_ALSO, "also"}};

        for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
                const struct idl_note *note = member->said.notes[none[i].annotation];
                if (note != NULL)
                        fault(faults, note->place, "@%s in a module, expected none", none[i].name);
                for (const struct idl_field *f = list->fields; f != NULL; f = f->next)
                        if (f->said.notes[none[i].annotation] != NULL)
                                fault(faults, f->said.notes[none[i].annotation]->place,
                                      "@%s in a module, expected none", none[i].name);
        }
}

static void check_place(const struct idl_member *method, const char *name, struct faults *faults)
{
        const struct idl_note *http = method->said.notes[IDL_HTTP], *command = method->said.notes[IDL_COMMAND];
        const struct idl_note *role = method->said.notes[IDL_ROLE], *warrant = method->said.notes[IDL_WARRANT];
        size_t routes = strlen(ROUTES), length = strlen(name);

        if (http != NULL &&
            (strncmp(http->words[1], ROUTES, routes) != 0 || strncmp(http->words[1] + routes, name, length) != 0 ||
             http->words[1][routes + length] != '/'))
                fault(faults, http->place, "the route %.80s, expected one below " ROUTES "%s/", http->words[1], name);
        if (command != NULL && strcmp(command->words[0], name) != 0)
                fault(faults, command->place, "the command \"%s %s\", expected \"%s %s\"", command->words[0],
                      command->words[1], name, command->words[1]);
        if (role != NULL && role->role == ROLE_NOBODY)
                fault(faults, role->place, "a module's method for nobody, expected a role");
        if (warrant != NULL && warrant->count > 0)
                fault(faults, warrant->place, "@warrant %s in a module, expected @warrant or none", warrant->words[0]);
}

static bool is_same_type(const struct idl_type *a, const struct idl_type *b)
{
        if (a->kind != b->kind || a->optional != b->optional || a->target != b->target)
                return false;
        if (a->kind == IDL_STRUCT || a->kind == IDL_ENUM)
                return false; /* without a name, nobody can tell that they are meant to be the same */
        return a->of == NULL || is_same_type(a->of, b->of);
}

/* What is read is what was published, whole: so a read has no parameters, and answers with fields of State. */
static void check_read(const struct idl_member *method, const struct idl_type *state, struct faults *faults)
{
        const struct idl_note *http = method->said.notes[IDL_HTTP];

        if (http != NULL && strcmp(http->words[0], "GET") != 0)
                fault(faults, http->place, "%s for a method without @plan, expected GET", http->words[0]);
        if (method->type->fields != NULL)
                fault(faults, method->type->fields->place,
                      "the parameter \"%s\" of a method without @plan, expected none: it answers from State",
                      method->type->fields->name);
        for (const struct idl_field *f = method->reply->fields; f != NULL; f = f->next) {
                const struct idl_field *published = state != NULL ? idl_field(state, f->name) : NULL;
                if (published == NULL || !is_same_type(published->type, f->type))
                        fault(faults, f->place,
                              "the result \"%s\" of a method without @plan, expected a field of State "
                              "with the same type",
                              f->name);
        }
}

static void check_member(const struct idl_member *member, const char *name, const struct idl_type *state,
                         struct faults *faults)
{
        if (member->what == IDL_ERROR)
                fault(faults, member->place, "the error \"%s\" of a module, expected none: it refuses in words",
                      member->name);
        check_annotations(member, member->type, faults);
        if (member->what != IDL_METHOD)
                return;
        check_annotations(member, member->reply, faults);
        check_place(member, name, faults);
        if (member->said.notes[IDL_PLAN] == NULL)
                check_read(member, state, faults);
}

int idl_check_module(const struct idl_contract *contract, const char *name, char message[256])
{
        ASSERT(contract != NULL && name != NULL && message != NULL);
        struct faults faults = {.file_name = contract->file_name, .message = message};
        const struct idl_member *state = idl_member(contract, IDL_TYPE, "State");
        const struct idl_type *type = state != NULL && state->type->kind == IDL_STRUCT ? state->type : NULL;

        check_name(contract, name, &faults);
        if (type == NULL)
                fault(&faults, contract->place, "no type State, expected one: what the program publishes");
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                check_member(m, name, type, &faults);
        return faults.any ? -1 : 0;
}

static const char *last_of(const char *name)
{
        const char *dot = strrchr(name, '.');
        return dot != NULL ? dot + 1 : name;
}

static void check_paths(const struct idl_member *method, const struct idl_contract *other, struct faults *faults)
{
        const struct idl_note *http = method->said.notes[IDL_HTTP];

        for (const struct idl_member *m = other->members; http != NULL && m != NULL; m = m->next) {
                const struct idl_note *theirs = m->said.notes[IDL_HTTP];
                if (theirs != NULL && (idl_path_shadows(http->words[1], theirs->words[1]) ||
                                       idl_path_is_same(http->words[1], theirs->words[1])))
                        fault(faults, http->place, "the route %.80s would shadow %.80s of %s, expected another",
                              http->words[1], theirs->words[1], other->name);
        }
}

int idl_check_beside(const struct idl_contract *contract, const struct idl_contract *const *others, size_t count,
                     char message[256])
{
        ASSERT(contract != NULL && (others != NULL || count == 0) && message != NULL);
        struct faults faults = {.file_name = contract->file_name, .message = message};
        const char *name = last_of(contract->name);

        for (size_t i = 0; i < count; i++) {
                if (strcmp(last_of(others[i]->name), name) == 0)
                        fault(&faults, contract->place, "the name \"%s\" belongs to %s already, expected another", name,
                              others[i]->name);
                for (const struct idl_member *m = others[i]->members; m != NULL; m = m->next)
                        if (m->said.notes[IDL_COMMAND] != NULL &&
                            strcmp(m->said.notes[IDL_COMMAND]->words[0], name) == 0)
                                fault(&faults, contract->place,
                                      "\"%s\" is a command of %s already, expected another name", name,
                                      others[i]->name);
                for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                        check_paths(m, others[i], &faults);
        }
        return faults.any ? -1 : 0;
}
