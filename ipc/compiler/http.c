/* What a method looks like over HTTP, for the documents, the TypeScript client and the front end: one reading of the
 * annotations for all three.
 * Rights: as the parser; reads its tree, nothing else. */
#include "base/log.h"
#include "ipc/compiler/idl.h"

#include <ctype.h>
#include <string.h>

const struct idl_field *idl_http_said(const struct idl_field *field)
{
        while (field != NULL && field->said.notes[IDL_COOKIE] != NULL)
                field = field->next;
        return field;
}

bool idl_http_has_cookie(const struct idl_type *list)
{
        ASSERT(list != NULL);
        for (const struct idl_field *f = list->fields; f != NULL; f = f->next)
                if (f->said.notes[IDL_COOKIE] != NULL)
                        return true;
        return false;
}

const struct idl_field *idl_http_body(const struct idl_member *method)
{
        ASSERT(method != NULL && method->what == IDL_METHOD);
        const struct idl_field *first = idl_http_said(method->reply->fields);

        if (first == NULL || first->type->optional)
                return NULL;
        const struct idl_field *second = idl_http_said(first->next);
        if (first->type->kind == IDL_ARRAY && (second == NULL || idl_http_next(method) == second))
                return first;
        return second == NULL && idl_real(first->type)->kind == IDL_STRUCT ? first : NULL;
}

const struct idl_field *idl_http_next(const struct idl_member *method)
{
        ASSERT(method != NULL && method->what == IDL_METHOD);
        const struct idl_field *first = idl_http_said(method->reply->fields);
        const struct idl_field *second = first != NULL ? idl_http_said(first->next) : NULL;

        if (second == NULL || first->type->kind != IDL_ARRAY || idl_http_said(second->next) != NULL)
                return NULL;
        return strcmp(second->name, "next") == 0 ? second : NULL;
}

static bool compare(const char *a, const char *b, bool *ret_same)
{
        *ret_same = true;
        while (*a == '/' && *b == '/') {
                size_t x = strcspn(a + 1, "/"), y = strcspn(b + 1, "/");
                bool params = a[1] == '{' && b[1] == '{', literals = x == y && memcmp(a + 1, b + 1, x) == 0;
                if (a[1] != '{' && b[1] != '{' && !literals)
                        return false;
                *ret_same &= params || literals;
                a += x + 1;
                b += y + 1;
        }
        return *a == '\0' && *b == '\0';
}

bool idl_path_shadows(const char *path, const char *other)
{
        ASSERT(path != NULL && other != NULL);
        bool same;
        return compare(path, other, &same) && !same;
}

bool idl_path_is_same(const char *path, const char *other)
{
        ASSERT(path != NULL && other != NULL);
        bool same;
        return compare(path, other, &same) && same;
}

enum idl_http_place idl_http_place(const struct idl_member *method, const struct idl_field *parameter)
{
        ASSERT(method != NULL && method->said.notes[IDL_HTTP] != NULL && parameter != NULL);
        const struct idl_note *http = method->said.notes[IDL_HTTP];

        if (parameter->said.notes[IDL_COOKIE] != NULL)
                return IDL_HTTP_COOKIE;
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
        return idl_http_said(method->reply->fields) == NULL ? 204 : 200;
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

bool idl_http_gives_all(const struct idl_member *method)
{
        ASSERT(method != NULL && method->what == IDL_METHOD);
        const struct idl_field *limit = idl_field(method->type, "limit");

        return limit == NULL ? idl_http_next(method) == NULL
                             : limit->type->optional && limit->said.notes[IDL_DEFAULT] == NULL;
}

const struct idl_type *idl_http_items(const struct idl_member *method)
{
        const struct idl_field *body = idl_http_body(method);
        const char *verb = method->said.notes[IDL_HTTP] != NULL ? method->said.notes[IDL_HTTP]->words[0] : "";

        if (body == NULL || strcmp(verb, "GET") != 0 || body->type->kind != IDL_ARRAY ||
            (idl_http_next(method) != NULL && !idl_http_gives_all(method)))
                return NULL;
        return idl_real(body->type->of);
}

const struct idl_http_problem idl_http_problems[] = {
        {400, "malformed", "The request is malformed", "Correct the request: /api/docs says what can be asked.", true},
        {401, "unauthenticated", "Sign in first", "Sign in, or send a key that holds.", true},
        {403, "denied", "Not allowed", "Use an account or a key that may do it, or ask an administrator.", true},
        {404, "not-found", "There is no such thing",
         "See the list for what there is, and /api/docs for what can be asked.", true},
        {405, "method-not-allowed", "Not with this method", "Use one of the methods in Allow.", false},
        {408, "too-slow", "The request took too long to arrive", "Send it again, all of it at once.", false},
        {409, "conflict", "The state does not allow it now", "See what holds it, then send it again.", true},
        {412, "precondition-failed", "It has changed meanwhile",
         "Read it again, then send the change with its new ETag.", false},
        {413, "too-large", "The body is too large", "Send less at once.", false},
        {414, "uri-too-long", "The address is too long", "Shorten the address.", false},
        {415, "media-type", "Not this kind of body", "Send it as application/json.", false},
        {416, "range", "There is no such part", "Ask for a part of what there is.", false},
        {417, "expectation", "This cannot be expected", "Leave Expect out, or send 100-continue.", false},
        {421, "misdirected", "This machine does not answer to that name",
         "Use its address, or add the name to BULKHEAD_HOSTS.", false},
        {422, "invalid", "A value is wrong", "Correct the value and send it again; nothing was changed.", true},
        {426, "upgrade", "This needs a WebSocket", "Connect with a WebSocket: see /api/docs, the stream.", false},
        {429, "busy", "Too much at once", "Wait as long as Retry-After says, then send it again.", true},
        {431, "head-too-large", "The head of the request is too large", "Send fewer or shorter header fields.", false},
        {500, "internal", "Something went wrong here", "Look in the log for the id of the request.", false},
        {501, "not-implemented", "This is not known here", "See /api/docs for what can be asked.", false},
        {503, "unavailable", "Something that is needed is away",
         "Wait as long as Retry-After says, then send it again.", true},
        {504, "timed-out", "No answer in time", "See whether it was done before you send it again.", false},
        {505, "http-version", "Not this version of HTTP", "Use HTTP/1.1.", false},
        {0, NULL, NULL, NULL, false},
};

const struct idl_http_problem *idl_http_problem(int status)
{
        const struct idl_http_problem *internal = NULL;

        for (const struct idl_http_problem *p = idl_http_problems; p->status != 0; p++) {
                if (p->status == status)
                        return p;
                if (p->status == 500)
                        internal = p;
        }
        return internal;
}

const char *idl_http_kind(struct arena *arena, const char *error)
{
        ASSERT(arena != NULL && error != NULL);
        char *kind = arena_alloc(arena, 2 * strlen(error) + 1), *to = kind;

        for (const char *at = error; *at != '\0'; at++) {
                if (at != error && isupper((unsigned char)*at))
                        *to++ = '-';
                *to++ = (char)tolower((unsigned char)*at);
        }
        return strcmp(kind, "confirmation") == 0 ? "confirmation-required" : kind;
}
