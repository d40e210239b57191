/* Asking the hand, and what it says of folders in pools, which the clerk may not look at.
 * Rights: the shares clerk; the hand's socket. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum { WAY_MAX = 256 };

static struct request request_of(uint16_t operation, const char *const *texts, size_t count, struct arena *arena)
{
        struct value *values = arena_array(arena, count + 1, sizeof(*values));
        for (size_t i = 0; i < count; i++)
                values[i] = (struct value){.text = texts[i], .length = (uint16_t)strlen(texts[i])};
        struct action action = {.operation = operation, .count = (uint16_t)count, .values = values};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        request.plan = action_encode(&action, arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        return request;
}

void shares_ask_of(uint16_t operation, const char *const *values, size_t count, struct arena *arena,
                   hand_done *answered, void *context)
{
        ASSERT(arena && answered);
        const struct request request = request_of(operation, values, count, arena);
        hand_send(clerk.hand, &request, NULL, answered, context);
}

void shares_ask(uint16_t operation, const char *value, struct arena *arena, hand_done *answered, void *context)
{
        shares_ask_of(operation, &value, value != NULL, arena, answered, context);
}

void shares_ask_much(uint16_t operation, const char *value, size_t most, struct arena *arena, hand_done *answered,
                     void *context)
{
        ASSERT(arena && answered);
        const struct request request = request_of(operation, &value, value != NULL, arena);
        hand_ask_much(clerk.hand, &request, most, answered, context);
}

struct asking {
        struct arena *arena; /* holds it, and what was answered */
        const char *path;
        folder_seen *seen;
        void *context;
};

/* How much of the path is that of the folder before which there are so many. */
static const char *part_of(const struct asking *asking, size_t count)
{
        const char *at = asking->path + strlen("/srv/");
        at += strcspn(at, "/");
        for (; count > 0 && *at; count--)
                at += 1 + strcspn(at + 1, "/");
        return arena_text(asking->arena, asking->path, (size_t)(at - asking->path));
}

static size_t read_way(const struct asking *asking, const struct reply *reply, struct folder way[WAY_MAX])
{
        struct reader reader = reader_of(reply->answer, reply->answer_length);
        size_t count = 0;
        while (count < WAY_MAX && !reader_ended(&reader)) {
                struct folder *one = &way[count];
                *one = (struct folder){.uid = reader_u32(&reader), .gid = reader_u32(&reader)};
                one->mode = reader_u16(&reader);
                const uint8_t kind = reader_u8(&reader);
                one->dataset = kind != 0;
                one->zfs = kind == 2;
                one->number = reader_u64(&reader);
                one->acl = reader_field(&reader, &one->acl_length);
                if (!one->acl)
                        return 0;
                one->path = part_of(asking, count++);
        }
        return count > 0 && strcmp(way[count - 1].path, asking->path) == 0 ? count : 0;
}

static void done(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct asking *asking = context;
        (void)output;
        (void)output_length;
        struct failure failure = {0};
        struct folder *way = arena_array(asking->arena, WAY_MAX, sizeof(*way));
        size_t count = 0;
        if (hand_answered(reply, &failure) && (count = read_way(asking, reply, way)) == 0)
                failure_set(&failure, FAILURE_FAILED, "path", "", "What the hand says of it cannot be read.");
        asking->seen(way, count, failure.code == FAILURE_NONE ? NULL : &failure, asking->context);
        arena_free(asking->arena);
}

void folder_look(const char *path, folder_seen *seen, void *context)
{
        ASSERT(path && seen);
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        *asking = (struct asking){.arena = arena, .seen = seen, .context = context};
        asking->path = arena_text(arena, path, strlen(path));
        shares_ask(SHARES_FOLDER_LOOK, asking->path, arena, done, asking);
}

const char *folder_dataset(const struct folder *way, size_t count)
{
        ASSERT(way || count == 0);
        for (size_t i = count; i-- > 1;)
                if (way[i].dataset)
                        return way[i].path;
        return NULL;
}

const char *folder_versions(const struct folder *way, size_t count, struct arena *arena)
{
        ASSERT(arena);
        const char *path = folder_dataset(way, count);
        for (size_t i = 0; path && i < count; i++)
                if (way[i].path == path && way[i].zfs)
                        return arena_printf(arena, "%s" ZFS_SNAPSHOTS, path);
        return path;
}
