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

static void write_parameters(const struct openapi *openapi, const struct idl_member *method)
{
        struct json_out *out = openapi->out;

        json_out_key(out, "parameters");
        json_out_array(out);
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next) {
                enum idl_http_place place = idl_http_place(method, f);
                if (place == IDL_HTTP_BODY)
                        continue;
                json_out_object(out);
                openapi_text(openapi, "name", f->name);
                openapi_text(openapi, "in", place == IDL_HTTP_PATH ? "path" : "query");
                write_flag(openapi, "required", !f->type->optional);
                if (*f->said.doc != '\0')
                        openapi_text(openapi, "description", f->said.doc);
                json_out_key(out, "schema");
                openapi_field(openapi, f);
                json_out_object_end(out);
        }
        if (method->said.notes[IDL_PLAN] != NULL) {
                openapi_ref(openapi, REF "parameters/dry_run");
                openapi_ref(openapi, REF "parameters/idempotency_key");
                openapi_ref(openapi, REF "parameters/if_match");
                openapi_ref(openapi, REF "parameters/warrant");
        }
        json_out_array_end(out);
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
        end_json(openapi);
        json_out_object_end(openapi->out);
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
        if (method->reply->fields == NULL) {
                ;
        } else if (body != NULL) {
                openapi_field(openapi, body);
        } else {
                json_out_object(out);
                openapi_object(openapi, method->reply, NULL, NULL);
                json_out_object_end(out);
        }
        if (plan_too) {
                openapi_ref(openapi, REF "schemas/Plan");
                json_out_array_end(out);
                json_out_object_end(out);
        }
}

static void write_next_link(const struct openapi *openapi)
{
        json_out_key(openapi->out, "headers");
        json_out_object(openapi->out);
        json_out_key(openapi->out, "Link");
        json_out_object(openapi->out);
        openapi_text(openapi, "description", "The next page, as rel=\"next\"; not there after the last.");
        json_out_key(openapi->out, "schema");
        json_out_object(openapi->out);
        openapi_text(openapi, "type", "string");
        json_out_object_end(openapi->out);
        json_out_object_end(openapi->out);
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
        if (idl_http_next(method) != NULL)
                write_next_link(openapi);
        begin_json(openapi);
        write_result(openapi, method, changes);
        end_json(openapi);
        json_out_object_end(out);
}

static void write_problems(const struct openapi *openapi, const struct idl_member *method)
{
        const struct idl_said *said = &method->said;
        const struct {
                int status;
                bool wanted;
        } problems[] = {
                {400, true},
                {401, said->notes[IDL_ROLE]->role != ROLE_NOBODY ||
                              strstr(said->notes[IDL_HTTP]->words[1], "/auth/") != NULL},
                {403, said->notes[IDL_ROLE]->role != ROLE_NOBODY},
                {404, strchr(said->notes[IDL_HTTP]->words[1], '{') != NULL},
                {409, said->notes[IDL_PLAN] != NULL},
                {422, method->type->fields != NULL},
                {429, true},
                {500, said->notes[IDL_PLAN] != NULL},
                {503, true},
        };

        for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
                if (!problems[i].wanted)
                        continue;
                json_out_key(openapi->out, arena_printf(openapi->arena, "%d", problems[i].status));
                openapi_ref(openapi, arena_printf(openapi->arena, REF "responses/problem%d", problems[i].status));
        }
}

static void write_security(const struct openapi *openapi, enum role role)
{
        static const char *const ways[] = {"ticket", "session"};
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
        write_parameters(openapi, method);
        write_request(openapi, method);
        json_out_key(out, "responses");
        json_out_object(out);
        write_success(openapi, method);
        write_problems(openapi, method);
        json_out_object_end(out);
        write_security(openapi, said->notes[IDL_ROLE]->role);
        json_out_object_end(out);
}
