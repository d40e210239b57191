/* What was changed in a topic, difference by difference, for who lost its connection for a moment: it says which
 * version it has and gets what it missed. The oldest are forgotten, and all that would be longer than the state itself.
 * Rights: the front end; memory only. */
#include "daemons/api/stream/stream.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES_LEAST = 4096 };

struct step {
        struct step *next;
        char from[VERSION_TEXT_SIZE];
        size_t length;
        char patch[]; /* a JSON array's text, without brackets */
};

struct past {
        struct step *first, *last;
        unsigned count;
        size_t bytes;
};

static void drop_first(struct past *past)
{
        struct step *step = past->first;

        past->first = step->next;
        if (past->first == NULL)
                past->last = NULL;
        past->count--;
        past->bytes -= step->length;
        free(step);
}

void past_add(struct topic *topic, const char *from, const char *patch, size_t length)
{
        ASSERT(topic != NULL && from != NULL && patch != NULL && length >= 2);
        struct step *step = mem_grow(NULL, 1, sizeof(*step) + length);
        size_t most = topic->body_length > BYTES_LEAST ? topic->body_length : BYTES_LEAST;

        *step = (struct step){.length = length - 2};
        memcpy(step->from, from, VERSION_TEXT_SIZE);
        memcpy(step->patch, patch + 1, length - 2);
        if (topic->past == NULL)
                topic->past = mem_new(1, sizeof(*topic->past));
        struct past *past = topic->past;
        if (past->last != NULL)
                past->last->next = step;
        else
                past->first = step;
        past->last = step;
        past->count++;
        past->bytes += step->length;
        while (past->first != NULL && (past->count > STREAM_PAST_MAX || past->bytes > most))
                drop_first(past);
}

bool past_write(const struct topic *topic, const char *from, struct json_out *out)
{
        ASSERT(topic != NULL && from != NULL && out != NULL);
        const struct step *found = NULL;

        for (const struct step *step = topic->past == NULL ? NULL : topic->past->first; step != NULL; step = step->next)
                if (strcmp(step->from, from) == 0)
                        found = step; /* the last: the same state may have been there before */
        if (found == NULL)
                return false;
        json_out_array(out);
        for (const struct step *step = found; step != NULL; step = step->next)
                if (step->length > 0)
                        json_out_raw(out, step->patch, step->length);
        json_out_array_end(out);
        return true;
}

void past_free(struct topic *topic)
{
        ASSERT(topic != NULL);
        while (topic->past != NULL && topic->past->first != NULL)
                drop_first(topic->past);
        free(TAKE(topic->past));
}
