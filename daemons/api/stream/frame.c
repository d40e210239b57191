/* Messages to clients. What is told to many is written once without an id, and made a frame once for each id.
 * Rights: the front end; memory only. */
#include "daemons/api/stream/stream.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 32 }; /* for {"id":9007199254740991, */

struct tail {
        size_t length; /* behind the room; without "{" */
        char bytes[];  /* ROOM, then the message from its first member on */
};

struct tail *tail_new(const struct json_out *object)
{
        ASSERT(object != NULL);
        size_t length;
        const char *bytes = json_out_bytes(object, &length);
        struct tail *tail = mem_grow(NULL, 1, sizeof(*tail) + ROOM + length);

        ASSERT(length > 2 && bytes[0] == '{');
        tail->length = length - 1;
        memcpy(tail->bytes + ROOM, bytes + 1, length - 1);
        return tail;
}

/* What a call answered may be a credential. */
void tail_free(struct tail *tail)
{
        if (tail == NULL)
                return;
        crypto_wipe(tail->bytes + ROOM, tail->length);
        free(tail);
}

void tail_freep(struct tail **tail)
{
        tail_free(*tail);
}

size_t tail_length(const struct tail *tail)
{
        ASSERT(tail != NULL);
        return tail->length + ROOM;
}

struct websocket_frame *tail_frame(struct tail *tail, int64_t id)
{
        ASSERT(tail != NULL);
        char begin[ROOM + 1];
        int length = id < 0 ? snprintf(begin, sizeof(begin), "{")
                            : snprintf(begin, sizeof(begin), "{\"id\":%lld,", (long long)id);

        ASSERT(length > 0 && length <= ROOM);
        char *text = tail->bytes + ROOM - length;
        memcpy(text, begin, (size_t)length);
        return websocket_frame_new(text, (size_t)length + tail->length);
}

struct tail *tail_problem(const struct problem *problem, const char *request)
{
        ASSERT(problem != NULL);
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();

        json_out_object(out);
        json_out_key(out, "error");
        problem_write(out, arena, problem, request);
        json_out_object_end(out);
        return tail_new(out);
}
