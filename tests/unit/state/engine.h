/* The interface nas.test over the engine, its start and its restart. */
#ifndef BULKHEAD_TESTS_ENGINE_H
#define BULKHEAD_TESTS_ENGINE_H

#include "policy/users_operations.h"
#include "tests/unit/state/world.h"

/* --- the methods: each builds a small plan from "name" --- */

static inline const char *parameter(struct call *call, const char *name)
{
        const struct json *value = json_member(call_parameters(call), name);
        return json_type_of(value) == JSON_TEXT ? json_text(value, NULL) : "";
}

static inline void answer_made(struct json_out *out, const struct reply *reply, void *context)
{
        json_out_object(out);
        json_out_key(out, "made");
        json_out_text_n(out, reply->answer ? (const char *)reply->answer : "", reply->answer_length);
        json_out_key(out, "name");
        json_out_text(out, context);
        json_out_object_end(out);
}

static inline void want_mark(struct db_batch *batch, void *context)
{
        db_add(batch, MARK, (const char *[]){context});
}

static inline struct change *change_of(struct call *call)
{
        struct change *change = change_new(w.changes);
        const char *name = parameter(call, "name");
        char *copy = arena_text(change->arena, name, strlen(name));
        change->object = arena_printf(change->arena, "group %s", copy);
        change->who = "nobody yet";
        change->context = copy;
        return change;
}

static inline void serve_make(struct call *call)
{
        struct failure failure = {0};
        struct change *change = change_of(call);
        change->answer = answer_made;
        change->wanted = want_mark;
        if (plan_step(change->plan, &failure, USERS_GROUP_MAKE, change->context, "20500", NULL) == 0) {
                change_run(w.changes, call, change);
                return;
        }
        changes_refuse(w.changes, call, &failure);
        change_free(change);
}

/* With "wanted": something that memory does not follow by itself. */
static inline void serve_rename(struct call *call)
{
        struct failure failure = {0};
        struct change *change = change_of(call);
        change->answer = answer_made;
        change->wanted = *parameter(call, "wanted") ? want_mark : NULL;
        assert_int_equal(plan_step(change->plan, &failure, USERS_KEY_LABEL, change->context, "20001", "7",
                                   parameter(call, "label"), NULL),
                         0);
        change_run(w.changes, call, change);
}

static inline void serve_issue(struct call *call)
{
        struct failure failure = {0};
        struct change *change = change_of(call);
        change->answer = answer_made;
        change->issues = true;
        plan_step(change->plan, &failure, USERS_GROUP_MAKE, change->context, "20501", NULL);
        plan_step(change->plan, &failure, USERS_GROUP_DROP, change->context, "20501", NULL);
        change_run(w.changes, call, change);
}

static inline void serve_drop(struct call *call)
{
        struct failure failure = {0};
        struct change *change = change_of(call);
        assert_int_equal(plan_step(change->plan, &failure, USERS_CREDENTIALS_DROP, change->context, "20001", NULL), 0);
        change_run(w.changes, call, change);
}

static inline void serve_nothing(struct call *call)
{
        struct change *change = change_of(call);
        if (*parameter(call, "name"))
                change->answer = answer_made;
        change_run(w.changes, call, change);
}

static inline void serve_look(struct call *call)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        json_out_key(out, "source");
        json_out_text(out, call_source(call, call_arena(call)));
        json_out_key(out, "role");
        json_out_text(out, role_name(call_who(call)->ticket.role));
        json_out_object_end(out);
        call_reply(call, out);
}

static inline int64_t id_of(struct call *call)
{
        return json_integer(json_member(call_parameters(call), "id"));
}

static inline void serve_jobs(struct call *call)
{
        jobs_list(w.changes, call);
}

static inline void serve_job(struct call *call)
{
        jobs_show(w.changes, call, id_of(call));
}

static inline void serve_abort(struct call *call)
{
        jobs_abort(w.changes, call, id_of(call));
}

static const struct wire_method methods[] = {
        {.name = "Make", .role = ROLE_ADMIN, .flags = METHOD_CHANGES, .serve = serve_make},
        {.name = "MakeJob", .role = ROLE_ADMIN, .flags = METHOD_CHANGES | METHOD_JOB, .serve = serve_make},
        {.name = "Rename", .role = ROLE_VIEWER, .flags = METHOD_CHANGES, .serve = serve_rename},
        {.name = "Issue", .role = ROLE_ADMIN, .flags = METHOD_CHANGES, .serve = serve_issue},
        {.name = "Drop",
         .role = ROLE_ADMIN,
         .flags = METHOD_CHANGES | METHOD_WARRANT | METHOD_DESTROYS,
         .serve = serve_drop},
        {.name = "Nothing", .role = ROLE_ADMIN, .flags = METHOD_CHANGES, .serve = serve_nothing},
        {.name = "Look", .role = ROLE_VIEWER, .serve = serve_look},
        {.name = "Greet", .role = ROLE_NOBODY, .serve = serve_look},
        {.name = "ListJobs", .role = ROLE_VIEWER, .flags = METHOD_MORE, .serve = serve_jobs},
        {.name = "GetJob", .role = ROLE_VIEWER, .flags = METHOD_MORE, .serve = serve_job},
        {.name = "AbortJob", .role = ROLE_VIEWER, .serve = serve_abort},
        {.name = NULL},
};
static const struct wire_interface interface = {
        .name = "nas.test", .description = "interface nas.test", .methods = methods};
static const struct wire_interface *const interfaces[] = {&interface, NULL};

/* --- the parts --- */

static inline int admit_call(struct call *call, const struct wire_method *method, struct failure *failure,
                             void *context)
{
        (void)context;
        if (gate_admit(call, method, w.trust, failure) == 0)
                return changes_repeated(w.changes, call) ? 1 : 0;
        if (failure->code == FAILURE_DENIED || failure->code == FAILURE_UNAUTHENTICATED)
                changes_refused(w.changes, call, "", failure);
        return -1;
}

static inline void settle(struct db_batch *batch, const struct action *action)
{
        char word[64];
        w.settled++;
        snprintf(word, sizeof(word), "done %s", action->values[0].text);
        db_add(batch, MARK, (const char *[]){word});
}

static inline void acted(const struct plan *plan, loop_tick *done, void *context)
{
        (void)plan;
        w.acted++;
        done(context);
}

static inline void settled(loop_tick *done, void *context)
{
        w.read_again++;
        loop_soon(w.loop, done, context);
}

/* What changes alice only is known at once. */
static inline bool mirror(const struct action *action)
{
        w.mirrored++;
        return strcmp(action->values[0].text, "alice") == 0;
}

static inline void noted(const struct ledger_row *row)
{
        (void)row;
        w.noted++;
}

static inline void database_changed(enum db_state state, void *context)
{
        (void)context;
        if (state == DB_READY) {
                ledger_resume(w.ledger);
                changes_resume(w.changes);
        }
        loop_stop(w.loop);
}

static inline void engine_start(void)
{
        int pair[2];
        struct wire_service service = {.vendor = "v",
                                       .product = "p",
                                       .version = "1",
                                       .url = "u",
                                       .interfaces = interfaces,
                                       .admit_call = admit_call};
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
        w.db = db_new(w.loop, pg_conninfo("bulkhead-users"), statements, STATEMENTS, database_changed, NULL);
        w.ledger = ledger_new(w.loop, w.db, "users", 0);
        w.hand = hand_line_new(w.loop, w.socket);
        struct changes_parts parts = {.loop = w.loop,
                                      .db = w.db,
                                      .ledger = w.ledger,
                                      .hand = w.hand,
                                      .trust = w.trust,
                                      .operations = &users_operations,
                                      .chain = "users",
                                      .first_statement = LEDGER_STATEMENT_COUNT,
                                      .plan_key = w.plan_key,
                                      .settle = settle,
                                      .acted = acted,
                                      .settled = settled,
                                      .mirror = mirror,
                                      .note = noted};
        w.changes = changes_new(&parts);
        w.server = wire_server_new(w.loop, &service);
        wire_server_adopt(w.server, pair[0]);
        w.client = pair[1];
        w.part_length = 0;
        w.client_watch = loop_fd(w.loop, w.client, LOOP_READ, client_ready, NULL);
        assert_true(world_until(db_is_ready, PATIENCE_MS));
}

/* As if the clerk had been killed: nobody is told anything, what is under way is forgotten, connections close. */
static inline void engine_stop(void)
{
        wire_server_free(TAKE(w.server));
        gate_release(TAKE(w.guard));
        changes_free(TAKE(w.changes));
        hand_line_free(TAKE(w.hand));
        ledger_free(TAKE(w.ledger));
        db_free(TAKE(w.db));
        for (int i = 0; i < FAKES_MAX; i++)
                if (w.fake_watches[i])
                        fake_close(i);
        loop_unwatch(TAKE(w.client_watch));
        loop_unwatch(TAKE(w.listener_watch));
        close(w.client);
        close(w.listener);
        unlink(w.socket);
        loop_free(TAKE(w.loop));
}

static inline int world_begin(void **state)
{
        (void)state;
        assert_int_equal(pg_start(), 0);
        assert_non_null(pg_sql("create table users.mark (word text unique); grant select, insert on users.mark to "
                               "\"bulkhead-users\""));
        snprintf(w.directory, sizeof(w.directory), "/tmp/bulkhead-state-XXXXXX");
        assert_non_null(mkdtemp(w.directory));
        assert_int_equal(chmod(w.directory, 0755), 0);
        w.directory_fd = open(w.directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        w.trust = trust_open(w.directory);
        assert_non_null(w.trust);
        w.key.id = 5;
        w.epochs[0].subject = 20001;
        w.content = (struct trust_content){.key_count = 1, .epochs = w.epochs, .epoch_count = 1};
        w.content.keys[0].id = 5;
        memcpy(w.content.boot_id, trust_boot_id(w.trust), BOOT_ID_BYTES);
        crypto_key_from_seed((const uint8_t[SEED_BYTES]){3}, w.content.keys[0].public_key, w.key.secret);
        world_publish();
        w.loop = loop_new();
        fake_listen();
        engine_start();
        return 0;
}

static inline int world_end(void **state)
{
        (void)state;
        engine_stop();
        file_remove(w.directory_fd, TRUST_FILE);
        rmdir(w.directory);
        trust_close(w.trust);
        return pg_do("stop");
}

static inline void restart(void)
{
        engine_stop();
        w.loop = loop_new();
        fake_listen();
        engine_start();
}

/* Each test begins with a hand that does what it is told. */
static inline int calm(void **state)
{
        (void)state;
        w.does = FAKE_SUCCEEDS;
        w.outcomes = NULL;
        w.executed = w.looked_up = w.forgotten = w.aborted = w.settled = w.acted = w.noted = 0;
        w.mirrored = w.read_again = 0;
        return 0;
}

/* Another client: one that waits for its answer keeps its own line busy. What it is told is in target. */
static inline void ask_beside(const char *method, const char *parameters, const char *ticket, const char *caller,
                              char *target, size_t size)
{
        char text[1024];
        int pair[2],
                length = snprintf(text, sizeof(text),
                                  "{\"method\":\"nas.test.%s\",\"parameters\":{%s%s\"caller\":{\"ticket\":\"%s\"%s}}}",
                                  method, parameters, *parameters ? "," : "", ticket, caller);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
        wire_server_adopt(w.server, pair[0]);
        assert_int_equal(send(pair[1], text, (size_t)length + 1, MSG_NOSIGNAL), length + 1);
        target[0] = '\0';
        for (int i = 0; i < 100 && target[0] == '\0'; i++) {
                world_until(never, 10);
                ssize_t got = recv(pair[1], target, size - 1, 0);
                target[got > 0 ? got : 0] = '\0';
        }
        close(pair[1]);
}

static inline bool nothing_runs(void)
{
        return changes_running(w.changes) == 0;
}

static inline bool hand_has_it(void)
{
        return w.executed > 0 && w.changes->runs && w.changes->runs->step > 0;
}

static inline bool is_forgotten(void)
{
        return w.forgotten > 0 && nothing_runs();
}

#endif
