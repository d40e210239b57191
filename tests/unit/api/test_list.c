/* Lists: filters, order, fields, pages and their links, and what is refused.
 * Rights: a test. */
#include "tests/unit/api/world.h"

static const char contract[] =
        "interface nas.a\ntype Kind (small, big, huge)\ntype Thing (\nid: int,\n# @max 9\nname: string,\nkind: Kind,\n"
        "used: ?float,\non: bool,\n# @max 9\n# @is label\ntags: []string,\nextra: object\n)\n"
        "# @http GET /api/things\n# @role user\nmethod List(\n# @max 9\nowner: ?string) -> (\n# @max 9\nthings: "
        "[]Thing)\n"
        "# @http GET /api/words\n# @role user\nmethod Words() -> (\n# @max 9\n# @is label\nwords: []string)\n"
        "# @http GET /api/pages\n# @role user\nmethod Pages(\n# @is cursor\ncursor: ?string) -> (\n# @max 9\nthings: "
        "[]Thing,\n# @is cursor\nnext: ?string)\n";

static const char things[] =
        "[{\"id\":3,\"name\":\"beta\",\"kind\":\"big\",\"used\":0.5,\"on\":true,\"tags\":[\"x\",\"y\"],\"extra\":{}},"
        "{\"id\":10,\"name\":\"alpha\",\"kind\":\"small\",\"used\":12,\"on\":false,\"tags\":[],\"extra\":{\"a\":[1,2]}}"
        ","
        "{\"id\":7,\"name\":\"gamma, \\\"d\\\"\",\"kind\":\"huge\",\"on\":true,\"tags\":[\"y\"],\"extra\":{}}]";

static const struct row {
        const char *query, *wanted; /* the ids and the total, or what is wrong */
} rows[] = {
        {"name=alpha", "10 of 1"},
        {"name__ne=alpha", "3 7 of 2"},
        {"id=7", "7 of 1"},
        {"id__gt=7", "10 of 1"},
        {"id__gte=7", "10 7 of 2"},
        {"id__lt=7", "3 of 1"},
        {"id__lte=7", "3 7 of 2"},
        {"id__in=3,7,99", "3 7 of 2"},
        {"used__lt=1", "3 of 1"},
        {"used__ne=0.5", "10 7 of 2"},
        {"used__gte=0", "3 10 of 2"},
        {"kind=big", "3 of 1"},
        {"kind__gte=big", "3 7 of 2"},
        {"kind__in=small,huge", "10 7 of 2"},
        {"on=true", "3 7 of 2"},
        {"on__ne=true", "10 of 1"},
        {"tags__contains=y", "3 7 of 2"},
        {"tags__contains=z", " of 0"},
        {"name__contains=a", "3 10 7 of 3"},
        {"name__contains=%22", "7 of 1"},
        {"name__prefix=al", "10 of 1"},
        {"name__gt=alpha", "3 7 of 2"},
        {"on=true&kind=huge", "7 of 1"},
        {"id__gt=3&id__lt=10", "7 of 1"},
        {"sort=id", "3 7 10 of 3"},
        {"sort=-id", "10 7 3 of 3"},
        {"sort=name", "10 3 7 of 3"},
        {"sort=kind", "10 3 7 of 3"},
        {"sort=on,-id", "10 7 3 of 3"},
        {"sort=used", "3 10 7 of 3"},
        {"sort=-used", "7 10 3 of 3"},
        {"limit=2", "3 10 of 3"},
        {"limit=2&offset=1", "10 7 of 3"},
        {"offset=3", " of 3"},
        {"offset=99", " of 3"},
        {"sort=-id&limit=1&on=true", "7 of 2"},
        {"nam=1", "Malformed nam"},
        {"name__like=1", "Malformed name__like"},
        {"name__=1", "Malformed name__"},
        {"__ne=1", "Malformed __ne"},
        {"tags=x", "Malformed tags"},
        {"tags__ne=x", "Malformed tags__ne"},
        {"extra=x", "Malformed extra"},
        {"on__gt=true", "Malformed on__gt"},
        {"id__contains=1", "Malformed id__contains"},
        {"id=x", "Invalid id"},
        {"id__in=1,x", "Invalid id__in"},
        {"kind=tiny", "Invalid kind"},
        {"used=x", "Invalid used"},
        {"on=1", "Invalid on"},
        {"sort=", "Invalid sort"},
        {"sort=size", "Invalid sort"},
        {"sort=tags", "Invalid sort"},
        {"sort=id,,name", "Invalid sort"},
        {"fields=id,size", "Invalid fields"},
        {"fields=", "Invalid fields"},
        {"fields=id,name,id", "Invalid fields"},
        {"sort=id,-id", "Invalid sort"},
        {"limit=0", "Invalid limit"},
        {"limit=70000", "Invalid limit"},
        {"offset=-1", "Invalid offset"},
        {"cursor=x", "Invalid cursor"},
        {"cursor=WyIiLDEsM10&offset=1", "Invalid cursor"},
        {"cursor=WyJpZCIsMSwzXQ", "Invalid cursor"},
        {"sort=name&cursor=WyIiLDEsM10", "Invalid cursor"},
};

/* 0 with the page, or -1 with *failure. */
static int ask(const char *target, const char *list, struct list_result *ret_result, struct failure *failure)
{
        struct http_head head;
        struct route route;
        struct request *request = arena_alloc(api.arena, sizeof(*request));

        world_head(arena_printf(api.arena, "GET %s", target), "", &head);
        assert_int_equal(route_find(head.method, head.path, &route), 0);
        if (request_read(api.arena, &head, &route, request, failure) < 0)
                return -1;
        assert_non_null(request->list);
        const char *path = arena_text(api.arena, head.path.bytes, head.path.length);
        assert_int_equal(list_apply(api.arena, request->list, list, strlen(list), path, ret_result), 0);
        return 0;
}

static const char *ids_of(struct list_result *result)
{
        const char *text = json_out_bytes(result->out, NULL), *ids = "";
        struct json *list CLEANUP(json_freep) = json_parse(text, strlen(text), NULL);

        assert_int_equal(json_type_of(list), JSON_ARRAY);
        for (size_t i = 0; i < json_length(list); i++)
                ids = arena_printf(api.arena, "%s%s%lld", ids, i > 0 ? " " : "",
                                   (long long)json_integer(json_member(json_item(list, i), "id")));
        json_out_free(TAKE(result->out));
        return ids;
}

static void gives(void **state)
{
        const struct row *row = *state;
        struct list_result result;
        struct failure failure = {0};
        const char *found;

        if (ask(arena_printf(api.arena, "/api/things?%s", row->query), things, &result, &failure) < 0)
                found = arena_printf(api.arena, "%s %s", failure_code_name(failure.code), failure.field);
        else
                found = arena_printf(api.arena, "%s of %zu", ids_of(&result), result.total);
        assert_string_equal(found, row->wanted);
}

static void only_the_fields_asked_for(void **state)
{
        struct list_result result;

        (void)state;
        assert_int_equal(ask("/api/things?fields=used,name&id__gt=3", things, &result, NULL), 0);
        assert_string_equal(json_out_bytes(result.out, NULL),
                            "[{\"used\":12,\"name\":\"alpha\"},{\"name\":\"gamma, \\\"d\\\"\"}]");
        json_out_free(result.out);
}

static void a_parameter_of_the_method_is_its_own(void **state)
{
        struct http_head head;
        struct route route;
        struct request request;

        (void)state;
        world_head("GET /api/things?owner=bob", "", &head);
        assert_int_equal(route_find(head.method, head.path, &route), 0);
        assert_int_equal(request_read(api.arena, &head, &route, &request, NULL), 0);
        assert_null(request.list);
}

static void lists_of_texts_have_pages_only(void **state)
{
        struct failure failure = {0};
        struct list_result result;

        (void)state;
        assert_int_equal(ask("/api/words?limit=1&offset=1", "[\"a\",\"b\",\"c\"]", &result, NULL), 0);
        assert_string_equal(json_out_bytes(result.out, NULL), "[\"b\"]");
        json_out_free(result.out);
        assert_int_equal(ask("/api/words?limit=2", "[\"a\",\"b\",\"c\"]", &result, NULL), 0);
        assert_non_null(strstr(result.links, "rel=\"next\""));
        json_out_free(result.out);
        assert_int_equal(ask("/api/words?sort=x", "[]", &result, &failure), -1);
        assert_string_equal(failure.field, "sort");
}

static void who_pages_itself_is_left_alone(void **state)
{
        struct failure failure = {0};
        struct list_result result;

        (void)state;
        assert_int_equal(ask("/api/pages?id=1", "[]", &result, &failure), -1);
        assert_string_equal(failure.field, "id");
}

/* The target of a link in a Link header; NULL. */
static const char *link_to(const char *links, const char *rel)
{
        const char *wanted = arena_printf(api.arena, "; rel=\"%s\"", rel),
                   *end = links != NULL ? strstr(links, wanted) : NULL;

        if (end == NULL)
                return NULL;
        const char *begin = end;
        while (*begin != '<')
                begin--;
        return arena_text(api.arena, begin + 1, (size_t)(end - begin) - 2);
}

static void offsets_link_to_each_other(void **state)
{
        struct list_result result;

        (void)state;
        assert_int_equal(ask("/api/things?offset=1&limit=1&sort=id&name__ne=a%26b", things, &result, NULL), 0);
        json_out_free(result.out);
        assert_string_equal(result.links, "</api/things?limit=1&sort=id&name__ne=a%26b>; rel=\"first\", "
                                          "</api/things?limit=1&sort=id&name__ne=a%26b&offset=0>; rel=\"prev\", "
                                          "</api/things?limit=1&sort=id&name__ne=a%26b&offset=2>; rel=\"next\", "
                                          "</api/things?limit=1&sort=id&name__ne=a%26b&offset=2>; rel=\"last\"");
        assert_int_equal(ask("/api/things?sort=id", things, &result, NULL), 0);
        json_out_free(result.out);
        assert_null(result.links);
}

/* Walks the pages by their links; between two of them the list may become another. */
static const char *walk(const char *first, const char *list, const char *later)
{
        const char *seen = "", *at = first;

        for (int pages = 0; at != NULL && pages < 9; pages++) {
                struct list_result result;
                assert_int_equal(ask(at, pages == 0 ? list : later, &result, NULL), 0);
                const char *next = link_to(result.links, "next");
                seen = arena_printf(api.arena, "%s%s/", seen, ids_of(&result));
                at = next;
        }
        return seen;
}

static void cursors_lead_through_all_pages(void **state)
{
        static const char without_first[] = "[{\"id\":10,\"name\":\"alpha\"},{\"id\":7,\"name\":\"gamma\"}]";
        static const char with_more[] = "[{\"id\":1,\"name\":\"new\"},{\"id\":3,\"name\":\"beta\"},"
                                        "{\"id\":10,\"name\":\"alpha\"},{\"id\":7,\"name\":\"gamma\"}]";

        (void)state;
        assert_string_equal(walk("/api/things?limit=1", things, things), "3/10/7/");
        assert_string_equal(walk("/api/things?limit=2&sort=-name", things, things), "7 3/10/");
        assert_string_equal(walk("/api/things?limit=1&sort=on", things, things), "10/3/7/");
        /* What came before is neither repeated nor does it push anything out. */
        assert_string_equal(walk("/api/things?limit=1", things, with_more), "3/10/7/");
        assert_string_equal(walk("/api/things?limit=1&sort=id", things, with_more), "3/7/10/");
        /* The item that the cursor stands on is gone. */
        assert_string_equal(walk("/api/things?limit=1&sort=id", things, without_first), "3/7/10/");
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
        static const struct CMUnitTest others[] = {
                cmocka_unit_test(only_the_fields_asked_for),
                cmocka_unit_test(a_parameter_of_the_method_is_its_own),
                cmocka_unit_test(lists_of_texts_have_pages_only),
                cmocka_unit_test(who_pages_itself_is_left_alone),
                cmocka_unit_test(offsets_link_to_each_other),
                cmocka_unit_test(cursors_lead_through_all_pages),
        };
        struct CMUnitTest tests[ARRAY_SIZE(rows) + ARRAY_SIZE(others)];

        memcpy(tests, others, sizeof(others));
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                tests[ARRAY_SIZE(others) + i] = (struct CMUnitTest){
                        .name = rows[i].query, .test_func = gives, .initial_state = (void *)(uintptr_t)&rows[i]};
        return cmocka_run_group_tests(tests, begin, end);
}
