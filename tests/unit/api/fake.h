/* An exchange and a daemon's line that only remember: what was answered, what was called. The engine and the wire have
 * tests of their own.
 * Rights: a test. */
#ifndef BULKHEAD_TESTS_UNIT_API_FAKE_H
#define BULKHEAD_TESTS_UNIT_API_FAKE_H

#include "tests/unit/api/world.h"

#include "ticket/sign.h"

#include <fcntl.h>
#include <unistd.h>

/* --- an exchange --- */

struct exchange {
        struct arena *arena;
        struct http_head head;
        void *own;
        void (*gone)(struct exchange *exchange, void *context);
        void *gone_context;
        const char *address, *sent; /* sent: the body of the request; NULL: none */
        bool secure;
        int status;                /* 0: not answered yet */
        const char *fields, *body; /* "Name: value\n" ... */
};

const struct http_head *exchange_head(const struct exchange *exchange)
{
        return &exchange->head;
}

struct arena *exchange_arena(struct exchange *exchange)
{
        return exchange->arena;
}

struct http_text exchange_path(const struct exchange *exchange)
{
        struct http_text path = exchange->head.path;
        if (path.length > 1 && path.bytes[path.length - 1] == '/')
                path.length--;
        return path;
}

const char *exchange_address(const struct exchange *exchange)
{
        return exchange->address;
}

bool exchange_is_secure(const struct exchange *exchange)
{
        return exchange->secure;
}

const char *exchange_request_id(struct exchange *exchange)
{
        (void)exchange;
        return "11111111-2222-4333-8444-555555555555";
}

void exchange_set(struct exchange *exchange, void *own)
{
        exchange->own = own;
}

void *exchange_own(const struct exchange *exchange)
{
        return exchange->own;
}

void exchange_on_gone(struct exchange *exchange, void (*gone)(struct exchange *exchange, void *context), void *context)
{
        exchange->gone = gone;
        exchange->gone_context = context;
}

void exchange_read_all(struct exchange *exchange, size_t max,
                       void (*done)(struct exchange *exchange, const char *bytes, size_t length, void *context),
                       void *context)
{
        size_t length = strlen(exchange->sent);
        if (length > max)
                api_service.refuse(exchange, 413, "The body is too large.", NULL);
        else
                done(exchange, exchange->sent, length, context);
}

void exchange_field(struct exchange *exchange, const char *name, const char *value)
{
        assert_int_equal(exchange->status, 0);
        exchange->fields = arena_printf(exchange->arena, "%s%s: %s\n", exchange->fields, name, value);
}

void exchange_fields(struct exchange *exchange, const char *lines, size_t length)
{
        for (const char *end; length > 0; length -= (size_t)(end + 2 - lines), lines = end + 2) {
                end = strstr(lines, "\r\n");
                assert_true(end != NULL && (size_t)(end + 2 - lines) <= length);
                exchange->fields =
                        arena_printf(exchange->arena, "%s%.*s\n", exchange->fields, (int)(end - lines), lines);
        }
}

void exchange_answer(struct exchange *exchange, int status, const void *bytes, size_t length)
{
        assert_int_equal(exchange->status, 0); /* once */
        exchange->status = status;
        exchange->body = arena_text(exchange->arena, bytes, length);
}

void exchange_answer_entity(struct exchange *exchange, int status, const struct entity *entity)
{
        enum http_condition condition = http_conditions(&exchange->head, entity->etag, entity->modified);
        if (entity->etag != NULL)
                exchange_field(exchange, "ETag", entity->etag);
        exchange_field(exchange, "Content-Type", entity->type);
        if (entity->fd >= 0) {
                char *bytes = arena_alloc(exchange->arena, entity->length + 1);
                assert_int_equal(read(entity->fd, bytes, entity->length), entity->length);
                close(entity->fd);
                exchange_answer(exchange, status, bytes, entity->length);
                return;
        }
        if (condition == HTTP_NOT_MODIFIED)
                exchange_answer(exchange, 304, "", 0);
        else if (condition == HTTP_PRECONDITION_FAILED)
                api_service.refuse(exchange, 412, "It is another one now.", NULL);
        else
                exchange_answer(exchange, status, entity->bytes, entity->length);
}

#ifndef FAKE_WITH_STREAM
void stream_serve(struct exchange *exchange)
{
        exchange_answer(exchange, 101, "", 0);
}
#endif

/* --- a line --- */

enum { FAKE_ASKS_MAX = 256 };
struct wire_line {
        int unused;
};
struct wire_ask {
        const char *method, *parameters; /* in api.arena */
        wire_answered *answered;
        void *context;
        struct json_place *members;
        size_t member_count;
        bool open, cancelled;
        enum wire_manner manner;
};
static struct wire_line fake_line;
static struct wire_ask fake_asks[FAKE_ASKS_MAX];
static unsigned fake_ask_count;

struct wire_line *wire_line_new(struct loop *loop, const char *socket_path, const struct wire_line_limits *limits)
{
        (void)loop;
        (void)socket_path;
        (void)limits;
        return &fake_line;
}

struct wire_ask *wire_line_call(struct wire_line *line, const char *method, const char *parameters, size_t length,
                                enum wire_manner manner, wire_answered *answered, void *context)
{
        assert_true(fake_ask_count < FAKE_ASKS_MAX);
        assert_non_null(line);
        struct wire_ask *ask = &fake_asks[fake_ask_count++];
        *ask = (struct wire_ask){.method = method,
                                 .parameters = arena_text(api.arena, parameters, length),
                                 .answered = answered,
                                 .context = context,
                                 .open = true,
                                 .manner = manner};
        return ask;
}

void wire_ask_wants(struct wire_ask *ask, struct json_place *members, size_t count)
{
        ask->members = members;
        ask->member_count = count;
}

void wire_ask_cancel(struct wire_ask *ask)
{
        assert_true(ask->open && !ask->cancelled);
        ask->open = false;
        ask->cancelled = true;
}

/* The answer to the ask of that number, counted from 0. error NULL: none. */
static inline void fake_answer(unsigned number, const char *error, const char *parameters)
{
        struct wire_ask *ask = &fake_asks[number];
        const struct wire_answer answer = {.error = error,
                                           .parameters = parameters,
                                           .length = strlen(parameters),
                                           .members = ask->members,
                                           .fd = -1};
        assert_true(number < fake_ask_count && ask->open);
        if (ask->members != NULL)
                (void)json_spans(parameters, strlen(parameters), ask->members, ask->member_count);
        ask->open = false;
        ask->answered(&answer, ask->context);
}

/* One of several replies. */
static inline void fake_more(unsigned number, const char *parameters)
{
        struct wire_ask *ask = &fake_asks[number];
        const struct wire_answer answer = {
                .parameters = parameters, .length = strlen(parameters), .continues = true, .fd = -1};
        assert_true(number < fake_ask_count && ask->open && ask->manner == WIRE_MORE);
        ask->answered(&answer, ask->context);
}

static inline void fake_away(unsigned number, enum failure_code code, bool timed_out)
{
        struct wire_ask *ask = &fake_asks[number];
        struct failure failure = {0};
        const struct wire_answer answer = {.failure = &failure, .timed_out = timed_out, .fd = -1};
        assert_true(number < fake_ask_count && ask->open);
        failure_set(&failure, code, "", "Try again in a moment.", "The daemon is away.");
        ask->open = false;
        ask->answered(&answer, ask->context);
}

/* --- a request --- */

/* request: "GET /path"; fields as in world_head; sent: the body, or NULL. */
static inline struct exchange *fake_serve(const char *request, const char *fields, const char *sent)
{
        struct exchange *exchange = arena_alloc(api.arena, sizeof(*exchange));
        const char *length = sent == NULL ? "" : arena_printf(api.arena, "Content-Length: %zu\r\n", strlen(sent));

        *exchange = (struct exchange){
                .arena = api.arena, .address = "10.0.0.7", .sent = sent, .secure = true, .fields = "", .body = ""};
        world_head(request, arena_printf(api.arena, "%s%s", fields, length), &exchange->head);
        fake_ask_count = 0;
        api_service.serve(exchange, NULL);
        return exchange;
}

/* The value of the first field of that name in the answer; "" */
static inline const char *fake_field(const struct exchange *exchange, const char *name)
{
        const char *at =
                strstr(arena_printf(api.arena, "\n%s", exchange->fields), arena_printf(api.arena, "\n%s: ", name));
        if (at == NULL)
                return "";
        at += strlen(name) + 3;
        return arena_text(api.arena, at, strcspn(at, "\n"));
}

/* The end of a problem's type, "" when the answer is none. */
static inline const char *fake_kind(const struct exchange *exchange)
{
        const char *at = strstr(exchange->body, "\"type\":\"" IDL_PROBLEM_BASE);
        if (at == NULL || strcmp(fake_field(exchange, "Content-Type"), "application/problem+json") != 0)
                return "";
        at += strlen("\"type\":\"" IDL_PROBLEM_BASE);
        return arena_text(api.arena, at, strcspn(at, "\""));
}

/* --- tickets --- */

static struct signing_key fake_key;
static char fake_trust[] = "/tmp/test-api-trust-XXXXXX";

static inline void fake_publish(struct trust_content *content)
{
        int directory = open(fake_trust, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        size_t length;
        uint8_t *bytes = trust_write(content, &length);
        char path[128];
        snprintf(path, sizeof(path), "%s/%s.new", fake_trust, TRUST_FILE);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        assert_int_equal(write(fd, bytes, length), length);
        close(fd);
        assert_int_equal(renameat(directory, "current.new", directory, TRUST_FILE), 0);
        close(directory);
        free(bytes);
}

static inline void fake_trust_begin(void)
{
        uint8_t seed[SEED_BYTES] = {1};
        struct trust_content content = {.generation = 1, .key_count = 1};
        crypto_start();
        assert_non_null(mkdtemp(fake_trust));
        fake_key.id = 1;
        crypto_key_from_seed(seed, content.keys[0].public_key, fake_key.secret);
        content.keys[0].id = 1;
        assert_int_equal(clock_boot_id(content.boot_id), 0);
        fake_publish(&content);
        api.trust = trust_open(fake_trust);
        assert_non_null(api.trust);
}

static inline void fake_trust_end(void)
{
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", fake_trust, TRUST_FILE);
        unlink(path);
        rmdir(fake_trust);
        trust_close(TAKE(api.trust));
}

static inline const char *fake_ticket(const char *name, enum role role, uint64_t session)
{
        char text[TICKET_TEXT_MAX];
        struct ticket ticket = {.subject = 20001,
                                .role = role,
                                .source = SOURCE_SESSION,
                                .session = session,
                                .not_after_ms = clock_boot_ms() + TICKET_LIFE_MS};
        snprintf(ticket.name, sizeof(ticket.name), "%s", name);
        assert_int_equal(clock_boot_id(ticket.boot_id), 0);
        ticket_sign(&ticket, &fake_key, text);
        return arena_text(api.arena, text, strlen(text));
}

#endif
