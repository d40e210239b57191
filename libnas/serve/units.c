/* What PID 1 says of units, over the system bus.
 * Rights: clerks; the bus's socket, within their filter. Reading is open to everybody there. */
#include "serve/units.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/bus.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PID_1      "org.freedesktop.systemd1"
#define MANAGER    PID_1, "/org/freedesktop/systemd1", PID_1 ".Manager"
#define PROPERTIES "org.freedesktop.DBus.Properties"
enum { AGAIN_MS = 1000, UNITS_MAX = 32, WAITING_MAX = 256 };

struct one {
        struct units *units;
        const char *name;
        char *path; /* on the bus */
        bool asked, again;
        struct unit_state state;
};

struct units {
        struct loop *loop;
        loop_tick *changed;
        void *context;
        sd_bus *bus; /* NULL: there is none now */
        struct loop_watch *socket, *timer, *retry;
        struct one list[UNITS_MAX];
        size_t count, asked;
        struct waiting {
                loop_tick *done;
                void *context;
        } waiting[WAITING_MAX];
        size_t waiting_count;
};

static void connect_bus(void *context);
static void ask(struct one *one);

/* --- what is told --- */

static void answer_waiting(struct units *units)
{
        struct waiting waiting[WAITING_MAX];
        size_t count = units->waiting_count;
        units->waiting_count = 0;
        memcpy(waiting, units->waiting, count * sizeof(*waiting));
        for (size_t i = 0; i < count; i++)
                waiting[i].done(waiting[i].context);
}

static const struct property {
        const char *name, *type;
        size_t offset;
} properties[] = {
        {"ActiveState", "s", offsetof(struct unit_state, active)},
        {"SubState", "s", offsetof(struct unit_state, sub)},
        {"Result", "s", offsetof(struct unit_state, result)},
        {"StateChangeTimestamp", "t", offsetof(struct unit_state, since_us)},
        {"ActiveEnterTimestamp", "t", offsetof(struct unit_state, active_since_us)},
        {"MemoryCurrent", "t", offsetof(struct unit_state, memory_bytes)},
        {"MainPID", "u", offsetof(struct unit_state, pid)},
        {"NRestarts", "u", offsetof(struct unit_state, restarts)},
        {"ExecMainStatus", "i", offsetof(struct unit_state, exit_code)},
        {"Requires", "as", offsetof(struct unit_state, needs)},
};

static int read_list(sd_bus_message *message, char *ret_text)
{
        size_t length = 0;
        const char *name;
        int result = sd_bus_message_enter_container(message, 'a', "s");
        while (result >= 0 && (result = sd_bus_message_read(message, "s", &name)) > 0)
                if (length + strlen(name) + 2 < UNIT_NEEDS_SIZE)
                        length += (size_t)snprintf(ret_text + length, UNIT_NEEDS_SIZE - length, "%s%s",
                                                   length > 0 ? " " : "", name);
        return result < 0 ? result : sd_bus_message_exit_container(message);
}

static int read_value(sd_bus_message *message, const struct property *property, struct unit_state *state)
{
        char *to = (char *)state + property->offset;
        const char *text;
        int result = sd_bus_message_enter_container(message, 'v', property->type);
        if (result < 0)
                return result;
        if (strcmp(property->type, "as") == 0) {
                result = read_list(message, to);
        } else if (strcmp(property->type, "s") == 0) {
                result = sd_bus_message_read(message, "s", &text);
                if (result >= 0)
                        snprintf(to, UNIT_WORD_SIZE, "%s", text);
        } else {
                result = sd_bus_message_read_basic(message, property->type[0], to);
        }
        return result < 0 ? result : sd_bus_message_exit_container(message);
}

static const struct property *property_named(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
                if (strcmp(properties[i].name, name) == 0)
                        return &properties[i];
        return NULL;
}

static int read_properties(sd_bus_message *message, struct unit_state *ret_state)
{
        struct unit_state state = {.known = true};
        int result = sd_bus_message_enter_container(message, 'a', "{sv}");
        while (result >= 0 && (result = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
                const char *name;
                result = sd_bus_message_read(message, "s", &name);
                if (result < 0)
                        break;
                const struct property *property = property_named(name);
                result = property ? read_value(message, property, &state) : sd_bus_message_skip(message, "v");
                if (result >= 0)
                        result = sd_bus_message_exit_container(message);
        }
        if (result >= 0)
                *ret_state = state;
        return result;
}

static bool same_state(const struct unit_state *a, const struct unit_state *b)
{
        return a->known == b->known && strcmp(a->active, b->active) == 0 && strcmp(a->sub, b->sub) == 0 &&
               strcmp(a->result, b->result) == 0 && a->since_us == b->since_us &&
               a->active_since_us == b->active_since_us && a->memory_bytes == b->memory_bytes && a->pid == b->pid &&
               a->restarts == b->restarts && a->exit_code == b->exit_code && strcmp(a->needs, b->needs) == 0;
}

static int on_properties(sd_bus_message *message, void *context, sd_bus_error *error)
{
        (void)error;
        struct one *one = context;
        struct units *units = one->units;
        const struct unit_state before = one->state;
        int result = sd_bus_message_is_method_error(message, NULL) ? -1 : read_properties(message, &one->state);
        if (result < 0)
                one->state = (struct unit_state){0};
        one->asked = false;
        units->asked--;
        if (one->again)
                ask(one);
        if (!same_state(&before, &one->state))
                units->changed(units->context);
        if (units->asked == 0)
                answer_waiting(units);
        return 0;
}

/* --- asking --- */

/* One question at a time; what changes meanwhile is asked about after it. */
static void ask(struct one *one)
{
        struct units *units = one->units;
        if (!units->bus)
                return;
        if (one->asked) {
                one->again = true;
                return;
        }
        if (sd_bus_call_method_async(units->bus, NULL, PID_1, one->path, PROPERTIES, "GetAll", on_properties, one, "s",
                                     "") < 0)
                return;
        one->asked = true;
        one->again = false;
        units->asked++;
}

static int on_changed(sd_bus_message *message, void *context, sd_bus_error *error)
{
        (void)message;
        (void)error;
        ask(context);
        return 0;
}

/* PID 1 was started anew: it knows of no subscriber. */
static int on_owner(sd_bus_message *message, void *context, sd_bus_error *error)
{
        (void)message;
        (void)error;
        struct units *units = context;
        (void)sd_bus_call_method_async(units->bus, NULL, MANAGER, "Subscribe", NULL, NULL, "");
        for (size_t i = 0; i < units->count; i++)
                ask(&units->list[i]);
        return 0;
}

static int subscribe(struct units *units)
{
        sd_bus *bus = units->bus;
        int result = sd_bus_add_match_async(bus, NULL,
                                            "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
                                            "arg0='" PID_1 "'",
                                            on_owner, NULL, units);
        if (result >= 0)
                result = sd_bus_call_method_async(bus, NULL, MANAGER, "Subscribe", NULL, NULL, "");
        for (size_t i = 0; result >= 0 && i < units->count; i++) {
                struct one *one = &units->list[i];
                result = sd_bus_match_signal_async(bus, NULL, PID_1, one->path, PROPERTIES, "PropertiesChanged",
                                                   on_changed, NULL, one);
                ask(one);
        }
        return result;
}

/* --- the bus --- */

static void disconnect(struct units *units)
{
        loop_unwatch(TAKE(units->socket));
        loop_unwatch(TAKE(units->timer));
        sd_bus_close_unref(TAKE(units->bus));
        units->asked = 0;
        for (size_t i = 0; i < units->count; i++) {
                units->list[i].asked = units->list[i].again = false;
                units->list[i].state = (struct unit_state){0};
        }
        units->changed(units->context);
        answer_waiting(units);
        if (!units->retry)
                units->retry = loop_timer(units->loop, AGAIN_MS, connect_bus, units);
}

static void process(struct units *units);

static void on_timer(void *context)
{
        process(context);
}

/* What the bus waits for next: bytes, room, and a time. */
static void prepare_wait(struct units *units)
{
        struct timespec now;
        uint64_t until_us = UINT64_MAX;
        int events = sd_bus_get_events(units->bus);
        loop_fd_events(units->socket, ((events & POLLIN) != 0 ? (unsigned)LOOP_READ : 0u) |
                                              ((events & POLLOUT) != 0 ? (unsigned)LOOP_WRITE : 0u));
        loop_unwatch(TAKE(units->timer));
        if (sd_bus_get_timeout(units->bus, &until_us) < 0 || until_us == UINT64_MAX)
                return;
        clock_gettime(CLOCK_MONOTONIC, &now);
        uint64_t now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
        units->timer = loop_timer(units->loop, until_us > now_us ? (unsigned)((until_us - now_us) / 1000 + 1) : 1,
                                  on_timer, units);
}

static void process(struct units *units)
{
        int result = 0;
        while (units->bus && (result = sd_bus_process(units->bus, NULL)) > 0)
                ;
        if (!units->bus)
                return;
        if (result < 0) {
                log_warn("the system bus is away: %s", strerror(-result));
                disconnect(units);
                return;
        }
        prepare_wait(units);
}

static void on_ready(int fd, unsigned events, void *context)
{
        (void)fd;
        (void)events;
        process(context);
}

static void connect_bus(void *context)
{
        struct units *units = context;
        loop_unwatch(TAKE(units->retry));
        int result = bus_open(&units->bus);
        if (result >= 0)
                result = sd_bus_get_fd(units->bus);
        if (result >= 0) {
                units->socket = loop_fd(units->loop, result, LOOP_READ, on_ready, units);
                result = subscribe(units);
        }
        if (result < 0) {
                disconnect(units);
                return;
        }
        process(units);
}

struct units *units_watch(struct loop *loop, const char *const *names, loop_tick *changed, void *context)
{
        ASSERT(loop && names && changed);
        struct units *units = mem_new(1, sizeof(*units));
        *units = (struct units){.loop = loop, .changed = changed, .context = context};
        for (; names[units->count]; units->count++) {
                ASSERT(units->count < UNITS_MAX);
                struct one *one = &units->list[units->count];
                *one = (struct one){.units = units, .name = names[units->count]};
                if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", one->name, &one->path) < 0)
                        log_fatal("no place on the bus for %s", one->name);
        }
        units->retry = loop_timer(loop, 1, connect_bus, units);
        return units;
}

const struct unit_state *units_state(const struct units *units, const char *name)
{
        ASSERT(units && name);
        static const struct unit_state unknown = {0};
        for (size_t i = 0; i < units->count; i++)
                if (strcmp(units->list[i].name, name) == 0)
                        return &units->list[i].state;
        return &unknown;
}

void units_refresh(struct units *units, loop_tick *done, void *context)
{
        ASSERT(units && done);
        if (!units->bus || units->waiting_count == WAITING_MAX) {
                done(context);
                return;
        }
        units->waiting[units->waiting_count++] = (struct waiting){done, context};
        for (size_t i = 0; i < units->count; i++)
                ask(&units->list[i]);
        loop_soon(units->loop, on_timer, units); /* never from within what the bus tells */
}
