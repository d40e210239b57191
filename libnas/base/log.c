/* Severity words on stderr, with the journal's <N> prefix.
 * Rights: every process; writes to descriptor 2 only. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 1024 };

static const char *process = "bulkhead";

void log_open(const char *process_name)
{
        process = process_name;
}

/* One write a line, so that lines of several processes do not mix. A line that cannot be written is lost: there is
 * nowhere left to say so. */
__attribute__((format(printf, 3, 0))) static void line(int level, const char *word, const char *format, va_list args)
{
        char text[LOG_LINE_MAX];
        int head = snprintf(text, sizeof text, "<%d>%s: %s%s", level, process, word, *word == '\0' ? "" : ": ");
        int body = vsnprintf(text + head, sizeof text - (size_t)head - 1, format, args);
        size_t length = (size_t)head + (body < 0 ? 0 : (size_t)body);
        if (length > sizeof text - 2)
                length = sizeof text - 2;
        text[length++] = '\n';
        (void)!write(STDERR_FILENO, text, length);
}

void log_info(const char *format, ...)
{
        va_list args;
        va_start(args, format);
        line(6, "", format, args);
        va_end(args);
}

void log_warn(const char *format, ...)
{
        va_list args;
        va_start(args, format);
        line(4, "warn", format, args);
        va_end(args);
}

void log_fail(const char *format, ...)
{
        va_list args;
        va_start(args, format);
        line(3, "fail", format, args);
        va_end(args);
}

void log_fatal(const char *format, ...)
{
        va_list args;
        va_start(args, format);
        line(2, "fatal", format, args);
        va_end(args);
        exit(1);
}

int log_must(int result, const char *what)
{
        if (result < 0)
                log_fatal("%s: %s", what, strerror(-result));
        return result;
}

void log_bug(const char *file, int line_number, const char *condition)
{
        char text[LOG_LINE_MAX];
        int length = snprintf(text, sizeof text, "<2>%s: bug: %s:%d: %s\n", process, file, line_number, condition);
        (void)!write(STDERR_FILENO, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
        abort();
}
