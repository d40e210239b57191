/* A line and a daemon played by hand in the same loop: what comes is accepted, heard and answered by the test. */
#ifndef BULKHEAD_TESTS_LINE_BENCH_H
#define BULKHEAD_TESTS_LINE_BENCH_H

#include "base/crypto.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/socket.h"
#include "wire/line.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *loop;
static struct wire_line *line;
static char path[64];
static int listener = -1;

/* What was told, in words: "name=parameters" or "name!error parameters" or "name?code", "+" when more comes. */
static char told[1 << 16];

static void tell(const struct wire_answer *answer, void *context)
{
        size_t at = strlen(told);
        const char *name = context;
        if (answer->failure != NULL) {
                assert_true(answer->parameters == NULL && answer->error == NULL && answer->fd == -1);
                assert_true(answer->failure->message[0] != '\0');
                (void)snprintf(told + at, sizeof told - at, "%s?%s%s ", name, failure_code_name(answer->failure->code),
                               answer->timed_out ? "-late" : "");
                return;
        }
        (void)snprintf(told + at, sizeof told - at, "%s%s%s%.*s%s ", name, answer->error == NULL ? "=" : "!",
                       answer->error == NULL ? "" : answer->error, (int)answer->length, answer->parameters,
                       answer->continues ? "+" : "");
        if (answer->fd >= 0)
                assert_int_equal(close(answer->fd), 0);
}

static const char *heard_so_far(void)
{
        static char copy[sizeof told];
        memcpy(copy, told, sizeof told);
        told[0] = '\0';
        return copy;
}

static void stop(void *context)
{
        loop_stop(context);
}

/* All times of these tests, in milliseconds of a machine that is idle: others are given more, line and test alike. */
static unsigned given(unsigned ms)
{
        return ms * (getenv("BULKHEAD_SLOWED") != NULL ? 12 : 3);
}

static void turn(unsigned ms)
{
        struct loop_watch *timer = loop_timer(loop, given(ms), stop, loop);
        assert_int_equal(loop_run(loop), 0);
        loop_unwatch(timer);
}

static void daemon_begin(int backlog)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        (void)unlink(path);
        listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(listener, backlog), 0);
}

static void daemon_end(void)
{
        if (listener >= 0)
                (void)close(listener);
        listener = -1;
        (void)unlink(path);
}

static void begin(const struct wire_line_limits *limits)
{
        (void)snprintf(path, sizeof path, "/tmp/bulkhead-line-%d.sock", getpid());
        told[0] = '\0';
        loop = loop_new();
        daemon_begin(128);
        struct wire_line_limits slower = limits != NULL ? *limits : (struct wire_line_limits){0};
        slower.timeout_ms = given(slower.timeout_ms);
        line = wire_line_new(loop, path, limits != NULL ? &slower : NULL);
}

static void end(void)
{
        wire_line_free(line);
        loop_free(loop);
        daemon_end();
        assert_string_equal(heard_so_far(), "");
}

/* The next connection; -1: none came. */
static int take(void)
{
        return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* The next one, which must come: a busy machine takes its time. */
static int taken(void)
{
        int fd = take();
        for (int i = 0; i < 2000 && fd < 0; i++) {
                turn(1);
                fd = take();
        }
        assert_true(fd >= 0);
        return fd;
}

/* What came so far, with | for NUL; "" when nothing, "(gone)" when it was closed. */
static const char *hear(int fd)
{
        static char text[1 << 16];
        ssize_t got = recv(fd, text, sizeof text - 1, 0);
        if (got < 0)
                return errno == EAGAIN ? "" : "(gone)";
        if (got == 0)
                return "(gone)";
        for (ssize_t i = 0; i < got; i++)
                text[i] = text[i] == '\0' ? '|' : text[i];
        text[got] = '\0';
        return text;
}

static void say(int fd, const char *text) /* | for NUL */
{
        size_t length = strlen(text);
        char *bytes = mem_copy_text(text);
        for (size_t i = 0; i < length; i++)
                bytes[i] = bytes[i] == '|' ? '\0' : bytes[i];
        assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
        free(bytes);
}

static struct wire_ask *ask(const char *name, enum wire_manner manner)
{
        return wire_line_call(line, "nas.test.Look", "{}", 2, manner, tell, (void *)(uintptr_t)name);
}

static void is_told(const char *text)
{
        for (int i = 0; i < 2000 && strlen(told) < strlen(text); i++)
                turn(1);
        assert_string_equal(heard_so_far(), text);
}

#define LOOK       "{\"method\":\"nas.test.Look\",\"parameters\":{}}|"
#define LOOK_MORE  "{\"method\":\"nas.test.Look\",\"parameters\":{},\"more\":true}|"
#define TOLD(text) is_told(text)

#endif
