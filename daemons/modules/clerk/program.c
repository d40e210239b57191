/* The line to a module's program: one connection to its socket, by which PID 1 starts it. One action at a time goes
 * out, what it says comes in, in Varlink's framing (JSON ended by NUL). A program that ends, hangs or talks nonsense
 * is left alone for a while, longer each time, and harms nobody but who asked it.
 * Rights: the modules clerk; the sockets of modules. */
#include "daemons/modules/clerk/program.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"
#include "sys/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SOCKETS "/run/bulkhead-modules/"
enum { AGAIN_FIRST_MS = 1000, AGAIN_DOUBLINGS = 6, LIVED_MS = 60 * 1000 };

static bool begun; /* what was published is known */

static void connect_now(void *context);
static void ask_next(struct program *program);

enum nas_modules_module_status program_status(const struct program *program)
{
        ASSERT(program);
        return program->fd >= 0  ? NAS_MODULES_MODULE_STATUS_RUNNING
               : *program->fault ? NAS_MODULES_MODULE_STATUS_FAILED
                                 : NAS_MODULES_MODULE_STATUS_READY;
}

const char *program_fault(const struct program *program)
{
        return program && *program->fault ? program->fault : NULL;
}

/* --- who waits --- */

void program_answer(struct program *program, const char *reply, const struct failure *failure)
{
        struct waiting *waiting = program->first;
        program->first = waiting->next;
        program->waiting--;
        program->asked = false;
        loop_unwatch(TAKE(program->deadline));
        waiting->ask.answered(reply, failure, waiting->ask.context);
        free(waiting);
}

static void answer_all(struct program *program, const char *why)
{
        struct failure failure = {0};
        while (program->first) {
                bool asked = program->asked;
                failure_set(&failure, asked ? FAILURE_FAILED : FAILURE_UNAVAILABLE, "",
                            asked ? "Look at what is there now: it may have been done." : "Try again in a moment.",
                            "The module %s %s.", program->module->name, why);
                program_answer(program, NULL, &failure);
        }
}

/* --- the end of a connection --- */

static void halted(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        (void)output;
        (void)output_length;
        if (!reply || reply->outcome != OUTCOME_SUCCESS)
                log_warn("a module's program could not be ended: %s", reply ? reply->failure.message : "no answer");
        arena_free(context);
}

static void halt(const struct program *program)
{
        struct arena *arena = arena_new();
        struct value name = {.text = program->module->name, .length = (uint16_t)strlen(program->module->name)};
        struct action action = {.operation = MODULES_HALT, .count = 1, .values = &name};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        request.plan = action_encode(&action, arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        hand_send(clerk.hand, &request, NULL, halted, arena);
}

static void close_line(struct program *program)
{
        loop_unwatch(TAKE(program->watch));
        loop_unwatch(TAKE(program->rest));
        loop_unwatch(TAKE(program->deadline));
        fd_closep(&program->fd);
        program->fd = -1;
        free(TAKE(program->input));
        free(TAKE(program->output));
        program->in = program->in_size = program->out = program->out_sent = 0;
}

void program_lost(struct program *program, const char *why, bool wrong)
{
        log_warn("the module %s %s", program->module->name, why);
        if (clock_boot_ms() - program->since_ms > LIVED_MS)
                program->failures = 0;
        unsigned wait_ms = AGAIN_FIRST_MS
                           << (program->failures < AGAIN_DOUBLINGS ? program->failures : AGAIN_DOUBLINGS);
        program->failures++;
        snprintf(program->fault, sizeof(program->fault), "It %s.", why);
        close_line(program);
        if (wrong)
                halt(program);
        loop_unwatch(TAKE(program->again));
        program->again = loop_timer(clerk.loop, wait_ms, connect_now, program);
        modules_tell();
        answer_all(program, why);
}

static void too_slow(void *context)
{
        struct program *program = context;
        program->deadline = NULL;
        program->busy = true;
        program_lost(program, "did not answer in time", true);
        program->busy = false;
        if (program->gone)
                program_free(program);
}

/* --- out --- */

void program_flush(struct program *program)
{
        while (program->out_sent < program->out) {
                ssize_t went = socket_send(program->fd, program->output + program->out_sent,
                                           program->out - program->out_sent, NULL, 0);
                if (went < 0 && went != -EAGAIN)
                        return; /* that it is gone is read */
                if (went < 0)
                        break;
                program->out_sent += (size_t)went;
        }
        bool all = program->out_sent == program->out;
        if (all)
                program->out = program->out_sent = 0;
        loop_fd_events(program->watch, (program->rest ? 0 : LOOP_READ) | (all ? 0 : LOOP_WRITE));
}

static void put(struct program *program, struct json_out *out)
{
        size_t length;
        const char *bytes = json_out_bytes(out, &length);
        char *more = mem_new(program->out + length + 1, 1);
        if (program->out > 0)
                memcpy(more, program->output, program->out);
        memcpy(more + program->out, bytes, length + 1); /* with its NUL */
        free(program->output);
        program->output = more;
        program->out += length + 1;
        program_flush(program);
}

static void put_state(struct program *program)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        const struct published *published = &program->module->published;
        json_out_object(out);
        json_out_key(out, "state");
        if (published->state)
                json_out_raw(out, published->state, published->length);
        else
                json_out_null(out);
        json_out_object_end(out);
        put(program, out);
}

static void member(struct json_out *out, const char *name, const char *text)
{
        json_out_key(out, name);
        json_out_text(out, text);
}

static void ask_next(struct program *program)
{
        if (program->fd < 0 || program->asked || !program->first)
                return;
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        const struct program_ask *ask = &program->first->ask;
        program->asked = true;
        program->deadline = loop_timer(clerk.loop, MODULE_ACT_MS, too_slow, program);
        json_out_object(out);
        member(out, "action", ask->action);
        json_out_key(out, "parameters");
        json_out_raw(out, ask->given, strlen(ask->given));
        json_out_key(out, "caller");
        json_out_object(out);
        member(out, "name", ask->caller);
        member(out, "role", ask->role);
        json_out_object_end(out);
        json_out_object_end(out);
        put(program, out);
}

/* --- its life --- */

static void ready(int fd, unsigned events, void *context)
{
        struct program *program = context;
        (void)fd;
        program->busy = true;
        if (events & LOOP_WRITE)
                program_flush(program);
        if (events & (LOOP_READ | LOOP_CLOSED))
                program_receive(program);
        program->busy = false;
        if (program->gone)
                program_free(program);
        else
                ask_next(program);
}

static void connect_now(void *context)
{
        struct program *program = context;
        char path[sizeof(SOCKETS) + 32];
        loop_unwatch(TAKE(program->again));
        if (program->fd >= 0 || !begun)
                return;
        snprintf(path, sizeof(path), SOCKETS "%s", program->module->name);
        int fd = socket_connect(path, SOCK_STREAM);
        program->since_ms = clock_boot_ms();
        if (fd < 0) {
                CLEANUP(arena_freep) struct arena *arena = arena_new();
                program_lost(program, arena_printf(arena, "cannot be reached: %s", strerror(-fd)), false);
                return;
        }
        program->fd = fd;
        program->watch = loop_fd(clerk.loop, fd, LOOP_READ, ready, program);
        modules_tell();
        put_state(program);
        ask_next(program);
}

struct program *program_new(struct module *module)
{
        ASSERT(module);
        struct program *program = mem_new(1, sizeof(*program));
        *program = (struct program){.module = module, .fd = -1};
        program->again = loop_timer(clerk.loop, 1, connect_now, program);
        return program;
}

void program_free(struct program *program)
{
        if (!program)
                return;
        program->gone = true;
        if (program->busy)
                return; /* whoever is at it ends it */
        program->busy = true;
        close_line(program);
        loop_unwatch(TAKE(program->again));
        answer_all(program, "was disabled");
        free(program);
}

void programs_begin(void)
{
        begun = true;
        for (struct module *module = module_each(NULL); module; module = module_each(module))
                if (module->program && module->program->fd < 0 && module->program->failures == 0)
                        connect_now(module->program);
}

void program_act(struct program *program, const struct program_ask *ask)
{
        ASSERT(ask);
        struct failure failure = {0};
        if (!program || program->gone || program->waiting == MODULE_ASKS_MAX) {
                failure_set(&failure, program ? FAILURE_BUSY : FAILURE_NOT_FOUND, "", "Try again in a moment.",
                            program ? "The module has %d actions to do already."
                                    : "The module is not enabled any more.",
                            MODULE_ASKS_MAX);
                failure.retry_s = program ? 1 : 0;
                ask->answered(NULL, &failure, ask->context);
                return;
        }
        struct waiting *waiting = mem_new(1, sizeof(*waiting));
        *waiting = (struct waiting){.ask = *ask};
        if (program->first)
                program->last->next = waiting;
        else
                program->first = waiting;
        program->last = waiting;
        program->waiting++;
        if (program->fd < 0 && !program->busy)
                connect_now(program);
        else if (!program->busy)
                ask_next(program);
}
