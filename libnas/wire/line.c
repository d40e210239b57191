/* All connections of this process to one daemon: which call goes over which, what waits, what is given up.
 * Rights: the front end; connects to the daemon's socket. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/socket.h"
#include "wire/line_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { REST_FIRST_MS = 10, REST_MAX_MS = 250, CLOCK_MAX_MS = 250, CLOCK_MIN_MS = 5 };

/* --- making links --- */

static void rest(struct wire_line *line, unsigned ms)
{
        line->resting = true;
        loop_timer_again(line->retry, ms);
}

void line_failed(struct wire_line *line)
{
        unsigned ms = REST_FIRST_MS << (line->failures < 5 ? line->failures : 5u);
        line->failures++;
        rest(line, ms > REST_MAX_MS ? (unsigned)REST_MAX_MS : ms);
}

static void rested(void *context)
{
        struct wire_line *line = context;
        line->resting = false;
        loop_wake(line->task);
}

/* Those with a link of their own leave some to the others. */
static bool is_room(const struct wire_line *line, const struct wire_ask *ask)
{
        unsigned most = line->limits.connections_max;
        if (ask != NULL && ask->manner != WIRE_QUICK && most > LINE_RESERVED)
                most -= LINE_RESERVED;
        return line->links < most;
}

/* A new link; NULL with *ret_away: is the daemon away, or only no link to be had now? */
static struct line_link *link_make(struct wire_line *line, const struct wire_ask *ask, bool *ret_away)
{
        *ret_away = line->resting && !line->up;
        if (line->resting || !is_room(line, ask))
                return NULL;
        int fd = socket_connect(line->path, SOCK_STREAM);
        if (fd >= 0) {
                line->up = true;
                return link_new(line, fd);
        }
        /* Nobody takes what has been connected so far, or we have no descriptor left: it is there all the same. */
        bool full = fd == -EAGAIN || fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM;
        line->up = full && (line->up || fd == -EAGAIN);
        *ret_away = !line->up;
        if (full)
                rest(line, REST_FIRST_MS);
        else
                line_failed(line);
        return NULL;
}

/* --- which link --- */

/* Does what was asked there take long? What goes out only at the end of this turn does not, however long the turn. */
static bool is_stale(const struct line_link *link, uint64_t now)
{
        const struct wire_ask *first = link->asks.first;
        if (first == NULL || (link->due && link->sent == first->from))
                return false;
        return now - first->put_ms >= LINE_STALE_MS;
}

/* Quick calls share one, unless what is before them takes long. */
static struct line_link *link_shared(struct wire_line *line)
{
        uint64_t now = line->lists[LINKS_SHARED] == NULL ? 0 : clock_boot_ms();
        for (struct line_link *link = line->lists[LINKS_SHARED]; link != NULL; link = link->after)
                if (!link->lost && !link->wrong && !is_stale(link, now))
                        return link;
        return NULL;
}

/* Of the same method, and all of it goes out at the end of this turn. */
static bool is_like(const struct line_link *link, const struct wire_ask *ask)
{
        const struct wire_ask *first = link->asks.first;
        return link->due && first != NULL && first->manner == WIRE_CHANGE && link->sent == first->from &&
               first->method == ask->method && memcmp(first->message, ask->message, ask->method) == 0 &&
               link->asks.count < LINE_JOINED_MAX;
}

static struct line_link *link_joined(struct wire_line *line, const struct wire_ask *ask)
{
        for (struct line_link *link = line->lists[LINKS_OWN]; link != NULL; link = link->after)
                if (!link->lost && !link->wrong && !link->over && is_like(link, ask))
                        return link;
        return NULL;
}

static struct line_link *link_for(struct wire_line *line, const struct wire_ask *ask, bool *ret_away)
{
        struct line_link *link = ask->manner == WIRE_QUICK    ? link_shared(line)
                                 : ask->manner == WIRE_CHANGE ? link_joined(line, ask)
                                                              : NULL;
        *ret_away = false;
        if (link == NULL)
                for (link = line->lists[LINKS_IDLE]; link != NULL; link = link->after)
                        if (!link->lost && !link->wrong && link->epoch == line->epoch)
                                break;
        return link != NULL ? link : link_make(line, ask, ret_away);
}

static void refuse(struct wire_ask *ask, enum ask_why why)
{
        ask->why = why;
        queue_add(&ask->line->refused, ask);
}

/* The waiting ones, in order, as far as there are links. */
static void hand_out(struct wire_line *line)
{
        struct line_queue waiting = line->waiting;
        bool none[2] = {false, false}, is_away = false; /* none: no link for those with one of their own; for others */
        line->waiting = (struct line_queue){0};
        for (struct wire_ask *ask; (ask = queue_take(&waiting)) != NULL;) {
                bool quick = ask->manner == WIRE_QUICK;
                struct line_link *link = none[quick] ? NULL : link_for(line, ask, &is_away);
                none[quick] = link == NULL;
                if (link != NULL)
                        link_put(link, ask);
                else if (is_away && !(ask->again && line->failures == 1))
                        refuse(ask, ASK_AWAY);
                else /* who is asked once more waits for the first of the next tries */
                        queue_add(&line->waiting, ask);
        }
}

/* --- its turns --- */

static void clock_start(struct wire_line *line)
{
        if (line->clock_runs)
                return;
        unsigned ms = line->limits.timeout_ms / 8;
        line->clock_runs = true;
        loop_timer_again(line->clock, ms > CLOCK_MAX_MS   ? (unsigned)CLOCK_MAX_MS
                                      : ms < CLOCK_MIN_MS ? (unsigned)CLOCK_MIN_MS
                                                          : ms);
}

static void turn_links(struct wire_line *line)
{
        for (struct line_link *link; (link = line->due) != NULL;) {
                line->due = link->next_due;
                link->due = false;
                link_turn(link);
        }
}

static void refuse_rest(struct wire_line *line)
{
        struct line_queue waiting = line->waiting;
        line->waiting = (struct line_queue){0};
        for (struct wire_ask *ask; (ask = queue_take(&waiting)) != NULL;)
                if (line->waiting.count < line->limits.waiting_max)
                        queue_add(&line->waiting, ask);
                else
                        refuse(ask, ASK_BUSY);
}

/* One by one: who is told may cancel others. */
static void tell_refused(struct wire_line *line)
{
        for (struct wire_ask *ask; (ask = queue_take(&line->refused)) != NULL;) {
                line->backlog -= ask->length;
                ask_fail(ask, ask->why);
                ask_free(ask);
        }
}

static void turn(void *context)
{
        struct wire_line *line = context;
        ASSERT(!line->telling);
        line->telling = true;
        turn_links(line);
        hand_out(line);
        turn_links(line);
        refuse_rest(line);
        tell_refused(line);
        /* Somebody looks whether it is back, and one connection is ready for the first call. */
        bool away;
        if (line->links == 0 && !line->resting)
                (void)link_make(line, NULL, &away);
        if (line->waiting.first != NULL || line->lists[LINKS_SHARED] != NULL || line->lists[LINKS_OWN] != NULL)
                clock_start(line);
        line->telling = false;
}

/* Its link is closed when nobody else waits on it: what would come is of no use, and it may never come. */
static bool is_late(const struct wire_ask *ask, uint64_t now)
{
        return ask != NULL && !ask->begun && now >= ask->until_ms;
}

static void look_at_link(struct line_link *link, uint64_t now)
{
        for (struct wire_ask *ask = link->asks.first; is_late(ask, now); ask = ask->next) {
                link->wanted -= ask->answered != NULL ? 1 : 0;
                ask_fail(ask, ASK_LATE);
        }
        if (!is_late(link->asks.first, now) || link->wanted != 0)
                return;
        link->over = true;
        link->line->backlog -= link->output.end - link->output.start;
        buffer_free(&link->output);
        link_due(link);
}

static void look(void *context)
{
        struct wire_line *line = context;
        uint64_t now = clock_boot_ms();
        ASSERT(!line->telling);
        line->telling = true;
        line->clock_runs = false;
        while (is_late(line->waiting.first, now))
                refuse(queue_take(&line->waiting), ASK_LATE);
        tell_refused(line);
        for (enum line_list list = LINKS_SHARED; list <= LINKS_OWN; list++)
                for (struct line_link *link = line->lists[list]; link != NULL; link = link->after)
                        look_at_link(link, now);
        if (line->waiting.first != NULL || line->lists[LINKS_SHARED] != NULL || line->lists[LINKS_OWN] != NULL)
                clock_start(line);
        line->telling = false;
}

/* --- for the callers --- */

static char *name_of(const char *path)
{
        const char *slash = strrchr(path, '/');
        char *name = mem_copy_text(slash == NULL ? path : slash + 1), *dot = strstr(name, ".sock");
        if (dot != NULL)
                *dot = '\0';
        return name;
}

struct wire_line *wire_line_new(struct loop *loop, const char *socket_path, const struct wire_line_limits *limits)
{
        ASSERT(loop != NULL && socket_path != NULL);
        static const struct wire_line_limits none;
        const struct wire_line_limits *said = limits == NULL ? &none : limits;
        struct wire_line *line = mem_new(1, sizeof *line);
        line->loop = loop;
        line->path = mem_copy_text(socket_path);
        line->name = name_of(socket_path);
        line->limits =
                (struct wire_line_limits){.connections_max = said->connections_max != 0 ? said->connections_max : 64,
                                          .waiting_max = said->waiting_max != 0 ? said->waiting_max : 1024,
                                          .timeout_ms = said->timeout_ms != 0 ? said->timeout_ms : 30000,
                                          .message_max = said->message_max != 0 ? said->message_max : 4 * 1024 * 1024,
                                          .backlog_max = said->backlog_max != 0 ? said->backlog_max : 1024 * 1024};
        line->task = loop_task(loop, turn, line);
        line->clock = loop_task(loop, look, line);
        line->retry = loop_task(loop, rested, line);
        loop_wake(line->task);
        return line;
}

void wire_line_free(struct wire_line *line)
{
        if (line == NULL)
                return;
        ASSERT(!line->telling);
        for (enum line_list list = 0; list < LINE_LISTS; list++)
                while (line->lists[list] != NULL)
                        link_free(line->lists[list]);
        for (struct wire_ask *ask;
             (ask = queue_take(&line->waiting)) != NULL || (ask = queue_take(&line->refused)) != NULL;)
                ask_free(ask);
        loop_unwatch(line->task);
        loop_unwatch(line->clock);
        loop_unwatch(line->retry);
        free(line->scratch);
        free(line->path);
        free(line->name);
        free(line);
}

bool wire_line_is_up(const struct wire_line *line)
{
        ASSERT(line != NULL);
        return line->up;
}
