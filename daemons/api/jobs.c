/* Methods that every daemon serves for itself (nas.job): asked of all lines at once, answered as one.
 * Rights: the front end; the daemons' lines. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>
#include <unistd.h>

struct part {
        struct fan *fan;
        struct wire_ask *ask; /* NULL: answered */
};

struct fan { /* in the asker's arena */
        struct arena *arena;
        const struct api_method *method;
        const char *parameters;
        size_t length;
        jobs_answered *answered;
        void *context;
        unsigned open;
        struct part parts[API_LINES_MAX];
        struct wire_answer answers[API_LINES_MAX]; /* copied into the arena */
};

void jobs_cancel(struct fan *fan)
{
        ASSERT(fan != NULL);
        for (size_t i = 0; i < api.line_count; i++)
                if (fan->parts[i].ask != NULL)
                        wire_ask_cancel(TAKE(fan->parts[i].ask));
}

static void copy_answer(struct arena *arena, const struct wire_answer *answer, struct wire_answer *ret_copy)
{
        *ret_copy = *answer;
        ret_copy->fd = -1;
        if (answer->error != NULL)
                ret_copy->error = arena_text(arena, answer->error, strlen(answer->error));
        if (answer->parameters != NULL)
                ret_copy->parameters = arena_text(arena, answer->parameters, answer->length);
        if (answer->failure != NULL) {
                struct failure *failure = arena_alloc(arena, sizeof(*failure));
                *failure = *answer->failure;
                ret_copy->failure = failure;
        }
}

static const char *missing_of(const struct fan *fan)
{
        const struct idl_field *body = idl_http_body(fan->method->method);
        bool list = body != NULL && body->type->kind == IDL_ARRAY;
        const char *names = "";

        for (size_t i = 0; list && i < api.line_count; i++)
                if (jobs_is_missing(&fan->answers[i]))
                        names = arena_printf(fan->arena, "%s%s%s", names, *names != '\0' ? ", " : "",
                                             api.lines[i].name);
        return names;
}

static void part_answered(const struct wire_answer *answer, void *context)
{
        struct part *part = context;
        struct fan *fan = part->fan;

        part->ask = NULL;
        if (answer->fd >= 0)
                close(answer->fd);
        copy_answer(fan->arena, answer, &fan->answers[part - fan->parts]);
        if (--fan->open > 0)
                return;
        const struct wire_answer joined =
                jobs_join(fan->arena, fan->method, fan->answers, fan->parameters, fan->length);
        fan->answered(&joined, missing_of(fan), fan->context);
}

struct fan *jobs_ask(struct arena *arena, const struct api_method *method, const char *parameters, size_t length,
                     jobs_answered *answered, void *context)
{
        ASSERT(arena != NULL && method != NULL && parameters != NULL && answered != NULL && api.line_count > 0);
        struct fan *fan = arena_alloc(arena, sizeof(*fan));

        *fan = (struct fan){.arena = arena,
                            .method = method,
                            .parameters = arena_text(arena, parameters, length),
                            .length = length,
                            .answered = answered,
                            .context = context,
                            .open = (unsigned)api.line_count};
        for (size_t i = 0; i < api.line_count; i++) {
                fan->parts[i].fan = fan;
                fan->parts[i].ask = wire_line_call(api.lines[i].line, method->name, parameters, length,
                                                   method->verb == HTTP_GET ? WIRE_QUICK : WIRE_ALONE, part_answered,
                                                   &fan->parts[i]);
        }
        return fan;
}
