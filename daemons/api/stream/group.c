/* Watches of one topic with one id: what is told to them is made once. Ten thousand screens that watch the same cost
 * one frame and a write each.
 * Rights: the front end; memory and the clients' sockets. */
#include "daemons/api/stream/stream.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

struct group *group_get(struct topic *topic, int64_t id)
{
        ASSERT(topic != NULL);
        struct group *group = topic->groups;

        while (group != NULL && group->id != id)
                group = group->next;
        if (group != NULL)
                return group;
        group = mem_new(1, sizeof(*group));
        *group = (struct group){.topic = topic, .id = id, .next = topic->groups};
        topic->groups = group;
        return group;
}

static void forget_states(struct group *group)
{
        for (size_t i = 0; i < ARRAY_SIZE(group->states); i++)
                if (group->states[i] != NULL)
                        websocket_frame_drop(TAKE(group->states[i]));
}

void groups_forget_states(struct topic *topic)
{
        ASSERT(topic != NULL);
        for (struct group *group = topic->groups; group != NULL; group = group->next)
                forget_states(group);
}

static void group_free(struct group *group)
{
        struct group **at = &group->topic->groups;

        while (*at != group)
                at = &(*at)->next;
        *at = group->next;
        forget_states(group);
        free(group->list);
        free(group);
}

void group_add(struct group *group, struct watch *watch)
{
        ASSERT(group != NULL && watch != NULL);
        if (group->count == group->size) {
                group->size = group->size == 0 ? 1 : 2 * group->size;
                group->list = mem_grow(group->list, group->size, sizeof(struct watch *));
        }
        watch->group = group;
        watch->index = group->count;
        group->list[group->count++] = watch;
        group->topic->watchers++;
}

void group_remove(struct watch *watch)
{
        ASSERT(watch != NULL && watch->group != NULL);
        struct group *group = watch->group;
        struct watch *last = group->list[group->count - 1];

        ASSERT(group->list[watch->index] == watch);
        group->list[watch->index] = last;
        last->index = watch->index;
        group->count--;
        group->topic->watchers--;
        if (group->count == 0)
                group_free(group);
}

static void tell(struct group *group, struct websocket_frame *frame, size_t length, bool everyone)
{
        for (uint32_t i = 0; i < group->count; i++) {
                struct watch *watch = group->list[i];
                struct client *client = watch->client;
                if (!everyone && watch->state != WATCH_LIVE)
                        continue;
                if (client_has_room(client, length)) {
                        websocket_send_frame(client->socket, frame);
                        continue;
                }
                if (watch->state == WATCH_LIVE)
                        watch->state = WATCH_BEHIND;
                client->behind = true;
        }
}

void groups_tell(struct topic *topic, struct tail *tail, bool everyone)
{
        ASSERT(topic != NULL && tail != NULL);
        for (struct group *group = topic->groups; group != NULL; group = group->next) {
                struct websocket_frame *frame = tail_frame(tail, group->id);
                tell(group, frame, tail_length(tail), everyone);
                websocket_frame_drop(frame);
        }
        tail_free(tail);
}
