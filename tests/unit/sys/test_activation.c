/* What the supervisor tells and hears: only what is meant for this very process, and only Unix sockets that listen.
 * Each test is a process of its own.
 * Rights: none; a socket below /tmp. */
#include "sys/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum kind { LISTENING, NOT_LISTENING, INTERNET, NOT_A_SOCKET, CLOSED };

static void place(enum kind kind, int target)
{
        struct sockaddr_un unix_address = {.sun_family = AF_UNIX}; /* autobind: no path */
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = -1;
        close(target);
        if (kind == LISTENING || kind == NOT_LISTENING) {
                fd = socket(AF_UNIX, SOCK_STREAM, 0);
                assert_int_equal(bind(fd, (struct sockaddr *)&unix_address, sizeof(sa_family_t)), 0);
        } else if (kind == INTERNET) {
                fd = socket(AF_INET, SOCK_STREAM, 0);
                assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        } else if (kind == NOT_A_SOCKET) {
                fd = open("/dev/null", O_RDONLY);
        }
        if (kind == LISTENING || kind == INTERNET)
                assert_int_equal(listen(fd, 1), 0);
        if (fd >= 0 && fd != target) {
                assert_int_equal(dup2(fd, target), target);
                close(fd);
        }
}

static int result_of(const char *pid, const char *count, const enum kind kinds[2])
{
        char self[16];
        snprintf(self, sizeof(self), "%d", (int)getpid());
        if (pid != NULL)
                setenv("LISTEN_PID", *pid == '=' ? self : pid, 1);
        if (count != NULL)
                setenv("LISTEN_FDS", count, 1);
        place(kinds[0], 3);
        place(kinds[1], 4);
        int result = activation_sockets();
        assert_null(getenv("LISTEN_PID")); /* not for those who are started by us */
        assert_null(getenv("LISTEN_FDS"));
        return result;
}

static void sockets_are_taken_when_they_are_ours(void **state)
{
        (void)state;
        static const struct {
                const char *pid, *count;
                enum kind kinds[2];
                int expected;
        } table[] = {
                {"=", "2", {LISTENING, LISTENING}, 2},
                {"=", "1", {LISTENING, NOT_A_SOCKET}, 1},
                {NULL, "1", {LISTENING, LISTENING}, 0},
                {"1", "1", {LISTENING, LISTENING}, 0},
                {"=", NULL, {LISTENING, LISTENING}, 0},
                {"=", "0", {LISTENING, LISTENING}, 0},
                {"=", "-1", {LISTENING, LISTENING}, 0},
                {"=", "1x", {LISTENING, LISTENING}, 0},
                {"=", "", {LISTENING, LISTENING}, 0},
                {"=", "9", {LISTENING, LISTENING}, -E2BIG},
                {"=", "2", {LISTENING, NOT_LISTENING}, -ENOTSOCK},
                {"=", "1", {INTERNET, LISTENING}, -ENOTSOCK},
                {"=", "1", {NOT_A_SOCKET, LISTENING}, -ENOTSOCK},
                {"=", "2", {LISTENING, CLOSED}, -EBADF},
                {"=", "99999999999999999999", {LISTENING, LISTENING}, 0},
        };
        for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
                pid_t child = fork();
                assert_true(child >= 0);
                if (child == 0) {
                        int result = result_of(table[i].pid, table[i].count, table[i].kinds);
                        if (result != table[i].expected)
                                fprintf(stderr, "row %zu: %d, not %d\n", i, result, table[i].expected);
                        if (result > 0 && (fcntl(3, F_GETFD) != FD_CLOEXEC || !(fcntl(3, F_GETFL) & O_NONBLOCK)))
                                exit(2);
                        exit(result == table[i].expected ? 0 : 1);
                }
                int status = 0;
                assert_int_equal(waitpid(child, &status, 0), child);
                assert_int_equal(status, 0);
        }
}

/* The front end: internet sockets too, each with its name. */
static int named_result(const char *names, const enum kind kinds[2], struct activation_socket *sockets)
{
        char self[16];
        snprintf(self, sizeof(self), "%d", (int)getpid());
        setenv("LISTEN_PID", self, 1);
        setenv("LISTEN_FDS", "2", 1);
        if (names != NULL)
                setenv("LISTEN_FDNAMES", names, 1);
        place(kinds[0], 3);
        place(kinds[1], 4);
        int result = activation_named_sockets(sockets);
        return getenv("LISTEN_FDNAMES") == NULL && getenv("LISTEN_FDS") == NULL ? result : -1000;
}

static void a_front_end_takes_internet_sockets_with_their_names(void **state)
{
        (void)state;
        static const struct {
                const char *names;
                enum kind kinds[2];
                int expected;
                const char *first, *second;
        } table[] = {
                {"https:proxy", {INTERNET, LISTENING}, 2, "https", "proxy"},
                {"https", {INTERNET, INTERNET}, 2, "https", ""},
                {NULL, {LISTENING, INTERNET}, 2, "", ""},
                {":x", {LISTENING, INTERNET}, 2, "", "x"},
                {"https:a-name-that-is-far-too-long-to-be-one", {INTERNET, LISTENING}, 2, "https", ""},
                {"a:b", {INTERNET, NOT_LISTENING}, -ENOTSOCK, "", ""},
                {"a:b", {NOT_A_SOCKET, INTERNET}, -ENOTSOCK, "", ""},
        };
        for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
                pid_t child = fork();
                assert_true(child >= 0);
                if (child == 0) {
                        struct activation_socket sockets[ACTIVATION_SOCKETS_MAX] = {0};
                        if (named_result(table[i].names, table[i].kinds, sockets) != table[i].expected)
                                exit(1);
                        if (table[i].expected < 0)
                                exit(0);
                        bool good = strcmp(sockets[0].name, table[i].first) == 0 &&
                                    strcmp(sockets[1].name, table[i].second) == 0 && sockets[1].fd == 4 &&
                                    sockets[0].domain == (table[i].kinds[0] == INTERNET ? AF_INET : AF_UNIX) &&
                                    fcntl(4, F_GETFD) == FD_CLOEXEC;
                        exit(good ? 0 : 2);
                }
                int status = 0;
                assert_int_equal(waitpid(child, &status, 0), child);
                if (status != 0)
                        fail_msg("row %zu: %d", i, status);
        }
}

static int supervisor(const char *path, bool abstract)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        if (abstract)
                address.sun_path[0] = '\0';
        socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + !abstract);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
        return fd;
}

static void the_supervisor_is_told(void **state)
{
        (void)state;
        char path[64], heard[64] = "";
        activation_notify("READY=1"); /* nobody there: nothing happens */
        assert_int_equal(activation_watchdog_us(), 0);
        for (int abstract = 0; abstract < 2; abstract++) {
                snprintf(path, sizeof(path), "%s/bulkhead-notify.%d", abstract ? "@" : "/tmp", (int)getpid());
                int fd = supervisor(path, abstract);
                setenv("NOTIFY_SOCKET", path, 1);
                setenv("WATCHDOG_USEC", "3000000", 1);
                activation_start();
                assert_null(getenv("NOTIFY_SOCKET"));
                assert_null(getenv("WATCHDOG_USEC"));
                assert_int_equal(activation_watchdog_us(), 3000000);
                activation_notify("STATUS=serves");
                ssize_t got = recv(fd, heard, sizeof(heard) - 1, 0);
                assert_int_equal(got, 13);
                assert_memory_equal(heard, "STATUS=serves", 13);
                close(fd);
                if (!abstract)
                        unlink(path);
                activation_notify("WATCHDOG=1"); /* the supervisor is gone: no signal, no end */
        }
}

static void a_watchdog_for_somebody_else_is_not_ours(void **state)
{
        (void)state;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                uint64_t before = activation_watchdog_us();
                setenv("WATCHDOG_USEC", "777", 1);
                setenv("WATCHDOG_PID", "1", 1);
                setenv("NOTIFY_SOCKET", "not a path", 1);
                activation_start();
                exit(activation_watchdog_us() == before ? 0 : 1);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sockets_are_taken_when_they_are_ours),
                cmocka_unit_test(a_front_end_takes_internet_sockets_with_their_names),
                cmocka_unit_test(the_supervisor_is_told),
                cmocka_unit_test(a_watchdog_for_somebody_else_is_not_ours),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
