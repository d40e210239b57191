/* Pages of the ledger: what is asked becomes values, and cursors go there and back.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/monitor/clerk/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void cursors_go_there_and_back(void **state)
{
        (void)state;
        static const struct place places[] = {
                {1, 0}, {9007199254740991, 1700000000000000}, {17, -1}, {INT64_MAX, INT64_MIN}};
        char text[PAGE_CURSOR_SIZE];
        struct place place;

        for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
                cursor_write(&places[i], true, text);
                assert_int_equal(cursor_read(text, true, &place), 0);
                assert_int_equal(place.id, places[i].id);
                assert_int_equal(place.at_us, places[i].at_us);
                assert_int_equal(cursor_read(text, false, &place), -1);
                cursor_write(&places[i], false, text);
                assert_int_equal(cursor_read(text, false, &place), 0);
                assert_int_equal(place.id, places[i].id);
                assert_int_equal(cursor_read(text, true, &place), -1);
        }
}

static void other_cursors_are_refused(void **state)
{
        (void)state;
        static const char *const bad[] = {"",
                                          "A",
                                          "AAAAAAAAAAA",
                                          "AAAAAAAAAAB",
                                          "gAAAAAAAAAE",
                                          "AAAAAAAAAAEA",
                                          "AAAAAAAAAA=",
                                          "AAAAAAAAAAEAAAAAAAAAAQ",
                                          "not a cursor"};
        struct place place = {.id = 77};

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                assert_int_equal(cursor_read(bad[i], false, &place), -1);
        assert_int_equal(place.id, 77);
        assert_int_equal(cursor_read("AAAAAAAAAAE", false, &place), 0);
        assert_int_equal(place.id, 1);
}

static void absent_filters_are_null(void **state)
{
        (void)state;
        struct arena *arena = arena_new();
        const struct nas_monitor_list_ledger_in in = {.limit = 0};
        const char *values[PAGE_VALUES];
        struct failure failure;

        assert_false(page_by_time(&in));
        assert_int_equal(page_values(&in, arena, values, &failure), 0);
        for (size_t i = 0; i < PAGE_VALUES; i++)
                if (i == 4)
                        assert_string_equal(values[i], "51"); /* one more tells whether there is a next page */
                else
                        assert_null(values[i]);
        arena_free(arena);
}

static void filters_have_their_places(void **state)
{
        (void)state;
        struct arena *arena = arena_new();
        struct nas_monitor_list_ledger_in in = {.cursor = "AAAAAAAAAAIAAAAAAAAAAQ",
                                                .limit = 500,
                                                .has_limit = true,
                                                .actor = "alice",
                                                .method = "nas.users.Login",
                                                .kind = NAS_MONITOR_KIND_REFUSAL,
                                                .has_kind = true,
                                                .outcome = "refused",
                                                .until = "2026-01-01T00:00:00Z"};
        static const char *const expected[PAGE_VALUES] = {
                "alice", "nas.users.Login", "refusal", "refused", "501", "1", "2", NULL, "2026-01-01T00:00:00Z"};
        const char *values[PAGE_VALUES];
        struct failure failure = {.code = FAILURE_NONE};

        assert_true(page_by_time(&in));
        assert_int_equal(page_values(&in, arena, values, &failure), 0);
        for (size_t i = 0; i < PAGE_VALUES; i++)
                if (expected[i])
                        assert_string_equal(values[i], expected[i]);
                else
                        assert_null(values[i]);
        in.until = NULL; /* a cursor of the other order */
        assert_int_equal(page_values(&in, arena, values, &failure), -1);
        assert_int_equal(failure.code, FAILURE_INVALID);
        assert_string_equal(failure.field, "cursor");
        arena_free(arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(cursors_go_there_and_back),
                cmocka_unit_test(other_cursors_are_refused),
                cmocka_unit_test(absent_filters_are_null),
                cmocka_unit_test(filters_have_their_places),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
