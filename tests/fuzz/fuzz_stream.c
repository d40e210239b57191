/* The stream, whole: clients say anything in any order, daemons answer anything, sockets are stuck and have room again,
 * time goes by. Everything else only remembers (tests/unit/api_stream/fake.h). A line of the input is one event:
 *   c                connect (at most four)        m<client><text>  that one says text
 *   r<ask><text>     a reply, more come            f<ask><text>     the last one
 *   e<ask><name> <text>  an error                  a<ask>           nobody answers
 *   s<client>        takes nothing from now on     o<client>        has room          g<client>  is gone
 *   w<digit>         time goes by
 * Rights: a test. */
#include "tests/unit/api_stream/fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { CLIENTS = 4, LINES_MAX = 200, MEMORY_MAX = 64 * 1024 };
static struct websocket *clients[CLIENTS];

static struct wire_ask *ask_of(char digit)
{
        unsigned number = (unsigned)(unsigned char)digit - '0';
        return number < fake_ask_count && fake_asks[number].open ? &fake_asks[number] : NULL;
}

static struct websocket *client_of(char digit)
{
        unsigned number = (unsigned)(unsigned char)digit - '0';
        return number < CLIENTS ? clients[number] : NULL;
}

static void answer(const char *line)
{
        char kind = line[0];
        struct wire_ask *ask = line[1] == '\0' ? NULL : ask_of(line[1]);
        struct failure failure = {.code = FAILURE_UNAVAILABLE, .message = "away"};
        const char *rest = line + 2, *blank = kind == 'e' && ask != NULL ? strchr(rest, ' ') : NULL;
        struct wire_answer reply = {.fd = -1, .continues = kind == 'r' && ask != NULL && ask->manner == WIRE_MORE};

        if (ask == NULL || (kind == 'e' && (blank == NULL || blank == rest))) /* a line gives no error without a name */
                return;
        if (kind == 'e')
                reply.error = arena_text(api.arena, rest, (size_t)(blank - rest));
        if (kind == 'a')
                reply.failure = &failure;
        else
                reply.parameters = blank != NULL ? blank + 1 : rest;
        /* A line gives an object's text only, whole in its brackets. */
        struct json_place place = {.name = "x"};
        if (kind != 'a' && json_spans(reply.parameters, strlen(reply.parameters), &place, 1) < 0)
                return;
        reply.length = reply.parameters == NULL ? 0 : strlen(reply.parameters);
        ask->open = reply.continues;
        ask->answered(&reply, ask->context);
}

static void connect_one(void)
{
        for (unsigned i = 0; i < CLIENTS; i++)
                if (clients[i] == NULL) {
                        clients[i] = fake_connect(fake_ticket("vera", i == 3 ? ROLE_ADMIN : ROLE_VIEWER, 1 + i / 2));
                        return;
                }
}

static void play(const char *line)
{
        struct websocket *socket = line[0] == '\0' || line[1] == '\0' ? NULL : client_of(line[1]);

        if (line[0] == 'c')
                connect_one();
        else if (line[0] == 'w')
                fake_wait(line[1] == '9' ? TICKET_LIFE_MS : (uint64_t)(line[1] & 7) * STREAM_LOOK_MS);
        else if (strchr("rfea", line[0]) != NULL && line[0] != '\0')
                answer(line);
        else if (socket == NULL)
                return;
        else if (line[0] == 'm' && socket->count < FAKE_TEXTS_MAX / 2)
                fake_say(socket, line + 2);
        else if (line[0] == 's')
                socket->stuck = true;
        else if (line[0] == 'o')
                fake_room(socket);
        else if (line[0] == 'g')
                fake_gone(TAKE(clients[line[1] - '0']));
}

/* Nobody is told more than there is room to remember here. */
static void forget(void)
{
        for (unsigned i = 0; i < CLIENTS; i++)
                if (clients[i] != NULL && clients[i]->count > FAKE_TEXTS_MAX / 2)
                        clients[i]->count = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        void *state = NULL;

        if (length > MEMORY_MAX || memchr(bytes == NULL ? (const uint8_t *)"" : bytes, '\0', length) != NULL)
                return 0;
        fake_begin(&state);
        char *text = arena_text(api.arena, (const char *)bytes, length), *next = text;
        for (unsigned i = 0; next != NULL && i < LINES_MAX && fake_ask_count + 16 < FAKE_ASKS_MAX; i++) {
                const char *line = strsep(&next, "\n");
                play(line);
                forget();
        }
        for (unsigned i = 0; i < CLIENTS; i++)
                if (clients[i] != NULL)
                        fake_gone(TAKE(clients[i]));
        for (unsigned i = 0; i < fake_ask_count; i++) /* fresh tickets that were asked for */
                if (fake_asks[i].open && strcmp(fake_asks[i].method, "nas.users.Refresh") == 0)
                        fake_away(i, FAILURE_UNAVAILABLE, false);
        fake_end(&state);
        return 0;
}
