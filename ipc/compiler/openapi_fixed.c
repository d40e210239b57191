/* What is the same in every OpenAPI document: the front end's own paths, and the parts that all operations share.
 * Rights: the compiler on the build machine, the front end at its start; writes to memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/openapi.h"

#include <string.h>

struct fixed {
        const char *name, *json;
};

/* Laid out by hand, to be read as what it becomes. */
/* clang-format off */
#define SAYS(text)        "\"description\":\"" text "\""
#define STRING(text)      "{\"type\":\"string\"," SAYS(text) "}"
#define REF(name)         "{\"$ref\":\"#/components/" name "\"}"
#define JSON_OF(schema)   "\"content\":{\"application/json\":{\"schema\":" schema
#define QUERY(name, text, schema) "{\"name\":\"" name "\",\"in\":\"query\"," SAYS(text) ",\"schema\":" schema "}"
#define HEADER(name, text, most) "{\"name\":\"" name "\",\"in\":\"header\"," SAYS(text) \
                                 ",\"schema\":{\"type\":\"string\",\"maxLength\":" #most "}}"
#define SHOWN(text, type) "{" SAYS(text) ",\"schema\":{\"type\":\"" type "\"}}"

static const struct fixed schemas[] = {
        {"PlanStep",
         "{\"type\":\"object\"," SAYS("One step of a plan.") ",\"properties\":{"
         "\"words\":" STRING("What it does.") ","
         "\"literal\":" STRING("Exactly what runs.") ","
         "\"undo\":" STRING("What takes it back if a later step fails.") "},"
         "\"required\":[\"words\",\"literal\"]}"},
        {"Plan",
         "{\"type\":\"object\"," SAYS("What a change comes down to, before it is made.") ",\"properties\":{"
         "\"digest\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"," SAYS("What a warrant is made for.") "},"
         "\"plan\":" STRING("Its encoding, which confirming needs.") ","
         "\"warrant\":{\"type\":\"boolean\"," SAYS("It needs a warrant.") "},"
         "\"destroys\":{\"type\":\"boolean\"," SAYS("It takes away what cannot be brought back.") "},"
         "\"who\":" STRING("Who is affected.") ","
         "\"steps\":{\"type\":\"array\",\"items\":" REF("schemas/PlanStep") "}},"
         "\"required\":[\"digest\",\"plan\",\"warrant\",\"destroys\",\"who\",\"steps\"]}"},
        {"Problem",
         "{\"type\":\"object\"," SAYS("RFC 9457. What comes after # in type is the kind of the problem.") ","
         "\"properties\":{"
         "\"type\":{\"type\":\"string\",\"format\":\"uri-reference\",\"examples\":[\"/api/docs/errors#invalid\"]},"
         "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
         "\"detail\":" STRING("What is wrong.") ","
         "\"errors\":{\"type\":\"array\"," SAYS("Fields that are wrong.") ",\"items\":{\"type\":\"object\","
         "\"properties\":{\"field\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}},"
         "\"required\":[\"field\",\"message\"]}},"
         "\"next\":" STRING("What to do about it.") ","
         "\"retry\":{\"type\":\"integer\"," SAYS("Try again after so many seconds.") "},"
         "\"role\":" STRING("403: the least role that may do this.") ","
         "\"request\":" STRING("The id of the request, in the log and in the ledger.") ","
         "\"plan\":" REF("schemas/Plan") "},"
         "\"required\":[\"type\",\"title\",\"status\",\"detail\"]}"},
        {"Health",
         "{\"type\":\"object\"," SAYS("Alive or not; nothing else is told without a ticket.") ",\"properties\":{"
         "\"status\":{\"type\":\"string\",\"enum\":[\"ok\",\"starting\"]}},\"required\":[\"status\"]}"},
};

static const struct fixed parameters[] = {
        {"limit", QUERY("limit", "At most so many items.", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":65536}")},
        {"offset", QUERY("offset", "Leave out so many items first.", "{\"type\":\"integer\",\"minimum\":0}")},
        {"cursor", QUERY("cursor", "From the Link of the page before; instead of offset.",
                         "{\"type\":\"string\",\"maxLength\":2048}")},
        {"sort", QUERY("sort", "Fields to sort by, separated by commas; - before one turns it round.",
                       "{\"type\":\"string\",\"maxLength\":512}")},
        {"fields", QUERY("fields", "Only these fields of each item, separated by commas.",
                         "{\"type\":\"string\",\"maxLength\":2048}")},
        {"dry_run", QUERY("dry_run", "Work out the plan and answer with it; change nothing.",
                          "{\"type\":\"boolean\",\"default\":false}")},
        {"idempotency_key", HEADER("Idempotency-Key", "16 to 128 bytes, best a random UUID: the same request with the "
                                   "same key is answered as the first was and nothing is done twice.", 128)},
        {"if_match", HEADER("If-Match", "Only if what is changed is still as this ETag of its GET says.", 128)},
        {"if_none_match", HEADER("If-None-Match",
                                 "The ETag of an earlier answer: 304 when nothing has changed.", 1024)},
        {"warrant", HEADER("Warrant", "For changes that need to be confirmed: a warrant for exactly this plan.", 400)},
        {"csrf", HEADER("X-CSRF-Token",
                        "With the session cookie only: what the cookie __Host-bulkhead-csrf says.", 64)},
};

static const struct fixed headers[] = {
        {"X-Request-Id", SHOWN("The id of the request, in the log and in the ledger.", "string")},
        {"ETag", SHOWN("The version of what was answered.", "string")},
        {"Link", SHOWN("Other pages: first, prev, next, last.", "string")},
        {"X-Total-Count", SHOWN("How many items there are on all pages.", "integer")},
        {"Set-Cookie", SHOWN("Session, device and CSRF cookies of a browser, set or cleared.", "string")},
        {"Retry-After", SHOWN("In seconds.", "integer")},
        {"Location", SHOWN("Where the job is.", "string")},
};

static const struct fixed answers[] = {
        {"plan", "{" SAYS("With dry_run: the plan; nothing was changed.") "," JSON_OF(REF("schemas/Plan")) "}}}"},
        {"same", "{" SAYS("Nothing has changed since If-None-Match's ETag.") "}"},
        {"problem", "{" SAYS("Any other problem of HTTP itself, such as 405, 408, 414, 431 or 501.") ",\"content\":{"
                    "\"application/problem+json\":{\"schema\":" REF("schemas/Problem") "}}}"},
        {"started", "{" SAYS("Begun; it goes on as a job.") ",\"headers\":{\"Location\":" REF("headers/Location") "},"
                    JSON_OF("{\"type\":\"object\",\"properties\":{\"job\":{\"type\":\"integer\","
                            "\"format\":\"int64\"}},\"required\":[\"job\"]}") ",\"example\":{\"job\":17}}}}"},
};

static const struct fixed ways[] = {
        {"bearerAuth", "{\"type\":\"http\",\"scheme\":\"bearer\","
                       SAYS("A ticket (from login or refresh) or an API key.") "}"},
        {"cookieAuth", "{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-bulkhead-session\","
                       SAYS("The session of a browser. Changes need the header X-CSRF-Token, and Origin must be this "
                            "site.") "}"},
};

/* An operation of the front end's own: open to everybody, one good answer. */
#define OWN(id, summary, type, schema, more, path)                                                                  \
        "{\"get\":{\"operationId\":\"frontEnd" id "\",\"summary\":\"" summary "\","                                 \
        SAYS(summary ". Least role: nobody.") ",\"tags\":[\"frontEnd\"],\"x-bulkhead-role\":\"nobody\","           \
        "\"security\":[]," more "\"responses\":{\"200\":{\"description\":\"The answer.\",\"content\":{\"" type "\":" \
        "{\"schema\":" schema "}}},\"400\":" REF("responses/problem400") ",\"421\":" REF("responses/problem421")    \
        ",\"503\":" REF("responses/problem503") ",\"default\":" REF("responses/problem") "},"                       \
        "\"x-codeSamples\":[{\"lang\":\"Shell\",\"label\":\"curl\",\"source\":\"curl --fail-with-body "             \
        "\\\"$BULKHEAD" path "\\\"\"}]}}"
#define TEXT_SCHEMA "{\"type\":\"string\"}"

static const struct fixed paths[] = {
        {"/api/contracts", OWN("ListContracts", "The names of all contracts", "application/json",
                               "{\"type\":\"array\",\"items\":" TEXT_SCHEMA "}", "", "/api/contracts")},
        {"/api/contracts/{name}", OWN("GetContract", "A contract, as Varlink", "text/plain", TEXT_SCHEMA,
                                      "\"parameters\":[{\"name\":\"name\",\"in\":\"path\",\"required\":true,"
                                      SAYS("Its name.") ",\"schema\":{\"type\":\"string\","
                                      "\"examples\":[\"nas.error\"]}}],", "/api/contracts/nas.error")},
        {"/api/openapi.json", OWN("GetOpenapi", "This document", "application/json", "{\"type\":\"object\"}", "",
                                  "/api/openapi.json")},
        {"/api/system/live", OWN("Live", "Is the front end alive", "application/json", REF("schemas/Health"), "",
                                 "/api/system/live")},
        {"/api/system/ready", OWN("Ready", "Are all daemons there", "application/json", REF("schemas/Health"), "",
                                  "/api/system/ready")},
        {"/api/ui", OWN("GetViews", "The screens for the role that asks", "application/json", "{\"type\":\"object\"}", "",
                        "/api/ui")},
        {"/api/ui/contracts", OWN("GetForms", "What forms and screens need of the contracts", "application/json",
                                  "{\"type\":\"object\"}", "", "/api/ui/contracts")},
        {"/api/types.ts", OWN("GetTypes", "The TypeScript client", "text/plain", TEXT_SCHEMA, "", "/api/types.ts")},
};
/* clang-format on */

static void write_fixed(const struct openapi *openapi, const struct fixed *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                json_out_key(openapi->out, list[i].name);
                json_out_raw(openapi->out, list[i].json, strlen(list[i].json));
        }
}

static void write_group(const struct openapi *openapi, const char *name, const struct fixed *list, size_t count)
{
        json_out_key(openapi->out, name);
        json_out_object(openapi->out);
        write_fixed(openapi, list, count);
        json_out_object_end(openapi->out);
}

void openapi_fixed_paths(const struct openapi *openapi)
{
        ASSERT(openapi != NULL);
        write_fixed(openapi, paths, ARRAY_SIZE(paths));
}

void openapi_fixed_schemas(const struct openapi *openapi)
{
        ASSERT(openapi != NULL);
        write_fixed(openapi, schemas, ARRAY_SIZE(schemas));
}

void openapi_fixed_answers(const struct openapi *openapi)
{
        ASSERT(openapi != NULL);
        write_fixed(openapi, answers, ARRAY_SIZE(answers));
}

void openapi_fixed_components(const struct openapi *openapi)
{
        ASSERT(openapi != NULL);
        write_group(openapi, "parameters", parameters, ARRAY_SIZE(parameters));
        write_group(openapi, "headers", headers, ARRAY_SIZE(headers));
        write_group(openapi, "securitySchemes", ways, ARRAY_SIZE(ways));
}
