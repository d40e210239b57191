/* Unit actions: PID 1 does them, for it alone mounts and starts things here. It asks polkit whether this user may, and
 * the rules that say so are made from the same policy (policy/project/polkit.c): a hand that was taken over can act on
 * no other unit.
 * Rights: hands only, those whose policy has unit actions; speaks with PID 1 over D-Bus. */
#include "act/parts.h"
#include "base/clock.h"
#include "sys/activation.h"
#include "sys/bus.h"

#include <stdio.h>

#define MANAGER      "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
#define NO_SUCH_UNIT "org.freedesktop.systemd1.NoSuchUnit"
enum { UNIT_DEADLINE_MS = 120 * 1000, UNIT_SLICE_US = 1000 * 1000 };

static const struct verb {
        const char *name, *method;
} verbs[] = {{"start", "StartUnit"}, {"stop", "StopUnit"}, {"restart", "RestartUnit"}, {"reload", "ReloadUnit"}};

struct job {
        char path[128], result[32];
};

static const char *method_of(const char *verb)
{
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (strcmp(verbs[i].name, verb) == 0)
                        return verbs[i].method;
        ASSERT(!"a verb that PID 1 does not know");
        return NULL;
}

static int on_removed(sd_bus_message *message, void *context, sd_bus_error *error)
{
        (void)error;
        struct job *job = context;
        const char *path, *unit, *result;
        uint32_t number;
        if (sd_bus_message_read(message, "uoss", &number, &path, &unit, &result) >= 0 && strcmp(path, job->path) == 0)
                snprintf(job->result, sizeof(job->result), "%s", result);
        return 0;
}

/* Until PID 1 says how the job ended. 0 or -errno. */
static int wait_for(sd_bus *bus, const struct job *job)
{
        uint64_t until_ms = clock_boot_ms() + UNIT_DEADLINE_MS;
        while (job->result[0] == '\0') {
                int got = sd_bus_process(bus, NULL);
                if (got < 0)
                        return got;
                if (got > 0)
                        continue;
                if (clock_boot_ms() >= until_ms)
                        return -ETIMEDOUT;
                activation_notify("WATCHDOG=1");
                got = sd_bus_wait(bus, UNIT_SLICE_US);
                if (got < 0 && got != -EINTR)
                        return got;
        }
        return 0;
}

static int order(sd_bus *bus, const char *verb, const char *unit, struct job *job, sd_bus_error *error)
{
        CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *path;
        int result = sd_bus_match_signal(bus, NULL, MANAGER, "JobRemoved", on_removed, job);
        if (result >= 0)
                result = sd_bus_call_method(bus, MANAGER, "Subscribe", error, NULL, "");
        if (result >= 0)
                result = sd_bus_call_method(bus, MANAGER, method_of(verb), error, &reply, "ss", unit, "replace");
        if (result >= 0)
                result = sd_bus_message_read(reply, "o", &path);
        if (result < 0)
                return result;
        snprintf(job->path, sizeof(job->path), "%s", path);
        return wait_for(bus, job);
}

static int refused(struct failure *failure, const char *verb, const char *unit, const char *why)
{
        return failure_set(failure, FAILURE_FAILED, "", "The system's journal says more (journalctl -u).",
                           "systemctl %s %s: %s", verb, unit, why);
}

int act_unit(const struct act_context *context, struct failure *failure)
{
        ASSERT(context && context->operation->verb);
        const struct operation *operation = context->operation;
        const char *verb = operation->verb, *unit = "";
        CLEANUP(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        CLEANUP(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        struct job job = {.path = ""};
        int result = bus_open(&bus);
        if (operation->unit)
                unit = template_fill(operation->unit, operation, context->action, false, context->arena);
        if (result >= 0 && operation->unit)
                result = order(bus, verb, unit, &job, &error);
        else if (result >= 0)
                result = sd_bus_call_method(bus, MANAGER, "Reload", &error, NULL, "");
        if (result < 0 && strcmp(verb, "stop") == 0 && sd_bus_error_has_name(&error, NO_SUCH_UNIT))
                return 0; /* what is not known does not run: an undo must not stay open for that */
        if (result < 0)
                return refused(failure, verb, unit, error.message ? error.message : strerror(-result));
        if (operation->unit && strcmp(job.result, "done") != 0)
                return refused(failure, verb, unit, job.result);
        return 0;
}
