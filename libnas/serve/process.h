/* What every process does that lives in an event loop, in the order of start-up: inspect, jail, serve until asked to
 * stop. Each of these ends the process when it must not go on. */
#ifndef BULKHEAD_SERVE_PROCESS_H
#define BULKHEAD_SERVE_PROCESS_H

#include "jail/process.h"
#include "sys/loop.h"

void process_inspect(const struct process_policy *policy); /* is it who its policy says? */
void process_enter_jail(const struct process_policy *policy);
/* Ready; then the loop with its watchdog, until somebody stops it. stop: SIGTERM or SIGINT came; told once. */
void process_run(struct loop *loop, loop_tick *stop, void *context);

#endif
