/* What the operations of the OpenAPI document share: schemas, answers to errors, headers, ways to sign in.
 * Rights: the compiler on the build machine; writes to memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/openapi.h"

#include <string.h>

static void write_schemas(struct openapi *openapi, const struct contracts *contracts)
{
        struct json_out *out = openapi->out;

        for (size_t i = 0; i < contracts->count; i++) {
                openapi->prefix = openapi_prefix(openapi->arena, contracts->list[i]);
                for (const struct idl_member *m = contracts->list[i]->members; m != NULL; m = m->next) {
                        if (m->what != IDL_TYPE)
                                continue;
                        struct idl_field field = {.name = m->name, .said = m->said, .type = m->type};
                        json_out_key(out, arena_printf(openapi->arena, "%s.%s", openapi->prefix, m->name));
                        openapi_field(openapi, &field);
                }
        }
}

/* What the errors with that status say, one after the other. */
static const char *describe(const struct openapi *openapi, const struct contracts *contracts,
                            const struct idl_http_problem *problem)
{
        const char *text = "";

        for (size_t i = 0; i < contracts->count; i++)
                for (const struct idl_member *m = contracts->list[i]->members; m != NULL; m = m->next)
                        if (m->what == IDL_ERROR && idl_http_status(m->name) == problem->status)
                                text = arena_printf(openapi->arena, "%s%s%s: %s", text, *text != '\0' ? "\n\n" : "",
                                                    idl_http_kind(openapi->arena, m->name), m->said.doc);
        return *text != '\0' ? text : arena_printf(openapi->arena, "%s: %s.", problem->kind, problem->title);
}

/* One problem as an example. */
static void write_problem_example(const struct openapi *openapi, const struct idl_http_problem *problem)
{
        struct json_out *out = openapi->out;

        json_out_key(out, "example");
        json_out_object(out);
        openapi_text(openapi, "type", arena_printf(openapi->arena, IDL_PROBLEM_BASE "%s", problem->kind));
        openapi_text(openapi, "title", problem->title);
        json_out_key(out, "status");
        json_out_integer(out, problem->status);
        openapi_text(openapi, "detail", problem->title);
        openapi_text(openapi, "next", problem->next);
        json_out_object_end(out);
}

static void write_answers(const struct openapi *openapi, const struct contracts *contracts)
{
        struct json_out *out = openapi->out;

        for (const struct idl_http_problem *p = idl_http_problems; p->status != 0; p++) {
                if (!openapi_lists(p->status))
                        continue;
                json_out_key(out, arena_printf(openapi->arena, "problem%d", p->status));
                json_out_object(out);
                openapi_text(openapi, "description", describe(openapi, contracts, p));
                if (p->status == 429 || p->status == 503) {
                        json_out_key(out, "headers");
                        json_out_object(out);
                        json_out_key(out, "Retry-After");
                        openapi_ref(openapi, "#/components/headers/Retry-After");
                        json_out_object_end(out);
                }
                json_out_key(out, "content");
                json_out_object(out);
                json_out_key(out, "application/problem+json");
                json_out_object(out);
                json_out_key(out, "schema");
                openapi_ref(openapi, "#/components/schemas/Problem");
                write_problem_example(openapi, p);
                json_out_object_end(out);
                json_out_object_end(out);
                json_out_object_end(out);
        }
}

void openapi_components(const struct openapi *given, const struct contracts *contracts)
{
        ASSERT(given != NULL && contracts != NULL);
        struct openapi openapi = *given;
        struct json_out *out = openapi.out;

        json_out_key(out, "components");
        json_out_object(out);
        json_out_key(out, "schemas");
        json_out_object(out);
        openapi_fixed_schemas(&openapi);
        write_schemas(&openapi, contracts);
        json_out_object_end(out);
        json_out_key(out, "responses");
        json_out_object(out);
        openapi_fixed_answers(&openapi);
        write_answers(&openapi, contracts);
        json_out_object_end(out);
        openapi_fixed_components(&openapi);
        json_out_object_end(out);
}
