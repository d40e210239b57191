/* The blocking client, against a daemon that is played by a child: honest, slow, broken and gone.
 * Rights: none; a socket below /tmp. */
#include "base/mem.h"
#include "wire/client.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* PATIENT_MS: for what comes, however busy the machine is. */
enum { PATIENT_MS = 60 * 1000, IMPATIENT_MS = 300 };

struct script { /* what the daemon sends after it has heard one whole message */
        const char *bytes;
        size_t length, piece; /* piece: sent in parts of so many bytes */
        bool stays;           /* says nothing more, but does not close */
};

static char directory[64], path[96];
static pid_t child = -1;
static int heard_fd = -1; /* what the daemon heard */

static void play(int listener, const struct script *script, int heard)
{
        char byte;
        int fd = accept(listener, NULL, NULL);
        while (read(fd, &byte, 1) == 1 && byte != '\0')
                if (write(heard, &byte, 1) != 1)
                        _exit(1);
        for (size_t at = 0; at < script->length; at += script->piece) {
                size_t left = script->length - at;
                if (write(fd, script->bytes + at, left < script->piece ? left : script->piece) < 0)
                        _exit(1);
                if (script->piece < script->length)
                        usleep(1000);
        }
        while (script->stays)
                pause();
        _exit(0);
}

static struct wire_client *begin(const struct script *script)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        struct failure failure = {0};
        int ends[2], listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        unlink(path);
        assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(listener, 1), 0);
        assert_int_equal(pipe(ends), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
                play(listener, script, ends[1]);
        close(ends[1]);
        close(listener);
        heard_fd = ends[0];
        struct wire_client *client = wire_client_connect(path, &failure);
        assert_non_null(client);
        return client;
}

static void end(struct wire_client *client)
{
        wire_client_close(client);
        close(heard_fd);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
}

static void a_call_is_answered(void **state)
{
        (void)state;
        static const char reply[] = "{\"parameters\":{\"n\":1},\"continues\":true}\0{\"error\":\"nas.error.Busy\"}\0{}";
        for (size_t piece = 1; piece <= sizeof(reply); piece += 13) {
                struct script script = {reply, sizeof(reply), piece, false};
                struct wire_client *client = begin(&script);
                struct failure failure = {0};
                struct json *parameters = NULL;
                char *error = NULL, heard[128] = "";
                bool continues = false;
                assert_int_equal(wire_client_call(client, "nas.test.Look", "{\"a\":[1]}", piece == 1, &failure), 0);
                assert_int_equal(wire_client_reply(client, PATIENT_MS, &parameters, &error, &continues, &failure), 0);
                assert_int_equal(json_integer(json_member(parameters, "n")), 1);
                assert_true(continues);
                assert_null(error);
                json_free(parameters);
                assert_int_equal(wire_client_reply(client, PATIENT_MS, &parameters, &error, &continues, &failure), 0);
                assert_string_equal(error, "nas.error.Busy");
                assert_int_equal(json_length(parameters), 0); /* none is an empty object */
                assert_false(continues);
                free(error);
                json_free(parameters);
                assert_int_equal(wire_client_reply(client, PATIENT_MS, &parameters, &error, &continues, &failure), 0);
                assert_null(error);
                json_free(parameters);
                assert_true(read(heard_fd, heard, sizeof(heard) - 1) > 0);
                assert_string_equal(
                        heard, piece == 1 ? "{\"method\":\"nas.test.Look\",\"parameters\":{\"a\":[1]},\"more\":true}"
                                          : "{\"method\":\"nas.test.Look\",\"parameters\":{\"a\":[1]}}");
                end(client);
        }
}

static void what_is_no_answer_is_refused(void **state)
{
        (void)state;
        static const struct {
                struct script script;
                const char *words;
        } table[] = {
                {{"", 0, 1, false}, "the daemon closed it"},
                {{"{\"parameters\":{}}", 17, 17, false}, "the daemon closed it"}, /* without its end */
                {{"", 0, 1, true}, "no answer in time"},
                {{"[1]", 4, 4, false}, "no Varlink reply"},
                {{"{\"parameters\":{}", 17, 17, false}, "no Varlink reply"},
                {{"", 1, 1, false}, "no Varlink reply"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                struct wire_client *client = begin(&table[i].script);
                struct failure failure = {0};
                struct json *parameters = NULL;
                char *error = NULL;
                bool continues;
                assert_int_equal(wire_client_call(client, "nas.test.Look", "{}", false, &failure), 0);
                const int wait_ms = table[i].script.stays ? IMPATIENT_MS : PATIENT_MS;
                assert_int_equal(wire_client_reply(client, wait_ms, &parameters, &error, &continues, &failure), -1);
                assert_int_equal(failure.code, FAILURE_UNAVAILABLE);
                if (strstr(failure.message, table[i].words) == NULL)
                        fail_msg("expected \"%s\" in: %s", table[i].words, failure.message);
                assert_null(parameters);
                assert_null(error);
                end(client);
        }
}

/* More than the client takes: it says so, instead of filling the memory. */
static void an_endless_answer_is_cut(void **state)
{
        (void)state;
        size_t length = 18u << 20;
        char *bytes = mem_new(length, 1);
        memset(bytes, ' ', length);
        struct script script = {bytes, length, length, false};
        struct wire_client *client = begin(&script);
        struct failure failure = {0};
        struct json *parameters;
        char *error;
        bool continues;
        assert_int_equal(wire_client_call(client, "nas.test.Look", "{}", false, &failure), 0);
        assert_int_equal(wire_client_reply(client, PATIENT_MS, &parameters, &error, &continues, &failure), -1);
        assert_non_null(strstr(failure.message, "too large"));
        end(client);
        free(bytes);
}

static void a_daemon_that_is_gone_is_told(void **state)
{
        (void)state;
        struct script script = {"", 0, 1, false};
        struct wire_client *client = begin(&script);
        struct failure failure = {0};
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        int result = 0;
        for (int i = 0; i < 3 && result == 0; i++)
                result = wire_client_call(client, "nas.test.Look", "{}", false, &failure);
        assert_int_equal(result, -1);
        assert_int_equal(failure.code, FAILURE_UNAVAILABLE);
        assert_non_null(strstr(failure.message, "the connection broke"));
        end(client);
        unlink(path);
        CLEANUP(wire_client_closep) struct wire_client *none = wire_client_connect(path, &failure);
        assert_null(none);
        assert_int_equal(failure.code, FAILURE_UNAVAILABLE);
        assert_non_null(strstr(failure.message, path));
        assert_non_null(strstr(failure.next, "systemctl"));
}

static int set_up(void **state)
{
        (void)state;
        snprintf(directory, sizeof(directory), "/tmp/bulkhead-client-XXXXXX");
        if (mkdtemp(directory) == NULL)
                return -1;
        snprintf(path, sizeof(path), "%s/sock", directory);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        unlink(path);
        return rmdir(directory);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_call_is_answered),
                cmocka_unit_test(what_is_no_answer_is_refused),
                cmocka_unit_test(an_endless_answer_is_cut),
                cmocka_unit_test(a_daemon_that_is_gone_is_told),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
