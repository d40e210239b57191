/* The event loop: the only file that knows libevent.
 * Rights: clerks and the front end; hands do without a loop. */
#include "sys/loop.h"

#include "base/log.h"
#include "base/mem.h"

#include <event2/event.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>

struct loop {
        struct event_base *base;
};

struct loop_watch {
        struct loop *loop;
        struct event *event;
        int fd;
        unsigned events; /* that were asked for */
        loop_ready *ready;
        loop_tick *tick;
        void *context;
        bool once, running, dropped;
};

struct loop *loop_new(void)
{
        struct loop *loop = mem_new(1, sizeof *loop);
        struct event_config *config = event_config_new();
        if (config == NULL || event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) != 0)
                log_fatal("libevent cannot be configured");
        loop->base = event_base_new_with_config(config);
        event_config_free(config);
        if (loop->base == NULL)
                log_fatal("libevent has no usable way to wait for events");
        return loop;
}

void loop_free(struct loop *loop)
{
        if (loop == NULL)
                return;
        event_base_free(loop->base);
        free(loop);
}

int loop_run(struct loop *loop)
{
        return event_base_dispatch(loop->base) < 0 ? -1 : 0;
}

void loop_stop(struct loop *loop)
{
        (void)event_base_loopbreak(loop->base);
}

static void drop(struct loop_watch *watch)
{
        event_free(watch->event);
        free(watch);
}

/* Who waits for the end only would not hear of an error, which libevent tells readers and writers: it then turned round
 * and round. So it waits as a writer too, but is only told of changes; and looks what it was. */
static bool is_end_only(unsigned events)
{
        return events == LOOP_CLOSED;
}

static unsigned events_of(const struct loop_watch *watch, short what)
{
        if (is_end_only(watch->events) && (what & EV_CLOSED) == 0) {
                struct pollfd polled = {.fd = watch->fd, .events = POLLRDHUP};
                return poll(&polled, 1, 0) == 1 && polled.revents != 0 ? LOOP_CLOSED : 0u;
        }
        return (what & EV_READ ? LOOP_READ : 0u) | (what & EV_WRITE && !is_end_only(watch->events) ? LOOP_WRITE : 0u) |
               (what & EV_CLOSED ? LOOP_CLOSED : 0u);
}

/* A watch may be dropped inside its own callback: it is then freed when the callback is back. */
static void fired(evutil_socket_t fd, short what, void *context)
{
        struct loop_watch *watch = context;
        watch->running = true;
        unsigned events = watch->ready != NULL ? events_of(watch, what) : 0;
        if (watch->ready == NULL)
                watch->tick(watch->context);
        else if (events != 0)
                watch->ready((int)fd, events, watch->context);
        watch->running = false;
        if (watch->dropped || watch->once)
                drop(watch);
}

static struct loop_watch *watch_new(struct loop *loop, int fd, short what, void *context)
{
        ASSERT(loop != NULL);
        struct loop_watch *watch = mem_new(1, sizeof *watch);
        watch->loop = loop;
        watch->fd = fd;
        watch->context = context;
        watch->event = event_new(loop->base, fd, what, fired, watch);
        if (watch->event == NULL)
                log_fatal("out of memory");
        return watch;
}

static void start(struct loop_watch *watch, const unsigned *after_ms)
{
        struct timeval after = {0};
        if (after_ms != NULL)
                after = (struct timeval){.tv_sec = *after_ms / 1000, .tv_usec = *after_ms % 1000 * 1000};
        if (event_add(watch->event, after_ms == NULL ? NULL : &after) != 0)
                log_fatal("the event loop does not take another watch");
}

static short what_of(unsigned events)
{
        if (is_end_only(events))
                return EV_CLOSED | EV_WRITE | EV_ET | EV_PERSIST;
        return (short)((events & LOOP_READ ? EV_READ : 0) | (events & LOOP_WRITE ? EV_WRITE : 0) |
                       (events & LOOP_CLOSED ? EV_CLOSED : 0) | EV_PERSIST);
}

struct loop_watch *loop_fd(struct loop *loop, int fd, unsigned events, loop_ready *ready, void *context)
{
        ASSERT(fd >= 0 && ready != NULL);
        struct loop_watch *watch = watch_new(loop, fd, what_of(events), context);
        watch->ready = ready;
        watch->events = events;
        if (events != 0)
                start(watch, NULL);
        return watch;
}

void loop_fd_events(struct loop_watch *watch, unsigned events)
{
        ASSERT(watch != NULL && watch->ready != NULL);
        watch->events = events;
        if (event_get_events(watch->event) == what_of(events) &&
            event_pending(watch->event, EV_READ | EV_WRITE | EV_CLOSED, NULL) != 0)
                return;
        (void)event_del(watch->event);
        if (events == 0)
                return;
        int done = event_assign(watch->event, watch->loop->base, watch->fd, what_of(events), fired, watch);
        ASSERT(done == 0);
        start(watch, NULL);
}

struct loop_watch *loop_timer(struct loop *loop, unsigned after_ms, loop_tick *tick, void *context)
{
        ASSERT(tick != NULL);
        struct loop_watch *watch = watch_new(loop, -1, 0, context);
        watch->tick = tick;
        start(watch, &after_ms);
        return watch;
}

struct loop_watch *loop_every(struct loop *loop, unsigned every_ms, loop_tick *tick, void *context)
{
        ASSERT(tick != NULL && every_ms != 0);
        struct loop_watch *watch = watch_new(loop, -1, EV_PERSIST, context);
        watch->tick = tick;
        start(watch, &every_ms);
        return watch;
}

void loop_timer_again(struct loop_watch *watch, unsigned after_ms)
{
        ASSERT(watch != NULL && watch->tick != NULL);
        start(watch, &after_ms);
}

void loop_timer_now(struct loop_watch *watch)
{
        ASSERT(watch != NULL && watch->tick != NULL);
        event_active(watch->event, EV_TIMEOUT, 0);
}

struct loop_watch *loop_signal(struct loop *loop, int number, loop_tick *tick, void *context)
{
        ASSERT(tick != NULL);
        struct loop_watch *watch = watch_new(loop, number, EV_SIGNAL | EV_PERSIST, context);
        watch->tick = tick;
        start(watch, NULL);
        return watch;
}

void loop_unwatch(struct loop_watch *watch)
{
        if (watch == NULL)
                return;
        (void)event_del(watch->event);
        watch->dropped = true;
        if (!watch->running)
                drop(watch);
}

struct loop_watch *loop_task(struct loop *loop, loop_tick *tick, void *context)
{
        ASSERT(tick != NULL);
        struct loop_watch *watch = watch_new(loop, -1, 0, context);
        watch->tick = tick;
        return watch;
}

void loop_wake(struct loop_watch *task)
{
        ASSERT(task != NULL && task->tick != NULL);
        event_active(task->event, EV_TIMEOUT, 0);
}

void loop_soon(struct loop *loop, loop_tick *tick, void *context)
{
        ASSERT(tick != NULL);
        struct loop_watch *watch = watch_new(loop, -1, 0, context);
        watch->tick = tick;
        watch->once = true;
        event_active(watch->event, EV_TIMEOUT, 0);
}
