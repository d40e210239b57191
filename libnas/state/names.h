/* Who of the domain or the directory has which number, asked of bulkhead-names (systemd/names.c), which asks the name
 * services of this machine: no clerk loads them. */
#ifndef BULKHEAD_STATE_NAMES_H
#define BULKHEAD_STATE_NAMES_H

#include "base/arena.h"
#include "base/failure.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAMES_QUESTIONS_MAX = 512 };

enum names_found { NAMES_FOUND, NAMES_NOBODY, NAMES_NOT_SAID };

struct names_answer {
        enum names_found found;
        uint32_t number;
        const char *name; /* a folder_owner */
        /* To "groups": the numbers. */
        const uint32_t *groups;
        size_t group_count;
};

/* Called once, later, ten seconds at most: as many answers as there were questions, in their order; valid only in the
 * call. What was not answered by then is NAMES_NOT_SAID. */
typedef void names_said(const struct names_answer *answers, size_t count, void *context);

/* questions: "user NAME", "group NAME", "uid NUMBER", "gid NUMBER", "groups NAME"; names of the domain or the
 * directory.
 */
void names_ask(struct loop *loop, const char *const *questions, size_t count, names_said *said, void *context);

/* Why that answer is not one: there is nobody such, or it cannot be said now. kind: "account" or "group". Returns -1. */
int names_refuse(const struct names_answer *answer, const char *field, const char *kind, const char *name,
                 struct failure *failure);

/* One line as bulkhead-names writes it, as the answer to that question. Pure. */
struct names_answer names_answer_read(const char *question, const char *line, struct arena *arena);

#endif
