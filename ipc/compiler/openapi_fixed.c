/* What is the same in every OpenAPI document: the front end's own paths, and the parts that all operations share.
 * Rights: the compiler on the build machine, the front end at its start; writes to memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/openapi.h"

#include <string.h>

struct fixed {
        const char *name, *json;
};

#define TEXT(says)   "\"description\":\"" says "\""
#define STRING(says) "{\"type\":\"string\"," TEXT(says) "}"

static const struct fixed schemas[] = {
        {"PlanStep", "{\"type\":\"object\"," TEXT(
                             "One step of a plan.") ",\"properties\":{"
                                                    "\"words\":" STRING("What it does.") ",\"literal\":" STRING(
                                                            "Ex"
                                                            "ac"
                                                            "tl"
                                                            "y "
                                                            "wh"
                                                            "at"
                                                            " r"
                                                            "un"
                                                            "s"
                                                            ".") ",\"undo\":" STRING("What takes it back if a later "
                                                                                     "step fails.") "},"
                                                                                                    "\"require"
                                                                                                    "d\":["
                                                                                                    "\"words\""
                                                                                                    ",\"litera"
                                                                                                    "l\"]}"},
        {"Plan",
         "{\"type\":\"object\"," TEXT(
                 "What a change comes down to, before it is made.") ",\"properties\":{"
                                                                    "\"digest\":{\"type\":\"string\","
                                                                    "\"pattern\":\"^[0-9a-f]{64}$"
                                                                    "\"," TEXT(
                                                                            "What a warrant is made "
                                                                            "for.") "},"
                                                                                    "\"plan\":" STRING(
                                                                                            "Its "
                                                                                            "encoding, "
                                                                                            "which "
                                                                                            "confirming"
                                                                                            " needs.") ","
                                                                                                       "\"warrant\":{"
                                                                                                       "\"type\":"
                                                                                                       "\"boolean\""
                                                                                                       "," TEXT(
                                                                                                               "It "
                                                                                                               "needs "
                                                                                                               "a "
                                                                                                               "warrant"
                                                                                                               ".") "},"
                                                                                                                    "\""
                                                                                                                    "de"
                                                                                                                    "st"
                                                                                                                    "ro"
                                                                                                                    "ys"
                                                                                                                    "\""
                                                                                                                    ":{"
                                                                                                                    "\""
                                                                                                                    "ty"
                                                                                                                    "pe"
                                                                                                                    "\""
                                                                                                                    ":"
                                                                                                                    "\""
                                                                                                                    "bo"
                                                                                                                    "ol"
                                                                                                                    "ea"
                                                                                                                    "n"
                                                                                                                    "\""
                                                                                                                    "," TEXT(
                                                                                                                            "It takes away what cannot be brought back.") "},"
                                                                                                                                                                          "\"who\":" STRING(
                                                                                                                                                                                  "Who is affected.") ","
                                                                                                                                                                                                      "\"steps\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/PlanStep\"}}},"
                                                                                                                                                                                                      "\"required\":[\"digest\",\"plan\",\"warrant\",\"destroys\",\"who\",\"steps\"]}"},
        {"Problem",
         "{\"type\":\"object\"," TEXT(
                 "RFC 9457. What comes after # in type is the kind of the "
                 "problem.") ",\"properties\":{\"type\":{\"type\":\"string\","
                             "\"format\":\"uri-reference\","
                             "\"examples\":[\"/api/docs/errors#invalid\"]},"
                             "\"title\":{\"type\":\"string\"},\"status\":{"
                             "\"type\":\"integer\"},"
                             "\"detail\":" STRING(
                                     "What is wrong.") ","
                                                       "\"errors\":{\"type\":"
                                                       "\"array\"," TEXT(
                                                               "Fields that are "
                                                               "wrong.") ",\"items"
                                                                         "\":{"
                                                                         "\"type\""
                                                                         ":\"objec"
                                                                         "t\","
                                                                         "\"proper"
                                                                         "ties\":{"
                                                                         "\"field"
                                                                         "\":{"
                                                                         "\"type\""
                                                                         ":\"strin"
                                                                         "g\"},"
                                                                         "\"messag"
                                                                         "e\":{"
                                                                         "\"type\""
                                                                         ":\"strin"
                                                                         "g\"}},"
                                                                         "\"requir"
                                                                         "ed\":["
                                                                         "\"field"
                                                                         "\","
                                                                         "\"messag"
                                                                         "e\"]}},"
                                                                         "\"next\""
                                                                         ":" STRING(
                                                                                 "What to do about it.") ","
                                                                                                         "\"retry\":{"
                                                                                                         "\"type\":"
                                                                                                         "\"integer\""
                                                                                                         "," TEXT("Try "
                                                                                                                  "agai"
                                                                                                                  "n "
                                                                                                                  "afte"
                                                                                                                  "r "
                                                                                                                  "so "
                                                                                                                  "many"
                                                                                                                  " sec"
                                                                                                                  "onds"
                                                                                                                  ".") "},"
                                                                                                                       "\"role\":" STRING(
                                                                                                                               "403: the least role that may do this.") ","
                                                                                                                                                                        "\"request\":" STRING(
                                                                                                                                                                                "The id of the request, in the log and in the ledger.") ","
                                                                                                                                                                                                                                        "\"plan\":{\"$ref\":\"#/components/schemas/Plan\"}},"
                                                                                                                                                                                                                                        "\"required\":[\"type\",\"title\",\"status\",\"detail\"]}"},
        {"Health", "{\"type\":\"object\"," TEXT(
                           "Alive or not; nothing else is told without a ticket.") ",\"properties\":{\"status\":{"
                                                                                   "\"type\":\"string\",\"enum\":"
                                                                                   "[\"ok\",\"starting\"]}},"
                                                                                   "\"required\":[\"status\"]}"},
};

#define QUERY(name, says, schema)  "{\"name\":\"" name "\",\"in\":\"query\"," TEXT(says) ",\"schema\":" schema "}"
#define HEADER(name, says, schema) "{\"name\":\"" name "\",\"in\":\"header\"," TEXT(says) ",\"schema\":" schema "}"

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
        {"idempotency_key", HEADER("Idempotency-Key",
                                   "16 to 128 bytes, best a random UUID: the same request with the "
                                   "same key is answered as the first was and nothing is done twice.",
                                   "{\"type\":\"string\",\"minLength\":16,\"maxLength\":128}")},
        {"if_match", HEADER("If-Match", "Only if what is changed is still as this ETag of its GET says.",
                            "{\"type\":\"string\",\"maxLength\":128}")},
        {"if_none_match", HEADER("If-None-Match", "The ETag of an earlier answer: 304 when nothing has changed.",
                                 "{\"type\":\"string\",\"maxLength\":1024}")},
        {"warrant", HEADER("Warrant", "For changes that need to be confirmed: a warrant for exactly this plan.",
                           "{\"type\":\"string\",\"maxLength\":400}")},
        {"csrf", HEADER("X-CSRF-Token", "With the session cookie only: what the cookie __Host-bulkhead-csrf says.",
                        "{\"type\":\"string\",\"maxLength\":64}")},
};

#define SAYS(says, type) "{" TEXT(says) ",\"schema\":{\"type\":\"" type "\"}}"
static const struct fixed headers[] = {
        {"X-Request-Id", SAYS("The id of the request, in the log and in the ledger.", "string")},
        {"ETag", SAYS("The version of what was answered.", "string")},
        {"Link", SAYS("Other pages: first, prev, next, last.", "string")},
        {"X-Total-Count", SAYS("How many items there are on all pages.", "integer")},
        {"Set-Cookie", SAYS("Session, device and CSRF cookies of a browser, set or cleared.", "string")},
        {"Retry-After", SAYS("In seconds.", "integer")},
        {"Location", SAYS("Where the job is.", "string")},
};

static const struct fixed answers[] = {
        {"plan", "{" TEXT("With dry_run: the plan; nothing was changed.") ",\"content\":{\"application/"
                                                                          "json\":{\"schema\":{\"$ref\":\"#/components/"
                                                                          "schemas/Plan\"}}}}"},
        {"same", "{" TEXT("Nothing has changed since If-None-Match's ETag.") "}"},
        {"problem",
         "{" TEXT("Any other problem of HTTP itself, such as 405, 408, 414, 431 or 501.") ",\"content\":{"
                                                                                          "\"application/"
                                                                                          "problem+json\":{\"schema\":{"
                                                                                          "\"$ref\":\"#/components/"
                                                                                          "schemas/Problem\"}}}}"},
        {"started", "{" TEXT("Begun; it goes on as a job.") ",\"headers\":{\"Location\":{\"$ref\":\"#/components/"
                                                            "headers/Location\"}},"
                                                            "\"content\":{\"application/"
                                                            "json\":{\"schema\":{\"type\":\"object\",\"properties\":{"
                                                            "\"job\":{\"type\":\"integer\",\"format\":\"int64\"}},"
                                                            "\"required\":[\"job\"]},"
                                                            "\"example\":{\"job\":17}}}}"},
};

static const struct fixed ways[] = {
        {"bearerAuth",
         "{\"type\":\"http\",\"scheme\":\"bearer\"," TEXT("A ticket (from login or refresh) or an API key.") "}"},
        {"cookieAuth",
         "{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-bulkhead-session\"," TEXT(
                 "The session of a browser. Changes need the header X-CSRF-Token, and Origin must be this "
                 "site.") "}"},
};

/* An operation of the front end's own: open to everybody, one good answer. */
#define GET_OWN(id, summary, type, schema, more)                                                                       \
        "{\"get\":{\"operationId\":\"" id "\",\"summary\":\"" summary "\",\"description\":\"" summary                  \
        ". Least role: nobody.\",\"tags\":[\"frontEnd\"],\"x-bulkhead-role\":\"nobody\",\"security\":[]," more         \
        "\"responses\":{\"200\":{\"description\":\"The answer.\",\"content\":{\"" type "\":{\"schema\":" schema "}}}," \
        "\"400\":{\"$ref\":\"#/components/responses/problem400\"},"                                                    \
        "\"421\":{\"$ref\":\"#/components/responses/problem421\"},"                                                    \
        "\"503\":{\"$ref\":\"#/components/responses/problem503\"},"                                                    \
        "\"default\":{\"$ref\":\"#/components/responses/problem\"}}"
#define SAMPLE(path)                                                                                                   \
        ",\"x-codeSamples\":[{\"lang\":\"Shell\",\"label\":\"curl\",\"source\":\"curl --fail-with-body "               \
        "\\\"$BULKHEAD" path "\\\"\"}]}}"

static const struct fixed paths[] = {
        {"/api/contracts",
         GET_OWN("frontEndListContracts", "The names of all contracts", "application/json",
                 "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}", "") SAMPLE("/api/contracts")},
        {"/api/contracts/{name}",
         GET_OWN("frontEndGetContract", "A contract, as Varlink", "text/plain", "{\"type\":\"string\"}",
                 "\"parameters\":[{\"name\":\"name\",\"in\":\"path\",\"required\":true," TEXT(
                         "Its name.") ",\"schema\":{\"type\":\"string\",\"examples\":[\"nas."
                                      "error\"]}}],") ",\"x-codeSamples\":[{\"lang\":"
                                                      "\"Shell\",\"label\":\"curl\","
                                                      "\"source\":\"curl --fail-with-body "
                                                      "\\\"$BULKHEAD/api/contracts/"
                                                      "nas.error\\\"\"}]}}"},
        {"/api/openapi.json", GET_OWN("frontEndGetOpenapi", "This document", "application/json",
                                      "{\"type\":\"object\"}", "") SAMPLE("/api/openapi.json")},
        {"/api/system/live", GET_OWN("frontEndLive", "Is the front end alive", "application/json",
                                     "{\"$ref\":\"#/components/schemas/Health\"}", "") SAMPLE("/api/system/live")},
        {"/api/system/ready", GET_OWN("frontEndReady", "Are all daemons there", "application/json",
                                      "{\"$ref\":\"#/components/schemas/Health\"}", "") SAMPLE("/api/system/ready")},
        {"/api/types.ts", GET_OWN("frontEndGetTypes", "The TypeScript client", "text/plain", "{\"type\":\"string\"}",
                                  "") SAMPLE("/api/types.ts")},
};

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
