/* Settings: read strictly from the environment; what is wrong is named.
 * Rights: a test. */
#include "tests/unit/api/world.h"

static int read_settings(struct api_settings *settings, struct failure *failure)
{
        *failure = (struct failure){0};
        return api_settings_read(api.arena, settings, failure);
}

static void without_any_there_are_defaults(void **state)
{
        struct api_settings settings;
        struct failure failure;

        (void)state;
        assert_int_equal(read_settings(&settings, &failure), 0);
        assert_string_equal(settings.contracts, "/usr/share/bulkhead/contracts");
        assert_string_equal(settings.web, "/usr/share/bulkhead/web");
        assert_string_equal(settings.sockets, "/run/bulkhead");
        assert_int_equal(settings.answer_s, 30);
        assert_null(settings.hosts[0]);
        assert_null(settings.origins[0]);
        assert_non_null(settings.name);
}

static void names_are_lists(void **state)
{
        struct api_settings settings;
        struct failure failure;

        (void)state;
        setenv("BULKHEAD_HOSTS", " nas.example, other.example ", 1);
        setenv("BULKHEAD_ORIGINS", "https://panel.example:8443 http://a", 1);
        setenv("BULKHEAD_ANSWER_SECONDS", "5", 1);
        assert_int_equal(read_settings(&settings, &failure), 0);
        assert_string_equal(settings.hosts[0], "nas.example");
        assert_string_equal(settings.hosts[1], "other.example");
        assert_null(settings.hosts[2]);
        assert_string_equal(settings.origins[0], "https://panel.example:8443");
        assert_string_equal(settings.origins[1], "http://a");
        assert_int_equal(settings.answer_s, 5);
}

static void wrong_ones_are_named(void **state)
{
        static const struct {
                const char *name, *value;
        } wrong[] = {
                {"BULKHEAD_HOSTS", "nas.example:443"},
                {"BULKHEAD_HOSTS", "Nas"},
                {"BULKHEAD_HOSTS", "*"},
                {"BULKHEAD_ORIGINS", "panel.example"},
                {"BULKHEAD_ORIGINS", "*"},
                {"BULKHEAD_ORIGINS", "https://panel.example/"},
                {"BULKHEAD_ORIGINS", "https://a:"},
                {"BULKHEAD_ORIGINS", "https://"},
                {"BULKHEAD_ORIGINS", "null"},
                {"BULKHEAD_ANSWER_SECONDS", "0"},
                {"BULKHEAD_ANSWER_SECONDS", "5s"},
                {"BULKHEAD_ANSWER_SECONDS", "601"},
                {"BULKHEAD_CONTRACTS", "contracts"},
                {"BULKHEAD_WEB", "../web"},
                {"BULKHEAD_SOCKETS", "run"},
                {"BULKHEAD_ORIGINS", "https://a:port"},
        };
        struct api_settings settings;
        struct failure failure;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                setenv(wrong[i].name, wrong[i].value, 1);
                assert_int_equal(read_settings(&settings, &failure), -1);
                assert_string_equal(failure.field, wrong[i].name);
                unsetenv(wrong[i].name);
        }
}

static int clear(void **state)
{
        static const char *const names[] = {"BULKHEAD_HOSTS",     "BULKHEAD_ORIGINS", "BULKHEAD_ANSWER_SECONDS",
                                            "BULKHEAD_CONTRACTS", "BULKHEAD_WEB",     "BULKHEAD_SOCKETS"};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                unsetenv(names[i]);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(without_any_there_are_defaults, clear),
                cmocka_unit_test_setup(names_are_lists, clear),
                cmocka_unit_test_setup(wrong_ones_are_named, clear),
        };
        api.arena = arena_new();
        int result = cmocka_run_group_tests(tests, NULL, NULL);
        arena_free(api.arena);
        return result;
}
