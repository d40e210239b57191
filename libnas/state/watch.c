/* Watched reads: who watches which topic, what they saw last, and the difference since.
 * Rights: in clerks; none needed. */
#include "state/watch.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The whole as it was at some time and for some who may see the same. Shared, so that a thousand watchers of one list
 * keep it once. */
struct version {
        unsigned holders;
        size_t length;
        char bytes[];
};

struct watcher {
        struct topic *topic;
        struct watcher *next;
        struct call *call;    /* NULL: its client is gone, or it was ended */
        struct version *seen; /* what it was sent last; NULL: it is slow and will get the whole */
};

struct topic {
        const char *name;
        topic_write *write;
        void *context;
        struct watcher *watchers;
        bool walked; /* someone goes through the watchers: none may be freed */
        struct topic *next;
};

/* A difference that was made in this round, for all who come from the same version to the same. */
struct difference {
        struct difference *next;
        struct version *before, *after;
        struct json_out *reply;
};

/* Every topic of this process, for topics_hold. */
static struct topic *topics;

struct topic *topic_new(const char *name, topic_write *write, void *context)
{
        ASSERT(name != NULL && write != NULL);
        struct topic *topic = mem_new(1, sizeof *topic); /* as long as the process */
        *topic = (struct topic){.name = name, .write = write, .context = context, .next = topics};
        topics = topic;
        return topic;
}

static struct version *version_new(const char *bytes, size_t length)
{
        struct version *version = mem_new(1, sizeof *version + length);
        version->length = length;
        memcpy(version->bytes, bytes, length);
        return version;
}

static bool version_is(const struct version *version, const char *bytes, size_t length)
{
        return version != NULL && version->length == length && memcmp(version->bytes, bytes, length) == 0;
}

static void version_drop(struct version *version)
{
        if (version != NULL && --version->holders == 0)
                free(version);
}

static struct version *version_keep(struct version *version)
{
        version->holders++;
        return version;
}

static void sees(struct watcher *watcher, struct version *version)
{
        struct version *old = watcher->seen;
        watcher->seen = version == NULL ? NULL : version_keep(version);
        version_drop(old);
}

static void sweep(struct topic *topic)
{
        for (struct watcher **link = &topic->watchers; *link != NULL;) {
                struct watcher *watcher = *link;
                if (watcher->call != NULL) {
                        link = &watcher->next;
                        continue;
                }
                *link = watcher->next;
                sees(watcher, NULL);
                free(watcher);
        }
}

static void gone(void *context)
{
        struct watcher *watcher = context;
        watcher->call = NULL;
        if (!watcher->topic->walked)
                sweep(watcher->topic);
}

/* The version with these bytes that another watcher has, or a new one. */
static struct version *version_of(const struct topic *topic, const char *bytes, size_t length)
{
        for (const struct watcher *other = topic->watchers; other != NULL; other = other->next)
                if (version_is(other->seen, bytes, length))
                        return other->seen;
        return version_new(bytes, length);
}

/* Sends the whole, as it is now, and remembers it. */
static void tell_whole(struct watcher *watcher)
{
        CLEANUP(json_out_freep) struct json_out *whole = json_out_new();
        watcher->topic->write(whole, watcher->call, watcher->topic->context);
        size_t length;
        const char *bytes = json_out_bytes(whole, &length);
        sees(watcher, version_of(watcher->topic, bytes, length));
        call_reply_more(watcher->call, whole);
}

void topic_serve(struct topic *topic, struct call *call)
{
        ASSERT(topic != NULL && call != NULL);
        if (!call_wants_more(call)) {
                CLEANUP(json_out_freep) struct json_out *whole = json_out_new();
                topic->write(whole, call, topic->context);
                call_reply(call, whole);
                return;
        }
        struct watcher *watcher = mem_new(1, sizeof *watcher);
        *watcher = (struct watcher){.topic = topic, .call = call, .next = topic->watchers};
        topic->watchers = watcher;
        call_on_gone(call, gone, watcher);
        tell_whole(watcher);
}

static struct difference *difference_new(struct version *before, const char *bytes, size_t length)
{
        ASSERT(before->holders != 0);
        CLEANUP(json_out_freep) struct json_out *patch = json_out_new();
        int made = json_patch(before->bytes, before->length, bytes, length, patch);
        ASSERT(made == 0); /* both are our own writing */
        struct difference *difference = mem_new(1, sizeof *difference);
        difference->before = version_keep(before);
        difference->after = version_keep(version_new(bytes, length));
        difference->reply = json_out_new();
        size_t patch_length;
        const char *patch_bytes = json_out_bytes(patch, &patch_length);
        json_out_object(difference->reply);
        json_out_key(difference->reply, "patch");
        json_out_raw(difference->reply, patch_bytes, patch_length);
        json_out_object_end(difference->reply);
        return difference;
}

static void forget(struct difference *made)
{
        for (struct difference *next; made != NULL; made = next) {
                next = made->next;
                version_drop(made->before);
                version_drop(made->after);
                json_out_free(made->reply);
                free(made);
        }
}

static struct difference *difference_of(struct difference **made, struct version *before, const char *bytes,
                                        size_t length)
{
        struct difference *one = *made;
        while (one != NULL && (one->before != before || !version_is(one->after, bytes, length)))
                one = one->next;
        if (one != NULL)
                return one;
        one = difference_new(before, bytes, length);
        one->next = *made;
        return *made = one;
}

static void has_room(void *context)
{
        tell_whole(context);
}

/* Sends what is different for this watcher since it was told last. Who has not taken that yet is left alone until then:
 * one whole later, instead of ever more differences and of a version kept for each of the slow. */
static void tell(struct watcher *watcher, struct json_out *whole, struct difference **made)
{
        if (watcher->seen == NULL)
                return;
        json_out_reset(whole);
        watcher->topic->write(whole, watcher->call, watcher->topic->context);
        size_t length;
        const char *bytes = json_out_bytes(whole, &length);
        if (version_is(watcher->seen, bytes, length))
                return;
        if (call_backlog(watcher->call) != 0) {
                sees(watcher, NULL);
                call_on_room(watcher->call, has_room, watcher);
                return;
        }
        struct difference *difference = difference_of(made, watcher->seen, bytes, length);
        sees(watcher, difference->after);
        call_reply_more(watcher->call, difference->reply);
}

void topic_changed(struct topic *topic)
{
        ASSERT(topic != NULL && !topic->walked);
        CLEANUP(json_out_freep) struct json_out *whole = json_out_new();
        struct difference *made = NULL;
        topic->walked = true;
        for (struct watcher *watcher = topic->watchers; watcher != NULL; watcher = watcher->next)
                if (watcher->call != NULL)
                        tell(watcher, whole, &made);
        topic->walked = false;
        forget(made);
        sweep(topic);
}

static void end(struct watcher *watcher, const struct failure *failure)
{
        struct call *call = watcher->call;
        watcher->call = NULL;
        call_on_gone(call, NULL, NULL);
        call_on_room(call, NULL, NULL);
        call_fail(call, failure);
}

void topic_end(struct topic *topic, const struct failure *failure)
{
        ASSERT(topic != NULL && !topic->walked && failure != NULL);
        topic->walked = true;
        for (struct watcher *watcher = topic->watchers; watcher != NULL; watcher = watcher->next)
                if (watcher->call != NULL)
                        end(watcher, failure);
        topic->walked = false;
        sweep(topic);
}

void topics_hold(int (*holds)(struct call *call, struct failure *failure))
{
        ASSERT(holds != NULL);
        for (struct topic *topic = topics; topic != NULL; topic = topic->next) {
                topic->walked = true;
                for (struct watcher *watcher = topic->watchers; watcher != NULL; watcher = watcher->next) {
                        struct failure failure = {0};
                        if (watcher->call != NULL && holds(watcher->call, &failure) != 0)
                                end(watcher, &failure);
                }
                topic->walked = false;
                sweep(topic);
        }
}
