/* Contracts at the start: those of the tree are there, one that was dropped in adds its routes, and one that is wrong
 * or takes something away is left out while all others stay. Rights: a test; writes a folder of its own below /tmp. */
#include "tests/unit/api/world.h"

#include "sys/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test-contracts-XXXXXX";

static void put(const char *name, const char *text)
{
        CLEANUP_FD int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char file[80];

        snprintf(file, sizeof(file), "%s.varlink", name);
        assert_int_equal(file_put(directory, file, text, strlen(text), 0644), 0);
}

/* The tree's own, as far as the front end needs them. */
static void put_own(void)
{
        put("nas.users",
            "interface nas.users\n# @role nobody\nmethod Exchange(\n# @max 9\n# @secret\ncredential: string) -> "
            "(\n# @max 9\n# @issued\ntoken: string)\n# @http GET /api/users/{name}\n# @role user\nmethod GetUser(\n# "
            "@max "
            "9\nname: string) -> (good: bool)\n# @http GET /api/users\n# @role user\nmethod ListUsers() -> (good: "
            "bool)\n");
        put("nas.job", "interface nas.job\n# @http GET /api/jobs\n# @role user\nmethod ListJobs() -> (good: bool)\n");
}

static int load(void)
{
        struct failure failure = {0};
        struct api_settings settings = {.contracts = folder, .sockets = "/run/bulkhead"};

        if (api.arena != NULL)
                arena_free(api.arena);
        api = (struct api){.arena = arena_new(), .settings = settings};
        return api_contracts_load(&failure);
}

static const char *route_of(const char *path)
{
        struct route route;
        int status = route_find(HTTP_GET, world_text(path), &route);
        return status == 0 ? route.method->name : status == 405 ? "405" : "404";
}

static void own_ones_are_there(void **state)
{
        (void)state;
        put_own();
        assert_int_equal(load(), 0);
        assert_int_equal(api.contract_count, 2);
        assert_int_equal(api.line_count, 1);
        assert_string_equal(api.lines[0].name, "users");
        const struct api_method *method = api_method_find("nas.users.GetUser");
        assert_non_null(method);
        assert_ptr_equal(method->line, &api.lines[0]);
        assert_null(api_method_find("nas.job.ListJobs")->line); /* every daemon's */
        assert_int_equal(api_method_find("nas.users.Exchange")->verb, HTTP_OTHER);
        assert_null(api_method_find("nas.users.Nothing"));
        assert_string_equal(route_of("/api/users/alice"), "nas.users.GetUser");
}

static void one_more_adds_its_routes(void **state)
{
        (void)state;
        put_own();
        put("nas.toys", "interface nas.toys\n# @http GET /api/toys\n# @role user\nmethod List() -> (good: bool)\n");
        assert_int_equal(load(), 0);
        assert_int_equal(api.line_count, 2);
        assert_string_equal(route_of("/api/toys"), "nas.toys.List");
        assert_string_equal(api_method_find("nas.toys.List")->line->name, "toys");
}

static void further_routes_are_there(void **state)
{
        (void)state;
        put_own();
        put("nas.toys", "interface nas.toys\ntype W (red, blue)\ntype T (\n  id: int,\n  # @max 2\n  by: []W\n)\n"
                        "# @http GET /api/toys\n# @also by /api/toys/red /api/blue\n# @role user\n"
                        "method List() -> (\n  # @max 9\n  toys: []T\n)\n");
        assert_int_equal(load(), 0);
        assert_string_equal(route_of("/api/toys/red"), "nas.toys.List");
        struct route route;
        assert_int_equal(route_find(HTTP_GET, world_text("/api/blue/"), &route), 0);
        assert_string_equal(route.method->field, "by");
        assert_string_equal(route.method->word, "blue");
        assert_null(api_method_find("nas.toys.List")->word);
        assert_string_equal(route_of("/api/blue/1"), "404");
}

static void left_out(const char *name, const char *text)
{
        put_own();
        put(name, text);
        assert_int_equal(load(), 0);
        assert_int_equal(api.contract_count, 2);
        assert_string_equal(route_of("/api/users/special"), "nas.users.GetUser");
        assert_string_equal(route_of("/api/users"), "nas.users.ListUsers");
        assert_string_equal(route_of("/api/toys"), "404");
}

#define TOYS(path) "interface nas.toys\n# @http GET " path "\n# @role user\nmethod List() -> (good: bool)\n"
#define ALSO       "# @http GET /api/toys\n# @role user\nmethod More() -> (good: bool)\n"

static void bad_ones_are_left_out(void **state)
{
        (void)state;
        left_out("nas.toys", TOYS("/api/users") ALSO);
        left_out("nas.aaa", "interface nas.aaa\n# @http GET /api/users\n# @role user\nmethod A() -> (good: bool)\n");
        left_out("nas.toys", TOYS("/api/users/special") ALSO);
        left_out("nas.toys", TOYS("/api/contracts") ALSO);
        left_out("nas.toys", TOYS("/api/docs/mine") ALSO);
        left_out("nas.toys", TOYS("/api/stream") ALSO);
        left_out("nas.toys", TOYS("/api/system/live") ALSO);
        left_out("nas.toys", TOYS("/api/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q") ALSO);
        left_out("nas.toys",
                 "interface nas.toys\n# @http GET /api/toys\nmethod List() -> (good: bool)\n"); /* no role */
        left_out("nas.toys", "not a contract");
        left_out("nas.toys", "interface nas.users\n" ALSO);
        left_out("nas.toys.more", "interface nas.toys.more\n" ALSO);
        left_out("org.toys", "interface org.toys\n" ALSO);
        left_out(".nas.toys", TOYS("/api/toys"));
}

static void without_users_nothing_works(void **state)
{
        (void)state;
        put("nas.toys", TOYS("/api/toys"));
        assert_int_equal(load(), -1);
}

static int each(void **state)
{
        struct dirent *entry;
        DIR *directory = opendir(folder);

        (void)state;
        while (directory != NULL && (entry = readdir(directory)) != NULL)
                unlinkat(dirfd(directory), entry->d_name, 0);
        return directory == NULL ? -1 : closedir(directory);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(own_ones_are_there, each),
                cmocka_unit_test_setup(one_more_adds_its_routes, each),
                cmocka_unit_test_setup(further_routes_are_there, each),
                cmocka_unit_test_setup(bad_ones_are_left_out, each),
                cmocka_unit_test_setup(without_users_nothing_works, each),
        };
        if (mkdtemp(folder) == NULL)
                return 1;
        int result = cmocka_run_group_tests(tests, NULL, NULL);
        each(NULL);
        rmdir(folder);
        arena_free(api.arena);
        return result;
}
