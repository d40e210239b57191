/* Lists that page by themselves and give all when no page is asked for: what their method cannot do is done here, to
 * all that it gives. Rights: a test. */
#include "tests/unit/api/fake.h"

static const char contract[] =
        "interface nas.a\ntype Thing (\n# @max 9\nname: string,\nsize: int)\n"
        "# @http GET /api/things\n# @role nobody\nmethod List(\n# @max 9\nowner: ?string,\n# @is cursor\ncursor: "
        "?string,\n# @range 1 9\nlimit: ?int) -> (\n# @max 9\nthings: []Thing,\n# @is cursor\nnext: ?string)\n"
        "# @http GET /api/rows\n# @role nobody\nmethod Rows(\n# @is cursor\ncursor: ?string,\n# @range 1 9\n# @default "
        "5\nlimit: ?int) -> (\n# @max 9\nthings: []Thing,\n# @is cursor\nnext: ?string)\n";

static struct api_line lines[1] = {{.name = "a", .line = &fake_line}};

#define A     "{\"name\":\"a\",\"size\":2}"
#define B     "{\"name\":\"b\",\"size\":1}"
#define THREE "{\"things\":[" A "," B ",{\"name\":\"c\",\"size\":3}]}"

static struct exchange *asked(const char *request, const char *wanted, const char *answer)
{
        struct exchange *exchange = fake_serve(request, "", NULL);
        assert_int_equal(fake_ask_count, 1);
        if (strncmp(fake_asks[0].parameters, wanted, strlen(wanted)) != 0)
                fail_msg("%s: asked %s", request, fake_asks[0].parameters);
        fake_answer(0, NULL, answer);
        assert_int_equal(exchange->status, 200);
        return exchange;
}

static void its_own_pages_are_its_own(void **state)
{
        (void)state;
        struct exchange *exchange =
                asked("GET /api/things?limit=1&owner=me", "{\"owner\":\"me\",\"limit\":1,\"caller\"",
                      "{\"things\":[" A "],\"next\":\"7\"}");
        assert_string_equal(fake_field(exchange, "Link"), "</api/things?limit=1&owner=me&cursor=7>; rel=\"next\"");
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "");
        exchange = asked("GET /api/things?limit=1&cursor=7", "{\"cursor\":\"7\",\"limit\":1,\"caller\"", THREE);
        assert_string_equal(fake_field(exchange, "X-Total-Count"), ""); /* those before are not known */
        exchange = asked("GET /api/things?limit=9", "{\"limit\":9,\"caller\"", THREE);
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "3");
        exchange = asked("GET /api/things", "{\"caller\"", THREE);
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "3");
}

static void what_it_cannot_do_is_done_to_all(void **state)
{
        (void)state;
        struct exchange *exchange =
                asked("GET /api/things?sort=size&limit=1&fields=name&owner=me", "{\"owner\":\"me\",\"caller\"", THREE);
        assert_string_equal(exchange->body, "[{\"name\":\"b\"}]");
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "3");
        const char *next = strstr(fake_field(exchange, "Link"), ", <");
        assert_non_null(next);
        next = arena_text(api.arena, next + 3, strcspn(next + 3, ">"));
        exchange = asked(arena_printf(api.arena, "GET %s", next), "{\"owner\":\"me\",\"caller\"", THREE);
        assert_string_equal(exchange->body, "[{\"name\":\"a\"}]");
        exchange = asked("GET /api/things?size__lte=2", "{\"caller\"", THREE);
        assert_string_equal(exchange->body, "[" A "," B "]");
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "2");
        exchange = asked("GET /api/things?offset=1&limit=1", "{\"caller\"", THREE);
        assert_string_equal(exchange->body, "[" B "]");
        assert_non_null(strstr(fake_field(exchange, "Link"), "offset=2>; rel=\"next\""));
}

/* More than it may give at once: what is there is not all. */
static void a_total_is_never_too_small(void **state)
{
        (void)state;
        struct exchange *exchange =
                asked("GET /api/things?sort=name", "{\"caller\"", "{\"things\":[" A "," B "],\"next\":\"7\"}");
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "");
        assert_string_equal(fake_field(exchange, "Link"), ""); /* its cursor would be none of this order */
}

static void who_gives_pages_only_is_left_alone(void **state)
{
        (void)state;
        assert_int_equal(fake_serve("GET /api/rows?sort=size", "", NULL)->status, 400);
        assert_int_equal(fake_serve("GET /api/rows?size=1", "", NULL)->status, 400);
        assert_int_equal(fake_ask_count, 0);
        struct exchange *exchange = asked("GET /api/rows?limit=2", "{\"limit\":2,\"caller\"", THREE);
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "");
}

static int begin(void **state)
{
        static struct api_method methods[8];

        (void)state;
        api.arena = arena_new();
        api.settings = (struct api_settings){.name = "nas"};
        world_contract("nas.a.varlink", contract);
        memcpy(methods, api.methods, api.method_count * sizeof(*methods));
        for (size_t i = 0; i < api.method_count; i++)
                methods[i].line = lines;
        api.methods = methods;
        route_compile();
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
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(its_own_pages_are_its_own),
                cmocka_unit_test(what_it_cannot_do_is_done_to_all),
                cmocka_unit_test(a_total_is_never_too_small),
                cmocka_unit_test(who_gives_pages_only_is_left_alone),
        };
        (void)fake_trust_begin;
        return cmocka_run_group_tests(tests, begin, end);
}
