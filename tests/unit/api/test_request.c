/* Requests: path, query, cookies and body become exactly the parameters that the contract has, or are refused by name.
 * Rights: a test. */
#include "tests/unit/api/world.h"

static const char contract[] =
        "interface nas.a\ntype Kind (small, big)\n"
        "# @http GET /api/things/{name}\n# @role user\nmethod Look(\n# @max 9\nname: string,\n# "
        "@range 0 9\nlimit: ?int,\n"
        "deep: ?bool,\nratio: ?float,\nkind: ?Kind,\n# @max 9\n# @is label\ntags: ?[]string,\n# "
        "@max 9\nnumbers: ?[]int\n) "
        "-> (good: bool)\n"
        "# @http GET /api/numbers/{id}\n# @role user\nmethod Number(\nid: int) -> (good: bool)\n"
        "# @http PUT /api/things/{name}\n# @role user\n# @plan\nmethod Change(\n# @max 9\nname: "
        "string,\n# @max 99\ntext: "
        "?string,\n# @max 9\nsizes: ?[]int,\nmore: ?object,\n# @max 9\n# @is label\nmarks: ?[]string,\n# @max "
        "9\nkinds: ?[]Kind\n) "
        "-> ()\n"
        "# @http POST /api/enter\n# @role nobody\nmethod Enter(\n# @max 99\n# @secret\n# "
        "@cookie\ndevice: ?string,\n# @max "
        "99\n# @secret\nword: string\n) -> ()\n"
        "# A part.\ntype Part (\nkind: ?Kind\n)\n"
        "# A brick.\ntype Brick (\nkind: ?Kind,\n# @max 9\nof: ?[]Part,\n# @max 9\nnamed: "
        "?[string]int,\nwide: ?float\n)\n"
        "# @http POST /api/bricks\n# @role user\n# @plan\nmethod Build(\nbrick: Brick\n) -> ()\n";

static const struct row {
        const char *name, *request, *fields, *body, *wanted; /* parameters; or code, field, message */
} rows[] = {
        {"a path", "GET /api/things/bob", "", NULL, "{\"name\":\"bob\"}"},
        {"an encoded path", "GET /api/things/b%20%22%C3%A4%2F", "", NULL, "{\"name\":\"b \\\"ä/\"}"},
        {"a plus is no blank in a path", "GET /api/things/a+b", "", NULL, "{\"name\":\"a+b\"}"},
        {"a path that is not UTF-8", "GET /api/things/%ff", "", NULL, "Malformed name is not percent-encoded UTF-8"},
        {"a number in a path", "GET /api/numbers/17", "", NULL, "{\"id\":17}"},
        {"no number in a path", "GET /api/numbers/x", "", NULL, "Invalid id must be an integer"},
        {"a query", "GET /api/things/a?limit=3&deep=true&ratio=0.5&kind=big", "", NULL,
         "{\"name\":\"a\",\"limit\":3,\"deep\":true,\"ratio\":0.5,\"kind\":\"big\"}"},
        {"an integer beyond JSON", "GET /api/things/a?limit=9007199254740992", "", NULL,
         "Invalid limit must be an integer"},
        {"the largest integer", "GET /api/things/a?limit=9007199254740991", "", NULL,
         "{\"name\":\"a\",\"limit\":9007199254740991}"},
        {"the smallest", "GET /api/things/a?limit=-9007199254740991", "", NULL,
         "{\"name\":\"a\",\"limit\":-9007199254740991}"},
        {"a leading zero", "GET /api/things/a?limit=03", "", NULL, "Invalid limit must be an integer"},
        {"a sign", "GET /api/things/a?limit=%2B3", "", NULL, "Invalid limit must be an integer"},
        {"minus nothing", "GET /api/things/a?limit=-0", "", NULL, "Invalid limit must be an integer"},
        {"an empty number", "GET /api/things/a?limit=", "", NULL, "Invalid limit must be an integer"},
        {"a hexadecimal one", "GET /api/things/a?limit=0x1", "", NULL, "Invalid limit must be an integer"},
        {"no boolean", "GET /api/things/a?deep=1", "", NULL, "Invalid deep must be true or false"},
        {"no number", "GET /api/things/a?ratio=NaN", "", NULL, "Invalid ratio must be a number"},
        {"no word", "GET /api/things/a?kind=huge", "", NULL,
         "Invalid kind must be one of the words that the contract lists"},
        {"a list by commas", "GET /api/things/a?tags=x,y+z", "", NULL, "{\"name\":\"a\",\"tags\":[\"x\",\"y z\"]}"},
        {"a list by repetition", "GET /api/things/a?numbers=1&numbers=2,3", "", NULL,
         "{\"name\":\"a\",\"numbers\":[1,2,3]}"},
        {"an empty list", "GET /api/things/a?tags=", "", NULL, "{\"name\":\"a\",\"tags\":[]}"},
        {"a wrong item", "GET /api/things/a?numbers=1,x", "", NULL, "Invalid numbers must be an integer"},
        {"twice", "GET /api/things/a?limit=1&limit=2", "", NULL, "Malformed limit is there more than once"},
        {"unknown", "GET /api/things/a?lmit=1", "", NULL, "Malformed lmit is not known here"},
        {"a path's name in the query", "GET /api/things/a?name=b", "", NULL, "Malformed name is not known here"},
        {"caller in the query", "GET /api/things/a?caller=b", "", NULL, "Malformed caller is not known here"},
        {"dry_run of what only reads", "GET /api/things/a?dry_run=true", "", NULL,
         "Malformed dry_run is not known here"},
        {"a bad escape", "GET /api/things/a?limit=%ff", "", NULL, "Malformed  The query is malformed or too long."},
        {"a body", "PUT /api/things/a", "", "{\"text\":\"\\u00e4\",\"sizes\":[1,2],\"more\":{\"x\":[null]}}",
         "{\"name\":\"a\",\"text\":\"ä\",\"sizes\":[1,2],\"more\":{\"x\":[null]}}"},
        {"a list of words as one text", "PUT /api/things/a", "", "{\"marks\":\"alice, @band,b c\",\"kinds\":\"big\"}",
         "{\"name\":\"a\",\"marks\":[\"alice\",\"@band\",\"b c\"],\"kinds\":[\"big\"]}"},
        {"an empty one", "PUT /api/things/a", "", "{\"marks\":\"\"}", "{\"name\":\"a\",\"marks\":[]}"},
        {"a wrong word in one", "PUT /api/things/a", "", "{\"kinds\":\"big,huge\"}",
         "Invalid kinds must be one of the words that the contract lists"},
        {"numbers as a text", "PUT /api/things/a", "", "{\"sizes\":\"1,2\"}",
         "Invalid sizes must be an array, not a text"},
        {"no body", "PUT /api/things/a", "", NULL, "{\"name\":\"a\"}"},
        {"dry_run", "PUT /api/things/a?dry_run=true", "", "{}", "{\"name\":\"a\"}+"},
        {"dry_run=false", "PUT /api/things/a?dry_run=false", "", "{}", "{\"name\":\"a\"}"},
        {"dry_run=1", "PUT /api/things/a?dry_run=1", "", "{}", "Invalid dry_run must be true or false"},
        {"a body's name in the query", "PUT /api/things/a?text=b", "", "{}", "Malformed text is not known here"},
        {"a null goes on", "PUT /api/things/a", "", "{\"text\":null}", "{\"name\":\"a\",\"text\":null}"},
        {"a wrong type", "PUT /api/things/a", "", "{\"text\":3}", "Invalid text must be a text, not an integer"},
        {"a wrong item of a body", "PUT /api/things/a", "", "{\"sizes\":[1,\"2\"]}",
         "Invalid sizes[1] must be an integer, not a text"},
        {"no list", "PUT /api/things/a", "", "{\"sizes\":1}", "Invalid sizes must be an array, not an integer"},
        {"a list of nothing", "PUT /api/things/a", "", "{\"sizes\":[null]}",
         "Invalid sizes[0] must be an integer, not null"},
        {"a part of a number", "PUT /api/things/a", "", "{\"sizes\":[1.5]}",
         "Invalid sizes[0] must be an integer, not a number"},
        {"no object", "PUT /api/things/a", "", "{\"more\":[]}", "Invalid more must be an object, not an array"},
        {"members of a struct", "POST /api/bricks", "",
         "{\"brick\":{\"kind\":\"big\",\"of\":[{\"kind\":\"small\"}],\"named\":{\"a\":1},\"wide\":2}}",
         "{\"brick\":{\"kind\":\"big\",\"of\":[{\"kind\":\"small\"}],\"named\":{\"a\":1},\"wide\":2}}"},
        {"a word of a struct", "POST /api/bricks", "", "{\"brick\":{\"kind\":\"huge\"}}",
         "Invalid brick.kind must be one of: small, big"},
        {"deep in a struct", "POST /api/bricks", "", "{\"brick\":{\"of\":[{\"kind\":\"small\"},{\"kind\":3}]}}",
         "Invalid brick.of[1].kind must be a text, not an integer"},
        {"an unknown member of a struct", "POST /api/bricks", "", "{\"brick\":{\"kind\":\"small\",\"x\":1}}",
         "Invalid brick.x is not known"},
        {"an entry of a map", "POST /api/bricks", "", "{\"brick\":{\"named\":{\"a\":1,\"b\":true}}}",
         "Invalid brick.named[b] must be an integer, not true or false"},
        {"not JSON", "PUT /api/things/a", "", "{text:1}", "Malformed"},
        {"a member twice", "PUT /api/things/a", "", "{\"text\":\"a\",\"text\":\"b\"}", "Malformed"},
        {"an array", "PUT /api/things/a", "", "[]", "Malformed  The body is an array, not an object."},
        {"something behind it", "PUT /api/things/a", "", "{} {}", "Malformed"},
        {"an unknown member", "PUT /api/things/a", "", "{\"txt\":1}", "Invalid txt is not known in this body"},
        {"caller in the body", "PUT /api/things/a", "", "{\"caller\":{\"ticket\":\"x\"}}",
         "Invalid caller is not known in this body"},
        {"a path's name in the body", "PUT /api/things/a", "", "{\"name\":\"b\"}",
         "Invalid name is not known in this body"},
        {"a cookie's name in the body", "POST /api/enter", "", "{\"device\":\"b\"}",
         "Invalid device is not known in this body"},
        {"a cookie", "POST /api/enter", "Cookie: a=b; __Host-bulkhead-device=d1\r\n", "{\"word\":\"w\"}",
         "{\"device\":\"d1\",\"word\":\"w\"}"},
        {"another's cookie", "POST /api/enter", "Cookie: device=d1\r\n", "{\"word\":\"w\"}", "{\"word\":\"w\"}"},
        {"deep", "PUT /api/things/a", "", "{\"more\":{\"a\":[[[[[[[[[[[1]]]]]]]]]]]}}",
         "{\"name\":\"a\",\"more\":{\"a\":[[[[[[[[[[[1]]]]]]]]]]]}}"},
        {"too deep", "PUT /api/things/a", "", "{\"more\":{\"a\":[[[[[[[[[[[[1]]]]]]]]]]]]}}",
         "Malformed  The body is nested deeper than 13."},
};

static const char *parameters(const struct row *row)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        struct failure failure = {0};
        struct http_head head;
        struct route route;
        struct request request;
        struct json *body CLEANUP(json_freep) = NULL;

        world_head(row->request, row->fields, &head);
        assert_int_equal(route_find(head.method, head.path, &route), 0);
        json_out_object(out);
        bool good = request_read(api.arena, &head, &route, &request, &failure) == 0;
        if (good && row->body != NULL)
                good = (body = body_read(row->body, strlen(row->body), &failure)) != NULL;
        if (good)
                good = request_write(api.arena, &request, body, out, &failure) == 0;
        if (!good)
                return arena_printf(api.arena, "%s %s %s", failure_code_name(failure.code), failure.field,
                                    failure.message);
        json_out_object_end(out);
        return arena_printf(api.arena, "%s%s", json_out_bytes(out, NULL), request.dry_run ? "+" : "");
}

static void becomes(void **state)
{
        const struct row *row = *state;
        const char *made = parameters(row);

        if (strcmp(row->wanted, "Malformed") == 0) /* whatever the reader of JSON says */
                assert_memory_equal(made, "Malformed ", 10);
        else
                assert_string_equal(made, row->wanted);
}

static void the_entity_tag_of_a_change(void **state)
{
        static const struct {
                const char *fields, *wanted; /* NULL: refused */
        } tags[] = {{"", ""},
                    {"If-Match: \"abc\"\r\n", "abc"},
                    {"If-Match: *\r\n", "*"},
                    {"If-Match: \"abc-gzip\"\r\n", "abc"},
                    {"If-Match: \"-gzip\"\r\n", "-gzip"},
                    {"If-Match: W/\"abc\"\r\n", NULL},
                    {"If-Match: \"a\", \"b\"\r\n", NULL},
                    {"If-Match: abc\r\n", NULL},
                    {"If-Match: \"\"\r\n", NULL},
                    {"If-Match: \"abc\r\n", NULL}};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
                struct http_head head;
                const char *version;
                world_head("PUT /api/things/a", tags[i].fields, &head);
                int result = request_if_match(api.arena, &head, &version);
                assert_int_equal(result, tags[i].wanted == NULL ? -1 : 0);
                if (result == 0)
                        assert_string_equal(version != NULL ? version : "", tags[i].wanted);
        }
}

static int begin(void **state)
{
        (void)state;
        api.arena = arena_new();
        world_contract("nas.a.varlink", contract);
        return 0;
}

static int end(void **state)
{
        (void)state;
        arena_free(TAKE(api.arena));
        return 0;
}

int main(void)
{
        struct CMUnitTest tests[ARRAY_SIZE(rows) + 1] = {cmocka_unit_test(the_entity_tag_of_a_change)};

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                tests[i + 1] = (struct CMUnitTest){
                        .name = rows[i].name, .test_func = becomes, .initial_state = (void *)(uintptr_t)&rows[i]};
        return cmocka_run_group_tests(tests, begin, end);
}
