/* Failures: filling one, and the names of their codes.
 * Rights: every process; none needed. */
#include "base/failure.h"

#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

int failure_set(struct failure *failure, enum failure_code code, const char *field, const char *next,
                const char *format, ...)
{
        if (failure == NULL)
                return -1;
        struct failure fresh = {.code = code};
        va_list args;
        va_start(args, format);
        (void)vsnprintf(fresh.message, sizeof fresh.message, format, args);
        va_end(args);
        (void)snprintf(fresh.field, sizeof fresh.field, "%s", field == NULL ? "" : field);
        (void)snprintf(fresh.next, sizeof fresh.next, "%s", next == NULL ? "" : next);
        if (code == FAILURE_BUSY || code == FAILURE_UNAVAILABLE)
                fresh.retry_s = 1;
        *failure = fresh;
        return -1;
}

int failure_system(struct failure *failure, enum failure_code code, const char *what, int error)
{
        ASSERT(what);
        if (error >= 0)
                return 0;
        const char *next = error == -ENOSPC || error == -EDQUOT ? "Make room on the disk." : "";
        return failure_set(failure, code, "", next, "%s: %s", what, strerror(-error));
}

const char *failure_code_name(enum failure_code code)
{
        static const char *const names[] = {
                [FAILURE_NONE] = "None",          [FAILURE_MALFORMED] = "Malformed",
                [FAILURE_INVALID] = "Invalid",    [FAILURE_UNAUTHENTICATED] = "Unauthenticated",
                [FAILURE_DENIED] = "Denied",      [FAILURE_CONFIRMATION] = "Confirmation",
                [FAILURE_NOT_FOUND] = "NotFound", [FAILURE_CONFLICT] = "Conflict",
                [FAILURE_BUSY] = "Busy",          [FAILURE_UNAVAILABLE] = "Unavailable",
                [FAILURE_FAILED] = "Failed",      [FAILURE_ABORTED] = "Aborted",
        };
        ASSERT((size_t)code < sizeof names / sizeof names[0]);
        return names[code];
}
