/* What the names in a contract mean: targets of named types, doubles, types that contain themselves. And the small
 * look-ups that all readers of a contract share.
 * Rights: as the parser; works on its tree, nothing else. */
#include "base/log.h"
#include "ipc/compiler/read.h"

#include <limits.h>
#include <string.h>

const struct idl_type *idl_real(const struct idl_type *type)
{
        ASSERT(type != NULL);
        return type->kind == IDL_NAMED ? type->target->type : type;
}

const struct idl_note *idl_holds(const struct idl_type *type, enum idl_annotation annotation)
{
        ASSERT(type != NULL && (annotation == IDL_SECRET || annotation == IDL_ISSUED));
        if (type->kind == IDL_NAMED)
                return annotation == IDL_SECRET ? type->target->secret : type->target->issued;
        if (type->of != NULL)
                return idl_holds(type->of, annotation);
        for (const struct idl_field *f = type->fields; f != NULL && f->type != NULL; f = f->next) {
                const struct idl_note *note = f->said.notes[annotation];
                note = note != NULL ? note : idl_holds(f->type, annotation);
                if (note != NULL)
                        return note;
        }
        return NULL;
}

const struct idl_member *idl_member(const struct idl_contract *contract, enum idl_what what, const char *name)
{
        ASSERT(contract != NULL && name != NULL);
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                if (m->what == what && strcmp(m->name, name) == 0)
                        return m;
        return NULL;
}

const struct idl_field *idl_field(const struct idl_type *structure, const char *name)
{
        ASSERT(structure != NULL && name != NULL);
        for (const struct idl_field *f = structure->fields; f != NULL; f = f->next)
                if (strcmp(f->name, name) == 0)
                        return f;
        return NULL;
}

const char *idl_path_param(const char **at, size_t *ret_length)
{
        ASSERT(at != NULL && ret_length != NULL);
        const char *open = strchr(*at, '{');
        const char *close = open != NULL ? strchr(open, '}') : NULL;

        if (close == NULL)
                return NULL;
        *at = close + 1;
        *ret_length = (size_t)(close - open) - 1;
        return open + 1;
}

bool idl_path_has(const char *path, const char *param)
{
        ASSERT(path != NULL && param != NULL);
        size_t length;

        for (const char *name = idl_path_param(&path, &length); name != NULL; name = idl_path_param(&path, &length))
                if (strlen(param) == length && memcmp(name, param, length) == 0)
                        return true;
        return false;
}

static void resolve_type(const struct idl_contract *contract, struct idl_type *type, struct faults *faults);

static void resolve_fields(const struct idl_contract *contract, struct idl_type *list, struct faults *faults)
{
        for (struct idl_field *f = list->fields; f != NULL; f = f->next) {
                const struct idl_field *first = idl_field(list, f->name);
                if (first != f)
                        fault(faults, f->place, "\"%s\" is already at line %u, expected another name", f->name,
                              first->place.line);
                if (f->type != NULL)
                        resolve_type(contract, f->type, faults);
        }
}

static void resolve_type(const struct idl_contract *contract, struct idl_type *type, struct faults *faults)
{
        if (type->kind == IDL_NAMED) {
                type->target = idl_member(contract, IDL_TYPE, type->name);
                if (type->target == NULL)
                        fault(faults, type->place, "there is no type \"%s\", expected one of this file", type->name);
        } else if (type->of != NULL) {
                resolve_type(contract, type->of, faults);
        } else {
                resolve_fields(contract, type, faults);
        }
}

/* The deepest chain of types below list; UINT_MAX while a name in it is not known to end. */
static unsigned depth_of(const struct idl_type *type)
{
        unsigned deepest = 0;

        if (type->kind == IDL_NAMED)
                return type->target->depth > 0 ? type->target->depth : UINT_MAX;
        if (type->of != NULL)
                return depth_of(type->of);
        for (const struct idl_field *f = type->fields; f != NULL; f = f->next) {
                unsigned depth = f->type != NULL ? depth_of(f->type) : 0;
                if (depth == UINT_MAX)
                        return UINT_MAX;
                deepest = depth > deepest ? depth : deepest;
        }
        return type->fields != NULL ? deepest + 1 : 1;
}

/* Types get their depths from the bottom up; what never gets one contains itself. */
static void find_depths(const struct idl_contract *contract, struct faults *faults)
{
        bool more = true;

        while (more && !faults->any) {
                more = false;
                for (struct idl_member *m = contract->members; m != NULL; m = m->next) {
                        unsigned depth = m->what == IDL_TYPE && m->depth == 0 ? depth_of(m->type) : UINT_MAX;
                        if (depth == UINT_MAX)
                                continue;
                        m->depth = depth;
                        m->secret = idl_holds(m->type, IDL_SECRET);
                        m->issued = idl_holds(m->type, IDL_ISSUED);
                        more = true;
                        if (depth > IDL_DEPTH_MAX)
                                fault(faults, m->place, "types nested too deep, expected at most %d", IDL_DEPTH_MAX);
                }
        }
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                if (m->what == IDL_TYPE && m->depth == 0)
                        fault(faults, m->place, "the type \"%s\" contains itself, expected an end to it", m->name);
}

void resolve(const struct idl_contract *contract, struct faults *faults)
{
        ASSERT(contract != NULL && faults != NULL);
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                for (const struct idl_member *other = contract->members; other != m; other = other->next)
                        if (strcmp(other->name, m->name) == 0)
                                fault(faults, m->place, "\"%s\" is already at line %u, expected another name", m->name,
                                      other->place.line);
                resolve_fields(contract, m->type, faults);
                if (m->reply != NULL)
                        resolve_fields(contract, m->reply, faults);
        }
        if (!faults->any)
                find_depths(contract, faults);
}
