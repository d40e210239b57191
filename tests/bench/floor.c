/* The floor: the least that two processes can do that serve HTTP with JSON between them. No ticket, no role, no check
 * of anything; a change is one committed row, and all that wait share a commit. Nobody does the same with less.
 *
 *   floor PORT CONNINFO          GET: a call and its reply; POST: the same, and a row
 *   floor PORT CONNINFO ledger   POST: the rows that an audited change has: intent and outcome, in a table like the
 *                                ledger's, and the row that is changed; nothing is hashed
 *
 * Rights: for benches; a port on loopback, a database. */
#include "base/mem.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <json.h>
#include <libpq-fe.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 4096, REQUEST_MAX = 8192, ROOM = 1 << 20 };

struct frame { /* before each message between the two */
        uint32_t length, client, changes;
};

static void must(bool good, const char *what)
{
        if (good)
                return;
        perror(what);
        exit(2);
}

struct room { /* bytes that wait */
        char bytes[ROOM];
        size_t length;
};

static void put(struct room *room, const void *bytes, size_t length)
{
        must(room->length + length <= ROOM, "room");
        memcpy(room->bytes + room->length, bytes, length);
        room->length += length;
}

static void send_all(struct room *room, int fd)
{
        if (room->length != 0)
                must(file_write_all(fd, room->bytes, room->length) == 0, "write");
        room->length = 0;
}

static bool take(struct room *room, int fd)
{
        ssize_t got = read(fd, room->bytes + room->length, ROOM - room->length);
        if (got > 0)
                room->length += (size_t)got;
        return got > 0;
}

static void used(struct room *room, size_t length)
{
        memmove(room->bytes, room->bytes + length, room->length - length);
        room->length -= length;
}

/* --- the helper --- */

static bool audited;

static void prepare_audited(PGconn *db)
{
        static const char *const sql[] = {
                "create table if not exists floor_ledger (like ledger.users including all)",
                "create table if not exists floor_key (id bigint primary key, label text)",
                "insert into floor_key values (1, '') on conflict do nothing",
                "prepare rows (bigint, text, text, text, bytea) as insert into floor_ledger (number, at, kind, "
                "request, "
                "plan, actor, actor_name, source, method, object, outcome, detail, digest, before, hash) values "
                "($1, now(), 'intent', $2, $2, 20000, 'alice', 'session 17 from 127.0.0.1', $3, 'key 1 of alice', '', "
                "$4, "
                "$5, $5, $5), ($1 + 1, now(), 'outcome', $2, $2, 20000, 'alice', 'session 17 from 127.0.0.1', $3, "
                "'key 1 of alice', 'success', '{\"step\":1,\"steps\":1}', $5, $5, $5)",
                "prepare label (text) as update floor_key set label = $1 where id = 1",
        };
        for (size_t i = 0; i < ARRAY_SIZE(sql); i++) {
                PGresult *result = PQexec(db, sql[i]);
                must(PQresultStatus(result) == PGRES_COMMAND_OK, PQerrorMessage(db));
                PQclear(result);
        }
}

static PGconn *database(const char *conninfo)
{
        PGconn *db = PQconnectdb(conninfo);
        must(PQstatus(db) == CONNECTION_OK, "database");
        PQclear(PQexec(db, "create table if not exists floor (id bigint generated always as identity primary key, at "
                           "timestamptz not null default clock_timestamp(), who text not null, source inet, what text "
                           "not null, about text, outcome smallint not null, detail jsonb, before bytea, hash bytea)"));
        PQclear(PQprepare(db, "add",
                          "insert into floor (who, source, what, about, outcome, detail, before, hash) "
                          "values ($1, '127.0.0.1', $2, $3, 0, $4, $5, $5)",
                          5, NULL));
        if (audited)
                prepare_audited(db);
        must(PQenterPipelineMode(db) == 1, "pipeline");
        return db;
}

static void queue_row(PGconn *db, struct json_object *call)
{
        static const char hash[] = "\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
        const char *values[] = {"alice", "nas.users.RenameKey", "key 1 of alice",
                                json_object_to_json_string_ext(call, JSON_C_TO_STRING_PLAIN), hash};
        must(PQsendQueryPrepared(db, "add", 5, values, NULL, NULL, 0) == 1, "row");
}

static void queue_audited(PGconn *db, struct json_object *call)
{
        static long long number;
        static const char hash[] = "\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
        static const char uuid[] = "3cbd25ac-3d31-4df8-9541-fb88fd243b50";
        char first[24];
        (void)snprintf(first, sizeof first, "%lld", number += 2);
        const char *values[] = {first, uuid, "nas.users.RenameKey",
                                json_object_to_json_string_ext(call, JSON_C_TO_STRING_PLAIN), hash};
        must(PQsendQueryPrepared(db, "rows", 5, values, NULL, NULL, 0) == 1, "rows");
        must(PQsendQueryPrepared(db, "label", 1, (const char *[]){first}, NULL, NULL, 0) == 1, "label");
}

/* One commit for all that were queued. */
static void commit(PGconn *db, unsigned rows)
{
        must(PQpipelineSync(db) == 1, "sync");
        rows *= audited ? 2 : 1;
        for (unsigned i = 0; i < rows; i++) {
                PGresult *result = PQgetResult(db);
                must(PQresultStatus(result) == PGRES_COMMAND_OK, PQerrorMessage(db));
                PQclear(result);
                PQclear(PQgetResult(db));
        }
        PQclear(PQgetResult(db));
}

/* About 1 KB, as a page of a list is. */
static void reply(struct room *out, struct json_object *call, uint32_t client)
{
        struct json_object *page = json_object_new_object(), *rows = json_object_new_array(), *parameters, *name;
        must(json_object_object_get_ex(call, "parameters", &parameters) &&
                     json_object_object_get_ex(parameters, "username", &name),
             "parameters");
        for (int64_t i = 0; i < 9; i++) {
                struct json_object *row = json_object_new_object();
                json_object_object_add(row, "username", json_object_get(name));
                json_object_object_add(row, "role", json_object_new_string("user"));
                json_object_object_add(row, "id", json_object_new_int64(20001 + i));
                json_object_object_add(row, "used", json_object_new_int64(1234567890123 + i));
                json_object_object_add(row, "enabled", json_object_new_boolean(true));
                json_object_object_add(row, "totp", NULL);
                json_object_array_add(rows, row);
        }
        json_object_object_add(page, "items", rows);
        size_t length;
        const char *text = json_object_to_json_string_length(page, JSON_C_TO_STRING_PLAIN, &length);
        struct frame frame = {.length = (uint32_t)length, .client = client};
        put(out, &frame, sizeof frame);
        put(out, text, length);
        json_object_put(page);
}

static void help(int fd, const char *conninfo)
{
        static struct room in, out;
        PGconn *db = database(conninfo);
        struct json_tokener *tokener = json_tokener_new();
        while (take(&in, fd)) {
                size_t at = 0;
                unsigned rows = 0;
                for (struct frame frame; in.length - at >= sizeof frame; at += sizeof frame + frame.length) {
                        memcpy(&frame, in.bytes + at, sizeof frame);
                        if (in.length - at < sizeof frame + frame.length)
                                break;
                        json_tokener_reset(tokener);
                        struct json_object *call =
                                json_tokener_parse_ex(tokener, in.bytes + at + sizeof frame, (int)frame.length);
                        must(call != NULL, "call");
                        reply(&out, call, frame.client);
                        if (frame.changes != 0 && audited)
                                queue_audited(db, call);
                        else if (frame.changes != 0)
                                queue_row(db, call);
                        rows += frame.changes;
                        json_object_put(call);
                }
                used(&in, at);
                if (rows != 0)
                        commit(db, rows);
                send_all(&out, fd);
        }
        exit(0);
}

/* --- the front --- */

struct client {
        char bytes[REQUEST_MAX + 1];
        size_t length;
};
static struct client *clients[CLIENTS_MAX];
static struct room calls;

static void ask(int fd, bool changes)
{
        static const char call[] =
                "{\"method\":\"nas.users.GetUser\",\"parameters\":{\"username\":\"user1\",\"caller\":{\"ticket\":"
                "\"bht1_"
                "AAAAAQAATiAABWFsaWNlBAAAAAACAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""
                ","
                "\"request\":\"ceb5a232-8f5a-4999-9184-d9f2275da124\",\"address\":\"127.0.0.1\"}}}";
        struct frame frame = {.length = sizeof call - 1, .client = (uint32_t)fd, .changes = changes};
        put(&calls, &frame, sizeof frame);
        put(&calls, call, sizeof call - 1);
}

static void take_requests(int fd)
{
        struct client *client = clients[fd];
        must(client != NULL, "client");
        ssize_t got = read(fd, client->bytes + client->length, REQUEST_MAX - client->length);
        if (got <= 0) {
                (void)close(fd);
                return;
        }
        client->length += (size_t)got;
        client->bytes[client->length] = '\0';
        for (char *end; (end = strstr(client->bytes, "\r\n\r\n")) != NULL;) {
                const char *field = strcasestr(client->bytes, "content-length:");
                size_t body = field != NULL && field < end ? strtoul(field + 15, NULL, 10) : 0;
                size_t whole = (size_t)(end + 4 - client->bytes) + body;
                if (client->length < whole)
                        return;
                ask(fd, client->bytes[0] == 'P');
                memmove(client->bytes, client->bytes + whole, client->length - whole + 1);
                client->length -= whole;
        }
}

static void answer(int fd, const char *body, size_t length)
{
        char bytes[2048];
        int head = snprintf(bytes, sizeof bytes,
                            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", length);
        must(head > 0 && (size_t)head + length < sizeof bytes, "answer");
        memcpy(bytes + head, body, length);
        (void)send(fd, bytes, (size_t)head + length, MSG_NOSIGNAL);
}

static void take_replies(int helper)
{
        static struct room in;
        size_t at = 0;
        if (!take(&in, helper))
                exit(1);
        for (struct frame frame; in.length - at >= sizeof frame; at += sizeof frame + frame.length) {
                memcpy(&frame, in.bytes + at, sizeof frame);
                if (in.length - at < sizeof frame + frame.length)
                        break;
                answer((int)frame.client, in.bytes + at + sizeof frame, frame.length);
        }
        used(&in, at);
}

static void let_in(int listener, int poll)
{
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), yes = 1;
        if (fd < 0)
                return;
        must(fd < CLIENTS_MAX, "clients");
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (clients[fd] == NULL)
                clients[fd] = mem_new(1, sizeof *clients[fd]);
        clients[fd]->length = 0;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        must(epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll");
}

static int listening(const char *port)
{
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        must(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1024) == 0, "listen");
        return fd;
}

int main(int argc, char **argv)
{
        int pair[2];
        audited = argc == 4 && strcmp(argv[3], "ledger") == 0;
        must((argc == 3 || audited) && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0,
             "floor PORT CONNINFO [ledger]");
        (void)signal(SIGPIPE, SIG_IGN);
        if (fork() == 0) {
                (void)close(pair[0]);
                help(pair[1], argv[2]);
        }
        (void)close(pair[1]);
        int listener = listening(argv[1]), poll = epoll_create1(EPOLL_CLOEXEC);
        const int first[] = {listener, pair[0]};
        for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
                struct epoll_event event = {.events = EPOLLIN, .data.fd = first[i]};
                must(epoll_ctl(poll, EPOLL_CTL_ADD, first[i], &event) == 0, "epoll");
        }
        for (struct epoll_event events[256];;) {
                int count = epoll_wait(poll, events, ARRAY_SIZE(events), -1);
                for (int i = 0; i < count; i++) {
                        int fd = events[i].data.fd;
                        if (fd == listener)
                                let_in(fd, poll);
                        else if (fd == pair[0])
                                take_replies(fd);
                        else
                                take_requests(fd);
                }
                send_all(&calls, pair[0]);
        }
}
