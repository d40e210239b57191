/* The parts of a start-up that clerks and the front end have in common.
 * Rights: every process with a loop; what its policy says. */
#include "serve/process.h"

#include "base/log.h"
#include "jail/jail.h"
#include "sys/activation.h"

#include <signal.h>
#include <stdbool.h>

struct ending {
        loop_tick *stop;
        void *context;
        bool asked;
};

void process_inspect(const struct process_policy *policy)
{
        struct failure failure = {0};
        if (jail_inspect(policy, &failure) != 0)
                log_fatal("refuses to serve: %s", failure.message);
}

void process_enter_jail(const struct process_policy *policy)
{
        struct failure failure = {0};
        if (jail_enter_and_prove(policy, &failure) != 0)
                log_fatal("refuses to serve: %s", failure.message);
        if (jail_degraded())
                log_warn("a fence is missing: %s", jail_degraded());
}

static void beat(void *context)
{
        (void)context;
        activation_notify("WATCHDOG=1");
}

static void asked_to_stop(void *context)
{
        struct ending *ending = context;
        if (ending->asked)
                return;
        ending->asked = true;
        activation_notify("STOPPING=1");
        ending->stop(ending->context);
}

void process_run(struct loop *loop, loop_tick *stop, void *context)
{
        ASSERT(loop != NULL && stop != NULL);
        struct ending ending = {.stop = stop, .context = context};
        struct loop_watch *signals[] = {loop_signal(loop, SIGTERM, asked_to_stop, &ending),
                                        loop_signal(loop, SIGINT, asked_to_stop, &ending)};
        uint64_t watchdog_us = activation_watchdog_us();
        struct loop_watch *beats = NULL;
        if (watchdog_us > 0)
                beats = loop_every(loop, (unsigned)(watchdog_us / 3000 + 1), beat, NULL);
        activation_notify("READY=1");
        log_info("serves");
        loop_run(loop);
        log_info("ends");
        loop_unwatch(beats);
        loop_unwatch(signals[0]);
        loop_unwatch(signals[1]);
}
