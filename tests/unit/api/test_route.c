/* Routes: which method a path and verb mean, what is allowed where they do not fit, and what may not be added.
 * Rights: a test. */
#include "tests/unit/api/world.h"

#define METHOD(http, name, fields) "# @http " http "\n# @role user\nmethod " name "(" fields ") -> ()\n"
#define PLAN(http, name, fields)   "# @http " http "\n# @role user\n# @plan\nmethod " name "(" fields ") -> ()\n"
#define TEXT(name)                 "\n# @max 9\n" name ": string"

static const char contract[] = "interface nas.a\n" METHOD("GET /api/users", "ListUsers", "") PLAN(
        "POST /api/users", "CreateUser", "") METHOD("GET /api/users/{name}", "GetUser", TEXT("name"))
        PLAN("DELETE /api/users/{name}", "DeleteUser", TEXT("name")) METHOD("GET /api/users/export", "ExportUsers", "")
                PLAN("PUT /api/groups/{group}/members/{name}", "AddMember", TEXT("group") "," TEXT("name"))
                        METHOD("GET /api/groups/{group}/members", "ListMembers", TEXT("group"));

static const struct row {
        const char *request; /* "GET /path" */
        const char *wanted;  /* method and its parameters, or the status and what is allowed */
} rows[] = {
        {"GET /api/users", "ListUsers"},
        {"GET /api/users/", "ListUsers"},
        {"HEAD /api/users", "ListUsers"},
        {"POST /api/users", "CreateUser"},
        {"GET /api/users/alice", "GetUser name=alice"},
        {"GET /api/users/alice/", "GetUser name=alice"},
        {"GET /api/users/a%2Fb", "GetUser name=a%2Fb"},
        {"GET /api/users/export", "ExportUsers"},
        {"DELETE /api/users/export", "DeleteUser name=export"},
        {"PUT /api/groups/staff/members/bob", "AddMember group=staff name=bob"},
        {"GET /api/groups/staff/members", "ListMembers group=staff"},
        {"PATCH /api/users", "405 GET, HEAD, POST, OPTIONS"},
        {"OPTIONS /api/users/alice", "405 GET, HEAD, DELETE, OPTIONS"},
        {"PATCH /api/users/export", "405 GET, HEAD, DELETE, OPTIONS"},
        {"GET /api/groups/staff/members/bob", "405 PUT, OPTIONS"},
        {"GET /api", "404 "},
        {"GET /", "404 "},
        {"GET /api/users/alice/more", "404 "},
        {"GET /api/Users", "404 "},
        {"GET /api/%75sers", "404 "},
        {"GET /api/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r", "404 "},
};

static void finds(void **state)
{
        const struct row *row = *state;
        struct http_head head;
        struct route route;

        world_contract("nas.a.varlink", contract);
        world_head(row->request, "", &head);
        int status = route_find(head.method, head.path, &route);
        const char *found = arena_printf(api.arena, "%d %s", status, route.allow);
        if (status == 0) {
                found = route.method->name;
                for (unsigned i = 0; i < route.param_count; i++)
                        found = arena_printf(api.arena, "%s %.*s=%.*s", found, (int)route.params[i].name.length,
                                             route.params[i].name.bytes, (int)route.params[i].value.length,
                                             route.params[i].value.bytes);
        }
        assert_string_equal(found, row->wanted);
}

static void knows_what_takes_requests_away(void **state)
{
        (void)state;
        assert_true(idl_path_shadows("/api/users/special", "/api/users/{name}"));
        assert_true(idl_path_shadows("/api/users/{name}", "/api/users/special"));
        assert_true(idl_path_shadows("/api/{what}/x", "/api/users/{name}"));
        assert_false(idl_path_shadows("/api/users/{other}", "/api/users/{name}"));
        assert_false(idl_path_shadows("/api/users", "/api/users/{name}"));
        assert_false(idl_path_shadows("/api/groups/x", "/api/users/{name}"));
        assert_true(idl_path_is_same("/api/users/{other}", "/api/users/{name}"));
        assert_false(idl_path_is_same("/api/users/other", "/api/users/{name}"));
        assert_false(idl_path_is_same("/api/users/{a}/b", "/api/users/{a}"));
}

static int begin(void **state)
{
        (void)state;
        api.arena = arena_new();
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
        struct CMUnitTest tests[ARRAY_SIZE(rows) + 1] = {cmocka_unit_test(knows_what_takes_requests_away)};

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                tests[i + 1] = (struct CMUnitTest){
                        .name = rows[i].request, .test_func = finds, .initial_state = (void *)(uintptr_t)&rows[i]};
        return cmocka_run_group_tests(tests, begin, end);
}
