/* Running a tool: the very file that was looked at, with nothing around it. */
#ifndef BULKHEAD_ACT_RUN_H
#define BULKHEAD_ACT_RUN_H

#include "base/failure.h"

#include <stddef.h>

enum { RUN_DEADLINE_S = 120, RUN_INPUT_MAX = 16 * 1024 };

struct run {
        const char *const *args;  /* program first, absolute; ended by NULL */
        const char *input;        /* what it reads on standard input; NULL: nothing */
        int output_fd;            /* what it prints goes there */
        unsigned deadline_s;      /* 0: RUN_DEADLINE_S; then it is killed */
};

/* Waits for its end. 0 when it ended with 0; else -1 with FAILURE_FAILED. What it printed is not looked at. */
int run_tool(const struct run *run, struct failure *failure);

#endif
