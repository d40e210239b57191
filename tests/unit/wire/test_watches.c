/* The front end's watches: no more than agreed, a clear answer to who exceeds, and calls go on meanwhile.
 * Rights: a test; root, to be somebody else for a moment. */
#include "base/mem.h"
#include "wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { FRONT = 4001, OTHER = 4002, MOST = 3, CLIENTS = 8 };

static struct loop *loop;
static struct wire_server *server;

static void forget(void *context)
{
        (void)context;
}

static void watch(struct call *call)
{
        if (call_wants_more(call)) {
                call_on_gone(call, forget, NULL);
                call_reply_more(call, NULL);
        } else {
                call_reply(call, NULL);
        }
}

static const struct wire_method methods[] = {{.name = "Watch", .serve = watch, .flags = METHOD_MORE}, {.name = NULL}};
static const struct wire_interface interface = {.name = "nas.test", .description = "d", .methods = methods};
static const struct wire_interface *const interfaces[] = {&interface, NULL};

static int begin(void **state)
{
        (void)state;
        const struct wire_service service = {
                .vendor = "v",
                .product = "p",
                .version = "1",
                .url = "u",
                .interfaces = interfaces,
                .limits = {.clients_max = 100, .front = FRONT, .front_max = 50, .front_watches_max = MOST}};
        loop = loop_new();
        server = wire_server_new(loop, &service);
        return 0;
}

static int end(void **state)
{
        (void)state;
        wire_server_free(server);
        loop_free(loop);
        return 0;
}

static int client_of(uid_t uid)
{
        int pair[2];
        assert_int_equal(seteuid(uid), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
        assert_int_equal(seteuid(0), 0);
        wire_server_adopt(server, pair[0]);
        return pair[1];
}

static void stop(void *context)
{
        loop_stop(context);
}

static void turn(void)
{
        struct loop_watch *timer = loop_timer(loop, 5, stop, loop);
        assert_int_equal(loop_run(loop), 0);
        loop_unwatch(timer);
}

/* true: answered well; false: refused as busy. */
static bool asks(int fd, bool more)
{
        const char *call = more ? "{\"method\":\"nas.test.Watch\",\"more\":true}" : "{\"method\":\"nas.test.Watch\"}";
        char answer[1024];
        assert_int_equal(send(fd, call, strlen(call) + 1, MSG_NOSIGNAL), (ssize_t)strlen(call) + 1);
        turn();
        ssize_t got = recv(fd, answer, sizeof answer - 1, 0);
        assert_true(got > 0);
        answer[got] = '\0';
        if (strstr(answer, "\"error\"") == NULL)
                return true;
        assert_non_null(strstr(answer, "\"nas.error.Busy\""));
        assert_non_null(strstr(answer, "\"retry\":10"));
        assert_non_null(strstr(answer, "Too many different things are being watched."));
        return false;
}

static void the_front_end_has_so_many(void **state)
{
        (void)state;
        if (geteuid() != 0)
                skip();
        int fds[CLIENTS], other = client_of(OTHER), root = client_of(0);
        for (int i = 0; i < CLIENTS; i++)
                fds[i] = client_of(FRONT);
        for (int i = 0; i < MOST; i++)
                assert_true(asks(fds[i], true));
        assert_false(asks(fds[MOST], true));
        assert_false(asks(fds[MOST], true));
        assert_true(asks(fds[MOST], false)); /* the same connection is good for calls */
        assert_true(asks(other, true));      /* of somebody else nothing was said */
        assert_true(asks(root, true));
        close(fds[0]);
        turn();
        assert_true(asks(fds[MOST], true)); /* one has gone */
        assert_false(asks(fds[MOST + 1], true));
        for (int i = 0; i < 100; i++) /* no call is counted */
                assert_true(asks(fds[MOST + 1], false));
        for (int i = 1; i < CLIENTS; i++)
                close(fds[i]);
        turn();
        for (int i = 0; i < MOST; i++) /* all are free again */
                assert_true(asks(fds[i] = client_of(FRONT), true));
        assert_false(asks(fds[MOST] = client_of(FRONT), true));
        for (int i = 0; i <= MOST; i++)
                close(fds[i]);
        close(other);
        close(root);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(the_front_end_has_so_many, begin, end)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
