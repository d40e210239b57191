/* Calls over the stream: by REST's rules, with REST's answers. A change tells its job and its progress too. Who cancels
 * or goes away gives up the answer, not the change.
 * Rights: the front end; the daemons' lines. */
#include "daemons/api/stream/stream.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { UUID_SIZE = 37, UUID_BYTES = 16 };

struct stream_call {
        struct stream_call *next; /* of the same client */
        struct client *client;
        const struct api_method *method;
        int64_t id;
        struct wire_ask *ask; /* NULL: none under way */
        struct fan *fan;      /* the same, of all daemons; in arena */
        struct arena *arena;  /* NULL: none is needed */
        struct tail *held;    /* the answer, until there is room for it; NULL */
        bool dry_run;
        char request[UUID_SIZE];
};

static void make_uuid(char ret_text[UUID_SIZE])
{
        uint8_t bytes[UUID_BYTES];
        char digits[2 * UUID_BYTES + 1];
        size_t from = 0;

        crypto_random(bytes, sizeof(bytes));
        bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
        text_hex(bytes, sizeof(bytes), digits);
        for (size_t i = 0; i < UUID_SIZE - 1; i++)
                ret_text[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' : digits[from++];
        ret_text[UUID_SIZE - 1] = '\0';
}

/* --- the list of a client --- */

static void call_free(struct stream_call *call)
{
        struct stream_call **at = &call->client->calls;

        while (*at != call)
                at = &(*at)->next;
        *at = call->next;
        call->client->call_count--;
        if (call->ask != NULL)
                wire_ask_cancel(call->ask);
        if (call->fan != NULL)
                jobs_cancel(call->fan);
        arena_free(call->arena);
        tail_free(call->held);
        free(call);
}

static struct stream_call *find(const struct client *client, int64_t id)
{
        struct stream_call *call = client->calls;

        while (call != NULL && call->id != id)
                call = call->next;
        return call;
}

bool call_has(const struct client *client, int64_t id)
{
        ASSERT(client != NULL);
        return find(client, id) != NULL;
}

bool call_cancel(struct client *client, int64_t id)
{
        ASSERT(client != NULL);
        struct stream_call *call = find(client, id);

        if (call != NULL)
                call_free(call);
        return call != NULL;
}

void calls_end(struct client *client)
{
        ASSERT(client != NULL);
        while (client->calls != NULL)
                call_free(client->calls);
}

/* --- answers --- */

/* Tells the answer and ends the call, now or when there is room. */
static void finish(struct stream_call *call, struct tail *tail)
{
        struct client *client = call->client;

        if (!client_has_room(client, STREAM_BACKLOG_MAX)) {
                call->held = tail;
                client->behind = true;
                return;
        }
        client_tell(client, call->id, tail);
        call_free(call);
}

void calls_resume(struct client *client)
{
        ASSERT(client != NULL);
        for (struct stream_call *call = client->calls, *next; call != NULL && !client->behind; call = next) {
                next = call->next;
                if (call->held != NULL)
                        finish(call, TAKE(call->held));
        }
}

static void finish_wrong(struct stream_call *call, const struct wire_answer *answer)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        const struct problem problem = problem_of_answer(arena, answer, role_name(call->method->role));

        finish(call, tail_problem(&problem, call->request));
}

/* What REST's body would be; NULL: none. */
static const char *body_of(const struct stream_call *call, const struct wire_answer *answer, size_t *ret_length)
{
        const struct idl_member *method = call->method->method;
        const struct idl_field *body = idl_http_body(method);

        if (call->dry_run)
                return json_span(answer->parameters, answer->length, "plan", ret_length);
        if (idl_http_success(method) == 204)
                return NULL;
        *ret_length = answer->length;
        return body != NULL ? json_span(answer->parameters, answer->length, body->name, ret_length)
                            : answer->parameters;
}

static void finish_right(struct stream_call *call, const struct wire_answer *answer)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length = 0, next_length;
        const char *body = body_of(call, answer, &length);
        const char *next = idl_http_next(call->method->method) != NULL
                                   ? json_span(answer->parameters, answer->length, "next", &next_length)
                                   : NULL;
        char version[VERSION_TEXT_SIZE];

        json_out_object(out);
        json_out_key(out, "result");
        if (body != NULL)
                json_out_raw(out, body, length);
        else
                json_out_null(out);
        if (next != NULL) {
                json_out_key(out, "next");
                json_out_raw(out, next, next_length);
        }
        if (call->method->verb == HTTP_GET) {
                crypto_version(answer->parameters, answer->length, version);
                json_out_key(out, "version");
                json_out_text(out, version);
        }
        json_out_object_end(out);
        finish(call, tail_new(out));
}

/* The job, or how far it is. Left out when there is no room. */
static void tell_progress(struct stream_call *call, const struct wire_answer *answer)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        static const char *const names[] = {"job", "progress"};
        size_t told = 0, length;

        json_out_object(out);
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                const char *value = json_span(answer->parameters, answer->length, names[i], &length);
                if (value == NULL)
                        continue;
                json_out_key(out, names[i]);
                json_out_raw(out, value, length);
                told++;
        }
        json_out_object_end(out);
        if (told > 0 && client_has_room(call->client, answer->length))
                client_tell(call->client, call->id, tail_new(out));
}

static void answered(const struct wire_answer *answer, void *context)
{
        struct stream_call *call = context;

        if (answer->fd >= 0)
                close(answer->fd);
        if (answer->error == NULL && answer->failure == NULL && answer->continues) {
                tell_progress(call, answer);
                return;
        }
        call->ask = NULL;
        call->fan = NULL;
        if (answer->error != NULL || answer->failure != NULL)
                finish_wrong(call, answer);
        else
                finish_right(call, answer);
}

static void all_answered(const struct wire_answer *answer, const char *missing, void *context)
{
        (void)missing;
        answered(answer, context);
}

/* --- the question --- */

static void ask(struct stream_call *call, const char *parameters, size_t length)
{
        const struct api_method *method = call->method;
        bool tells = method->progress || (method->changes && !call->dry_run);
        enum wire_manner manner = method->verb == HTTP_GET ? WIRE_QUICK : tells ? WIRE_MORE : WIRE_ALONE;

        if (method->line != NULL) {
                call->ask =
                        wire_line_call(method->line->line, method->name, parameters, length, manner, answered, call);
                return;
        }
        call->arena = arena_new();
        call->fan = jobs_ask(call->arena, method, parameters, length, all_answered, call);
}

static int check(const struct client *client, const struct api_method *method, const struct message *message,
                 struct failure *failure)
{
        if (client->call_count >= STREAM_CALLS_MAX)
                return failure_set(failure, FAILURE_BUSY, "", "Wait for the answer of one.",
                                   "At most %d calls may be open on one connection.", STREAM_CALLS_MAX);
        if (!method->changes &&
            (message->dry_run || message->warrant != NULL || message->idempotency != NULL || message->if_match != NULL))
                return failure_set(failure, FAILURE_INVALID, "call", "Leave out what is for changes.",
                                   "This only reads.");
        return 0;
}

static struct stream_call *call_new(struct client *client, const struct api_method *method,
                                    const struct message *message)
{
        struct stream_call *call = mem_new(1, sizeof(*call));

        *call = (struct stream_call){.next = client->calls,
                                     .client = client,
                                     .method = method,
                                     .id = message->id,
                                     .dry_run = message->dry_run};
        make_uuid(call->request);
        client->calls = call;
        client->call_count++;
        return call;
}

void call_begin(struct client *client, const struct message *message)
{
        ASSERT(client != NULL && message != NULL && message->kind == MESSAGE_CALL);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        struct failure failure = {0};
        const struct api_method *method = stream_method(message->method, false, &failure);
        size_t length;

        json_out_object(out);
        if (method == NULL || check(client, method, message, &failure) < 0 ||
            canon_parameters(out, method->method, message->params, &failure) < 0) {
                client_fail(client, message->id, &failure);
                return;
        }
        struct stream_call *call = call_new(client, method, message);
        caller_write(out, &(struct api_caller){.ticket = client->holder->text,
                                               .warrant = message->warrant,
                                               .request = call->request,
                                               .address = websocket_address(client->socket),
                                               .idempotency = message->idempotency,
                                               .if_match = message->if_match,
                                               .dry_run = message->dry_run});
        json_out_object_end(out);
        const char *parameters = json_out_bytes(out, &length);
        ask(call, parameters, length);
}
