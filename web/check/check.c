/* All views beside all contracts.
 * Rights: a program of the build machine, and the modules clerk; memory only. */
#include "web/check/check.h"

#include "base/log.h"

#include <stdarg.h>

void view_fault(struct checker *checker, const char *place, const char *format, ...)
{
        ASSERT(checker != NULL && place != NULL);
        va_list args;

        va_start(args, format);
        const char *message = arena_vprintf(checker->arena, format, args);
        va_end(args);
        fprintf(checker->out, "%s: %s%s%s\n", checker->file, place, *place != '\0' ? ": " : "", message);
        checker->faults++;
}

const char *place_in(struct checker *checker, const char *place, const char *name)
{
        ASSERT(checker != NULL && place != NULL && name != NULL);
        return arena_printf(checker->arena, "%s%s%s", place, *place != '\0' ? "." : "", name);
}

const char *place_at(struct checker *checker, const char *place, size_t index)
{
        ASSERT(checker != NULL && place != NULL);
        return arena_printf(checker->arena, "%s[%zu]", place, index);
}

unsigned check_all(struct checker *checker)
{
        ASSERT(checker != NULL && checker->out != NULL && checker->icons != NULL);
        check_languages(checker);
        for (size_t i = 0; i < checker->view_count; i++)
                check_view(checker, &checker->views[i]);
        if (checker->whole)
                check_reached(checker);
        return checker->faults;
}
