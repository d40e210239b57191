/* Settings: what is wrong is named with its line, and nothing is taken that is not known.
 * Rights: a test. */
#include "base/mem.h"
#include "sys/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena *arena;
static struct failure failure;

static int parse(const char *text, struct settings *settings)
{
        failure = (struct failure){0};
        return settings_parse(arena, "FILE", text, strlen(text), settings, &failure);
}

static void nothing_set_is_the_default(void **state)
{
        static const char *const texts[] = {"", "\n\n", "# a comment\n", "   # another\r\n\t\n#BULKHEAD_HOSTS=UPPER\n",
                                            "BULKHEAD_DATABASE=\nBULKHEAD_HOSTS=\"\"\n"};
        struct settings settings;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                assert_int_equal(parse(texts[i], &settings), 0);
                assert_string_equal(settings.values[SETTING_DATABASE], "host=/run/postgresql dbname=bulkhead");
                assert_string_equal(settings.values[SETTING_HOSTS], "");
                assert_string_equal(settings.values[SETTING_ANSWER_SECONDS], "30");
        }
}

static void values_are_taken(void **state)
{
        struct settings settings;

        (void)state;
        assert_int_equal(parse("BULKHEAD_HOSTS = nas.example other \r\n"
                               "BULKHEAD_DATABASE=\"host=/run/pg port=5433 dbname=nas\"\n"
                               "  BULKHEAD_ORIGINS='https://panel.example:8443,http://a'\n"
                               "BULKHEAD_ANSWER_SECONDS=600\n"
                               "HTTPS_PROXY=http://proxy:3128\n"
                               "LEGO_CA_CERTIFICATES=/etc/ssl/house.pem",
                               &settings),
                         0);
        assert_string_equal(settings.values[SETTING_DATABASE], "host=/run/pg port=5433 dbname=nas");
        assert_string_equal(settings.values[SETTING_ANSWER_SECONDS], "600");
        assert_string_equal(settings.values[SETTING_ACME_CERTIFICATES], "/etc/ssl/house.pem");
        const char *const *hosts = settings_words(arena, settings.values[SETTING_HOSTS]);
        assert_string_equal(hosts[0], "nas.example");
        assert_string_equal(hosts[1], "other");
        assert_null(hosts[2]);
        const char *const *origins = settings_words(arena, settings.values[SETTING_ORIGINS]);
        assert_string_equal(origins[0], "https://panel.example:8443");
        assert_string_equal(origins[1], "http://a");
        assert_null(origins[2]);
}

/* Line 3 of each is the wrong one. */
static void wrong_lines_are_named(void **state)
{
        static const struct {
                const char *line, *name;
        } wrong[] = {
                {"LD_PRELOAD=/tmp/evil.so", ""},
                {"BULKHEAD_JAIL_LOG=1", ""},
                {"bulkhead_hosts=nas", ""},
                {"BULKHEAD_CONTRACTS=/tmp", ""},
                {"export BULKHEAD_HOSTS=nas", ""},
                {"BULKHEAD_HOSTS", ""},
                {"[Section]", ""},
                {"=value", ""},
                {"BULKHEAD_HOSTS=n\x01s", ""},
                {"BULKHEAD_HOSTS=n\xffs", ""},
                {"BULKHEAD_HOSTS=*", "BULKHEAD_HOSTS"},
                {"BULKHEAD_HOSTS=nas:443", "BULKHEAD_HOSTS"},
                {"BULKHEAD_HOSTS=Nas", "BULKHEAD_HOSTS"},
                {"BULKHEAD_ORIGINS=*", "BULKHEAD_ORIGINS"},
                {"BULKHEAD_ORIGINS=https://a/", "BULKHEAD_ORIGINS"},
                {"BULKHEAD_ORIGINS=https://a:0", "BULKHEAD_ORIGINS"},
                {"BULKHEAD_ANSWER_SECONDS=0", "BULKHEAD_ANSWER_SECONDS"},
                {"BULKHEAD_ANSWER_SECONDS=30s", "BULKHEAD_ANSWER_SECONDS"},
                {"BULKHEAD_HTTPS_PORT=0", "BULKHEAD_HTTPS_PORT"},
                {"BULKHEAD_HTTPS_PORT=65536", "BULKHEAD_HTTPS_PORT"},
                {"BULKHEAD_HTTPS_PORT=nas:8443", "BULKHEAD_HTTPS_PORT"},
                {"BULKHEAD_DATABASE=host=db.example dbname=bulkhead", "BULKHEAD_DATABASE"},
                {"BULKHEAD_DATABASE=host=/run/pg password=secret", "BULKHEAD_DATABASE"},
                {"BULKHEAD_DATABASE=host=/run/pg user=postgres", "BULKHEAD_DATABASE"},
                {"BULKHEAD_DATABASE=host=/run/pg options=-crole=x", "BULKHEAD_DATABASE"},
                {"BULKHEAD_DATABASE=host=/run/pg,/run/other", "BULKHEAD_DATABASE"},
                {"BULKHEAD_DATABASE=service=evil", "BULKHEAD_DATABASE"},
                {"BULKHEAD_DATABASE=postgresql://db/bulkhead", "BULKHEAD_DATABASE"},
                {"HTTPS_PROXY=proxy:3128", "HTTPS_PROXY"},
                {"LEGO_CA_CERTIFICATES=house.pem", "LEGO_CA_CERTIFICATES"},
                {"LEGO_CA_CERTIFICATES=/etc/../root/x", "LEGO_CA_CERTIFICATES"},
                {"HTTPS_PROXY=http://again", "HTTPS_PROXY"},
        };
        struct settings settings = {{0}};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                const char *first = i + 1 == ARRAY_SIZE(wrong) ? "HTTPS_PROXY=http://a" : "# good";
                assert_int_equal(parse(arena_printf(arena, "%s\n\n%s\n# good\n", first, wrong[i].line), &settings), -1);
                assert_string_equal(failure.field, wrong[i].name);
                assert_ptr_equal(strstr(failure.message, "FILE, line 3: "), failure.message);
                assert_null(strstr(failure.message, "secret"));
                assert_null(settings.values[SETTING_HOSTS]); /* untouched */
        }
}

static void a_nul_is_no_end(void **state)
{
        static const char text[] = "BULKHEAD_HOSTS=nas\0BULKHEAD_HOSTS=*\n";
        struct settings settings;

        (void)state;
        assert_int_equal(settings_parse(arena, "FILE", text, sizeof(text) - 1, &settings, &failure), -1);
}

static void the_file_and_then_the_environment(void **state)
{
        char folder[] = "/tmp/settings-XXXXXX";
        struct settings settings;

        (void)state;
        assert_non_null(mkdtemp(folder));
        assert_int_equal(settings_read(arena, folder, &settings, &failure), 0); /* none */
        const char *path = arena_printf(arena, "%s/" SETTINGS_FILE, folder);
        FILE *file = fopen(path, "w");
        fputs("BULKHEAD_HOSTS=a\nBULKHEAD_ANSWER_SECONDS=7\n", file);
        fclose(file);
        setenv("BULKHEAD_HOSTS", "b", 1);
        assert_int_equal(settings_read(arena, folder, &settings, &failure), 0);
        assert_string_equal(settings.values[SETTING_HOSTS], "b");
        assert_string_equal(settings.values[SETTING_ANSWER_SECONDS], "7");
        setenv("BULKHEAD_HOSTS", "B", 1);
        assert_int_equal(settings_read(arena, folder, &settings, &failure), -1);
        assert_string_equal(failure.field, "BULKHEAD_HOSTS");
        unsetenv("BULKHEAD_HOSTS");
        unlink(path);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        assert_int_equal(settings_read(arena, folder, &settings, &failure), -1); /* a link is not followed */
        unlink(path);
        rmdir(folder);
}

/* What the package installs is right as it is, and names every setting with its default. */
static void the_file_that_ships(void **state)
{
        struct settings settings;
        char text[SETTINGS_BYTES_MAX] = "";
        FILE *file = fopen("systemd/bulkhead.conf", "r");

        (void)state;
        if (file == NULL)
                skip(); /* not started from the top of the tree */
        size_t length = fread(text, 1, sizeof(text) - 1, file);
        fclose(file);
        assert_true(length > 0);
        assert_int_equal(parse(text, &settings), 0);
        for (enum setting i = 0; i < SETTING_COUNT; i++)
                assert_non_null(strstr(text, arena_printf(arena, "\n#%s=%s\n", setting_name(i), settings.values[i])));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_set_is_the_default),
                cmocka_unit_test(values_are_taken),
                cmocka_unit_test(wrong_lines_are_named),
                cmocka_unit_test(a_nul_is_no_end),
                cmocka_unit_test(the_file_and_then_the_environment),
                cmocka_unit_test(the_file_that_ships),
        };
        arena = arena_new();
        int result = cmocka_run_group_tests(tests, NULL, NULL);
        arena_free(arena);
        return result;
}
