/* What program.c and program_in.c share; nobody else includes it. */
#ifndef BULKHEAD_MODULES_CLERK_PROGRAM_H
#define BULKHEAD_MODULES_CLERK_PROGRAM_H

#include "daemons/modules/clerk/modules.h"

struct waiting {
        struct waiting *next;
        struct program_ask ask;
};

struct program {
        struct module *module;
        int fd; /* -1: no connection */
        struct loop_watch *watch, *deadline, *again, *rest;
        char *input, *output;
        size_t in, in_size, out, out_sent;
        struct waiting *first, *last;
        unsigned waiting, failures, said;
        bool asked; /* the first of them is with the program */
        bool busy, gone;
        uint64_t since_ms, second_ms;
        char fault[256];
};

/* why completes "The module NAME ...". wrong: its program is ended too. */
void program_lost(struct program *program, const char *why, bool wrong);
/* The first that waits is answered. What it is told may lead anywhere, also to the end of this program: it is told
 * last.
 */
void program_answer(struct program *program, const char *reply, const struct failure *failure);
void program_flush(struct program *program);
void program_receive(struct program *program);

#endif
