/* One connection of a line: calls out, replies in, in the order of the calls, and what becomes of them when it is lost.
 * Rights: the front end; its own sockets. */
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

static void ready(int fd, unsigned events, void *context);

/* --- lists --- */

static void list_out(struct line_link *link)
{
        struct wire_line *line = link->line;
        if (link->before != NULL)
                link->before->after = link->after;
        else
                line->lists[link->list] = link->after;
        if (link->after != NULL)
                link->after->before = link->before;
        link->before = link->after = NULL;
        line->idle -= link->list == LINKS_IDLE ? 1 : 0;
}

static void list_in(struct line_link *link, enum line_list list)
{
        struct wire_line *line = link->line;
        link->list = list;
        link->after = line->lists[list];
        if (link->after != NULL)
                link->after->before = link;
        line->lists[list] = link;
        line->idle += list == LINKS_IDLE ? 1 : 0;
}

void link_move(struct line_link *link, enum line_list list)
{
        if (link->list == list)
                return;
        list_out(link);
        list_in(link, list);
}

void link_due(struct line_link *link)
{
        if (link->due)
                return;
        link->due = true;
        link->next_due = link->line->due;
        link->line->due = link;
        loop_wake(link->line->task);
}

struct line_link *link_new(struct wire_line *line, int fd)
{
        ASSERT(line != NULL && fd >= 0);
        struct line_link *link = mem_new(1, sizeof *link);
        *link = (struct line_link){
                .line = line, .fd = fd, .came_fd = -1, .epoch = line->epoch, .answers = line->answers};
        list_in(link, LINKS_IDLE);
        line->links++;
        link->watch = loop_fd(line->loop, fd, LOOP_READ, ready, link);
        return link;
}

void link_free(struct line_link *link)
{
        struct wire_line *line = link->line;
        list_out(link);
        line->links--;
        for (struct line_link **at = &line->due; link->due && *at != NULL; at = &(*at)->next_due)
                if (*at == link) {
                        *at = link->next_due;
                        break;
                }
        line->backlog -= link->output.end - link->output.start;
        for (struct wire_ask *ask; (ask = queue_take(&link->asks)) != NULL;)
                ask_free(ask);
        loop_unwatch(link->watch);
        fd_closep(&link->came_fd);
        fd_closep(&link->fd);
        buffer_free(&link->input);
        buffer_free(&link->output);
        free(link);
}

/* --- out --- */

void link_put(struct line_link *link, struct wire_ask *ask)
{
        ASSERT(ask->link == NULL && (link->list != LINKS_OWN || ask->manner == WIRE_CHANGE));
        link_move(link, ask->manner == WIRE_QUICK ? LINKS_SHARED : LINKS_OWN);
        ask->link = link;
        ask->put_ms = clock_boot_ms();
        ask->from = link->put;
        queue_add(&link->asks, ask);
        link->wanted++;
        buffer_put(&link->output, ask->message, ask->length);
        link->put += ask->length;
        link_due(link);
}

static void flush(struct line_link *link)
{
        struct buffer *output = &link->output;
        while (output->start != output->end && !link->lost) {
                ssize_t went =
                        socket_send(link->fd, output->bytes + output->start, output->end - output->start, NULL, 0);
                if (went == -EAGAIN)
                        return;
                if (went < 0) {
                        link->lost = true;
                        return;
                }
                link->sent += (size_t)went;
                link->line->backlog -= (size_t)went;
                buffer_took(output, (size_t)went);
        }
}

/* --- in --- */

static int take_fd(struct line_link *link)
{
        if (link->came_fd < 0 || link->came_end > link->taken)
                return -1;
        int fd = link->came_fd;
        link->came_fd = -1;
        return fd;
}

/* One whole reply, for the oldest call. */
static void take_reply(struct line_link *link, const char *bytes, size_t length)
{
        struct wire_ask *ask = link->asks.first;
        struct line_reply reply;
        link->taken += length + 1;
        CLEANUP_FD int fd = take_fd(link);
        if (ask == NULL || line_reply_read(bytes, length, ask->members, ask->member_count, &reply) != 0 ||
            (reply.continues && ask->manner != WIRE_MORE)) {
                link->wrong = true;
                return;
        }
        ask->begun = true;
        link->line->answers++;
        link->line->failures = 0;
        if (ask->answered != NULL) {
                struct wire_answer answer = {.error = reply.error[0] == '\0' ? NULL : reply.error,
                                             .parameters = reply.parameters,
                                             .length = reply.length,
                                             .members = ask->members,
                                             .continues = reply.continues,
                                             .fd = fd};
                fd = -1;
                ask->telling = true;
                ask->answered(&answer, ask->context);
                ask->telling = false;
        }
        if (reply.continues)
                return;
        link->wanted -= ask->answered != NULL ? 1 : 0;
        ask_free(queue_take(&link->asks));
}

static bool goes_on(const struct line_link *link)
{
        return !link->paused && !link->wrong && !link->over;
}

/* The replies that are whole in length bytes; how many bytes they took. */
static size_t take_replies(struct line_link *link, const char *bytes, size_t length, size_t scanned)
{
        size_t at = 0;
        while (goes_on(link)) {
                size_t from = scanned > at ? scanned : at;
                const char *nul = from == length ? NULL : memchr(bytes + from, '\0', length - from);
                if (nul == NULL)
                        break;
                size_t whole = (size_t)(nul - bytes) - at;
                take_reply(link, bytes + at, whole);
                at += whole + 1;
        }
        return at;
}

/* What came of a reply that is not whole yet. */
static void kept(struct line_link *link, size_t length)
{
        link->scanned = goes_on(link) ? length : 0; /* while it is paused nobody looks */
        if (goes_on(link) && length > link->line->limits.message_max)
                link->wrong = true;
}

/* What lies in the link's own buffer. */
static void take_kept(struct line_link *link)
{
        struct buffer *input = &link->input;
        size_t have = input->end - input->start;
        if (have == 0 || !goes_on(link))
                return;
        size_t took = take_replies(link, input->bytes + input->start, have, link->scanned);
        buffer_took(input, took);
        kept(link, have - took);
        if (input->start == input->end)
                buffer_free(input);
}

static void came(struct line_link *link, int fd)
{
        if (link->came_fd >= 0) {
                fd_closep(&fd);
                link->wrong = true;
                return;
        }
        link->came_fd = fd;
        link->came_end = link->received;
}

/* Most often whole replies come, and are told right where they were received; only a rest is kept. */
static void receive(struct line_link *link)
{
        struct wire_line *line = link->line;
        bool begun = link->input.start != link->input.end;
        int fds[1] = {-1};
        size_t count = 1;
        if (line->scratch == NULL)
                line->scratch = mem_new(LINE_READ_BYTES, 1);
        char *target = begun ? buffer_room(&link->input, LINE_READ_BYTES) : line->scratch;
        ssize_t got = socket_receive(link->fd, target, LINE_READ_BYTES, fds, &count);
        if (got == -EAGAIN)
                return;
        if (got <= 0) {
                link->lost = true;
                return;
        }
        link->received += (size_t)got;
        if (count != 0)
                came(link, fds[0]);
        if (begun) {
                link->input.end += (size_t)got;
                take_kept(link);
                return;
        }
        size_t took = take_replies(link, target, (size_t)got, 0);
        buffer_put(&link->input, target + took, (size_t)got - took);
        kept(link, (size_t)got - took);
        crypto_wipe(target, (size_t)got);
}

/* --- its turn --- */

static void ready(int fd, unsigned events, void *context)
{
        (void)fd;
        struct line_link *link = context;
        ASSERT(!link->line->telling);
        link->line->telling = true;
        if ((events & LOOP_READ) != 0 && goes_on(link))
                receive(link);
        link->line->telling = false;
        if (link->lost || link->wrong || link->over || link->asks.first == NULL || (events & LOOP_WRITE) != 0)
                link_due(link);
}

/* May it be asked again? What only reads, once; what changes something only when nothing of it was sent. */
static bool may_ask_again(const struct line_link *link, const struct wire_ask *ask)
{
        if (ask->answered == NULL || ask->again || ask->begun || !link->lost)
                return false;
        return ask->manner == WIRE_QUICK || link->sent <= ask->from;
}

/* The link is gone with its calls: some are asked again, the others fail. */
static void end(struct line_link *link)
{
        struct wire_line *line = link->line;
        struct line_queue again = {0}, failed = {0};
        for (struct wire_ask *ask; (ask = queue_take(&link->asks)) != NULL;) {
                /* What the rest of a broken stream would have said is not known either. */
                bool repeat =
                        may_ask_again(link, ask) || (link->wrong && ask->manner == WIRE_QUICK &&
                                                     ask->answered != NULL && !ask->again && failed.first != NULL);
                queue_add(repeat ? &again : &failed, ask);
        }
        if (link->lost && link->epoch == line->epoch) {
                line->epoch++;
                for (struct line_link *other = line->lists[LINKS_IDLE]; other != NULL; other = other->after)
                        link_due(other);
                while (line->lists[LINKS_SHARED] != NULL)
                        link_move(line->lists[LINKS_SHARED], LINKS_OWN);
        }
        if ((link->lost || link->wrong) && link->answers == line->answers)
                line_failed(line); /* nobody was answered all the while */
        line_again(line, &again);
        for (struct wire_ask *ask; (ask = queue_take(&failed)) != NULL;) {
                ask_fail(ask, link->wrong ? ASK_WRONG : ASK_LOST);
                ask_free(ask);
        }
        link_free(link);
}

/* Without calls it is kept for the next, unless there are enough or it is older than a loss. */
static bool rests(struct line_link *link)
{
        if (link->epoch != link->line->epoch || (link->list != LINKS_IDLE && link->line->idle >= LINE_IDLE_KEPT))
                return false;
        link_move(link, LINKS_IDLE);
        return true;
}

void link_turn(struct line_link *link)
{
        if (!link->lost)
                take_kept(link);
        if (!link->wrong)
                flush(link);
        bool waits = link->output.start != link->output.end, empty = link->asks.first == NULL;
        if (link->lost || link->wrong || (link->over && !waits) || (empty && !waits && !rests(link))) {
                end(link);
                return;
        }
        loop_fd_events(link->watch, (goes_on(link) ? (unsigned)LOOP_READ : 0u) | (waits ? (unsigned)LOOP_WRITE : 0u));
}
