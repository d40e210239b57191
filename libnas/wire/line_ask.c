/* One call of a line: its message, where it waits, and how it ends when nobody answers.
 * Rights: the front end; none needed. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/line_parts.h"

#include <stdlib.h>
#include <string.h>

void queue_add(struct line_queue *queue, struct wire_ask *ask)
{
        ask->next = NULL;
        if (queue->last != NULL)
                queue->last->next = ask;
        else
                queue->first = ask;
        queue->last = ask;
        queue->count++;
}

struct wire_ask *queue_take(struct line_queue *queue)
{
        struct wire_ask *ask = queue->first;
        if (ask == NULL)
                return NULL;
        queue->first = ask->next;
        if (queue->first == NULL)
                queue->last = NULL;
        queue->count--;
        ask->next = NULL;
        return ask;
}

static void queue_drop(struct line_queue *queue, const struct wire_ask *ask)
{
        struct line_queue rest = {0};
        for (struct wire_ask *one; (one = queue_take(queue)) != NULL;)
                if (one != ask)
                        queue_add(&rest, one);
        *queue = rest;
}

/* There is a ticket in it. */
void ask_free(struct wire_ask *ask)
{
        if (ask == NULL)
                return;
        crypto_wipe(ask->message, ask->length);
        free(ask);
}

void ask_fail(struct wire_ask *ask, enum ask_why why)
{
        static const struct {
                enum failure_code code;
                const char *words, *next;
        } table[] = {
                [ASK_AWAY] = {FAILURE_UNAVAILABLE, "is away", "Try again in a moment."},
                [ASK_LATE] = {FAILURE_UNAVAILABLE, "does not answer", "See what was done before trying again."},
                [ASK_LOST] = {FAILURE_UNAVAILABLE, "went away before it answered",
                              "See what was done before trying again."},
                [ASK_WRONG] = {FAILURE_UNAVAILABLE, "answers in a way that is not understood", "Look into its log."},
                [ASK_BUSY] = {FAILURE_BUSY, "has too much to do", "Try again in a moment."},
        };
        struct wire_line *line = ask->line;
        struct failure failure = {.retry_s = 1};
        (void)failure_set(&failure, table[why].code, "", table[why].next, "The %s daemon %s.", line->name,
                          table[why].words);
        struct wire_answer answer = {.fd = -1, .failure = &failure, .timed_out = why == ASK_LATE};
        wire_answered *answered = TAKE(ask->answered);
        bool was = line->telling;
        line->telling = ask->telling = true;
        if (answered != NULL)
                answered(&answer, ask->context);
        line->telling = was;
        ask->telling = false;
}

void line_again(struct wire_line *line, struct line_queue *asks)
{
        for (struct wire_ask *ask = asks->first; ask != NULL; ask = ask->next) {
                ask->again = true;
                ask->link = NULL;
                line->backlog += ask->length;
        }
        for (struct wire_ask *ask; (ask = queue_take(&line->waiting)) != NULL;)
                queue_add(asks, ask);
        line->waiting = *asks;
        loop_wake(line->task);
}

static char *put(char *to, const char *bytes, size_t length)
{
        memcpy(to, bytes, length);
        return to + length;
}

struct wire_ask *wire_line_call(struct wire_line *line, const char *method, const char *parameters, size_t length,
                                enum wire_manner manner, wire_answered *answered, void *context)
{
        ASSERT(line != NULL && method != NULL && parameters != NULL && answered != NULL);
        ASSERT(strpbrk(method, "\"\\") == NULL && memchr(parameters, '\0', length) == NULL);
        static const char begin[] = "{\"method\":\"", middle[] = "\",\"parameters\":", more[] = ",\"more\":true";
        size_t whole = sizeof begin - 1 + strlen(method) + sizeof middle - 1 + length + 2;
        whole += manner == WIRE_MORE ? sizeof more - 1 : 0;
        struct wire_ask *ask = mem_new(1, sizeof *ask + whole);
        *ask = (struct wire_ask){.line = line,
                                 .answered = answered,
                                 .context = context,
                                 .until_ms = clock_boot_ms() + line->limits.timeout_ms,
                                 .manner = manner,
                                 .method = sizeof begin - 1 + strlen(method) + sizeof middle - 1,
                                 .length = whole};
        char *to = put(ask->message, begin, sizeof begin - 1);
        to = put(to, method, strlen(method));
        to = put(to, middle, sizeof middle - 1);
        to = put(to, parameters, length);
        if (manner == WIRE_MORE)
                to = put(to, more, sizeof more - 1);
        (void)put(to, "}", 2); /* with its NUL */
        bool full = line->backlog != 0 && line->backlog + whole > line->limits.backlog_max;
        line->backlog += whole;
        queue_add(full ? &line->refused : &line->waiting, ask);
        loop_wake(line->task);
        return ask;
}

void wire_ask_wants(struct wire_ask *ask, struct json_place *members, size_t count)
{
        ASSERT(ask != NULL && members != NULL);
        ask->members = members;
        ask->member_count = count;
}

void wire_ask_cancel(struct wire_ask *ask)
{
        ASSERT(ask != NULL);
        struct wire_line *line = ask->line;
        struct line_link *link = ask->link;
        bool wanted = ask->answered != NULL;
        ask->answered = NULL;
        ask->members = NULL;
        ask->member_count = 0;
        if (link == NULL && !ask->telling) {
                queue_drop(&line->waiting, ask);
                queue_drop(&line->refused, ask);
                line->backlog -= ask->length;
                ask_free(ask);
        }
        if (link == NULL || !wanted)
                return;
        link->wanted--;
        if (ask->manner != WIRE_QUICK && link->wanted == 0) { /* the only way to end a watch, or to have it back */
                link->over = true;
                link_due(link);
        }
}

void wire_ask_pause(struct wire_ask *ask)
{
        ASSERT(ask != NULL && ask->manner == WIRE_MORE);
        if (ask->link == NULL || ask->link->paused)
                return;
        ask->link->paused = true;
        link_due(ask->link);
}

void wire_ask_resume(struct wire_ask *ask)
{
        ASSERT(ask != NULL && ask->manner == WIRE_MORE);
        if (ask->link == NULL || !ask->link->paused)
                return;
        ask->link->paused = false;
        link_due(ask->link);
}
