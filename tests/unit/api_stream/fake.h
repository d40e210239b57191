/* The stream with everything around it that only remembers: sockets, lines, the loop, the clock.
 * Rights: a test. */
#ifndef BULKHEAD_TESTS_UNIT_API_STREAM_FAKE_H
#define BULKHEAD_TESTS_UNIT_API_STREAM_FAKE_H

#define FAKE_WITH_STREAM
#include "tests/unit/api/fake.h"

#include "daemons/api/stream/stream.h"

/* --- time --- */

static uint64_t fake_ahead_ms;
uint64_t __real_clock_boot_ms(void);
uint64_t __wrap_clock_boot_ms(void);

uint64_t __wrap_clock_boot_ms(void)
{
        return __real_clock_boot_ms() + fake_ahead_ms;
}

static loop_tick *fake_tick;

struct loop_watch *loop_every(struct loop *loop, unsigned every_ms, loop_tick *tick, void *context)
{
        (void)loop;
        (void)context;
        assert_int_equal(every_ms, STREAM_LOOK_MS);
        assert_null(fake_tick);
        fake_tick = tick;
        return (struct loop_watch *)&fake_tick;
}

void loop_unwatch(struct loop_watch *watch)
{
        assert_ptr_equal(watch, &fake_tick);
        fake_tick = NULL;
}

struct loop_watch *loop_timer(struct loop *loop, unsigned after_ms, loop_tick *tick, void *context)
{
        (void)loop;
        (void)after_ms;
        (void)tick;
        (void)context;
        fail_msg("the stream has no timer but its look");
        return NULL;
}

/* So much time goes by, with a look at its end. */
static inline void fake_wait(uint64_t ms)
{
        fake_ahead_ms += ms;
        if (fake_tick != NULL)
                fake_tick(NULL);
}

/* --- sockets --- */

enum { FAKE_TEXTS_MAX = 256 };
struct websocket {
        const struct websocket_events *events;
        void *context;
        const char *texts[FAKE_TEXTS_MAX]; /* in api.arena */
        unsigned count, read;              /* read: by fake_heard */
        size_t backlog;
        bool stuck; /* takes nothing: what is sent is backlog */
        unsigned code;
        const char *protocol;
};

struct websocket_frame {
        unsigned holders;
        size_t length;
        char text[];
};
static unsigned fake_frames; /* made so far */

int websocket_asked(const struct http_head *head)
{
        return http_head_field(head, "upgrade") != NULL ? 0 : 426;
}

struct websocket *websocket_accept(struct exchange *exchange, const char *protocol,
                                   const struct websocket_events *events, void *context)
{
        struct websocket *socket = mem_new(1, sizeof(*socket));
        *socket = (struct websocket){.events = events, .context = context, .protocol = protocol};
        exchange->own = socket;
        exchange->status = 101;
        return socket;
}

struct websocket_frame *websocket_frame_new(const char *text, size_t length)
{
        struct websocket_frame *frame = mem_new(1, sizeof(*frame) + length + 1);
        frame->holders = 1;
        frame->length = length;
        memcpy(frame->text, text, length);
        fake_frames++;
        return frame;
}

void websocket_frame_drop(struct websocket_frame *frame)
{
        assert_true(frame->holders > 0);
        if (--frame->holders == 0)
                free(frame);
}

void websocket_send_frame(struct websocket *socket, struct websocket_frame *frame)
{
        assert_true(socket->count < FAKE_TEXTS_MAX);
        if (socket->code != 0)
                return;
        socket->texts[socket->count++] = arena_text(api.arena, frame->text, frame->length);
        if (socket->stuck)
                socket->backlog += frame->length;
}

size_t websocket_backlog(const struct websocket *socket)
{
        return socket->backlog;
}

void websocket_close(struct websocket *socket, unsigned code, const char *reason)
{
        assert_true(strlen(reason) < 124);
        if (socket->code == 0)
                socket->code = code;
}

const char *websocket_address(const struct websocket *socket)
{
        (void)socket;
        return "10.0.0.7";
}

/* --- clients --- */

static inline struct exchange *fake_upgrade(const char *fields)
{
        struct exchange *exchange = arena_alloc(api.arena, sizeof(*exchange));
        *exchange =
                (struct exchange){.arena = api.arena, .address = "10.0.0.7", .secure = true, .fields = "", .body = ""};
        world_head("GET /api/stream",
                   arena_printf(api.arena, "Upgrade: websocket\r\nConnection: upgrade\r\n%s", fields), &exchange->head);
        stream_serve(exchange);
        return exchange;
}

static inline struct websocket *fake_connect(const char *ticket)
{
        struct exchange *exchange = fake_upgrade(arena_printf(api.arena, "Authorization: Bearer %s\r\n", ticket));
        assert_int_equal(exchange->status, 101);
        return exchange->own;
}

static inline void fake_say(struct websocket *socket, const char *text)
{
        socket->events->text(socket, text, strlen(text), socket->context);
}

/* The next message that came; NULL: none. */
static inline const char *fake_heard(struct websocket *socket)
{
        return socket->read < socket->count ? socket->texts[socket->read++] : NULL;
}

#define assert_heard(socket, text) assert_string_equal(fake_heard(socket), text)
#define assert_silent(socket)      assert_null(fake_heard(socket))

static inline void assert_heard_part(struct websocket *socket, const char *part)
{
        const char *text = fake_heard(socket);
        if (text == NULL || strstr(text, part) == NULL)
                fail_msg("%s, not %s", text == NULL ? "nothing" : text, part);
}

static inline void fake_gone(struct websocket *socket)
{
        socket->events->gone(socket, socket->context);
        free(socket);
}

static inline void fake_room(struct websocket *socket)
{
        socket->stuck = false;
        socket->backlog = 0;
        socket->events->room(socket, socket->context);
}

/* --- contracts --- */

static const char fake_things[] =
        "interface nas.t\n"
        "type Thing (id: int,\n# @max 9\nname: ?string,\n# @max 9\ntags: ?[string]int)\n"
        "# @http GET /api/things\n# @role viewer\n# @more\nmethod ListThings(limit: ?int, all: ?bool) -> (\n# @max "
        "9\nthings: []Thing)\n"
        "# @http GET /api/mine\n# @role viewer\n# @more\n# @session\nmethod ListMine() -> (\n# @max 9\nthings: "
        "[]Thing)\n"
        "# @http GET /api/things/{id}\n# @role viewer\nmethod GetThing(id: int) -> (thing: Thing)\n"
        "# @http POST /api/things\n# @role admin\n# @plan\nmethod MakeThing(id: int) -> (thing: Thing)\n"
        "# @http DELETE /api/things/{id}\n# @role admin\n# @plan\nmethod DropThing(id: int) -> ()\n"
        "# @http POST /api/enter\n# @role nobody\nmethod Enter() -> (\n# @max 9\n# @issued\n# @cookie\nsession: "
        "string)\n"
        "# @role viewer\nmethod Hidden() -> ()\n";
static const char fake_jobs[] = "interface nas.job\ntype Job (id: int)\n"
                                "# @http GET /api/jobs\n# @role viewer\n# @more\nmethod ListJobs(\n# @range 1 9\n# "
                                "@default 3\nlimit: ?int) -> (\n# @max 9\njobs: []Job)\n"
                                "# @http GET /api/jobs/{id}\n# @role viewer\n# @more\nmethod GetJob(id: int) -> (job: "
                                "Job)\n";
static const char fake_users[] = "interface nas.users\n# @role viewer\nmethod Refresh() -> (\n# @max 400\n# "
                                 "@issued\ntoken: string)\n";

static inline int fake_by_name(const void *a, const void *b)
{
        return strcmp(((const struct api_method *)a)->name, ((const struct api_method *)b)->name);
}

static inline void fake_add(struct api_method *methods, const char *file, const char *text, const struct api_line *line)
{
        const struct idl_contract *contract = world_contract(file, text);
        size_t count = api.method_count;
        const struct api_method *routed = api.methods;

        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                struct api_method *method = &methods[0];
                if (m->what != IDL_METHOD)
                        continue;
                while (method->name != NULL)
                        method++;
                *method = (struct api_method){.method = m, .contract = contract};
                for (size_t i = 0; i < count; i++)
                        if (routed[i].method == m)
                                *method = routed[i];
                method->name = arena_printf(api.arena, "%s.%s", contract->name, m->name);
                method->role = m->said.notes[IDL_ROLE]->role;
                method->more = m->said.notes[IDL_MORE] != NULL;
                method->line = line;
        }
}

static inline int fake_begin(void **state)
{
        enum { METHODS_MAX = 32 };
        struct api_method *methods;

        (void)state;
        api.arena = arena_new();
        methods = arena_array(api.arena, METHODS_MAX, sizeof(*methods));
        api.lines[0] = (struct api_line){.name = "t", .line = &fake_line};
        api.lines[1] = (struct api_line){.name = "users", .line = &fake_line};
        api.line_count = 2;
        fake_add(methods, "nas.t.varlink", fake_things, &api.lines[0]);
        fake_add(methods, "nas.job.varlink", fake_jobs, NULL);
        fake_add(methods, "nas.users.varlink", fake_users, &api.lines[1]);
        api.methods = methods;
        api.method_count = 0;
        while (methods[api.method_count].name != NULL)
                api.method_count++;
        qsort(methods, api.method_count, sizeof(*methods), fake_by_name);
        memcpy(fake_trust, "/tmp/test-api-trust-XXXXXX", sizeof "/tmp/test-api-trust-XXXXXX");
        fake_trust_begin();
        fake_ask_count = 0;
        fake_frames = 0;
        return 0;
}

/* Everybody must have gone; and then nothing is left. */
static inline int fake_end(void **state)
{
        (void)state;
        assert_int_equal(stream_counts()->connections, 0);
        assert_int_equal(stream_counts()->watches, 0);
        while (fake_tick != NULL)
                fake_wait(STREAM_LINGER_MS);
        assert_int_equal(stream_counts()->upstream, 0);
        fake_trust_end();
        arena_free(TAKE(api.arena));
        return 0;
}

#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, fake_begin, fake_end)

#endif
