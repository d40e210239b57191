/* A daemon that a topic asks: first comes the whole, then what changes. When it goes away, or the ticket it was asked
 * with does, it is asked again with another, later and later; what it answers then is compared with what is known, so
 * that nobody who watches has to notice.
 * Rights: the front end; the daemons' lines. */
#include "daemons/api/stream/stream.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AGAIN_MS = 100, AGAIN_MAX_MS = 10 * 1000, LIVED_MS = 10 * 1000, PATIENCE_MS = 1000 };

struct source {
        struct topic *topic;
        const struct api_line *line;
        struct wire_ask *ask; /* NULL: it is not asked just now */
        bool told;            /* it answered since it was asked */
        bool over;            /* it will say nothing else than last */
        char *whole;          /* with several: what this one said; with one it is the topic's */
        size_t length;
        struct wire_answer *last; /* the error it ended with; NULL; lives in arena */
        struct arena *arena;
        uint64_t asked_ms, again_ms, lost_ms; /* lost: 0: it is not */
        unsigned tries;
};

/* --- asking --- */

static void ask_again_later(struct source *source, uint64_t now_ms)
{
        uint64_t wait_ms = source->tries > 6 ? AGAIN_MAX_MS : (uint64_t)AGAIN_MS << source->tries;

        if (source->told && now_ms - source->asked_ms >= LIVED_MS) {
                source->tries = 0;
                wait_ms = AGAIN_MS;
        }
        source->tries++;
        source->again_ms = now_ms + wait_ms;
}

static void answered(const struct wire_answer *answer, void *context);

static void ask(struct source *source, uint64_t now_ms)
{
        const struct topic *topic = source->topic;
        const struct holder *holder = topic_holder(topic);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length, inner = topic->parameters_length - 2;

        if (holder == NULL) {
                ask_again_later(source, now_ms);
                return;
        }
        json_out_object(out);
        caller_write(out, &(struct api_caller){.ticket = holder->text, .address = holder->address});
        json_out_object_end(out);
        const char *caller = json_out_bytes(out, &length);
        char *parameters = mem_new(1, inner + 2 + length);
        memcpy(parameters, topic->parameters, inner + 1);
        parameters[inner + 1] = ',';
        memcpy(parameters + inner + (inner > 0 ? 2 : 1), caller + 1, length - 1);
        length += inner + (inner > 0 ? 1 : 0);
        source->told = false;
        source->asked_ms = now_ms;
        source->ask = wire_line_call(source->line->line, topic->method->name, parameters, length, WIRE_MORE, answered,
                                     source);
        crypto_wipe(parameters, length);
        free(parameters);
}

/* --- all of them --- */

static void forget_last(struct source *source)
{
        arena_free(TAKE(source->arena));
        source->last = NULL;
}

static void keep_last(struct source *source, const struct wire_answer *answer)
{
        forget_last(source);
        source->arena = arena_new();
        struct wire_answer *last = arena_alloc(source->arena, sizeof(*last));
        *last = (struct wire_answer){.fd = -1, .timed_out = answer->timed_out, .length = answer->length};
        if (answer->error != NULL) {
                last->error = arena_text(source->arena, answer->error, strlen(answer->error));
                last->parameters = arena_text(source->arena, answer->parameters, answer->length);
        } else {
                struct failure *failure = arena_alloc(source->arena, sizeof(*failure));
                *failure = *answer->failure;
                last->failure = failure;
        }
        source->last = last;
}

/* What each daemon has to do with it so far. false: one has not said. */
static bool collect(const struct topic *topic, uint64_t now_ms, struct wire_answer answers[API_LINES_MAX])
{
        static const struct failure silent = {.code = FAILURE_UNAVAILABLE, .message = "A daemon does not answer."};

        for (unsigned i = 0; i < topic->source_count; i++) {
                const struct source *source = &topic->sources[i];
                if (source->whole != NULL)
                        answers[i] =
                                (struct wire_answer){.parameters = source->whole, .length = source->length, .fd = -1};
                else if (source->last != NULL)
                        answers[i] = *source->last;
                else if (now_ms >= source->asked_ms + PATIENCE_MS)
                        answers[i] = (struct wire_answer){.failure = &silent, .fd = -1};
                else
                        return false;
        }
        return true;
}

static bool is_over(const struct topic *topic)
{
        for (unsigned i = 0; i < topic->source_count; i++)
                if (!topic->sources[i].over)
                        return false;
        return true;
}

/* May free the topic. */
static void join(struct topic *topic)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct wire_answer answers[API_LINES_MAX];
        size_t length;

        if (!collect(topic, clock_boot_ms(), answers))
                return;
        const struct wire_answer joined =
                jobs_join(arena, topic->method, answers, topic->parameters, topic->parameters_length);
        if (joined.error == NULL && joined.failure == NULL) {
                char *whole = canon_whole(topic->method->method, joined.parameters, joined.length, &length);
                if (whole != NULL)
                        topic_took(topic, whole, length);
        } else if (is_over(topic)) {
                topic_fail(topic, &joined);
        }
}

/* --- answers --- */

static void lost(struct source *source, const struct wire_answer *answer)
{
        uint64_t now_ms = clock_boot_ms();

        source->ask = NULL;
        keep_last(source, answer);
        if (source->lost_ms == 0)
                source->lost_ms = now_ms;
        ask_again_later(source, now_ms);
        if (source->topic->source_count > 1)
                join(source->topic);
}

/* Will the same question have another answer soon? */
static bool is_for_now(const char *error)
{
        static const char *const names[] = {"nas.error.Unauthenticated", "nas.error.Unavailable", "nas.error.Busy"};

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (strcmp(error, names[i]) == 0)
                        return true;
        return false;
}

static void refused(struct source *source, const struct wire_answer *answer)
{
        struct topic *topic = source->topic;

        if (is_for_now(answer->error)) {
                lost(source, answer);
                return;
        }
        source->ask = NULL;
        source->over = true;
        source->lost_ms = 0;
        if (topic->source_count == 1) {
                topic_fail(topic, answer);
                return;
        }
        keep_last(source, answer);
        free(TAKE(source->whole));
        join(topic);
}

/* The whole after a reply, canonical; NULL: it does not fit. */
static char *whole_after(const struct source *source, const struct wire_answer *answer, size_t *ret_length)
{
        const struct topic *topic = source->topic;
        const char *old = topic->source_count == 1 ? topic->whole : source->whole;
        size_t old_length = topic->source_count == 1 ? topic->whole_length : source->length, length;
        const char *patch =
                source->told && old != NULL ? json_span(answer->parameters, answer->length, "patch", &length) : NULL;

        if (patch == NULL)
                return canon_whole(topic->method->method, answer->parameters, answer->length, ret_length);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        if (json_patch_apply(old, old_length, patch, length, out) < 0)
                return NULL;
        const char *bytes = json_out_bytes(out, &length);
        return canon_whole(topic->method->method, bytes, length, ret_length);
}

/* It says what its contract does not: it is asked anew, as if it had been away. */
static void broken(struct source *source)
{
        struct failure failure;
        const struct wire_answer answer = {.failure = &failure, .fd = -1};

        failure_set(&failure, FAILURE_UNAVAILABLE, "", "Look into its log.",
                    "The %s daemon answers in a way that is not understood.", source->line->name);
        if (source->ask != NULL)
                wire_ask_cancel(source->ask);
        lost(source, &answer);
}

static void took(struct source *source, const struct wire_answer *answer)
{
        struct topic *topic = source->topic;
        size_t length;
        char *whole = whole_after(source, answer, &length);

        if (!answer->continues)
                source->ask = NULL;
        if (whole == NULL) {
                broken(source);
                return;
        }
        source->told = true;
        source->lost_ms = 0;
        forget_last(source);
        if (!answer->continues)
                ask_again_later(source, clock_boot_ms());
        if (topic->source_count == 1) {
                topic_took(topic, whole, length);
                return;
        }
        free(source->whole);
        source->whole = whole;
        source->length = length;
        join(topic);
}

static void answered(const struct wire_answer *answer, void *context)
{
        struct source *source = context;

        if (answer->fd >= 0)
                close(answer->fd);
        if (answer->failure != NULL)
                lost(source, answer);
        else if (answer->error != NULL)
                refused(source, answer);
        else
                took(source, answer);
}

/* --- for the topic --- */

void sources_open(struct topic *topic)
{
        ASSERT(topic != NULL && topic->sources == NULL);
        const struct api_line *line = topic->method->line;

        topic->source_count = line != NULL ? 1 : (unsigned)api.line_count;
        topic->sources = mem_new(topic->source_count, sizeof(*topic->sources));
        for (unsigned i = 0; i < topic->source_count; i++)
                topic->sources[i] = (struct source){.topic = topic, .line = line != NULL ? line : &api.lines[i]};
}

void sources_close(struct topic *topic)
{
        ASSERT(topic != NULL);
        for (unsigned i = 0; i < topic->source_count; i++) {
                struct source *source = &topic->sources[i];
                if (source->ask != NULL)
                        wire_ask_cancel(source->ask);
                forget_last(source);
                free(source->whole);
        }
        free(topic->sources);
}

void sources_look(struct topic *topic, uint64_t now_ms)
{
        ASSERT(topic != NULL);
        for (unsigned i = 0; i < topic->source_count; i++) {
                struct source *source = &topic->sources[i];
                if (source->ask == NULL && !source->over && source->again_ms <= now_ms && topic->watchers > 0)
                        ask(source, now_ms);
        }
        if (topic->source_count > 1 && topic->whole == NULL)
                join(topic);
}

const struct wire_answer *sources_stale(const struct topic *topic, uint64_t now_ms)
{
        ASSERT(topic != NULL);
        for (unsigned i = 0; i < topic->source_count; i++) {
                const struct source *source = &topic->sources[i];
                if (source->lost_ms != 0 && now_ms >= source->lost_ms + STREAM_STALE_MS && source->last != NULL)
                        return source->last;
        }
        return NULL;
}

unsigned sources_count(const struct topic *topic)
{
        ASSERT(topic != NULL);
        unsigned count = 0;

        for (unsigned i = 0; i < topic->source_count; i++)
                count += topic->sources[i].ask != NULL;
        return count;
}
