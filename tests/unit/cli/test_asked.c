/* Reading the words of the command line: what becomes which parameter, and what is refused before anything is asked.
 * Rights: a test; reads the contracts of this tree. */
#include "base/mem.h"
#include "cli/asked.h"
#include "cli/change.h"
#include "cli/help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { WORDS_MAX = 16 };

static struct arena *arena;
static struct catalogue catalogue;

static int load(void **state)
{
        char message[256];

        (void)state;
        arena = arena_new();
        if (catalogue_load(arena, "ipc", &catalogue, message) == 0)
                return 0;
        print_error("%s\n", message);
        return -1;
}

static int unload(void **state)
{
        (void)state;
        arena_free(arena);
        return 0;
}

/* "users create alice --shell" */
static int read_words(const char *line, struct asked *ret, struct failure *failure)
{
        char *words[WORDS_MAX];
        size_t count = 0;
        char *at = arena_text(arena, line, strlen(line));

        while (*at != '\0' && count < WORDS_MAX) {
                words[count++] = at;
                at += strcspn(at, " ");
                while (*at == ' ')
                        *at++ = '\0';
        }
        const struct command *command = catalogue_find(&catalogue, words[0], words[1]);
        assert_non_null(command);
        return asked_read(arena, command, words + 2, count - 2, ret, failure);
}

static const struct {
        const char *line, *json;
} good[] = {
        {"users list", "{}"},
        {"users create alice", "{\"username\":\"alice\"}"},
        {"users create alice --role admin --shell", "{\"username\":\"alice\",\"role\":\"admin\",\"shell\":true}"},
        {"users create --role=admin --no-shell alice", "{\"username\":\"alice\",\"role\":\"admin\",\"shell\":false}"},
        {"users create --shell=no -- alice", "{\"username\":\"alice\",\"shell\":false}"},
        {"users update bob --full-name=B.O.B --enabled=false",
         "{\"username\":\"bob\",\"full_name\":\"B.O.B\",\"enabled\":false}"},
        {"groups add family bob", "{\"name\":\"family\",\"username\":\"bob\"}"},
        {"jobs show 7", "{\"id\":7}"},
        {"jobs list --limit 20", "{\"limit\":20}"},
        {"keys create k --role user --networks 10.0.0.0/8 --networks=192.168.0.0/16 --no-destroy",
         "{\"name\":\"k\",\"role\":\"user\",\"no_destroy\":true,\"networks\":[\"10.0.0.0/8\",\"192.168.0.0/16\"]}"},
        {"keys create k --role user --no-no-destroy", "{\"name\":\"k\",\"role\":\"user\",\"no_destroy\":false}"},
        {"users set-ssh-keys bob --ssh-keys @/dev/null", "{\"username\":\"bob\",\"ssh_keys\":[]}"},
};

static void words_become_parameters(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
                struct json_out *out CLEANUP(json_out_freep) = json_out_new();
                struct failure failure = {0};
                struct asked asked;

                if (read_words(good[i].line, &asked, &failure) < 0 || asked_complete(&asked, &failure) < 0)
                        fail_msg("%s: %s", good[i].line, failure.message);
                json_out_object(out);
                asked_write(&asked, out);
                json_out_object_end(out);
                assert_string_equal(json_out_bytes(out, NULL), good[i].json);
        }
}

static const struct {
        const char *line, *message;
} bad[] = {
        {"users create", "USERNAME is missing"},
        {"users create a b", "b is one word too many"},
        {"users create a --bogus", "there is no option --bogus"},
        {"users create a -x", "there is no option -x"},
        {"users create a --role", "--role needs a value"},
        {"users create a --role x", "--role must be one of viewer|user|operator|admin"},
        {"users create a --role user --role user", "role is given twice"},
        {"users create a --shell=perhaps", "--shell must be yes or no"},
        {"users create a --username b", "there is no option --username"},
        {"users create a --password=secret",
         "a secret on the command line can be read by all; say --password alone to be asked, or with -fd N"},
        {"users create a --password-fd x", "x is no number of a descriptor"},
        {"users create a --yes=1", "--yes takes no value"},
        {"users list --dry-run", "--dry-run is for commands that change something"},
        {"users list --yes", "--yes is for commands that change something"},
        {"jobs show x", "ID must be a number"},
        {"jobs show 1.5", "ID must be a number"},
        {"keys create k", "--role is missing"},
        {"keys create k --role user --networks nowhere",
         "--networks must be an IPv4 or IPv6 network such as 192.168.1.0/24, with zeros after the prefix"},
        {"users import /does/not/exist", "FILE (/does/not/exist) cannot be read: No such file or directory"},
};

static void wrong_words_are_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                struct failure failure = {0};
                struct asked asked;

                if (read_words(bad[i].line, &asked, &failure) == 0 && asked_complete(&asked, &failure) == 0)
                        fail_msg("accepted: %s", bad[i].line);
                assert_string_equal(failure.message, bad[i].message);
                assert_int_equal(exit_code(&failure), 2);
                assert_null(strstr(failure.message, "=secret"));
        }
}

static void secrets_come_by_descriptors(void **state)
{
        struct failure failure = {0};
        struct asked asked;
        int ends[2];
        char line[64];

        (void)state;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "old password 1\nnew password 22\nrest", 36), 36);
        close(ends[1]);
        snprintf(line, sizeof(line), "me password --old-fd %d --password-fd=%d", ends[0], ends[0]);
        assert_int_equal(read_words(line, &asked, &failure), 0);
        assert_int_equal(asked_complete(&asked, &failure), 0);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        json_out_object(out);
        asked_write(&asked, out);
        json_out_object_end(out);
        assert_string_equal(json_out_bytes(out, NULL), "{\"old\":\"old password 1\",\"password\":\"new password 22\"}");
        close(ends[0]);
}

static void password_fd_signs_in_where_it_is_no_parameter(void **state)
{
        struct failure failure = {0};
        struct asked asked;

        (void)state;
        assert_int_equal(read_words("users list --as ada --password-fd 5 --json", &asked, &failure), 0);
        assert_string_equal(asked.as, "ada");
        assert_int_equal(asked.as_fd, 5);
        assert_true(asked.json);
        assert_int_equal(read_words("users create a --password-fd 5 --as-password-fd 6", &asked, &failure), 0);
        assert_int_equal(asked.as_fd, 6);
}

static void consent_never_skips_a_warrant(void **state)
{
        static const struct {
                const char *line;
                bool needs, destroys, person;
                enum consent consent;
        } rows[] = {
                {"users delete bob", false, false, true, CONSENT_ASK},
                {"users delete bob", false, false, false, CONSENT_MISSING},
                {"users delete bob --yes", false, false, false, CONSENT_GIVEN},
                {"users delete bob --yes", false, true, false, CONSENT_GIVEN},
                {"users delete bob --yes", true, false, true, CONSENT_ASK},
                {"users delete bob --yes", true, true, true, CONSENT_TYPE},
                {"users delete bob --yes", true, true, false, CONSENT_MISSING},
                {"users delete bob --confirm abc", true, true, false, CONSENT_GIVEN},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct failure failure = {0};
                struct asked asked;
                assert_int_equal(read_words(rows[i].line, &asked, &failure), 0);
                assert_int_equal(consent_kind(&asked, rows[i].needs, rows[i].destroys, rows[i].person),
                                 rows[i].consent);
                assert_string_equal(asked_object(&asked), "bob");
        }
}

static void every_command_has_help(void **state)
{
        (void)state;
        for (size_t i = 0; i < catalogue.count; i++) {
                char *text = NULL;
                size_t length;
                FILE *out = open_memstream(&text, &length);
                help_command(out, arena, &catalogue.commands[i]);
                fclose(out);
                assert_memory_equal(text, "usage: bulkhead ", 16);
                assert_non_null(strstr(text, "Least role: "));
                assert_non_null(strstr(text, "--help"));
                free(text);
        }
}

static void completion_knows_the_contracts(void **state)
{
        static const struct {
                char *words[3];
                size_t count;
                const char *there, *not_there;
        } rows[] = {
                {{NULL}, 0, "users\n", "create\n"},
                {{(char *)(uintptr_t) "users"}, 1, "create\n", "verify\n"},
                {{(char *)(uintptr_t) "users", (char *)(uintptr_t) "create"}, 2, "--full-name\n", "--username\n"},
                {{(char *)(uintptr_t) "users", (char *)(uintptr_t) "create", (char *)(uintptr_t) "--role"},
                 3,
                 "admin\n",
                 "--role\n"},
                {{(char *)(uintptr_t) "users", (char *)(uintptr_t) "list"}, 2, "--json\n", "--dry-run\n"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char *text = NULL;
                size_t length;
                FILE *out = open_memstream(&text, &length);
                complete(out, &catalogue, rows[i].words, rows[i].count);
                fclose(out);
                assert_non_null(strstr(text, rows[i].there));
                assert_null(strstr(text, rows[i].not_there));
                free(text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(words_become_parameters),
                cmocka_unit_test(wrong_words_are_refused),
                cmocka_unit_test(secrets_come_by_descriptors),
                cmocka_unit_test(password_fd_signs_in_where_it_is_no_parameter),
                cmocka_unit_test(consent_never_skips_a_warrant),
                cmocka_unit_test(every_command_has_help),
                cmocka_unit_test(completion_knows_the_contracts),
        };
        return cmocka_run_group_tests(tests, load, unload);
}
