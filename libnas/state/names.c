/* Asks bulkhead-names: one connection, all questions at once, all answers before it ends.
 * Rights: the clerks of the storage and the shares daemon; connects to its socket. */
#include "state/names.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/socket.h"
#include "value/folder_owner.h"
#include "value/types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET "/run/bulkhead/names.sock"
enum { DEADLINE_MS = 10 * 1000, ANSWERS_MAX = 256 * 1024, GROUPS_MAX = 4096, NUMBER_DIGITS = 10 };

struct asking {
        struct arena *arena; /* holds it */
        struct loop *loop;
        const char *const *questions;
        size_t count;
        int fd;
        struct loop_watch *watch, *deadline;
        char *answers;
        size_t length;
        names_said *said;
        void *context;
};

/* --- what it answers --- */

static struct names_answer read_groups(const char *line, struct arena *arena)
{
        uint32_t *groups = arena_array(arena, GROUPS_MAX, sizeof(*groups));
        struct names_answer answer = {.found = NAMES_FOUND, .groups = groups};
        const char *at = line;
        while (answer.group_count < GROUPS_MAX) {
                const size_t digits = strcspn(at, " ");
                if (digits == 0 || digits > NUMBER_DIGITS || !value_is(&value_number, at, digits))
                        return (struct names_answer){.found = NAMES_NOT_SAID};
                groups[answer.group_count++] = (uint32_t)strtoul(at, NULL, 10);
                if (at[digits] == '\0')
                        break;
                at += digits + 1;
        }
        return answer;
}

struct names_answer names_answer_read(const char *question, const char *line, struct arena *arena)
{
        ASSERT(question && line && arena);
        if (strcmp(line, "-") == 0)
                return (struct names_answer){.found = NAMES_NOBODY};
        if (strncmp(question, "groups ", 7) == 0)
                return read_groups(line, arena);
        /* With the name it is what a step takes: a number of the domain's for a name of the domain's, and likewise. */
        if (line[0] < '0' || line[0] > '9' || !value_is(&value_given_owner, line, strlen(line)))
                return (struct names_answer){.found = NAMES_NOT_SAID};
        const struct names_answer answer = {
                .found = NAMES_FOUND, .number = (uint32_t)strtoul(line, NULL, 10), .name = strchr(line, ' ') + 1};
        const bool numbered = strncmp(question, "uid ", 4) == 0 || strncmp(question, "gid ", 4) == 0;
        if (numbered && strtoul(question + 4, NULL, 10) != answer.number)
                return (struct names_answer){.found = NAMES_NOT_SAID};
        return answer;
}

int names_refuse(const struct names_answer *answer, const char *field, const char *kind, const char *name,
                 struct failure *failure)
{
        ASSERT(answer && answer->found != NAMES_FOUND && field && kind && name);
        const bool domains = strchr(name, '\\') != NULL;
        if (answer->found == NAMES_NOBODY)
                return failure_set(
                        failure, FAILURE_NOT_FOUND, field,
                        domains ? "Is it spelled as there, and does a controller answer? bulkhead smb domain"
                                : "Is it spelled as there, with a number from 100000 on, and does it answer? "
                                  "bulkhead directory show",
                        domains ? "The domain knows no %s %s." : "The directory knows no %s %s.", kind, name);
        return failure_set(
                failure, FAILURE_CONFLICT, field, domains ? "bulkhead smb domain" : "bulkhead directory show",
                domains ? "The domain cannot be asked now who %s is." : "The directory cannot be asked now who %s is.",
                name);
}

/* --- asking --- */

static void end(struct asking *asking)
{
        struct names_answer *answers = arena_array(asking->arena, asking->count + 1, sizeof(*answers));
        char *rest = asking->answers;
        loop_unwatch(TAKE(asking->watch));
        loop_unwatch(TAKE(asking->deadline));
        fd_closep(&asking->fd);
        asking->answers[asking->length] = '\0';
        for (size_t i = 0; i < asking->count; i++) {
                char *line = rest && strchr(rest, '\n') ? strsep(&rest, "\n") : NULL; /* a torn end says nothing */
                answers[i] = line ? names_answer_read(asking->questions[i], line, asking->arena)
                                  : (struct names_answer){.found = NAMES_NOT_SAID};
        }
        asking->said(answers, asking->count, asking->context);
        arena_free(asking->arena);
}

static void too_late(void *context)
{
        end(context);
}

static void readable(int fd, unsigned events, void *context)
{
        struct asking *asking = context;
        (void)events;
        const ssize_t got = read(fd, asking->answers + asking->length, ANSWERS_MAX - asking->length);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        asking->length += got > 0 ? (size_t)got : 0;
        if (got <= 0 || asking->length == ANSWERS_MAX)
                end(asking);
}

static bool put_questions(struct asking *asking)
{
        char *all = arena_printf(asking->arena, "%s", "");
        for (size_t i = 0; i < asking->count; i++)
                all = arena_printf(asking->arena, "%s%s\n", all, asking->questions[i]);
        all = arena_printf(asking->arena, "%s\n", all);
        return socket_send(asking->fd, all, strlen(all), NULL, 0) == (ssize_t)strlen(all);
}

void names_ask(struct loop *loop, const char *const *questions, size_t count, names_said *said, void *context)
{
        ASSERT(loop && questions && count > 0 && count <= NAMES_QUESTIONS_MAX && said);
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        const char **copies = arena_array(arena, count, sizeof(*copies));
        for (size_t i = 0; i < count; i++)
                copies[i] = arena_text(arena, questions[i], strlen(questions[i]));
        *asking = (struct asking){.arena = arena,
                                  .loop = loop,
                                  .questions = copies,
                                  .count = count,
                                  .answers = arena_alloc(arena, ANSWERS_MAX + 1),
                                  .said = said,
                                  .context = context};
        asking->fd = socket_connect(SOCKET, SOCK_STREAM);
        const bool sent = asking->fd >= 0 && put_questions(asking);
        asking->deadline = loop_timer(loop, sent ? DEADLINE_MS : 1, too_late, asking);
        if (sent)
                asking->watch = loop_fd(loop, asking->fd, LOOP_READ, readable, asking);
}
