/* A clerk's engine with everything around it, in one process: a real PostgreSQL, a trust directory with a key to sign
 * with, a hand that answers on its socket as it is told, and a client on a socket pair. */
#ifndef BULKHEAD_TESTS_WORLD_H
#define BULKHEAD_TESTS_WORLD_H

#include "base/mem.h"
#include "base/text.h"
#include "state/changes.h"
#include "state/job.h"
#include "sys/file.h"
#include "tests/lib/pg.h"
#include "ticket/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <cmocka.h>

enum { MARK = LEDGER_STATEMENT_COUNT + CHANGE_STATEMENT_COUNT, STATEMENTS };
static const struct db_statement statements[] = {
        LEDGER_STATEMENTS("users"),
        CHANGE_STATEMENTS("users"),
        {"mark", "insert into users.mark (word) values ($1)", 1},
};
_Static_assert(ARRAY_SIZE(statements) == STATEMENTS, "as numbered");

enum { FAKES_MAX = 16, HEARD_MAX = 64 };
enum fake_does { FAKE_SUCCEEDS, FAKE_FAILS, FAKE_VANISHES, FAKE_HOLDS, FAKE_BABBLES };

static struct world {
        struct loop *loop;
        struct db *db;
        struct ledger *ledger;
        struct trust *trust;
        struct hand_line *hand;
        struct changes *changes;
        struct gate_guard *guard;
        struct loop_watch *client_watch, *listener_watch;
        struct wire_server *server;
        char directory[64], socket[108];
        int directory_fd, listener;
        uint8_t plan_key[32];
        /* trust */
        struct signing_key key;
        struct trust_content content;
        struct trust_epoch epochs[1];
        /* the client */
        int client;
        char heard[HEARD_MAX][8192];
        size_t heard_count, heard_read;
        char part[16384];
        size_t part_length;
        /* the hand */
        enum fake_does does;
        const char *
                outcomes; /* of LOOKUP, one a question: v(anishes) u(navailable) n(ever) s(uccess) f(ailed) a(borted) */
        struct loop_watch *fake_watches[FAKES_MAX];
        int fake_fds[FAKES_MAX];
        uint8_t executed_id[PLAN_ID_BYTES];
        unsigned executed, looked_up, forgotten, aborted;
        char proof[TICKET_TEXT_MAX], warrant[WARRANT_TEXT_MAX];
        unsigned settled, acted, noted, mirrored, read_again;
} w;

/* --- the loop --- */

enum { PATIENCE_MS = 90 * 1000 }; /* a busy machine takes its time; only what never comes waits so long */

static inline void world_late(void *context)
{
        *(bool *)context = true;
        loop_stop(w.loop);
}

/* Runs the loop until done() or time is over; whether it was done. */
static inline bool world_until(bool (*done)(void), unsigned ms)
{
        bool late = false;
        struct loop_watch *guard = loop_timer(w.loop, ms, world_late, &late);
        while (!done() && !late) {
                bool tick = false;
                struct loop_watch *step = loop_timer(w.loop, 2, world_late, &tick);
                loop_run(w.loop);
                loop_unwatch(step);
        }
        loop_unwatch(guard);
        return done();
}

static inline bool never(void)
{
        return false;
}

/* --- the hand --- */

static inline void fake_reply(int fd, const struct reply *reply)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        size_t length;
        const uint8_t *bytes = reply_encode(reply, arena, &length);
        assert_int_equal(socket_send(fd, bytes, length, NULL, 0), (ssize_t)length);
}

static inline void fake_close(int place)
{
        loop_unwatch(TAKE(w.fake_watches[place]));
        fd_closep(&w.fake_fds[place]);
        w.fake_fds[place] = -1;
}

static inline void fake_done(int fd, enum outcome outcome, enum failure_code code, const char *message)
{
        struct reply reply = {.kind = REPLY_DONE,
                              .step = 1,
                              .steps = 1,
                              .outcome = outcome,
                              .answer = (const uint8_t *)"made",
                              .answer_length = 4};
        if (code != FAILURE_NONE)
                failure_set(&reply.failure, code, "", "", "%s", message);
        fake_reply(fd, &reply);
}

static inline void fake_execute(int fd, int place, const struct request *request, int output_fd)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct plan *plan = plan_decode(arena, request->plan, request->plan_length, NULL);
        assert_non_null(plan);
        w.executed++;
        memcpy(w.executed_id, request->id, PLAN_ID_BYTES);
        snprintf(w.proof, sizeof(w.proof), "%s", request->ticket);
        snprintf(w.warrant, sizeof(w.warrant), "%s", request->warrant);
        for (uint16_t i = 1; i <= plan->count; i++)
                fake_reply(fd, &(struct reply){.kind = REPLY_PROGRESS,
                                               .step = i,
                                               .steps = plan->count,
                                               .answer = (const uint8_t *)""});
        if (w.does == FAKE_FAILS)
                assert_int_equal(write(output_fd, "tool: \x1b[31mno\n", 14), 14);
        if (w.does == FAKE_SUCCEEDS)
                fake_done(fd, OUTCOME_SUCCESS, FAILURE_NONE, "");
        else if (w.does == FAKE_FAILS)
                fake_done(fd, OUTCOME_FAILED, FAILURE_CONFLICT, "the tool said no");
        else if (w.does == FAKE_BABBLES)
                assert_int_equal(socket_send(fd, "nonsense", 8, NULL, 0), 8);
        else if (w.does == FAKE_VANISHES)
                fake_close(place);
}

static inline void fake_look_up(int fd, int place)
{
        char what = w.outcomes && *w.outcomes ? *w.outcomes++ : 'n';
        w.looked_up++;
        if (what == 'v')
                fake_close(place);
        else if (what == 'u')
                fake_done(fd, OUTCOME_UNKNOWN, FAILURE_UNAVAILABLE, "not finished yet");
        else if (what == 'n')
                fake_done(fd, OUTCOME_UNKNOWN, FAILURE_NOT_FOUND, "never begun");
        else if (what == 's')
                fake_done(fd, OUTCOME_SUCCESS, FAILURE_NONE, "");
        else
                fake_done(fd, what == 'a' ? OUTCOME_ABORTED : OUTCOME_FAILED, FAILURE_FAILED, "undone");
}

static inline void fake_ready(int fd, unsigned events, void *context)
{
        static uint8_t record[RECORD_BYTES_MAX];
        int place = (int)(intptr_t)context, output_fd = -1;
        size_t fd_count = 1;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request;
        (void)events;
        ssize_t got = socket_receive(fd, record, sizeof(record), &output_fd, &fd_count);
        if (got <= 0) {
                fake_close(place);
                return;
        }
        assert_int_equal(request_decode(arena, record, (size_t)got, &request), 0);
        if (request.kind == RECORD_EXECUTE)
                fake_execute(fd, place, &request, output_fd);
        if (request.kind == RECORD_LOOKUP)
                fake_look_up(fd, place);
        if (request.kind == RECORD_FORGET) {
                w.forgotten += memcmp(request.id, w.executed_id, PLAN_ID_BYTES) ==
                               0; /* older ones: told again after a start */
                fake_done(fd, OUTCOME_SUCCESS, FAILURE_NONE, "");
        }
        if (request.kind == RECORD_ABORT) {
                w.aborted++;
                fake_done(fd, OUTCOME_ABORTED, FAILURE_ABORTED, "stopped and undone");
        }
        if (output_fd >= 0)
                close(output_fd);
}

static inline void fake_accept(int fd, unsigned events, void *context)
{
        int place = 0;
        (void)events;
        (void)context;
        while (place < FAKES_MAX && w.fake_watches[place])
                place++;
        assert_true(place < FAKES_MAX);
        w.fake_fds[place] = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        w.fake_watches[place] = loop_fd(w.loop, w.fake_fds[place], LOOP_READ, fake_ready, (void *)(intptr_t)place);
}

static inline void fake_listen(void)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(w.socket, sizeof(w.socket), "%s/hand.sock", w.directory);
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", w.socket);
        w.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_int_equal(bind(w.listener, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(w.listener, 16), 0);
        w.listener_watch = loop_fd(w.loop, w.listener, LOOP_READ, fake_accept, NULL);
}

/* --- trust --- */

static inline void world_publish(void)
{
        size_t length;
        w.content.generation++;
        uint8_t *bytes = trust_write(&w.content, &length);
        assert_int_equal(file_replace(w.directory_fd, TRUST_FILE, bytes, length, 0644, (uid_t)-1, (gid_t)-1), 0);
        free(bytes);
}

static inline struct ticket world_ticket(enum role role)
{
        struct ticket ticket = {.subject = 20001,
                                .role = role,
                                .source = SOURCE_SESSION,
                                .session = 17,
                                .epoch = w.epochs[0].epoch,
                                .not_after_ms = clock_boot_ms() + TICKET_LIFE_MS - 1000};
        snprintf(ticket.name, sizeof(ticket.name), "%s", "alice");
        memcpy(ticket.boot_id, w.content.boot_id, BOOT_ID_BYTES);
        return ticket;
}

static inline const char *world_sign(const struct ticket *ticket)
{
        static char text[TICKET_TEXT_MAX];
        ticket_sign(ticket, &w.key, text);
        return text;
}

/* The ticket of the administrator alice. */
static inline const char *admin(void)
{
        struct ticket ticket = world_ticket(ROLE_ADMIN);
        return world_sign(&ticket);
}

/* A warrant of hers for the plan with this digest (hex). */
static inline const char *world_warrant(const char *digest)
{
        static char text[WARRANT_TEXT_MAX];
        struct warrant warrant = {.subject = 20001,
                                  .session = 17,
                                  .epoch = w.epochs[0].epoch,
                                  .not_after_ms = clock_boot_ms() + WARRANT_LIFE_MS - 1000};
        memcpy(warrant.boot_id, w.content.boot_id, BOOT_ID_BYTES);
        assert_int_equal(text_unhex(digest, strlen(digest), warrant.digest, HASH_BYTES), 0);
        crypto_random(warrant.nonce, sizeof(warrant.nonce));
        warrant_sign(&warrant, &w.key, text);
        return text;
}

/* --- the client --- */

static inline void client_ready(int fd, unsigned events, void *context)
{
        (void)events;
        (void)context;
        ssize_t got = read(fd, w.part + w.part_length, sizeof(w.part) - w.part_length);
        if (got <= 0)
                return;
        w.part_length += (size_t)got;
        for (char *end; (end = memchr(w.part, '\0', w.part_length)) != NULL;) {
                size_t length = (size_t)(end - w.part) + 1;
                assert_true(w.heard_count < HEARD_MAX && length <= sizeof(w.heard[0]));
                memcpy(w.heard[w.heard_count++], w.part, length);
                w.part_length -= length;
                memmove(w.part, end + 1, w.part_length);
        }
        loop_stop(w.loop);
}

static inline bool client_has_heard(void)
{
        return w.heard_read < w.heard_count;
}

/* The next message. */
static inline const char *hear(void)
{
        if (!world_until(client_has_heard, PATIENCE_MS))
                fail_msg("no answer");
        return w.heard[w.heard_read++];
}

/* caller: members of "caller" beyond the ticket, with a comma before them, or "". flags: ",\"more\":true" or "". */
static inline void say(const char *method, const char *parameters, const char *ticket, const char *caller,
                       const char *flags)
{
        char text[4096];
        int length = snprintf(text, sizeof(text),
                              "{\"method\":\"nas.test.%s\",\"parameters\":{%s%s\"caller\":{\"ticket\":\"%s\"%s}}%s}",
                              method, parameters, *parameters ? "," : "", ticket, caller, flags);
        w.heard_count = w.heard_read = 0;
        assert_int_equal(send(w.client, text, (size_t)length + 1, MSG_NOSIGNAL), length + 1);
}

static inline const char *ask(const char *method, const char *parameters, const char *ticket, const char *caller)
{
        say(method, parameters, ticket, caller, "");
        return hear();
}

static inline void holds(const char *text, const char *part)
{
        if (strstr(text, part) == NULL)
                fail_msg("expected %s in: %s", part, text);
}

/* The digest of the plan that was shown. */
static inline void digest_of(const char *json, char ret_digest[2 * HASH_BYTES + 1])
{
        static const char key[] = "\"digest\":\"";
        const char *at = strstr(json, key);
        assert_non_null(at);
        memcpy(ret_digest, at + strlen(key), 2 * HASH_BYTES);
        ret_digest[2 * HASH_BYTES] = '\0';
}

/* --- what is in the ledger --- */

static inline long ledger_last(void)
{
        return pg_number("select coalesce(max(id), 0) from ledger.row");
}

/* "intent: outcome:success" ... of all rows after this one, in order. */
static inline const char *ledger_since(long id)
{
        char sql[256];
        snprintf(sql, sizeof(sql),
                 "select coalesce(string_agg(kind || ':' || outcome, ' ' order by id), '') from ledger.row where id > "
                 "%ld",
                 id);
        return pg_sql(sql);
}

/* Rows are also written after the answer. */
static inline void becomes(long since, const char *words)
{
        for (int i = 0; i < 250 && strcmp(ledger_since(since), words) != 0; i++)
                world_until(never, 20);
        assert_string_equal(ledger_since(since), words);
}

static inline bool db_is_ready(void)
{
        return db_state_of(w.db) == DB_READY && w.changes->repeats_known;
}

static inline bool db_is_away(void)
{
        return db_state_of(w.db) != DB_READY;
}

#endif
