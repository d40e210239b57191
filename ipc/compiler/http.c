/* What a method looks like over HTTP, for the documents, the TypeScript client and the front end: one reading of the
 * annotations for all three.
 * Rights: as the parser; reads its tree, nothing else. */
#include "base/log.h"
#include "ipc/compiler/idl.h"

#include <string.h>

const struct idl_field *idl_http_body(const struct idl_member *method)
{
        ASSERT(method != NULL && method->what == IDL_METHOD);
        const struct idl_field *first = method->reply->fields;

        if (first == NULL || first->type->optional)
                return NULL;
        if (first->type->kind == IDL_ARRAY && (first->next == NULL || idl_http_next(method) == first->next))
                return first;
        return first->next == NULL && idl_real(first->type)->kind == IDL_STRUCT ? first : NULL;
}

const struct idl_field *idl_http_next(const struct idl_member *method)
{
        ASSERT(method != NULL && method->what == IDL_METHOD);
        const struct idl_field *first = method->reply->fields;

        if (first == NULL || first->type->kind != IDL_ARRAY || first->next == NULL || first->next->next != NULL)
                return NULL;
        return strcmp(first->next->name, "next") == 0 ? first->next : NULL;
}

enum idl_http_place idl_http_place(const struct idl_member *method, const struct idl_field *parameter)
{
        ASSERT(method != NULL && method->said.notes[IDL_HTTP] != NULL && parameter != NULL);
        const struct idl_note *http = method->said.notes[IDL_HTTP];

        if (idl_path_has(http->words[1], parameter->name))
                return IDL_HTTP_PATH;
        return strcmp(http->words[0], "GET") == 0 || strcmp(http->words[0], "DELETE") == 0 ? IDL_HTTP_QUERY
                                                                                           : IDL_HTTP_BODY;
}

int idl_http_success(const struct idl_member *method)
{
        ASSERT(method != NULL && method->what == IDL_METHOD);
        if (method->said.notes[IDL_JOB] != NULL)
                return 202;
        return method->reply->fields == NULL ? 204 : 200;
}

int idl_http_status(const char *error)
{
        ASSERT(error != NULL);
        static const struct {
                const char *name;
                int status;
        } list[] = {
                {"Malformed", 400},    {"Invalid", 422},  {"Unauthenticated", 401}, {"Denied", 403},
                {"Confirmation", 403}, {"NotFound", 404}, {"Conflict", 409},        {"Busy", 429},
                {"Unavailable", 503},  {"Failed", 500},   {"Aborted", 409},
        };

        for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
                if (strcmp(list[i].name, error) == 0)
                        return list[i].status;
        return 500;
}
