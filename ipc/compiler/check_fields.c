/* The rules for fields: what each annotation may stand on, that everything has a limit, that secrets go one way.
 * Rights: as the parser; reads its tree, nothing else. */
#include "base/log.h"
#include "ipc/compiler/check.h"
#include "value/value.h"

#include <string.h>

enum use { USE_ERROR, USE_METHOD, USE_OTHER }; /* what an error says is ours and has no limits */

static bool is_default_of(const struct idl_type *type, const struct idl_said *said, const char *text)
{
        const struct value_type *value = NULL;
        const char *digits = text + (*text == '-');

        switch (idl_real(type)->kind) {
        case IDL_BOOL:
                return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
        case IDL_INT:
                return *digits != '\0' && strspn(digits, "0123456789") == strlen(digits) && strlen(digits) <= 15;
        case IDL_ENUM:
                return idl_field(idl_real(type), text) != NULL;
        case IDL_STRING:
                if (said->notes[IDL_IS] != NULL)
                        value = value_type_find(said->notes[IDL_IS]->words[0]);
                return value == NULL || value_check(value, "default", text, strlen(text), NULL) == 0;
        default:
                return false;
        }
}

static void check_text(const struct idl_field *field, const struct idl_type *item, enum use use, struct faults *faults)
{
        const struct idl_note *const *notes = field->said.notes;

        if (notes[IDL_IS] != NULL && item->kind != IDL_STRING)
                fault(faults, notes[IDL_IS]->place, "@is on \"%s\", expected a text, or an array or map of texts",
                      field->name);
        else if (notes[IDL_IS] != NULL && value_type_find(notes[IDL_IS]->words[0]) == NULL)
                fault(faults, notes[IDL_IS]->place, "unknown value type \"%s\", expected one of libnas/value",
                      notes[IDL_IS]->words[0]);
        if (item->kind == IDL_STRING && use != USE_ERROR && notes[IDL_IS] == NULL &&
            (notes[IDL_MAX] == NULL || field->type != item))
                fault(faults, field->place, "the text \"%s\" has no limit, expected @is%s above it", field->name,
                      field->type == item ? " or @max" : "");
        static const char *const names[] = {"secret", "issued", "cookie"};
        for (enum idl_annotation a = IDL_SECRET; a <= IDL_COOKIE; a++)
                if (notes[a] != NULL && field->type->kind != IDL_STRING)
                        fault(faults, notes[a]->place, "@%s on \"%s\", expected a text", names[a - IDL_SECRET],
                              field->name);
}

static void check_type(const struct idl_field *field, enum use use, struct faults *faults)
{
        const struct idl_type *type = field->type;
        const struct idl_type *item = type->of != NULL ? type->of : type;
        const struct idl_note *const *notes = field->said.notes;

        if (type->of != NULL && (item->of != NULL || item->optional))
                fault(faults, item->place, "an array or map of %s, expected a plain or named type",
                      item->of != NULL ? "arrays or maps" : "optional items");
        if (type->of != NULL && notes[IDL_MAX] == NULL)
                fault(faults, field->place, "\"%s\" has no limit, expected @max above it", field->name);
        if (notes[IDL_MAX] != NULL && type->of == NULL && type->kind != IDL_STRING)
                fault(faults, notes[IDL_MAX]->place, "@max on \"%s\", expected a text, array or map", field->name);
        if (notes[IDL_MAX] != NULL && notes[IDL_MAX]->to > 64 * 1024 * 1024)
                fault(faults, notes[IDL_MAX]->place, "@max of \"%s\", expected at most 64 MiB", field->name);
        if (notes[IDL_RANGE] != NULL && type->kind != IDL_INT)
                fault(faults, notes[IDL_RANGE]->place, "@range on \"%s\", expected an integer", field->name);
        check_text(field, item, use, faults);
        if (notes[IDL_DEFAULT] != NULL && !type->optional)
                fault(faults, notes[IDL_DEFAULT]->place, "@default on \"%s\", expected an optional field", field->name);
        else if (notes[IDL_DEFAULT] != NULL && !is_default_of(type, &field->said, notes[IDL_DEFAULT]->words[0]))
                fault(faults, notes[IDL_DEFAULT]->place, "@default of \"%s\", expected a value of its type",
                      field->name);
}

static void check_list(const struct idl_type *list, enum use use, struct faults *faults)
{
        for (const struct idl_field *f = list->fields; f != NULL && f->type != NULL; f = f->next) {
                const struct idl_type *item = f->type->of != NULL ? f->type->of : f->type;
                check_type(f, use, faults);
                if (f->said.notes[IDL_COOKIE] != NULL && use != USE_METHOD)
                        fault(faults, f->said.notes[IDL_COOKIE]->place,
                              "@cookie on \"%s\", expected it on a parameter or result itself", f->name);
                if (item->kind == IDL_STRUCT)
                        check_list(item, use == USE_METHOD ? USE_OTHER : use, faults);
        }
}

void check_fields(const struct idl_contract *contract, struct faults *faults)
{
        ASSERT(contract != NULL && faults != NULL);
        static const enum use uses[] = {[IDL_TYPE] = USE_OTHER, [IDL_METHOD] = USE_METHOD, [IDL_ERROR] = USE_ERROR};
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                check_list(m->type, uses[m->what], faults);
                if (m->what != IDL_METHOD)
                        continue;
                check_list(m->reply, USE_METHOD, faults);
                const struct idl_note *note = idl_holds(m->reply, IDL_SECRET);
                if (note != NULL)
                        fault(faults, m->place, "the reply of \"%s\" holds the @secret of line %u, expected none",
                              m->name, note->place.line);
                note = idl_holds(m->type, IDL_ISSUED);
                if (note != NULL)
                        fault(faults, m->place, "the parameters of \"%s\" hold the @issued of line %u, expected none",
                              m->name, note->place.line);
        }
}
