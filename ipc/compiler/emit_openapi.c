/* The OpenAPI 3.1 document of all contracts.
 * Rights: the compiler on the build machine; writes to memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/openapi.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* nas.users: users; nas.some-thing.else: someThingElse. */
const char *openapi_prefix(struct arena *arena, const struct idl_contract *contract)
{
        ASSERT(arena != NULL && contract != NULL);
        char *prefix = arena_alloc(arena, strlen(contract->name) + 1), *to = prefix;
        bool begins = false;

        for (const char *at = strchr(contract->name, '.') + 1; *at != '\0'; at++) {
                if (isalnum((unsigned char)*at))
                        *to++ = begins ? (char)toupper((unsigned char)*at) : *at;
                begins = !isalnum((unsigned char)*at);
        }
        return prefix;
}

static void write_raw(const struct openapi *openapi, const char *name, const char *json)
{
        json_out_key(openapi->out, name);
        json_out_raw(openapi->out, json, strlen(json));
}

struct route {
        const struct idl_contract *contract;
        const struct idl_member *method;
};

static const char *path_of(const struct route *route)
{
        return route->method->said.notes[IDL_HTTP]->words[1];
}

static const char *verb_of(const struct route *route)
{
        return route->method->said.notes[IDL_HTTP]->words[0];
}

static int compare_routes(const void *a, const void *b)
{
        int order = strcmp(path_of(a), path_of(b));
        return order != 0 ? order : strcmp(verb_of(a), verb_of(b));
}

static struct route *find_routes(const struct contracts *contracts, size_t *ret_count)
{
        struct route *routes =
                arena_array(contracts->arena, contracts->count * IDL_MEMBERS_MAX * IDL_WORDS_MAX, sizeof(*routes));
        struct idl_also also;

        *ret_count = 0;
        for (size_t i = 0; i < contracts->count; i++)
                for (const struct idl_member *m = contracts->list[i]->members; m != NULL; m = m->next) {
                        if (m->said.notes[IDL_HTTP] != NULL)
                                routes[(*ret_count)++] = (struct route){contracts->list[i], m};
                        for (size_t n = 0; idl_also(contracts->arena, m, n, &also); n++)
                                routes[(*ret_count)++] = (struct route){contracts->list[i], also.method};
                }
        qsort(routes, *ret_count, sizeof(*routes), compare_routes);
        return routes;
}

static void write_paths(struct openapi *openapi, const struct contracts *contracts)
{
        size_t count;
        const struct route *routes = find_routes(contracts, &count);

        json_out_key(openapi->out, "paths");
        json_out_object(openapi->out);
        for (size_t i = 0; i < count; i++) {
                char verb[8] = "";
                if (i == 0 || strcmp(path_of(&routes[i]), path_of(&routes[i - 1])) != 0) {
                        json_out_key(openapi->out, path_of(&routes[i]));
                        json_out_object(openapi->out);
                }
                for (size_t j = 0; verb_of(&routes[i])[j] != '\0'; j++)
                        verb[j] = (char)tolower((unsigned char)verb_of(&routes[i])[j]);
                json_out_key(openapi->out, verb);
                openapi->prefix = openapi_prefix(openapi->arena, routes[i].contract);
                openapi_operation(openapi, routes[i].method);
                if (i + 1 == count || strcmp(path_of(&routes[i]), path_of(&routes[i + 1])) != 0)
                        json_out_object_end(openapi->out);
        }
        openapi_fixed_paths(openapi);
        json_out_object_end(openapi->out);
}

static bool has_routes(const struct idl_contract *contract)
{
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                if (m->said.notes[IDL_HTTP] != NULL)
                        return true;
        return false;
}

static void write_system_tag(const struct openapi *openapi)
{
        json_out_object(openapi->out);
        openapi_text(openapi, "name", "frontEnd");
        openapi_text(openapi, "description",
                     "What the front end itself answers: documents and its own health. It also serves a WebSocket, "
                     "/api/stream, for watching and calling, which OpenAPI has no words for.");
        json_out_object_end(openapi->out);
}

static void write_tags(const struct openapi *openapi, const struct contracts *contracts)
{
        json_out_key(openapi->out, "tags");
        json_out_array(openapi->out);
        for (size_t i = 0; i < contracts->count; i++) {
                if (!has_routes(contracts->list[i]))
                        continue;
                json_out_object(openapi->out);
                openapi_text(openapi, "name", openapi_prefix(openapi->arena, contracts->list[i]));
                openapi_text(openapi, "description", contracts->list[i]->said.doc);
                json_out_object_end(openapi->out);
        }
        write_system_tag(openapi);
        json_out_array_end(openapi->out);
}

void emit_openapi(FILE *out, const struct contracts *contracts)
{
        ASSERT(out != NULL && contracts != NULL);
        struct json_out *json CLEANUP(json_out_freep) = json_out_new();
        struct openapi openapi = {json, contracts->arena, ""};
        size_t length;

        json_out_object(json);
        openapi_text(&openapi, "openapi", "3.1.0");
        write_raw(
                &openapi, "info",
                "{\"title\":\"Bulkhead\",\"version\":\"" BULKHEAD_VERSION
                "\",\"description\":\"Everything that screens, "
                "scripts and other programs can ask of a Bulkhead machine. Every change can be asked for with dry_run "
                "first: the answer is then the plan, and nothing is changed.\",\"contact\":{\"name\":\"The Bulkhead "
                "project\"},\"license\":{\"name\":\"GNU General Public License 3\",\"identifier\":\"GPL-3.0-only\"}}");
        write_raw(&openapi, "servers", "[{\"url\":\"/\",\"description\":\"The machine that serves this document\"}]");
        write_tags(&openapi, contracts);
        write_paths(&openapi, contracts);
        openapi_components(&openapi, contracts);
        json_out_object_end(json);
        const char *bytes = json_out_bytes(json, &length);
        fwrite(bytes, 1, length, out);
        fputc('\n', out);
}
