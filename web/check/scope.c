/* What names in views mean: methods, fields of what they answer, parameters, parts of an address.
 * Rights: a program of the build machine; memory only. */
#include "web/check/check.h"

#include "base/log.h"

#include <string.h>

enum { SEGMENT_MAX = 64 };

static const struct idl_member *find(const struct checker *checker, enum idl_what what, const char *name)
{
        const char *dot = strrchr(name, '.');

        for (size_t i = 0; dot != NULL && i < checker->contract_count; i++) {
                const char *contract = checker->contracts[i]->name;
                if (strlen(contract) == (size_t)(dot - name) && strncmp(contract, name, (size_t)(dot - name)) == 0)
                        return idl_member(checker->contracts[i], what, dot + 1);
        }
        return NULL;
}

const struct idl_member *find_method(const struct checker *checker, const char *name)
{
        ASSERT(checker != NULL && name != NULL);
        return find(checker, IDL_METHOD, name);
}

const struct idl_member *find_type(const struct checker *checker, const char *name)
{
        ASSERT(checker != NULL && name != NULL);
        return find(checker, IDL_TYPE, name);
}

const struct idl_type *answer_of(const struct idl_member *method)
{
        ASSERT(method != NULL);
        const struct idl_field *body = idl_http_body(method);
        return body != NULL ? body->type : method->reply;
}

const struct idl_type *item_of(const struct idl_type *list)
{
        return list != NULL && idl_real(list)->kind == IDL_ARRAY ? idl_real(list)->of : NULL;
}

const struct idl_field *field_at(const struct idl_type *type, const char *path)
{
        ASSERT(path != NULL);
        const struct idl_field *field = NULL;
        char name[SEGMENT_MAX];

        do {
                size_t length = strcspn(path, ".");
                const struct idl_type *real = type != NULL ? idl_real(type) : NULL;
                if (length == 0 || length >= sizeof(name) || real == NULL || real->kind != IDL_STRUCT)
                        return NULL;
                memcpy(name, path, length);
                name[length] = '\0';
                field = idl_field(real, name);
                type = field != NULL ? field->type : NULL;
                path += length + (path[length] == '.');
        } while (field != NULL && *path != '\0');
        return field;
}

bool address_has(const char *address, const char *name)
{
        ASSERT(name != NULL);
        size_t length;

        for (const char *at = address, *param; at != NULL && (param = idl_path_param(&at, &length)) != NULL;)
                if (strlen(name) == length && strncmp(param, name, length) == 0)
                        return true;
        return false;
}

static const struct idl_type *look_here(const struct scope *scope, const char *path)
{
        static const struct idl_type text = {.kind = IDL_STRING};
        const struct idl_field *field = scope->item != NULL ? field_at(scope->item, path) : NULL;

        if (field == NULL && scope->method != NULL)
                field = field_at(scope->method->type, path);
        if (field == NULL && scope->person != NULL && strncmp(path, "me.", 3) == 0)
                field = field_at(idl_member(scope->person, IDL_TYPE, "User")->type, path + 3);
        if (field != NULL)
                return field->type;
        if (scope->page && strcmp(path, "host") == 0)
                return &text;
        if (strncmp(path, "at.", 3) == 0) /* where a row has a field of the same name */
                path += 3;
        return address_has(scope->address, path) ? &text : NULL;
}

const struct idl_type *look_up(const struct scope *scope, const char *path)
{
        const struct idl_type *found = NULL;

        for (; scope != NULL && found == NULL; scope = scope->up)
                found = look_here(scope, path);
        return found;
}
