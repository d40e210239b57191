/* Watched reads: who watches which topic, what they saw last, and the difference since.
 * Rights: in clerks; none needed. */
#include "state/watch.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct watcher {
        struct topic *topic;
        struct watcher *next;
        struct call *call; /* NULL: its client is gone, or it was ended */
        char *seen;        /* the whole as it was sent last, JSON */
        size_t length;
};

struct topic {
        const char *name;
        topic_write *write;
        void *context;
        struct watcher *watchers;
        bool walked; /* someone goes through the watchers: none may be freed */
        struct topic *next;
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

static void sweep(struct topic *topic)
{
        for (struct watcher **link = &topic->watchers; *link != NULL;) {
                struct watcher *watcher = *link;
                if (watcher->call != NULL) {
                        link = &watcher->next;
                        continue;
                }
                *link = watcher->next;
                free(watcher->seen);
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

static void remember(struct watcher *watcher, const char *bytes, size_t length)
{
        free(watcher->seen);
        watcher->seen = mem_new(length + 1, 1);
        memcpy(watcher->seen, bytes, length);
        watcher->length = length;
}

void topic_serve(struct topic *topic, struct call *call)
{
        ASSERT(topic != NULL && call != NULL);
        CLEANUP(json_out_freep) struct json_out *whole = json_out_new();
        topic->write(whole, call, topic->context);
        if (!call_wants_more(call)) {
                call_reply(call, whole);
                return;
        }
        size_t length;
        const char *bytes = json_out_bytes(whole, &length);
        struct watcher *watcher = mem_new(1, sizeof *watcher);
        *watcher = (struct watcher){.topic = topic, .call = call, .next = topic->watchers};
        remember(watcher, bytes, length);
        topic->watchers = watcher;
        call_on_gone(call, gone, watcher);
        call_reply_more(call, whole); /* the client may be gone after this */
}

/* Sends what is different for this watcher since it saw the whole. */
static void tell(struct watcher *watcher)
{
        CLEANUP(json_out_freep) struct json_out *whole = json_out_new();
        watcher->topic->write(whole, watcher->call, watcher->topic->context);
        size_t length;
        const char *bytes = json_out_bytes(whole, &length);
        if (length == watcher->length && memcmp(bytes, watcher->seen, length) == 0)
                return;
        CLEANUP(json_out_freep) struct json_out *reply = json_out_new();
        CLEANUP(json_out_freep) struct json_out *patch = json_out_new();
        int made = json_patch(watcher->seen, watcher->length, bytes, length, patch);
        ASSERT(made == 0); /* both are our own writing */
        size_t patch_length;
        const char *patch_bytes = json_out_bytes(patch, &patch_length);
        json_out_object(reply);
        json_out_key(reply, "patch");
        json_out_raw(reply, patch_bytes, patch_length);
        json_out_object_end(reply);
        remember(watcher, bytes, length);
        call_reply_more(watcher->call, reply);
}

void topic_changed(struct topic *topic)
{
        ASSERT(topic != NULL && !topic->walked);
        topic->walked = true;
        for (struct watcher *watcher = topic->watchers; watcher != NULL; watcher = watcher->next)
                if (watcher->call != NULL)
                        tell(watcher);
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
                        if (watcher->call == NULL || holds(watcher->call, &failure) == 0)
                                continue;
                        struct call *call = watcher->call;
                        watcher->call = NULL;
                        call_on_gone(call, NULL, NULL);
                        call_fail(call, &failure);
                }
                topic->walked = false;
                sweep(topic);
        }
}
