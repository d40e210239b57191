/* A clerk in a test's own process: the real parts of it over a fake hand, a fake machine, a trust of our own
 * and a private PostgreSQL; and a client that runs the clerk's loop while it waits.
 * Rights: none; files under /tmp. */
#include "tests/unit/fake/fake.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "serve/clerk.h"
#include "state/changes.h"
#include "tests/lib/pg.h"
#include "ticket/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct {
        struct wire_server *server;
        char trust_directory[80];
        struct signing_key key;
        struct trust_content content;
        struct trust_epoch epochs[16];
} fake;

struct fake_client {
        int fd;
        char *data;
        size_t length;
        bool closed;
};

const char *fake_sql(const char *sql)
{
        const char *value = pg_sql(sql);
        assert_non_null(value);
        return value;
}

long fake_number(const char *sql)
{
        return pg_number(sql);
}

int fake_database(const char *what)
{
        return pg_do(what);
}

/* --- trust --- */

static void publish(void)
{
        char path[128], fresh[144];
        size_t length;
        fake.content.generation++;
        uint8_t *bytes = trust_write(&fake.content, &length);
        snprintf(path, sizeof(path), "%s/%s", fake.trust_directory, TRUST_FILE);
        snprintf(fresh, sizeof(fresh), "%s.new", path);
        FILE *file = fopen(fresh, "we");
        assert_non_null(file);
        fwrite(bytes, 1, length, file);
        fclose(file);
        assert_int_equal(rename(fresh, path), 0);
        free(bytes);
}

static void make_trust(void)
{
        uint8_t seed[SEED_BYTES] = {3};
        fake.key.id = 5;
        crypto_key_from_seed(seed, fake.content.keys[0].public_key, fake.key.secret);
        fake.content.keys[0].id = fake.key.id;
        fake.content.key_count = 1;
        fake.content.epochs = fake.epochs;
        clock_boot_id(fake.content.boot_id);
        snprintf(fake.trust_directory, sizeof(fake.trust_directory), "%s/trust", pg_dir);
        assert_int_equal(mkdir(fake.trust_directory, 0700), 0);
        publish();
}

static uint32_t epoch_of(uint32_t uid)
{
        for (size_t i = 0; i < fake.content.epoch_count; i++)
                if (fake.epochs[i].subject == uid)
                        return fake.epochs[i].epoch;
        return 0;
}

void fake_revoke(uint32_t uid)
{
        size_t at = 0;
        while (at < fake.content.epoch_count && fake.epochs[at].subject < uid)
                at++;
        if (at == fake.content.epoch_count || fake.epochs[at].subject != uid) {
                memmove(&fake.epochs[at + 1], &fake.epochs[at], (fake.content.epoch_count - at) * sizeof(*fake.epochs));
                fake.epochs[at] = (struct trust_epoch){.subject = uid};
                fake.content.epoch_count++;
        }
        fake.epochs[at].epoch++;
        publish();
}

const char *fake_ticket(const char *name, uint32_t uid, enum role role, uint32_t scopes)
{
        static char texts[4][TICKET_TEXT_MAX];
        static size_t next;
        char *text = texts[next++ % ARRAY_SIZE(texts)];
        struct ticket ticket = {.subject = uid,
                                .role = role,
                                .scopes = scopes,
                                .source = uid == 0 ? SOURCE_CONSOLE : SOURCE_SESSION,
                                .session = uid == 0 ? 0 : 4000 + uid,
                                .epoch = epoch_of(uid),
                                .not_after_ms = clock_boot_ms() + TICKET_LIFE_MS - 1000};
        snprintf(ticket.name, sizeof(ticket.name), "%s", name);
        memcpy(ticket.boot_id, fake.content.boot_id, BOOT_ID_BYTES);
        ticket_sign(&ticket, &fake.key, text);
        return text;
}

const char *fake_warrant(const char *digest, uint32_t uid)
{
        static char text[WARRANT_TEXT_MAX];
        struct warrant warrant = {.subject = uid,
                                  .session = uid == 0 ? 0 : 4000 + uid,
                                  .epoch = epoch_of(uid),
                                  .not_after_ms = clock_boot_ms() + WARRANT_LIFE_MS - 1000};
        memcpy(warrant.boot_id, fake.content.boot_id, BOOT_ID_BYTES);
        assert_int_equal(text_unhex(digest, strlen(digest), warrant.digest, HASH_BYTES), 0);
        crypto_random(warrant.nonce, sizeof(warrant.nonce));
        warrant_sign(&warrant, &fake.key, text);
        return text;
}

/* --- the clerk --- */

static bool is_ready(void)
{
        return db_state_of(clerk.db) == DB_READY && (!clerk.changes || clerk.changes->repeats_known) &&
               (!fake_clerk.is_ready || fake_clerk.is_ready());
}

static void assemble(void)
{
        static struct clerk description; /* the skeleton keeps a pointer to it */
        description = fake_clerk.description();
        clerk.loop = loop_new();
        clerk.trust = trust_open(fake.trust_directory);
        assert_non_null(clerk.trust);
        fake.server = clerk_assemble(&description, pg_conninfo(fake_clerk.role));
        for (int i = 0; i < 9000 && !is_ready(); i++)
                fake_run_ms(10);
        assert_true(is_ready());
        fake_run_ms(50);
}

void fake_start(void)
{
        crypto_start();
        log_open("test");
        assert_int_equal(pg_start(), 0);
        make_trust();
        assemble();
}

void fake_restart(void)
{
        clerk_take_apart();
        assemble();
}

void fake_stop(void)
{
        clerk_take_apart();
}

/* --- the client --- */

static void stop_loop(void *context)
{
        (void)context;
        loop_stop(clerk.loop);
}

void fake_run_ms(unsigned ms)
{
        struct loop_watch *timer = loop_timer(clerk.loop, ms, stop_loop, NULL);
        loop_run(clerk.loop);
        loop_unwatch(timer);
}

struct fake_client *fake_open(const char *method, const char *parameters, const char *caller, bool more)
{
        int ends[2];
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct fake_client *client = mem_new(1, sizeof(*client));
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        wire_server_adopt(fake.server, ends[1]);
        client->fd = ends[0];
        const char *inside = parameters[strspn(parameters, "{ ")] == '}' ? "" : ",";
        const char *text = arena_printf(arena, "{\"method\":\"%s%s\",\"more\":%s,\"parameters\":{\"caller\":{%s}%s%s}",
                                        strncmp(method, "nas.", 4) == 0 ? "" : fake_clerk.interface, method,
                                        more ? "true" : "false", caller, inside, parameters + 1);
        size_t length = strlen(text) + 1;
        assert_int_equal(send(client->fd, text, length, MSG_NOSIGNAL), (ssize_t)length);
        return client;
}

static bool receive(struct fake_client *client)
{
        char chunk[65536];
        ssize_t got = recv(client->fd, chunk, sizeof(chunk), 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
                client->closed = true;
        if (got <= 0)
                return false;
        client->data = mem_grow(client->data, client->length + (size_t)got, 1);
        memcpy(client->data + client->length, chunk, (size_t)got);
        client->length += (size_t)got;
        return true;
}

static bool whole(struct fake_client *client)
{
        while (receive(client))
                ;
        return client->length > 0 && memchr(client->data, '\0', client->length);
}

static void on_client(int fd, unsigned events, void *context)
{
        (void)fd;
        (void)events;
        if (whole(context) || ((struct fake_client *)context)->closed)
                loop_stop(clerk.loop);
}

bool fake_waits(struct fake_client *client, unsigned ms)
{
        if (whole(client))
                return false;
        struct loop_watch *watch = loop_fd(clerk.loop, client->fd, LOOP_READ, on_client, client);
        fake_run_ms(ms);
        loop_unwatch(watch);
        return !whole(client) && !client->closed;
}

struct fake_reply fake_next(struct fake_client *client)
{
        struct fake_reply reply = {0};
        if (fake_waits(client, 90000))
                fail_msg("no reply came");
        if (!whole(client)) {
                reply.error = mem_copy_text("closed");
                return reply;
        }
        size_t length = strlen(client->data);
        struct json *message = json_parse(client->data, length, NULL);
        assert_non_null(message);
        const struct json *error = json_member(message, "error");
        const struct json *parameters = json_member(message, "parameters");
        const struct json *continues = json_member(message, "continues");
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        if (parameters)
                json_out_value(out, parameters);
        else
                json_out_object(out), json_out_object_end(out);
        size_t out_length;
        const char *bytes = json_out_bytes(out, &out_length);
        reply.parameters = json_parse(bytes, out_length, NULL);
        reply.error = error ? mem_copy_text(json_text(error, NULL)) : NULL;
        reply.continues = continues && json_boolean(continues);
        json_free(message);
        client->length -= length + 1;
        memmove(client->data, client->data + length + 1, client->length);
        return reply;
}

void fake_close(struct fake_client *client)
{
        close(client->fd);
        free(client->data);
        free(client);
}

struct fake_reply fake_call(const char *method, const char *parameters, const char *caller)
{
        struct fake_client *client = fake_open(method, parameters, caller, false);
        struct fake_reply reply = fake_next(client);
        fake_close(client);
        return reply;
}

void fake_reply_free(struct fake_reply *reply)
{
        json_free(reply->parameters);
        free(reply->error);
}

const char *fake_at(const struct fake_reply *reply, const char *path)
{
        static char texts[4][4096];
        static size_t next;
        char *text = texts[next++ % ARRAY_SIZE(texts)], word[64];
        const struct json *value = reply->parameters;
        while (value && *path) {
                size_t length = strcspn(path, ".");
                snprintf(word, sizeof(word), "%.*s", (int)length, path);
                path += length + (path[length] == '.');
                value = json_type_of(value) == JSON_ARRAY ? json_item(value, strtoul(word, NULL, 10))
                                                          : json_member(value, word);
        }
        text[0] = '\0';
        if (json_type_of(value) == JSON_TEXT)
                snprintf(text, sizeof(texts[0]), "%s", json_text(value, NULL));
        else if (json_type_of(value) == JSON_INTEGER)
                snprintf(text, sizeof(texts[0]), "%lld", (long long)json_integer(value));
        else if (json_type_of(value) == JSON_BOOLEAN)
                snprintf(text, sizeof(texts[0]), "%s", json_boolean(value) ? "true" : "false");
        else if (json_type_of(value) == JSON_ARRAY || json_type_of(value) == JSON_OBJECT)
                snprintf(text, sizeof(texts[0]), "%zu", json_length(value));
        return text;
}
