/* Further routes of a method (@also): what users look for under several names is one thing here. The last word of such a
 * path may stand for a value of one field: it narrows a list, and what is made there has it.
 * Rights: as the parser; reads its tree, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/check.h"

#include <ctype.h>
#include <string.h>

static bool is_narrow(const struct idl_note *note)
{
        return *note->words[0] != '/';
}

static const char *path_at(const struct idl_note *note, size_t index)
{
        const size_t at = index + (is_narrow(note) ? 1 : 0);
        return at < note->count ? note->words[at] : NULL;
}

/* The last segment that is no parameter. */
static const char *word_of(struct arena *arena, const char *path)
{
        const char *word = path;
        for (const char *at = path; *at == '/'; at += strcspn(at + 1, "/") + 1)
                if (at[1] != '{')
                        word = at + 1;
        return arena_text(arena, word, strcspn(word, "/"));
}

/* The path says which word it has: nobody has to say it again. */
static struct idl_type *without_need(struct arena *arena, const struct idl_type *list, const char *name)
{
        struct idl_type *type = arena_alloc(arena, sizeof(*type));
        *type = *list;
        struct idl_field **at = &type->fields;
        for (const struct idl_field *f = list->fields; f != NULL; f = f->next) {
                struct idl_field *field = arena_alloc(arena, sizeof(*field));
                *field = *f;
                if (strcmp(f->name, name) == 0) {
                        field->type = arena_alloc(arena, sizeof(*field->type));
                        *field->type = *f->type;
                        field->type->optional = true;
                }
                *at = field;
                at = &field->next;
        }
        return type;
}

bool idl_also(struct arena *arena, const struct idl_member *method, size_t index, struct idl_also *ret_also)
{
        ASSERT(arena != NULL && method != NULL && ret_also != NULL);
        const struct idl_note *note = method->said.notes[IDL_ALSO];
        const char *path = note != NULL ? path_at(note, index) : NULL;

        if (path == NULL)
                return false;
        const char *word = word_of(arena, path);
        struct idl_note *route = arena_alloc(arena, sizeof(*route));
        *route = *method->said.notes[IDL_HTTP];
        route->words[1] = path;
        struct idl_member *there = arena_alloc(arena, sizeof(*there));
        *there = *method;
        there->name = arena_printf(arena, "%s%c%s", method->name, toupper((unsigned char)*word), word + 1);
        there->said.notes[IDL_HTTP] = route;
        there->said.notes[IDL_ALSO] = NULL;
        *ret_also = (struct idl_also){.method = there};
        if (is_narrow(note)) {
                there->type = without_need(arena, method->type, note->words[0]);
                ret_also->field = note->words[0];
                ret_also->word = word;
        }
        return true;
}

/* --- may it be there? --- */

static bool has_all(const char *path, const char *other)
{
        size_t length;
        for (const char *at = path, *name; (name = idl_path_param(&at, &length)) != NULL;) {
                char param[IDL_NAME_MAX + 1] = "";
                if (length <= IDL_NAME_MAX)
                        memcpy(param, name, length);
                if (!idl_path_has(other, param))
                        return false;
        }
        return true;
}

static bool is_word_of(const struct idl_type *list, const char *name, const char *path)
{
        const struct idl_field *field = list != NULL && list->kind == IDL_STRUCT ? idl_field(list, name) : NULL;
        if (field == NULL || field->type->kind != IDL_ARRAY || idl_real(field->type->of)->kind != IDL_ENUM)
                return false;
        for (const struct idl_field *word = idl_real(field->type->of)->fields; word != NULL; word = word->next) {
                const size_t length = strlen(word->name);
                const char *at = strstr(path, word->name);
                if (at != NULL && at[-1] == '/' && (at[length] == '\0' || strncmp(at + length, "/{", 2) == 0))
                        return true;
        }
        return false;
}

static void check_own(const struct idl_member *method, const struct idl_note *note, const char *path,
                      struct faults *faults)
{
        const char *route = method->said.notes[IDL_HTTP]->words[1];
        const struct idl_type *items = idl_http_items(method);

        if (strncmp(path, "/api/", 5) != 0 || !check_is_path(path))
                fault(faults, note->place, "the path \"%.80s\", expected /api/words-and-digits/{param}", path);
        else if (!has_all(path, route) || !has_all(route, path))
                fault(faults, note->place, "other parameters in %.80s, expected those of %.80s", path, route);
        else if (is_narrow(note) && !is_word_of(items != NULL ? items : method->type, note->words[0], path))
                fault(faults, note->place,
                      "\"%.40s\" for %.80s, expected a list of words that has the last one of the path", note->words[0],
                      path);
}

static void check_beside(const struct idl_member *method, const char *path, const struct idl_contract *contract,
                         struct faults *faults)
{
        const struct idl_note *route = method->said.notes[IDL_HTTP], *also = method->said.notes[IDL_ALSO];

        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                const struct idl_note *theirs = m->said.notes[IDL_HTTP], *more = m->said.notes[IDL_ALSO];
                if (theirs == NULL || strcmp(theirs->words[0], route->words[0]) != 0)
                        continue;
                bool taken = idl_path_is_same(path, theirs->words[1]);
                for (size_t i = 0; more != NULL && path_at(more, i) != NULL; i++)
                        taken |= path_at(more, i) != path && idl_path_is_same(path, path_at(more, i));
                if (taken)
                        fault(faults, also->place, "\"%s %s\" belongs to %s.%s already, expected another %s",
                              route->words[0], path, contract->name, m->name, "route");
        }
}

void check_also(const struct idl_contract *const *contracts, size_t count, const struct idl_member *member,
                struct faults *faults)
{
        ASSERT(contracts != NULL && member != NULL && faults != NULL);
        const struct idl_note *note = member->said.notes[IDL_ALSO];
        const char *path;

        if (note == NULL)
                return;
        if (member->said.notes[IDL_HTTP] == NULL || path_at(note, 0) == NULL) {
                fault(faults, note->place, "@also of \"%s\", expected @http with it, and a path", member->name);
                return;
        }
        for (size_t i = 0; (path = path_at(note, i)) != NULL; i++) {
                check_own(member, note, path, faults);
                for (size_t j = 0; j < count; j++)
                        check_beside(member, path, contracts[j], faults);
        }
}
