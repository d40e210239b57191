/* Topics: one for all who watch the same with the same rights, and the whole of it as it is now.
 * Rights: the front end; memory only. */
#include "daemons/api/stream/stream.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { AGAIN_S = 10 };

static struct {
        struct topic *first;
        size_t bytes; /* of all wholes */
} topics;

/* --- which --- */

static struct topic_key key_of(const struct api_method *method, const struct ticket *ticket)
{
        bool session = method->method->said.notes[IDL_SESSION] != NULL;

        return (struct topic_key){.subject = ticket->subject,
                                  .role = (uint32_t)ticket->role,
                                  .scopes = ticket->scopes,
                                  .source = session ? (uint32_t)ticket->source : 0,
                                  .session = session ? ticket->session : 0};
}

static bool is_it(const struct topic *topic, const struct api_method *method, const struct topic_key *key,
                  const char *parameters, size_t length)
{
        return topic->method == method && memcmp(&topic->key, key, sizeof(*key)) == 0 &&
               topic->parameters_length == length && memcmp(topic->parameters, parameters, length) == 0;
}

/* Each topic keeps a connection to its daemon (one of all daemons' methods keeps one to each). */
static int check_room(const struct api_method *method, uint32_t subject, struct failure *failure)
{
        unsigned count = 0, own = 0;

        for (const struct topic *topic = topics.first; topic != NULL; topic = topic->next) {
                if (topic->method->line != NULL && method->line != NULL && topic->method->line != method->line)
                        continue;
                count++;
                own += topic->key.subject == subject;
        }
        if (topics.bytes <= STREAM_BYTES_MAX && count < STREAM_LINE_TOPICS_MAX && own < STREAM_PERSON_TOPICS_MAX)
                return 0;
        if (own >= STREAM_PERSON_TOPICS_MAX)
                failure_set(failure, FAILURE_BUSY, "", "Watch fewer, or whole lists.",
                            "You watch too many different things of one daemon: there may be %d.",
                            STREAM_PERSON_TOPICS_MAX);
        else
                failure_set(failure, FAILURE_BUSY, "", "Ask again with a call, or watch later.",
                            "Too many different things are being watched.");
        failure->retry_s = AGAIN_S;
        return -1;
}

struct topic *topic_get(const struct api_method *method, const struct holder *holder, const char *parameters,
                        size_t length, struct failure *failure)
{
        ASSERT(method != NULL && holder != NULL && parameters != NULL && failure != NULL);
        const struct topic_key key = key_of(method, &holder->ticket);
        struct topic *topic = topics.first;

        while (topic != NULL && !is_it(topic, method, &key, parameters, length))
                topic = topic->next;
        if (topic != NULL)
                return topic;
        if (check_room(method, holder->ticket.subject, failure) < 0)
                return NULL;
        topic = mem_new(1, sizeof(*topic));
        *topic = (struct topic){.next = topics.first, .method = method, .key = key, .parameters_length = length};
        topic->parameters = mem_new(length + 1, 1);
        memcpy(topic->parameters, parameters, length);
        topics.first = topic;
        sources_open(topic);
        return topic;
}

const struct holder *topic_holder(const struct topic *topic)
{
        ASSERT(topic != NULL);
        const struct holder *best = NULL;

        for (const struct group *group = topic->groups; group != NULL; group = group->next)
                for (uint32_t i = 0; i < group->count; i++) {
                        const struct holder *holder = group->list[i]->client->holder;
                        if (best == NULL || holder->ticket.not_after_ms > best->ticket.not_after_ms)
                                best = holder;
                }
        return best != NULL && holder_holds(best) ? best : NULL;
}

/* --- the end --- */

static void topic_free(struct topic *topic)
{
        struct topic **at = &topics.first;

        ASSERT(topic->watchers == 0);
        while (*at != topic)
                at = &(*at)->next;
        *at = topic->next;
        topics.bytes -= topic->whole_length;
        sources_close(topic);
        past_free(topic);
        free(topic->whole);
        free(topic->parameters);
        free(topic);
}

void topic_fail(struct topic *topic, const struct wire_answer *answer)
{
        ASSERT(topic != NULL && answer != NULL);
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        const struct problem problem = problem_of_answer(arena, answer, role_name(topic->method->role));

        while (topic->groups != NULL) {
                struct group *group = topic->groups;
                struct watch *watch = group->list[group->count - 1];
                struct client *client = watch->client;
                int64_t id = group->id;
                watch_free(watch);
                client_tell(client, id, tail_problem(&problem, ""));
        }
        topic_free(topic);
}

/* --- the whole --- */

static void set_whole(struct topic *topic, char *whole, size_t length)
{
        const struct idl_field *body = idl_http_body(topic->method->method);

        topics.bytes += length - topic->whole_length;
        free(topic->whole);
        topic->whole = whole;
        topic->whole_length = topic->body_length = length;
        topic->body = body == NULL ? whole : json_span(whole, length, body->name, &topic->body_length);
        if (topic->body == NULL) {
                topic->body = "null";
                topic->body_length = 4;
        }
        crypto_version(whole, length, topic->version);
        groups_forget_states(topic);
}

static void tell_first(struct topic *topic)
{
        for (struct group *group = topic->groups; group != NULL; group = group->next)
                for (uint32_t i = 0; i < group->count; i++)
                        tell_watch(group->list[i]);
}

static bool is_null(const char *body, size_t length)
{
        return length == 4 && memcmp(body, "null", length) == 0;
}

/* Where there was nothing, or is nothing any more, all is another. */
static void write_patch(const struct topic *topic, const char *old, size_t old_length, struct json_out *out)
{
        if (!is_null(old, old_length) && !is_null(topic->body, topic->body_length)) {
                int made = json_patch(old, old_length, topic->body, topic->body_length, out);
                ASSERT(made == 0); /* both were parsed */
                return;
        }
        json_out_array(out);
        json_out_object(out);
        json_out_key(out, "op");
        json_out_text(out, "replace");
        json_out_key(out, "path");
        json_out_text(out, "");
        json_out_key(out, "value");
        json_out_raw(out, topic->body, topic->body_length);
        json_out_object_end(out);
        json_out_array_end(out);
}

static void tell_change(struct topic *topic, char *whole, size_t length)
{
        struct json_out *patch CLEANUP(json_out_freep) = json_out_new();
        char from[VERSION_TEXT_SIZE], *old = mem_new(topic->body_length + 1, 1);
        size_t old_length = topic->body_length, patch_length;

        memcpy(old, topic->body, old_length);
        memcpy(from, topic->version, sizeof(from));
        set_whole(topic, whole, length);
        write_patch(topic, old, old_length, patch);
        free(old);
        const char *bytes = json_out_bytes(patch, &patch_length);
        past_add(topic, from, bytes, patch_length);
        tell_patch(topic, bytes, patch_length);
}

static void take(struct topic *topic, char *whole, size_t length)
{
        if (topic->whole == NULL) {
                set_whole(topic, whole, length);
                tell_first(topic);
        } else if (topic->whole_length == length && memcmp(topic->whole, whole, length) == 0) {
                free(whole);
        } else {
                tell_change(topic, whole, length);
        }
}

void topic_took(struct topic *topic, char *whole, size_t length)
{
        ASSERT(topic != NULL && whole != NULL);
        bool back = topic->stale && sources_stale(topic, clock_boot_ms()) == NULL;
        struct failure failure;
        const struct wire_answer too_large = {.failure = &failure, .fd = -1};

        if (length > STREAM_WHOLE_MAX) {
                free(whole);
                failure_set(&failure, FAILURE_UNAVAILABLE, "", "Call it with a smaller limit.",
                            "This has become too large to be watched.");
                topic_fail(topic, &too_large);
                return;
        }
        topic->stale &= !back;
        take(topic, whole, length);
        if (back)
                tell_stale(topic, NULL);
}

/* --- now and then --- */

static void look(struct topic *topic, uint64_t now_ms)
{
        const struct wire_answer *stale = sources_stale(topic, now_ms);

        groups_forget_states(topic);
        if (stale != NULL ? !topic->stale : topic->stale)
                tell_stale(topic, stale);
        topic->empty_ms = topic->watchers > 0 ? 0 : topic->empty_ms == 0 ? now_ms : topic->empty_ms;
        if (topic->watchers == 0 && now_ms - topic->empty_ms >= STREAM_LINGER_MS)
                topic_free(topic);
        else
                sources_look(topic, now_ms);
}

void topics_look(uint64_t now_ms)
{
        for (struct topic *topic = topics.first, *next; topic != NULL; topic = next) {
                next = topic->next;
                look(topic, now_ms);
        }
}

unsigned topics_upstream(void)
{
        unsigned count = 0;

        for (const struct topic *topic = topics.first; topic != NULL; topic = topic->next)
                count += sources_count(topic);
        return count;
}

bool topics_are_there(void)
{
        return topics.first != NULL;
}
