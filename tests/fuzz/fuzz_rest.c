/* Requests as the front end reads them: any path, query, cookie and body become parameters that are JSON within the
 * limits, or are refused with a reason; lists are filtered, sorted and cut by any wish.
 *
 * Input: the request line's target, a line end, fields each ended by one, an empty line, the body.
 * Rights: a fuzzer; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char contract_text[] =
        "interface nas.a\ntype Kind (small, big)\ntype Thing (\nid: int,\n# @max 9\nname: string,\nkind: ?Kind,\nused: "
        "?float,\non: bool,\n# @max 9\n# @is label\ntags: []string)\n"
        "# @http GET /api/things\n# @role user\nmethod List(\n# @max 9\nowner: ?string) -> (\n# @max 9\nthings: "
        "[]Thing)\n"
        "# @http GET /api/things/{name}\n# @role user\nmethod Look(\n# @max 9\nname: string,\nlimit: ?int,\ndeep: "
        "?bool,\nratio: ?float,\nkind: ?Kind,\n# @max 9\nnumbers: ?[]int\n) -> (good: bool)\n"
        "# @http PUT /api/things/{name}\n# @role user\n# @plan\nmethod Change(\n# @max 9\nname: string,\n# @max "
        "99\ntext: "
        "?string,\nmore: ?object,\n# @max 99\n# @secret\n# @cookie\ndevice: ?string\n) -> ()\n";

static const char list_text[] =
        "[{\"id\":3,\"name\":\"beta\",\"kind\":\"big\",\"used\":0.5,\"on\":true,\"tags\":[\"x\"]},{\"id\":10,\"name\":"
        "\"alpha\",\"on\":false,\"tags\":[]},{\"id\":7,\"name\":\"gamma\",\"kind\":\"small\",\"on\":true,\"tags\":["
        "\"y\"]},"
        "null,4]";

static void begin(void)
{
        static struct api_method methods[3];
        static const enum http_method verbs[] = {HTTP_GET, HTTP_GET, HTTP_PUT};
        char message[256];

        if (api.arena != NULL)
                return;
        api.arena = arena_new();
        const struct idl_contract *contract =
                idl_parse(api.arena, "nas.a.varlink", contract_text, strlen(contract_text), message);
        ASSERT(contract != NULL && idl_check(&contract, 1, message) == 0);
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                if (m->what == IDL_METHOD) {
                        methods[api.method_count] = (struct api_method){.contract = contract,
                                                                        .method = m,
                                                                        .name = m->name,
                                                                        .verb = verbs[api.method_count],
                                                                        .path = m->said.notes[IDL_HTTP]->words[1]};
                        methods[api.method_count].changes = m->said.notes[IDL_PLAN] != NULL;
                        api.method_count++;
                }
        api.methods = methods;
        route_compile();
}

static void cut(struct arena *arena, struct request *request)
{
        struct list_result result;

        if (request->list == NULL)
                return;
        ASSERT(list_apply(arena, request->list, list_text, strlen(list_text), "/api/things", &result) == 0);
        size_t length;
        const char *bytes = json_out_bytes(result.out, &length);
        struct json *page CLEANUP(json_freep) = json_parse(bytes, length, NULL);
        ASSERT(json_type_of(page) == JSON_ARRAY && json_length(page) <= result.total);
        json_out_free(result.out);
}

static void write_parameters(struct arena *arena, const struct request *request, const char *body, size_t length)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        struct failure failure = {0};
        struct json *document CLEANUP(json_freep) = length > 0 ? body_read(body, length, &failure) : NULL;
        const char *version;

        (void)request_if_match(arena, request->head, &version);
        ASSERT(document != NULL || length == 0 || failure.code == FAILURE_MALFORMED);
        json_out_object(out);
        if (request_write(arena, request, document, out, &failure) < 0) {
                ASSERT(failure.code == FAILURE_INVALID || failure.code == FAILURE_MALFORMED);
                return;
        }
        json_out_object_end(out);
        const char *bytes = json_out_bytes(out, &length);
        struct json *made CLEANUP(json_freep) = json_parse(bytes, length, NULL);
        ASSERT(json_type_of(made) == JSON_OBJECT && !json_has(made, "caller"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct request *request = arena_alloc(arena, sizeof(*request));
        const char *text = (const char *)data, *why;
        const char *blank = size > 0 ? memmem(data, size, "\n\n", 2) : NULL;
        size_t head_length = blank != NULL ? (size_t)(blank - text) : size,
               body_at = blank != NULL ? head_length + 2 : size;
        static const char *const verbs[] = {"GET", "PUT"};

        begin();
        const char *lines = arena_text(arena, text, head_length);
        const char *end = strchr(lines, '\n');
        size_t target = end != NULL ? (size_t)(end - lines) : strlen(lines);
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
                struct http_head head;
                struct route route;
                struct failure failure = {0};
                const char *bytes =
                        arena_printf(arena, "%s %.*s HTTP/1.1\r\nHost: a\r\n%s%s\r\n", verbs[i], (int)target, lines,
                                     end != NULL ? end + 1 : "", end != NULL ? "\r\n" : "");
                if (http_head_read(bytes, strlen(bytes), 0, &head, &why) <= 0 ||
                    route_find(head.method, head.path, &route) != 0)
                        continue;
                if (request_read(arena, &head, &route, request, &failure) < 0) {
                        ASSERT(failure.code == FAILURE_INVALID || failure.code == FAILURE_MALFORMED);
                        continue;
                }
                cut(arena, request);
                write_parameters(arena, request, text + body_at, size - body_at);
        }
        return 0;
}
