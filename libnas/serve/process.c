/* The parts of a start-up that clerks and the front end have in common.
 * Rights: every process with a loop; what its policy says. */
#include "serve/process.h"

#include "base/log.h"
#include "jail/jail.h"
#include "sys/activation.h"

#include <link.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SETTLED_MS = 5000 };

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

/* One program or library: its code and constants, which lie in the file and are read again when they are needed. */
static int let_go(struct dl_phdr_info *info, size_t size, void *context)
{
        uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
        bool is_kernels = info->dlpi_name[0] != '\0' && strchr(info->dlpi_name, '/') == NULL;
        (void)size;
        (void)context;
        for (int i = 0; i < info->dlpi_phnum && !is_kernels; i++) {
                const ElfW(Phdr) *part = &info->dlpi_phdr[i];
                if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0)
                        continue;
                uintptr_t from = info->dlpi_addr + part->p_vaddr, end = from + part->p_memsz;
                from &= ~(page - 1);
                (void)madvise((void *)from, end - from, MADV_DONTNEED);
        }
        return 0;
}

/* More than half of what is resident after the start is code that only the start needed: making keys, reading
 * contracts, looking up symbols, closing fences. */
static void forget_the_start(void *context)
{
        (void)context;
        (void)malloc_trim(0);
        (void)dl_iterate_phdr(let_go, NULL);
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
        forget_the_start(NULL);
        loop_timer(loop, SETTLED_MS, forget_the_start, NULL); /* the database was found, what was open looked up */
        loop_run(loop);
        log_info("ends");
        loop_unwatch(beats);
        loop_unwatch(signals[0]);
        loop_unwatch(signals[1]);
}
