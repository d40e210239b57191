/* Who watches what: the watches of one connection.
 * Rights: the front end; memory only. */
#include "daemons/api/stream/stream.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

static struct watch *find(const struct client *client, int64_t id)
{
        struct watch *watch = client->watches;

        while (watch != NULL && watch->group->id != id)
                watch = watch->next;
        return watch;
}

bool watch_has(const struct client *client, int64_t id)
{
        ASSERT(client != NULL);
        return find(client, id) != NULL;
}

void watch_free(struct watch *watch)
{
        ASSERT(watch != NULL);
        struct watch **at = &watch->client->watches;

        while (*at != watch)
                at = &(*at)->next;
        *at = watch->next;
        watch->client->watch_count--;
        stream_count(0, -1);
        group_remove(watch);
        free(watch->since);
        free(watch);
}

bool watch_cancel(struct client *client, int64_t id)
{
        ASSERT(client != NULL);
        struct watch *watch = find(client, id);

        if (watch != NULL)
                watch_free(watch);
        return watch != NULL;
}

void watches_end(struct client *client)
{
        ASSERT(client != NULL);
        for (struct watch *watch = client->watches, *next; watch != NULL; watch = next) {
                next = watch->next;
                watch_free(watch);
        }
}

void watches_resume(struct client *client)
{
        ASSERT(client != NULL);
        for (struct watch *watch = client->watches; watch != NULL && !client->behind; watch = watch->next)
                if (watch->state != WATCH_LIVE)
                        tell_watch(watch);
}

/* --- a new one --- */

static struct topic *find_topic(const struct client *client, const struct message *message, struct failure *failure)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        const struct api_method *method = stream_method(message->method, true, failure);
        size_t length;

        if (method == NULL)
                return NULL;
        if (client->watch_count >= STREAM_WATCHES_MAX) {
                failure_set(failure, FAILURE_BUSY, "", "Cancel one.",
                            "At most %d things may be watched on one connection.", STREAM_WATCHES_MAX);
                return NULL;
        }
        json_out_object(out);
        if (canon_parameters(out, method->method, message->params, failure) < 0)
                return NULL;
        json_out_object_end(out);
        const char *parameters = json_out_bytes(out, &length);
        return topic_get(method, client->holder, parameters, length, failure);
}

void watch_begin(struct client *client, const struct message *message)
{
        ASSERT(client != NULL && message != NULL && message->kind == MESSAGE_WATCH);
        struct failure failure = {0};
        struct topic *topic = find_topic(client, message, &failure);

        if (topic == NULL) {
                client_fail(client, message->id, &failure);
                return;
        }
        struct watch *watch = mem_new(1, sizeof(*watch));
        watch->client = client;
        watch->next = client->watches;
        if (message->version != NULL)
                watch->since = mem_copy_text(message->version);
        client->watches = watch;
        client->watch_count++;
        stream_count(0, 1);
        group_add(group_get(topic, message->id), watch);
        tell_watch(watch);
        sources_look(topic, clock_boot_ms()); /* the first asks at once */
}
