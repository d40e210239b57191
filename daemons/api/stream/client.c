/* One connection: its messages are read, paid for and handed on; it ends when its ticket does.
 * Rights: the front end; the connection's own socket. Everything that comes here is from outside. */
#include "daemons/api/stream/stream.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

/* --- telling --- */

bool client_has_room(const struct client *client, size_t length)
{
        ASSERT(client != NULL);
        size_t backlog = websocket_backlog(client->socket);
        return backlog == 0 || backlog + length <= STREAM_BACKLOG_MAX;
}

void client_tell(struct client *client, int64_t id, struct tail *tail)
{
        ASSERT(client != NULL && tail != NULL);
        struct websocket_frame *frame = tail_frame(tail, id);

        websocket_send_frame(client->socket, frame);
        websocket_frame_drop(frame);
        tail_free(tail);
}

void client_fail(struct client *client, int64_t id, const struct failure *failure)
{
        ASSERT(client != NULL && failure != NULL);
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        const struct problem problem = problem_of_failure(arena, failure);

        client_tell(client, id, tail_problem(&problem, ""));
}

/* --- the end --- */

void client_close(struct client *client, unsigned code, const char *words)
{
        ASSERT(client != NULL && words != NULL);
        client->closing = true;
        calls_end(client);
        watches_end(client);
        websocket_close(client->socket, code, words);
}

static void gone(struct websocket *socket, void *context)
{
        struct client *client = context;

        (void)socket;
        calls_end(client);
        watches_end(client);
        *client->link = client->next;
        if (client->next != NULL)
                client->next->link = client->link;
        holder_drop(client->holder);
        stream_count(-1, 0);
        free(client);
}

/* --- messages --- */

/* false: it says more than its share. */
static bool pays(struct client *client)
{
        uint64_t now_ms = clock_boot_ms();
        uint64_t paid_ms = (client->paid_ms > now_ms ? client->paid_ms : now_ms) + STREAM_MESSAGE_MS;

        if (paid_ms > now_ms + (uint64_t)STREAM_BURST * STREAM_MESSAGE_MS)
                return false;
        client->paid_ms = paid_ms;
        return true;
}

static bool has(const struct client *client, int64_t id)
{
        return watch_has(client, id) || call_has(client, id);
}

static void cancel(struct client *client, int64_t id)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        bool done = watch_cancel(client, id) || call_cancel(client, id);

        json_out_object(out);
        json_out_key(out, "cancelled");
        json_out_boolean(out, done);
        json_out_object_end(out);
        client_tell(client, id, tail_new(out));
}

static void obey(struct client *client, const struct message *message)
{
        struct failure failure;

        if (message->kind == MESSAGE_CANCEL) {
                cancel(client, message->id);
        } else if (has(client, message->id)) { /* without the id: that other one goes on */
                failure_set(&failure, FAILURE_CONFLICT, "id", "Take another, or cancel that one.",
                            "is in use on this connection");
                client_fail(client, -1, &failure);
        } else if (message->kind == MESSAGE_WATCH) {
                watch_begin(client, message);
        } else {
                call_begin(client, message);
        }
}

static void text(struct websocket *socket, const char *bytes, size_t length, void *context)
{
        struct client *client = context;
        struct failure failure = {0};
        struct message message;

        (void)socket;
        if (client->closing)
                return;
        if (!pays(client)) {
                client_close(client, STREAM_TOO_MUCH, "Too many messages.");
                return;
        }
        if (!holder_holds(client->holder)) { /* the next look closes it */
                failure_set(&failure, FAILURE_UNAUTHENTICATED, "", "Sign in again.", "This session or key is over.");
                client_fail(client, -1, &failure);
                return;
        }
        struct json *document CLEANUP(json_freep) = json_parse(bytes == NULL ? "" : bytes, length, &failure);
        if (document == NULL)
                client_fail(client, -1, &failure);
        else if (message_read(document, &message, &failure) < 0)
                client_fail(client, message.id >= 0 && has(client, message.id) ? -1 : message.id, &failure);
        else
                obey(client, &message);
}

static void room(struct websocket *socket, void *context)
{
        struct client *client = context;

        (void)socket;
        if (client->closing || !client->behind)
                return;
        client->behind = false;
        calls_resume(client);
        watches_resume(client);
}

struct client *client_new(struct exchange *exchange, const char *protocol, const struct bearer *bearer)
{
        ASSERT(exchange != NULL && bearer != NULL && *bearer->text != '\0');
        static const struct websocket_events events = {.text = text, .room = room, .gone = gone};
        struct client *client = mem_new(1, sizeof(*client));

        client->holder = holder_get(bearer, exchange_address(exchange));
        client->link = &client->holder->clients;
        client->next = client->holder->clients;
        if (client->next != NULL)
                client->next->link = &client->next;
        client->holder->clients = client;
        stream_count(1, 0);
        client->socket = websocket_accept(exchange, protocol, &events, client);
        return client;
}
