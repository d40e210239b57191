/* What the operations of the OpenAPI document share: schemas, answers to errors, headers, ways to sign in.
 * Rights: the compiler on the build machine; writes to memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/openapi.h"

#include <string.h>

struct fixed { /* the same in every document */
        const char *name, *json;
};

static const struct fixed schemas[] = {
        {"PlanStep", "{\"type\":\"object\",\"description\":\"One step of a plan.\",\"properties\":{"
                     "\"words\":{\"type\":\"string\",\"description\":\"What it does.\"},"
                     "\"literal\":{\"type\":\"string\",\"description\":\"Exactly what runs.\"},"
                     "\"undo\":{\"type\":\"string\",\"description\":\"What takes it back if a later step fails.\"}},"
                     "\"required\":[\"words\",\"literal\"]}"},
        {"Plan",
         "{\"type\":\"object\",\"description\":\"What a change comes down to, before it is made.\",\"properties\":{"
         "\"digest\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\",\"description\":\"What a warrant is made "
         "for.\"},"
         "\"plan\":{\"type\":\"string\",\"description\":\"Its encoding, which confirming needs.\"},"
         "\"warrant\":{\"type\":\"boolean\",\"description\":\"It needs a warrant.\"},"
         "\"destroys\":{\"type\":\"boolean\",\"description\":\"It takes away what cannot be brought back.\"},"
         "\"who\":{\"type\":\"string\",\"description\":\"Who is affected.\"},"
         "\"steps\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/PlanStep\"}}},"
         "\"required\":[\"digest\",\"plan\",\"warrant\",\"destroys\",\"who\",\"steps\"]}"},
        {"Problem",
         "{\"type\":\"object\",\"description\":\"RFC 9457. The end of type is the error's name.\",\"properties\":{"
         "\"type\":{\"type\":\"string\",\"examples\":[\"urn:bulkhead:error:Invalid\"]},"
         "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
         "\"detail\":{\"type\":\"string\",\"description\":\"What is wrong.\"},"
         "\"errors\":{\"type\":\"array\",\"description\":\"Fields that are "
         "wrong.\",\"items\":{\"type\":\"object\",\"properties\":{"
         "\"field\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}},\"required\":[\"field\",\"message\"]}},"
         "\"next\":{\"type\":\"string\",\"description\":\"What to do about it.\"},"
         "\"retry\":{\"type\":\"integer\",\"description\":\"Try again after so many seconds.\"},"
         "\"plan\":{\"$ref\":\"#/components/schemas/Plan\"}},"
         "\"required\":[\"type\",\"title\",\"status\",\"detail\"]}"},
};

static const char parameters[] =
        "{\"dry_run\":{\"name\":\"dry_run\",\"in\":\"query\",\"description\":\"Work out the plan and answer with it; "
        "change "
        "nothing.\",\"schema\":{\"type\":\"boolean\",\"default\":false}},"
        "\"idempotency_key\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":\"The same key again "
        "gives the same "
        "answer and changes nothing more.\",\"schema\":{\"type\":\"string\",\"maxLength\":128}},"
        "\"if_match\":{\"name\":\"If-Match\",\"in\":\"header\",\"description\":\"Only if what is changed is still as "
        "this ETag "
        "says.\",\"schema\":{\"type\":\"string\",\"maxLength\":128}},"
        "\"warrant\":{\"name\":\"Warrant\",\"in\":\"header\",\"description\":\"For changes that need to be confirmed: "
        "a warrant for "
        "exactly this plan.\",\"schema\":{\"type\":\"string\",\"maxLength\":400}}}";

static const struct fixed answers[] = {
        {"plan", "{\"description\":\"With dry_run: the plan; nothing was "
                 "changed.\",\"content\":{\"application/json\":{\"schema\":{"
                 "\"$ref\":\"#/components/schemas/Plan\"}}}}"},
        {"started",
         "{\"description\":\"Begun; it goes on as a job.\",\"headers\":{\"Location\":{\"description\":\"The job.\","
         "\"schema\":{\"type\":\"string\"}}},\"content\":{\"application/"
         "json\":{\"schema\":{\"type\":\"object\",\"properties\":{"
         "\"job\":{\"type\":\"integer\",\"format\":\"int64\"}},\"required\":[\"job\"]}}}}"},
};

static const char ways[] =
        "{\"ticket\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"A ticket or an API key.\"},"
        "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-bulkhead\",\"description\":\"A session "
        "of a "
        "browser.\"}}";

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
static const char *describe(const struct openapi *openapi, const struct contracts *contracts, int status)
{
        const char *text = "";

        for (size_t i = 0; i < contracts->count; i++)
                for (const struct idl_member *m = contracts->list[i]->members; m != NULL; m = m->next)
                        if (m->what == IDL_ERROR && idl_http_status(m->name) == status)
                                text = arena_printf(openapi->arena, "%s%s%s: %s", text, *text != '\0' ? "\n\n" : "",
                                                    m->name, m->said.doc);
        return *text != '\0' ? text : "An error.";
}

static void write_answers(const struct openapi *openapi, const struct contracts *contracts)
{
        static const int statuses[] = {400, 401, 403, 404, 409, 422, 429, 500, 503};
        struct json_out *out = openapi->out;

        for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
                json_out_key(out, arena_printf(openapi->arena, "problem%d", statuses[i]));
                json_out_object(out);
                openapi_text(openapi, "description", describe(openapi, contracts, statuses[i]));
                if (statuses[i] == 429 || statuses[i] == 503) {
                        const char *header =
                                "{\"Retry-After\":{\"description\":\"In seconds.\",\"schema\":{\"type\":\"integer\"}}}";
                        json_out_key(out, "headers");
                        json_out_raw(out, header, strlen(header));
                }
                json_out_key(out, "content");
                json_out_object(out);
                json_out_key(out, "application/problem+json");
                json_out_object(out);
                json_out_key(out, "schema");
                openapi_ref(openapi, "#/components/schemas/Problem");
                json_out_object_end(out);
                json_out_object_end(out);
                json_out_object_end(out);
        }
}

static void write_fixed(const struct openapi *openapi, const struct fixed *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                json_out_key(openapi->out, list[i].name);
                json_out_raw(openapi->out, list[i].json, strlen(list[i].json));
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
        write_fixed(&openapi, schemas, ARRAY_SIZE(schemas));
        write_schemas(&openapi, contracts);
        json_out_object_end(out);
        json_out_key(out, "parameters");
        json_out_raw(out, parameters, strlen(parameters));
        json_out_key(out, "responses");
        json_out_object(out);
        write_fixed(&openapi, answers, ARRAY_SIZE(answers));
        write_answers(&openapi, contracts);
        json_out_object_end(out);
        json_out_key(out, "securitySchemes");
        json_out_raw(out, ways, strlen(ways));
        json_out_object_end(out);
}
