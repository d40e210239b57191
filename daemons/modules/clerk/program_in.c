/* What a module's program says: taken apart, judged by its contract, published or told to who asked. Whatever is
 * wrong ends the connection.
 * Rights: the modules clerk; the sockets of modules. Everything here comes from outside. */
#include "daemons/modules/clerk/program.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 64 * 1024, SAID_PER_SECOND = 20 };

static void take_done(struct program *program, const struct json *value)
{
        struct failure failure = {0};
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        if (!program->asked) {
                program_lost(program, "says that it is done, and was asked nothing", true);
        } else if (shape_again(program->first->ask.method->out, value, out, &failure) != 0) {
                CLEANUP(arena_freep) struct arena *arena = arena_new();
                program_lost(program,
                             arena_printf(arena, "answers with what its contract does not say: %s %s", failure.field,
                                          failure.message),
                             true);
        } else {
                program_answer(program, json_out_bytes(out, NULL), NULL);
        }
}

static void take_refusal(struct program *program, const struct said *said)
{
        struct failure failure = {0};
        if (!program->asked) {
                program_lost(program, "refuses what it was not asked", true);
                return;
        }
        bool field = idl_field(program->first->ask.method->said->type, said->field) != NULL;
        failure_set(&failure, field ? FAILURE_INVALID : FAILURE_CONFLICT, field ? said->field : "", "", "%s",
                    said->message);
        program_answer(program, NULL, &failure);
}

static void take_commit(struct program *program, const struct json *state)
{
        struct failure failure = {0};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        if (state_publish(program->module, state, &failure) != 0)
                program_lost(program,
                             arena_printf(arena, "publishes what its contract does not say: %s %s", failure.field,
                                          failure.message),
                             true);
        else
                *program->fault = '\0';
}

static void take(struct program *program, const char *bytes, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct failure failure = {0};
        struct said said = said_read(arena, bytes, length, &failure);
        if (said.what == SAID_COMMIT)
                take_commit(program, said.value);
        else if (said.what == SAID_DONE)
                take_done(program, said.value);
        else if (said.what == SAID_REFUSED)
                take_refusal(program, &said);
        else
                program_lost(program, arena_printf(arena, "talks nonsense: %s", failure.message), true);
}

static void rested(void *context)
{
        struct program *program = context;
        loop_unwatch(TAKE(program->rest));
        program_flush(program);
}

/* Who says a great deal is listened to slowly. */
static void listen_slowly(struct program *program)
{
        uint64_t now_ms = clock_boot_ms();
        if (now_ms - program->second_ms >= 1000) {
                program->second_ms = now_ms;
                program->said = 0;
        }
        if (++program->said < SAID_PER_SECOND || program->rest)
                return;
        program->rest = loop_timer(clerk.loop, 1000, rested, program);
        program_flush(program);
}

static void take_all(struct program *program)
{
        char *end;
        while (program->fd >= 0 && !program->gone && (end = memchr(program->input, '\0', program->in))) {
                size_t length = (size_t)(end - program->input);
                CLEANUP(arena_freep) struct arena *arena = arena_new();
                const char *message = arena_text(arena, program->input, length);
                program->in -= length + 1;
                memmove(program->input, end + 1, program->in);
                listen_slowly(program);
                take(program, message, length);
        }
        if (program->fd >= 0 && !program->gone && program->in > MODULE_MESSAGE_MAX)
                program_lost(program, "says too much at once", true);
}

void program_receive(struct program *program)
{
        size_t none = 0;
        if (program->in + READ_BYTES > program->in_size) {
                program->in_size = program->in + 2 * READ_BYTES;
                char *more = mem_new(program->in_size, 1);
                if (program->in > 0)
                        memcpy(more, program->input, program->in);
                free(program->input);
                program->input = more;
        }
        ssize_t got = socket_receive(program->fd, program->input + program->in, READ_BYTES, NULL, &none);
        if (got == -EAGAIN)
                return;
        if (got <= 0) {
                program_lost(program, got == 0 ? "has ended" : "cannot be listened to", got < 0);
                return;
        }
        program->in += (size_t)got;
        take_all(program);
}
