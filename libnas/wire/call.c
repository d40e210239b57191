/* One call: from the message to its last reply.
 * Rights: clerks and the front end; none of its own. */
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "wire/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WATCH_AGAIN_S = 10 };

static struct call *call_new(struct connection *connection, size_t asked)
{
        struct arena *arena = arena_new();
        struct call *call = arena_alloc(arena, sizeof *call);
        *call = (struct call){.arena = arena,
                              .connection = connection,
                              .peer = connection->peer,
                              .asked = asked,
                              .moment = connection->server->moment,
                              .fd = -1,
                              .held_fd = -1};
        if (connection->last != NULL)
                connection->last->next = call;
        else
                connection->first = call;
        connection->last = call;
        connection->calls++;
        connection->asked += asked;
        return call;
}

void call_free(struct call *call)
{
        fd_closep(&call->fd);
        fd_closep(&call->held_fd);
        buffer_free(&call->held);
        arena_free(call->arena);
}

static void stop_watching(struct call *call)
{
        if (call->watches)
                call->connection->server->front_watches--;
        call->watches = false;
}

void call_drop(struct call *call)
{
        stop_watching(call);
        call->connection = NULL;
        if (call->done) {
                call_free(call);
        } else if (call->gone != NULL) {
                call->gone(call->gone_context); /* which may lie in the call's arena */
                call_free(call);
        }
}

/* The calls at the front that are answered leave; the next one's held replies go out. */
static void advance(struct connection *connection)
{
        while (connection->first != NULL) {
                struct call *call = connection->first;
                stream_move(connection, call);
                if (!call->done)
                        return;
                connection->first = call->next;
                if (connection->first == NULL)
                        connection->last = NULL;
                connection->calls--;
                connection->asked -= call->asked;
                stop_watching(call);
                call_free(call);
        }
}

static void answered(struct call *call, bool last)
{
        struct connection *connection = call->connection;
        call->done = last;
        if (connection == NULL) {
                if (last)
                        call_free(call);
                return;
        }
        if (connection->first == call)
                advance(connection);
        else if (stream_waits(connection) > connection->server->service.limits.output_max)
                connection->broken = true;
        connection_after_reply(connection, last);
}

static bool text_member(const struct json *message, const char *name, const char **ret_text)
{
        const struct json *member = json_member(message, name);
        if (json_type_of(member) != JSON_TEXT)
                return false;
        *ret_text = json_text(member, NULL);
        return true;
}

/* An optional boolean; false when it is something else. */
static bool flag_member(const struct json *message, const char *name, bool *ret_flag)
{
        const struct json *member = json_member(message, name);
        if (member != NULL && json_type_of(member) != JSON_BOOLEAN)
                return false;
        *ret_flag = member != NULL && json_boolean(member);
        return true;
}

/* Fills the call from its message; the name of what is wrong, or NULL. */
static const char *read_message(struct call *call, const char **ret_method)
{
        bool upgrade = false;
        if (json_type_of(call->message) != JSON_OBJECT)
                return "is not an object";
        if (!text_member(call->message, "method", ret_method))
                return "has no text as its method";
        if (!flag_member(call->message, "more", &call->more) || !flag_member(call->message, "oneway", &call->oneway) ||
            !flag_member(call->message, "upgrade", &upgrade) || upgrade || (call->more && call->oneway))
                return "has a flag that is not understood";
        call->parameters = json_take(call->message, "parameters");
        if (call->parameters == NULL)
                call->parameters = json_parse_in(call->arena, "{}", 2, NULL);
        if (json_type_of(call->parameters) != JSON_OBJECT)
                return "has parameters that are no object";
        return NULL;
}

/* Finds interface and method by name; answers and returns false when there is none. */
static bool find_method(struct call *call, const char *name)
{
        const char *dot = strrchr(name, '.');
        size_t length = dot == NULL ? 0 : (size_t)(dot - name);
        call->interface = dot == NULL ? NULL : service_find(call->connection->server, name, length);
        if (call->interface == NULL) {
                call_varlink_error(call, "InterfaceNotFound", "interface", arena_text(call->arena, name, length));
                return false;
        }
        for (const struct wire_method *method = call->interface->methods; method->name != NULL; method++)
                if (method->name[0] == dot[1] && strcmp(method->name, dot + 1) == 0) {
                        call->method = method;
                        return true;
                }
        call_varlink_error(call, "MethodNotFound", "method", arena_printf(call->arena, "%s", dot + 1));
        return false;
}

static bool read_caller(struct call *call)
{
        const struct json *value =
                json_take(call->parameters, "caller"); /* in the call's arena, as all of the message */
        const char *wrong = NULL;
        int result = caller_read(call->arena, value, &call->caller, &wrong);
        if (result != 0)
                call_invalid_parameter(call, arena_printf(call->arena, "caller%s%s", *wrong == '\0' ? "" : ".", wrong));
        return result == 0;
}

/* Each holds a connection for good. 0, or -1: there are as many as there may be. */
static int begin_watching(struct call *call, struct failure *failure)
{
        struct wire_server *server = call->connection->server;
        const struct wire_limits *limits = &server->service.limits;
        if (!call_is_watch(call) || limits->front == 0 || call->peer.uid != limits->front ||
            limits->front_watches_max == 0)
                return 0;
        if (server->front_watches >= limits->front_watches_max) {
                (void)failure_set(failure, FAILURE_BUSY, "", "Ask again with a call, or watch later.",
                                  "Too many different things are being watched.");
                failure->retry_s = WATCH_AGAIN_S;
                return -1;
        }
        server->front_watches++;
        call->watches = true;
        return 0;
}

static void serve(struct call *call)
{
        const struct wire_service *service = &call->connection->server->service;
        struct failure failure = {0};
        int admitted = begin_watching(call, &failure);
        if (admitted == 0 && service->admit_call != NULL && call->interface != &service_interface)
                admitted = service->admit_call(call, call->method, &failure, service->context);
        if (admitted < 0)
                call_fail(call, &failure);
        else if (admitted == 0)
                call->method->serve(call);
}

/* Who cannot speak is told so, and not listened to further. */
static void malformed(struct call *call, const struct failure *failure)
{
        call->connection->closing = true;
        call->oneway = false;
        call_fail(call, failure);
}

void call_begin(struct connection *connection, const char *bytes, size_t length)
{
        struct call *call = call_new(connection, length);
        struct failure failure = {0};
        const char *method = "", *wrong = NULL;
        call->fd = stream_take_fd(connection, connection->taken + length + 1);
        call->message = json_parse_in(call->arena, bytes, length, &failure);
        if (call->message != NULL && (wrong = read_message(call, &method)) != NULL)
                (void)failure_set(&failure, FAILURE_MALFORMED, NULL, "send a Varlink call", "the message %s", wrong);
        if (call->message == NULL || wrong != NULL)
                malformed(call, &failure);
        else if (find_method(call, method) && read_caller(call))
                serve(call);
        /* Still open: who did not want its descriptor will not, and many calls wait for long. */
        if (connection->last == call)
                fd_closep(&call->fd);
}

void call_too_large(struct connection *connection)
{
        struct failure failure = {0};
        (void)failure_set(&failure, FAILURE_MALFORMED, NULL, "send less at once",
                          "the message is longer than %zu bytes", connection->server->service.limits.message_max);
        malformed(call_new(connection, 0), &failure);
}

static void put_envelope(struct buffer *buffer, const char *error, const char *parameters, size_t length,
                         bool continues)
{
        static const char failed[] = "{\"error\":\"",
                          with[] = "\",\"parameters\":", good[] = "{\"parameters\":", more[] = ",\"continues\":true";
        (void)buffer_room(buffer,
                          length + sizeof failed + sizeof with + sizeof more + 2 + (error == NULL ? 0 : strlen(error)));
        if (error != NULL) {
                buffer_put(buffer, failed, sizeof failed - 1);
                buffer_put(buffer, error, strlen(error));
                buffer_put(buffer, with, sizeof with - 1);
        } else {
                buffer_put(buffer, good, sizeof good - 1);
        }
        buffer_put(buffer, parameters, length);
        if (continues)
                buffer_put(buffer, more, sizeof more - 1);
        buffer_put(buffer, "}", 2); /* with its NUL */
}

/* Whose turn it is answers straight into the output; others, and what comes with a descriptor, wait in the call. */
static void put_answer(struct call *call, const char *error, const char *parameters, size_t length, bool continues)
{
        struct connection *connection = call->connection;
        bool held = connection->first != call || call->held_fd >= 0;
        struct buffer *buffer = held ? &call->held : &connection->output;
        size_t before = buffer->end - buffer->start;
        put_envelope(buffer, error, parameters, length, continues);
        if (!held)
                connection->put += buffer->end - buffer->start - before;
}

void call_answer(struct call *call, const char *error, const struct json_out *parameters, bool continues, int fd)
{
        ASSERT(call != NULL && !call->done);
        CLEANUP_FD int passed = fd;
        size_t length = 2;
        const char *bytes = parameters == NULL ? "{}" : json_out_bytes(parameters, &length);
        if (call->imagined != NULL) {
                call->imagined->answered = true;
                call->imagined->length = length;
                call->imagined->parameters =
                        error == NULL && !continues ? arena_text(call->imagined->arena, bytes, length) : NULL;
        }
        if (!call->oneway && call->connection != NULL && !call->connection->broken) {
                call->held_fd = passed;
                passed = -1;
                call->held_fd_at = call->held.end - call->held.start;
                put_answer(call, error, bytes, length, continues);
        }
        answered(call, !continues);
}

void call_reply(struct call *call, const struct json_out *parameters)
{
        call_answer(call, NULL, parameters, false, -1);
}

void call_reply_more(struct call *call, const struct json_out *parameters)
{
        ASSERT(call->more);
        call_answer(call, NULL, parameters, true, -1);
}

void call_reply_fd(struct call *call, const struct json_out *parameters, int fd)
{
        call_answer(call, NULL, parameters, false, fd);
}

size_t call_backlog(const struct call *call)
{
        ASSERT(call != NULL);
        const struct connection *connection = call->connection;
        if (connection == NULL)
                return 0;
        return connection->output.end - connection->output.start + call->held.end - call->held.start;
}

void call_on_room(struct call *call, void (*room)(void *context), void *context)
{
        ASSERT(room == NULL || call_backlog(call) != 0);
        call->room = room;
        call->room_context = context;
}

struct arena *call_arena(struct call *call)
{
        return call->arena;
}

const struct wire_method *call_method(const struct call *call)
{
        return call->method;
}

const struct wire_interface *call_interface(const struct call *call)
{
        return call->interface;
}

const struct json *call_parameters(const struct call *call)
{
        return call->parameters;
}

const struct caller *call_caller(const struct call *call)
{
        return &call->caller;
}

const struct peer *call_peer(const struct call *call)
{
        return &call->peer;
}

uint64_t call_moment(const struct call *call)
{
        return call->moment;
}

bool call_is_watch(const struct call *call)
{
        return call->more && call->method != NULL && (call->method->flags & METHOD_MORE) != 0;
}

bool call_wants_more(const struct call *call)
{
        return call->more && (call->method->flags & (METHOD_MORE | METHOD_CHANGES | METHOD_PROGRESS)) != 0;
}

bool call_is_oneway(const struct call *call)
{
        return call->oneway;
}

int call_take_fd(struct call *call)
{
        int fd = call->fd;
        call->fd = -1;
        return fd;
}

void call_on_gone(struct call *call, void (*gone)(void *context), void *context)
{
        call->gone = gone;
        call->gone_context = context;
}

void call_set_bearer(struct call *call, void *bearer)
{
        call->bearer = bearer;
}

void *call_bearer(const struct call *call)
{
        return call->bearer;
}
