/* One operation of the OpenAPI document: a method that the network can reach.
 * Rights: the compiler on the build machine; writes to memory, nothing else. */
#include "base/log.h"
#include "ipc/compiler/openapi.h"

#include <stdio.h>
#include <string.h>

#define REF "#/components/"

static void write_flag(const struct openapi *openapi, const char *name, bool value)
{
        json_out_key(openapi->out, name);
        json_out_boolean(openapi->out, value);
}

static bool is_elsewhere(const struct idl_member *method, const struct idl_field *field)
{
        return idl_http_place(method, field) != IDL_HTTP_BODY;
}

static void begin_json(const struct openapi *openapi)
{
        json_out_key(openapi->out, "content");
        json_out_object(openapi->out);
        json_out_key(openapi->out, "application/json");
        json_out_object(openapi->out);
        json_out_key(openapi->out, "schema");
}

static void end_json(const struct openapi *openapi)
{
        json_out_object_end(openapi->out);
        json_out_object_end(openapi->out);
}

static void write_request(const struct openapi *openapi, const struct idl_member *method)
{
        bool any = false, required = false;

        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next) {
                any |= !is_elsewhere(method, f);
                required |= !is_elsewhere(method, f) && !f->type->optional;
        }
        if (!any)
                return;
        json_out_key(openapi->out, "requestBody");
        json_out_object(openapi->out);
        write_flag(openapi, "required", required);
        begin_json(openapi);
        json_out_object(openapi->out);
        openapi_object(openapi, method->type, is_elsewhere, method);
        json_out_object_end(openapi->out);
        json_out_key(openapi->out, "example");
        openapi_body_example(openapi->out, method);
        end_json(openapi);
        json_out_object_end(openapi->out);
}

static bool is_cookie(const struct idl_member *method, const struct idl_field *field)
{
        (void)method;
        return field->said.notes[IDL_COOKIE] != NULL;
}

/* The schema of what a successful call answers. */
static void write_result(const struct openapi *openapi, const struct idl_member *method, bool plan_too)
{
        const struct idl_field *body = idl_http_body(method);
        struct json_out *out = openapi->out;

        if (plan_too) {
                json_out_object(out);
                json_out_key(out, "oneOf");
                json_out_array(out);
        }
        if (body != NULL) {
                openapi_field(openapi, body);
        } else {
                json_out_object(out);
                openapi_object(openapi, method->reply, is_cookie, NULL);
                json_out_object_end(out);
        }
        if (plan_too) {
                openapi_ref(openapi, REF "schemas/Plan");
                json_out_array_end(out);
                json_out_object_end(out);
        }
}

static void write_header(const struct openapi *openapi, const char *name)
{
        json_out_key(openapi->out, name);
        openapi_ref(openapi, arena_printf(openapi->arena, REF "headers/%s", name));
}

static void write_headers(const struct openapi *openapi, const struct idl_member *method)
{
        bool reads = strcmp(method->said.notes[IDL_HTTP]->words[0], "GET") == 0;
        bool list = idl_http_items(method) != NULL;

        json_out_key(openapi->out, "headers");
        json_out_object(openapi->out);
        write_header(openapi, "X-Request-Id");
        if (reads)
                write_header(openapi, "ETag");
        if (list || idl_http_next(method) != NULL)
                write_header(openapi, "Link");
        if (list && idl_http_gives_all(method))
                write_header(openapi, "X-Total-Count");
        if (idl_http_has_cookie(method->reply))
                write_header(openapi, "Set-Cookie");
        json_out_object_end(openapi->out);
}

static void write_success(const struct openapi *openapi, const struct idl_member *method)
{
        bool changes = method->said.notes[IDL_PLAN] != NULL;
        int status = idl_http_success(method);
        struct json_out *out = openapi->out;

        if (status != 200) { /* the change, by itself */
                json_out_key(out, status == 202 ? "202" : "204");
                if (status == 202) {
                        openapi_ref(openapi, REF "responses/started");
                } else {
                        json_out_object(out);
                        openapi_text(openapi, "description", "Done.");
                        write_headers(openapi, method);
                        json_out_object_end(out);
                }
                if (!changes)
                        return;
        }
        json_out_key(out, "200");
        if (status != 200) {
                openapi_ref(openapi, REF "responses/plan");
                return;
        }
        json_out_object(out);
        openapi_text(openapi, "description", changes ? "Done; with dry_run: the plan." : "The answer.");
        write_headers(openapi, method);
        begin_json(openapi);
        write_result(openapi, method, changes);
        json_out_key(out, "example");
        openapi_answer_example(out, method);
        end_json(openapi);
        json_out_object_end(out);
        if (strcmp(method->said.notes[IDL_HTTP]->words[0], "GET") == 0) {
                json_out_key(out, "304");
                openapi_ref(openapi, REF "responses/same");
        }
}

static const struct { /* which answers an operation may give beside the good one */
        int status;
        bool always, body, roles, params, changes, fields;
} problems[] = {
        {.status = 400, .always = true}, {.status = 401, .roles = true},   {.status = 403, .roles = true},
        {.status = 404, .params = true}, {.status = 409, .changes = true}, {.status = 412, .changes = true},
        {.status = 413, .body = true},   {.status = 415, .body = true},    {.status = 421, .always = true},
        {.status = 422, .fields = true}, {.status = 429, .always = true},  {.status = 500, .always = true},
        {.status = 503, .always = true}, {.status = 504, .always = true},
};

bool openapi_lists(int status)
{
        for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
                if (problems[i].status == status)
                        return true;
        return false;
}

static void write_problems(const struct openapi *openapi, const struct idl_member *method)
{
        const struct idl_said *said = &method->said;
        bool signs_in = strstr(said->notes[IDL_HTTP]->words[1], "/auth/") != NULL;
        bool roles = said->notes[IDL_ROLE]->role != ROLE_NOBODY || signs_in;
        bool body = strcmp(said->notes[IDL_HTTP]->words[0], "GET") != 0;
        bool params = strchr(said->notes[IDL_HTTP]->words[1], '{') != NULL;

        for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
                if (!(problems[i].always || (problems[i].body && body) || (problems[i].roles && roles) ||
                      (problems[i].params && params) || (problems[i].changes && said->notes[IDL_PLAN] != NULL) ||
                      (problems[i].fields && method->type->fields != NULL)))
                        continue;
                json_out_key(openapi->out, arena_printf(openapi->arena, "%d", problems[i].status));
                openapi_ref(openapi, arena_printf(openapi->arena, REF "responses/problem%d", problems[i].status));
        }
        json_out_key(openapi->out, "default");
        openapi_ref(openapi, REF "responses/problem");
}

static void write_security(const struct openapi *openapi, enum role role)
{
        static const char *const ways[] = {"bearerAuth", "cookieAuth"};
        struct json_out *out = openapi->out;

        json_out_key(out, "security");
        json_out_array(out);
        for (size_t i = 0; i < 2 && role != ROLE_NOBODY; i++) {
                json_out_object(out);
                json_out_key(out, ways[i]);
                json_out_array(out);
                json_out_array_end(out);
                json_out_object_end(out);
        }
        json_out_array_end(out);
}

/* "Make an account: a real Unix account." of a longer text: its first sentence, without the full stop. */
static const char *first_sentence(struct arena *arena, const char *doc, const char *otherwise)
{
        const char *stop = strstr(doc, ". ");
        size_t length = stop != NULL ? (size_t)(stop - doc) : strcspn(doc, "\n");

        if (length > 0 && doc[length - 1] == '.')
                length--;
        return length > 0 ? arena_text(arena, doc, length) : otherwise;
}

static void write_sample(const struct openapi *openapi, const struct idl_member *method)
{
        json_out_key(openapi->out, "x-codeSamples");
        json_out_array(openapi->out);
        json_out_object(openapi->out);
        openapi_text(openapi, "lang", "Shell");
        openapi_text(openapi, "label", "curl");
        openapi_text(openapi, "source", openapi_curl(openapi->arena, method));
        json_out_object_end(openapi->out);
        json_out_array_end(openapi->out);
}

void openapi_operation(const struct openapi *openapi, const struct idl_member *method)
{
        ASSERT(openapi != NULL && method != NULL && method->said.notes[IDL_HTTP] != NULL);
        const struct idl_said *said = &method->said;
        struct json_out *out = openapi->out;

        json_out_object(out);
        openapi_text(openapi, "operationId", arena_printf(openapi->arena, "%s%s", openapi->prefix, method->name));
        openapi_text(openapi, "summary", first_sentence(openapi->arena, said->doc, method->name));
        openapi_text(openapi, "description",
                     arena_printf(openapi->arena, "%s%s%sLeast role: %s.", said->doc, *said->doc != '\0' ? "\n\n" : "",
                                  said->notes[IDL_DESTROYS] != NULL ? "Takes away what cannot be brought back. " : "",
                                  said->notes[IDL_ROLE]->words[0]));
        json_out_key(out, "tags");
        json_out_array(out);
        json_out_text(out, openapi->prefix);
        json_out_array_end(out);
        openapi_text(openapi, "x-bulkhead-role", said->notes[IDL_ROLE]->words[0]);
        if (said->notes[IDL_WARRANT] != NULL)
                openapi_text(openapi, "x-bulkhead-warrant",
                             said->notes[IDL_WARRANT]->count > 0 ? "sometimes" : "always");
        if (said->notes[IDL_MORE] != NULL)
                write_flag(openapi, "x-bulkhead-watchable", true);
        openapi_parameters(openapi, method);
        write_request(openapi, method);
        json_out_key(out, "responses");
        json_out_object(out);
        write_success(openapi, method);
        write_problems(openapi, method);
        json_out_object_end(out);
        write_security(openapi, said->notes[IDL_ROLE]->role);
        write_sample(openapi, method);
        json_out_object_end(out);
}
