/* What a topic says to its watches: the state, what changed, what it is like for who comes back or was too slow, and
 * whether its daemon is away.
 * Rights: the front end; memory and the clients' sockets. */
#include "daemons/api/stream/stream.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void write_version(struct json_out *out, const struct topic *topic)
{
        json_out_key(out, "version");
        json_out_text(out, topic->version);
}

/* --- a daemon that is away --- */

/* answer: how it is away; NULL: it is back. */
static struct tail *make_stale(const struct topic *topic, const struct wire_answer *answer)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();

        json_out_object(out);
        json_out_key(out, "stale");
        json_out_boolean(out, answer != NULL);
        if (answer != NULL) {
                const struct problem problem = problem_of_answer(arena, answer, NULL);
                json_out_key(out, "error");
                problem_write(out, arena, &problem, "");
        }
        if (topic->whole != NULL)
                write_version(out, topic);
        json_out_object_end(out);
        return tail_new(out);
}

void tell_stale(struct topic *topic, const struct wire_answer *answer)
{
        ASSERT(topic != NULL);
        topic->stale = answer != NULL;
        groups_forget_states(topic);
        groups_tell(topic, make_stale(topic, answer), true);
}

static void tell_away(const struct watch *watch)
{
        const struct topic *topic = watch->group->topic;
        const struct wire_answer *answer = sources_stale(topic, clock_boot_ms());

        if (answer != NULL)
                client_tell(watch->client, watch->group->id, make_stale(topic, answer));
}

/* --- the state --- */

static struct websocket_frame *make_state(const struct group *group, bool resync)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        const struct topic *topic = group->topic;

        json_out_object(out);
        if (resync) {
                json_out_key(out, "resync");
                json_out_boolean(out, true);
        }
        if (topic->stale) {
                json_out_key(out, "stale");
                json_out_boolean(out, true);
        }
        json_out_key(out, "state");
        json_out_raw(out, topic->body, topic->body_length);
        write_version(out, topic);
        json_out_object_end(out);
        struct tail *tail = tail_new(out);
        struct websocket_frame *frame = tail_frame(tail, group->id);
        tail_free(tail);
        return frame;
}

/* Made once for all of the group; forgotten with the next change or look. */
static void send_state(struct watch *watch, bool resync)
{
        struct group *group = watch->group;

        if (group->states[resync] == NULL)
                group->states[resync] = make_state(group, resync);
        websocket_send_frame(watch->client->socket, group->states[resync]);
}

/* --- who was here before --- */

static bool send_since(struct watch *watch)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        struct json_out *patch CLEANUP(json_out_freep) = json_out_new();
        const struct topic *topic = watch->group->topic;
        bool same = strcmp(watch->since, topic->version) == 0;
        size_t length;

        if (topic->stale || (!same && !past_write(topic, watch->since, patch)))
                return false;
        json_out_object(out);
        json_out_key(out, "resumed");
        json_out_boolean(out, true);
        if (!same) {
                const char *bytes = json_out_bytes(patch, &length);
                json_out_key(out, "patch");
                json_out_raw(out, bytes, length);
        }
        write_version(out, topic);
        json_out_object_end(out);
        client_tell(watch->client, watch->group->id, tail_new(out));
        return true;
}

void tell_watch(struct watch *watch)
{
        ASSERT(watch != NULL);
        struct topic *topic = watch->group->topic;
        struct client *client = watch->client;

        if (topic->whole == NULL && topic->stale)
                tell_away(watch);
        if (topic->whole == NULL)
                return;
        if (!client_has_room(client, topic->body_length)) {
                client->behind = true;
                return;
        }
        if (watch->since == NULL || !send_since(watch))
                send_state(watch, watch->state == WATCH_BEHIND);
        watch->state = WATCH_LIVE;
        free(TAKE(watch->since));
}

/* --- changes --- */

void tell_patch(struct topic *topic, const char *patch, size_t length)
{
        ASSERT(topic != NULL && patch != NULL);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();

        json_out_object(out);
        json_out_key(out, "patch");
        json_out_raw(out, patch, length);
        write_version(out, topic);
        json_out_object_end(out);
        groups_tell(topic, tail_new(out), false);
}
